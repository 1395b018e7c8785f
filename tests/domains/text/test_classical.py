"""Classical moves change a few words, keep the white space, and depend on the seed alone."""

from collections import Counter

import pandas as pd
import pytest
import torch
from torch import Tensor

from genloom.domains.text.classical import classical_moves
from genloom.domains.text.codec import KINDS, TextCodec

WORDS = [f"w{n:02d}" for n in range(40)]
TEXT = "  " + "\n".join(" ".join(WORDS[start : start + 10]) for start in range(0, 40, 10)) + "\n"


@pytest.fixture(params=KINDS)
def codec(request: pytest.FixtureRequest) -> TextCodec:
    samples = pd.DataFrame({"content": [TEXT, "one two"], "label": "", "split": "train"})
    return TextCodec.fit(samples, length=400).of(request.param)


def rows(codec: TextCodec, *texts: str) -> Tensor:
    return codec.encode(pd.DataFrame({"content": list(texts)}))


def moved(codec: TextCodec, *texts: str, **more: float) -> list[str]:
    arguments = {"copies": 60, "seed": 0} | more
    return codec.decode(classical_moves(rows(codec, *texts), codec=codec, **arguments))


def test_layout_and_order(codec: TextCodec) -> None:
    x = rows(codec, TEXT, "alone", "")
    out = classical_moves(x, codec=codec, seed=3, copies=2)
    assert tuple(out.shape) == (6, 400)
    assert out.dtype == torch.int64
    # Copy by copy; nothing can move in a text of one word or none.
    assert codec.decode(out)[1:3] == codec.decode(out)[4:6] == ["alone", ""]
    assert all(text.startswith("  w") for text in codec.decode(out)[::3])


def test_each_copy_gets_one_move_that_touches_a_tenth(codec: TextCodec) -> None:
    kinds = Counter()
    for text in moved(codec, TEXT):
        words = text.split()
        if len(words) == 40:
            assert sorted(words) == WORDS, "swapped"
            assert 0 < sum(a != b for a, b in zip(words, WORDS, strict=True)) <= 4
            assert text.translate(str.maketrans(dict.fromkeys("w0123456789", ""))) == (
                TEXT.translate(str.maketrans(dict.fromkeys("w0123456789", "")))
            ), "white space stays"
        elif len(words) == 36:
            assert words == sorted(set(words)), "left out, in order"
        else:
            assert len(words) == 44, "said twice"
            assert set(words) == set(WORDS)
        kinds[len(words)] += 1
        assert text.startswith("  w")
        assert text.endswith("\n")
    assert min(kinds[count] for count in (36, 40, 44)) >= 10


def test_share_decides_how_many(codec: TextCodec) -> None:
    assert {len(text.split()) for text in moved(codec, TEXT, share=0.25)} == {30, 40, 50}
    assert {len(text.split()) for text in moved(codec, TEXT, share=0.001)} == {39, 40, 41}
    assert {len(text.split()) for text in moved(codec, "one two", share=0.99)} == {1, 2, 3}


def test_two_words(codec: TextCodec) -> None:
    assert set(moved(codec, "one\ttwo", copies=200)) == {
        *("two\tone", "one", "two"),
        *("one one\ttwo", "two one\ttwo", "one two\ttwo", "one one\ttwo"),
        *("one\ttwo one", "one\ttwo two"),
    }


def test_seed_decides_and_the_input_stays(codec: TextCodec) -> None:
    x = rows(codec, TEXT, TEXT)
    before = x.clone()
    first, again, other = (
        classical_moves(x, codec=codec, seed=seed, copies=3) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(x, before)
    assert len(set(codec.decode(first))) == 6, "each copy has its own changes"


def test_what_no_longer_fits_is_cut() -> None:
    samples = pd.DataFrame({"content": ["ab cd ef"], "label": "", "split": "train"})
    codec = TextCodec.fit(samples, length=9)
    out = classical_moves(codec.encode(samples), codec=codec, seed=0, copies=40)
    assert tuple(out.shape) == (40, 9)
    assert max(map(len, codec.decode(out))) == 9


def test_no_rows(codec: TextCodec) -> None:
    assert tuple(classical_moves(rows(codec)[:0], codec=codec, seed=0).shape) == (0, 400)
