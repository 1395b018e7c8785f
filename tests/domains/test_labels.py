"""What codecs inherit: labels and targets as numbers, and back."""

import math

import pandas as pd
import pytest
import torch

from genloom.domains.images.codec import ImageCodec
from genloom.domains.labels import Bands, Labels, classes_in
from genloom.domains.molecules.codec import MoleculeCodec
from genloom.domains.tables.codec import TableCodec
from genloom.domains.text.codec import TextCodec
from genloom.errors import GenloomError


class Pets(Labels):
    called = "pet codec"

    def __init__(self, classes: list[str]) -> None:
        self.classes = classes


class Heights(Bands):
    called = "height codec"

    def __init__(self, classes: list[str], edges: list[float]) -> None:
        self.classes, self.edges = classes, edges


def labelled(*labels: str | None) -> pd.DataFrame:
    return pd.DataFrame({"label": pd.Series(labels, dtype="str")})


def test_classes_are_sorted_as_a_person_would() -> None:
    assert classes_in(labelled("10", "2", "1", "2", None)) == ["1", "2", "10"]
    assert classes_in(labelled("", "")) == [""]


def test_labels_become_numbers_and_come_back() -> None:
    codec, samples = Pets(["cat", "dog"]), labelled("dog", "cat", "dog")
    y = codec.encode_labels(samples)
    assert (y.dtype, y.tolist()) == (torch.int64, [1, 0, 1])
    assert codec.decode_labels(y) == codec.decode_labels([1, 0, 1]) == samples["label"].tolist()
    none = codec.encode_labels(samples[:0])
    assert (none.dtype, codec.decode_labels(none)) == (torch.int64, [])


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(GenloomError) as error:
        Pets(["", "dog"]).encode_labels(labelled("dog", "eel"))
    assert error.value.message == (
        "The label 'eel' is unknown to the pet codec: the training split has '', 'dog'."
    )


@pytest.mark.parametrize("place", [-1, 2])
def test_a_number_without_a_class_is_named(place: int) -> None:
    with pytest.raises(GenloomError) as error:
        Pets(["cat", "dog"]).decode_labels([0, place])
    assert error.value.message == (
        f"There is no class number {place}: the pet codec knows 0 to 1 ('cat', 'dog')."
    )


def test_targets_lie_in_bands_the_edge_in_the_upper_one() -> None:
    codec = Heights(["1 low", "2 middle", "3 high"], [1.25, 3.25])
    targets = codec.encode_targets(pd.DataFrame({"target": [1.0, 1.25, 3.5]}))
    assert (targets.dtype, targets.tolist()) == (torch.float32, [1.0, 1.25, 3.5])
    bands = codec.classes_of(torch.tensor([-math.inf, 1.24, 1.25, 3.25, 99.0]))
    assert (bands.dtype, bands.tolist()) == (torch.int64, [0, 0, 1, 2, 2])
    assert Heights(["all"], []).classes_of(targets).tolist() == [0, 0, 0]


def test_samples_without_a_target_and_labels_that_are_no_bands() -> None:
    codec = Heights(["oak", "pine"], [])
    with pytest.raises(GenloomError, match=r"no numbers to predict: .* target_column"):
        codec.encode_targets(labelled("oak"))
    with pytest.raises(GenloomError, match=r"Numbers have no class: 'oak', 'pine' are not bands"):
        codec.classes_of(torch.tensor([1.0]))


@pytest.mark.parametrize("codec", [ImageCodec, TextCodec, MoleculeCodec, TableCodec])
def test_each_codec_says_what_it_is_called(codec: type[Labels]) -> None:
    assert issubclass(codec, Labels)
    assert codec.called.endswith(" codec")
