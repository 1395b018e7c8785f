"""What the codec encodes comes back, character for character, in both kinds."""

import copy
import json
import os
import subprocess
import sys

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.codecs import codec_from_dict, codec_to_dict
from genloom.domains.text.codec import KINDS, TextCodec, fit_codec
from genloom.errors import GenloomError
from genloom.tokens import END, FIRST_LABEL, PAD, first_content

SAYINGS = ["the weaver and the loom", "the thread and the weaver", "thé λόγος 世界 😀", "10 looms"]
# Whatever text there is, without halves of surrogate pairs, which UTF-8 does not have.
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)


def samples_of(contents: list[str], labels: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"content": contents, "label": labels or [""] * len(contents), "split": "train"}
    ).astype("str")


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    return samples_of(SAYINGS, ["10", "2", "1", "2"])


@pytest.fixture(scope="module")
def codec(samples: pd.DataFrame) -> TextCodec:
    return fit_codec(samples, length=128, vocabulary=300)


@settings(deadline=None, max_examples=150)
@given(contents=st.lists(ANY_TEXT, max_size=4))
@pytest.mark.parametrize("kind", KINDS)
def test_round_trip_is_exact(codec: TextCodec, kind: str, contents: list[str]) -> None:
    codec = codec.of(kind)
    x = codec.encode(samples_of(contents))
    assert tuple(x.shape) == (len(contents), 128)
    assert x.dtype == torch.int64
    assert codec.decode(x) == contents
    for row, content in zip(x, contents, strict=True):
        tokens = codec.encode_text(content)
        assert tokens.dtype == torch.int64
        assert codec.decode_text(tokens) == codec.decode_text(tokens.tolist()) == content
        assert ((tokens >= first_content(3)) & (tokens < codec.shape[1])).all()
        rest = [END] + [PAD] * (127 - len(tokens))
        assert row.tolist() == [*tokens.tolist(), *rest]


def test_bytes_are_bytes(codec: TextCodec) -> None:
    assert codec.kind == "bytes"
    assert codec.shape == (128, 2 + 3 + 256)
    assert codec.encode_text("aé").tolist() == [5 + 0x61, 5 + 0xC3, 5 + 0xA9]


def test_bpe_learns_what_is_frequent(codec: TextCodec) -> None:
    bpe = codec.of("bpe")
    known = len(bpe.encode_text(" the weaver"))
    assert known < len(bpe.encode_text(" vex zjqkwp"))
    assert known < 11
    assert 2 + 3 + 256 < bpe.shape[1] <= 2 + 3 + 300
    for token in range(first_content(3), bpe.shape[1]):
        assert isinstance(bpe.decode_text([token]), str)


def test_every_single_byte_has_a_token(codec: TextCodec) -> None:
    bpe = codec.of("bpe")
    for text in (chr(code) for code in range(256)):
        assert bpe.decode_text(bpe.encode_text(text)) == text


def test_vocabulary_is_as_large_as_the_text_allows(samples: pd.DataFrame) -> None:
    words = samples_of([f"word{n % 90} other{n % 70} " * 2 for n in range(200)])
    assert TextCodec.fit(words, vocabulary=300).of("bpe").shape == (512, 2 + 1 + 300)
    assert TextCodec.fit(samples, vocabulary=32000).of("bpe").shape[1] < 1000


@pytest.mark.parametrize("kind", KINDS)
def test_too_long_is_cut_and_has_no_end(samples: pd.DataFrame, kind: str) -> None:
    codec = TextCodec.fit(samples, length=4, vocabulary=256).of(kind)
    x = codec.encode(samples_of(["abc", "abcd", "abcdefgh", "abé"]))
    assert (x == END).sum(dim=1).tolist() == [1, 0, 0, 0]
    assert codec.decode(x) == ["abc", "abcd", "abcd", "abé"]
    assert codec.decode(codec.encode(samples_of(["abcé"]))) == ["abc\ufffd"]


def test_decode_stops_at_the_end_and_ignores_labels(codec: TextCodec) -> None:
    a, b = codec.encode_text("ab").tolist()
    rows = [[a, FIRST_LABEL, b, END], [a, PAD, b, b], [END, a, a, a], [a, b, FIRST_LABEL + 2, a]]
    assert codec.decode(torch.tensor(rows)) == ["ab", "a", "", "aba"]
    assert codec.decode_text([FIRST_LABEL, a, END, b, PAD]) == "ab"


def test_labels_are_sorted_naturally_and_come_back(samples: pd.DataFrame, codec: TextCodec) -> None:
    assert codec.classes == ["1", "2", "10"]
    y = codec.encode_labels(samples)
    assert y.dtype == torch.int64
    assert y.tolist() == [2, 1, 0, 1]
    assert codec.decode_labels(y) == samples["label"].tolist()


def test_unlabelled_text_has_one_empty_label() -> None:
    codec = TextCodec.fit(samples_of(["a b", "c d"]))
    assert codec.classes == [""]
    assert codec.encode_labels(samples_of(["x"])).tolist() == [0]
    assert codec.decode_labels([0]) == [""]


def test_fit_reads_the_training_split_only(samples: pd.DataFrame, codec: TextCodec) -> None:
    other = samples_of(["quick quick quick quick"] * 9, ["new"] * 9).assign(split="test")
    assert fit_codec(pd.concat([samples, other]), length=128, vocabulary=300) == codec
    with pytest.raises(GenloomError) as error:
        codec.encode_labels(other)
    assert error.value.message == (
        "The label 'new' is unknown to the text codec: the training split has '1', '2', '10'."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_survives_json_and_copies(samples: pd.DataFrame, codec: TextCodec, kind: str) -> None:
    codec = codec.of(kind)
    x = codec.encode(samples)
    again = codec_from_dict(json.loads(json.dumps(codec_to_dict(codec))))
    assert again == codec == copy.deepcopy(codec) == codec.of("bpe").of(kind)
    assert again.shape == codec.shape
    assert torch.equal(again.encode(samples), x)
    assert again.of("bpe").decode(again.of("bpe").encode(samples)) == SAYINGS


def test_kinds_differ(codec: TextCodec) -> None:
    assert codec.of("bpe") != codec
    with pytest.raises(GenloomError, match="no text codec 'words': use one of bytes, bpe"):
        codec.of("words")


def test_threads_and_processes_do_not_show(samples: pd.DataFrame) -> None:
    code = """
import pandas as pd, hashlib, sys
from genloom.domains.text.codec import fit_codec
texts = [f"{n % 37} looms wove {n % 11} threads of {n % 7 * 'wool '}" for n in range(3000)]
samples = pd.DataFrame({"content": texts, "label": "", "split": "train"})
codec = fit_codec(samples, vocabulary=500).of("bpe")
both = repr(codec.to_dict()).encode() + codec.encode(samples).numpy().tobytes()
print(hashlib.sha256(both).hexdigest())
"""
    digests = set()
    for parallel, hashing in (("false", "0"), ("true", "1")):
        own = {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TOKENIZERS_PARALLELISM": parallel,
            "PYTHONHASHSEED": hashing,
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | own,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_nothing_in_nothing_out(samples: pd.DataFrame, codec: TextCodec) -> None:
    x, y = codec.encode(samples[:0]), codec.encode_labels(samples[:0])
    assert (tuple(x.shape), tuple(y.shape)) == ((0, 128), (0,))
    assert (codec.decode(x), codec.decode_labels(y), codec.decode_text([])) == ([], [], "")
    assert tuple(codec.encode_text("").shape) == (0,)


def test_no_training_samples(samples: pd.DataFrame) -> None:
    with pytest.raises(GenloomError, match="There are no training samples"):
        fit_codec(samples.assign(split="test"))


@pytest.mark.parametrize("kind", KINDS)
def test_token_outside_the_vocabulary(codec: TextCodec, kind: str) -> None:
    codec = codec.of(kind)
    size = codec.shape[1]
    for wrong in (-1, size):
        sentence = f"Tokens from .* cannot be decoded .* {kind} has the numbers 0 to {size - 1}"
        with pytest.raises(GenloomError, match=sentence):
            codec.decode(torch.tensor([[6, wrong]]))
        with pytest.raises(GenloomError, match=sentence):
            codec.decode_text([6, wrong])


def test_tensor_of_a_wrong_shape(codec: TextCodec) -> None:
    with pytest.raises(GenloomError, match=r"shape \[3\] cannot be decoded .* \[n, length\]"):
        codec.decode(torch.tensor([6, 6, 6]))


def test_content_that_is_no_text(codec: TextCodec) -> None:
    with pytest.raises(GenloomError, match="row 1 is not text"):
        codec.encode(pd.DataFrame({"content": ["a", None]}, dtype=object))


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_surrogate_pair_in_a_prompt(codec: TextCodec, kind: str) -> None:
    codec = codec.of(kind)
    assert codec.decode_text(codec.encode_text("a\udce9b")) == "a?b"


@pytest.mark.parametrize("place", [-1, 3])
def test_class_number_out_of_range(codec: TextCodec, place: int) -> None:
    with pytest.raises(GenloomError, match=f"no class number {place}: .* knows 0 to 2"):
        codec.decode_labels([place])
