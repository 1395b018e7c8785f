"""Texts that share wording stand near to each other, whatever else there is."""

import pandas as pd
import pytest
import torch

from genloom.domains.text.codec import TextCodec
from genloom.domains.text.places import places


@pytest.fixture(scope="module")
def codec() -> TextCodec:
    return TextCodec.fit(pd.DataFrame({"content": ["a b"], "label": "", "split": "train"}))


def frame(*contents: str) -> pd.DataFrame:
    return pd.DataFrame({"content": list(contents)}, dtype="str")


def test_unit_length_even_of_the_shortest(codec: TextCodec) -> None:
    found = places(frame("", "a", " ", "Return the loom's thread.", "世界 😀"), codec)
    assert tuple(found.shape) == (5, 4096)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.norm(dim=1), torch.ones(5))


def test_a_shared_span_is_nearness_and_a_shared_subject_is_not(codec: TextCodec) -> None:
    said = "Return a list of all threads that are alive."
    near, far = "Return a list of all threads, dead or alive.", "List the threads: alive ones only."
    found = places(frame(said, said, near, far), codec)
    distance = torch.cdist(found[:1], found)[0]
    assert distance[1] == pytest.approx(0, abs=1e-3)
    assert distance[1] < distance[2] < 1.3 < distance[3] < 1.5


def test_a_place_depends_on_its_text_alone(codec: TextCodec) -> None:
    alone = places(frame("one text"), codec)
    among = places(frame("another", "one text", "a third"), codec.of("bpe"))
    assert torch.equal(among[1], alone[0])
    assert not torch.equal(among[0], alone[0])


def test_case_counts(codec: TextCodec) -> None:
    found = places(frame("LOOM AND THREAD", "loom and thread"), codec)
    assert torch.cdist(found[:1], found[1:]).item() > 1


def test_nothing_in_nothing_out(codec: TextCodec) -> None:
    assert tuple(places(frame(), codec).shape) == (0, 4096)


def test_wide_white_space_leaves_no_text_in_the_origin(codec: TextCodec) -> None:
    short = "def join(self):\n        pass"
    found = places(frame(short, short, "def f():\n    return 1\n\n\n    # and so on"), codec)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3))
    assert torch.equal(found[0], found[1])
