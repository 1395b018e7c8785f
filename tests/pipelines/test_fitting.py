"""A generator chooses its temperature by what its domain prefers."""

import pandas as pd
import pytest

from genloom import members
from genloom.domains import text
from genloom.domains.text.codec import TextCodec
from genloom.errors import GenloomError
from genloom.pipelines.fitting import choose_temperature


@pytest.fixture(scope="module")
def corpus():
    words = ["the cat sat on the mat", "a dog ran in the sun", "the sun sat on a cat"] * 8
    split = ["train", "train", "validation"] * 8
    return pd.DataFrame({"content": words, "label": "", "split": split})


@pytest.mark.parametrize(("prefers", "expected"), [("variety", 1.5), ("repetition", 0.2)])
def test_the_temperature_is_the_one_that_is_preferred(corpus, prefers, expected):
    train = corpus[corpus["split"] == "train"]
    held_out = corpus[corpus["split"] == "validation"]
    codec = TextCodec.fit(corpus, length=32, vocabulary=300).of("bytes")
    block = {"role": "generator", "network": "ngram", "order": 3}
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(codec.encode(train), codec.encode_labels(train), seed=0)

    def preference(made, validation, known):
        assert set(validation["split"]) == {"validation"}
        assert set(known["split"]) == {"train"}
        distinct = made["content"].nunique()
        return distinct if prefers == "variety" else -distinct

    measures = text.MEASURES._replace(preference=preference)
    chosen = choose_temperature(member, [0.2, 0.8, 1.5], codec, train, held_out, measures, seed=0)
    assert chosen == member.temperature == expected


@pytest.mark.parametrize(
    ("network", "temperatures", "said"),
    [
        ("ngram", 0.8, "has to be a list of numbers above 0"),
        ("ngram", [], "has to be a list of numbers above 0"),
        ("ngram", [0.5, 0.0], "has to be a list of numbers above 0"),
        ("copies", [0.5], "Copies draws without one"),
    ],
)
def test_temperatures_that_cannot_be_chosen_among_are_refused(network, temperatures, said):
    block = {"role": "generator", "network": network, "temperatures": temperatures}
    with pytest.raises(GenloomError, match=said):
        members.check(f"text.{network}", block, "tokens")
