"""Samples by split, and means with their intervals."""

import math

import pytest
import torch

from genloom.fundamentals.data import Data, curve, measured


def test_columns_are_in_standard_deviations_of_the_training_split(breast_cancer, digits):
    for data in (breast_cancer, digits):
        varies = data.train.x.std(dim=0, correction=0) > 0
        assert torch.allclose(
            data.train.x[:, varies].mean(dim=0), torch.zeros(int(varies.sum())), atol=0.1
        )
        assert data.train.x.abs().max() <= 5
        assert len(data.train.x) > len(data.test.x) > len(data.validation.x) > 0
    assert digits.train.x.shape[1] == 64
    assert digits.classes == tuple("0123456789")
    assert len(breast_cancer.names) == breast_cancer.train.x.shape[1] == 30


def test_numbers_lose_their_unit(diabetes):
    assert diabetes.classes == ()
    assert diabetes.train.y.dtype == torch.float32
    assert float(diabetes.train.y.mean()) == pytest.approx(0, abs=1e-5)
    assert float(diabetes.train.y.std(correction=0)) == pytest.approx(1, abs=1e-5)


def test_each_sample_stands_in_its_split():
    x, y = torch.arange(6.0)[:, None], torch.tensor([0, 1, 0, 1, 0, 1])
    splits = ["train", "test", "train", "validation", "train", "train"]
    data = Data.of(x, y, splits, classes=["a", "b"])
    train = x[[0, 2, 4, 5]]
    expected = (x - train.mean()) / train.std(correction=0)
    assert torch.allclose(data.test.x, expected[[1]])
    assert data.validation.y.tolist() == [1]
    assert data.train.y.tolist() == [0, 0, 0, 1]


def test_means_have_intervals_and_ratios_have_geometric_ones():
    row = measured("loss", [1.0, 2.0, 3.0], better="lower")
    assert row["value"] == 2
    assert row["low"] == pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-5)
    (plain,) = curve("loss", [4], torch.tensor([[1.0, 100.0]]))
    (ratio,) = curve("norm", [4], torch.tensor([[1.0, 100.0]]), by_ratio=True)
    assert (plain["step"], plain["value"]) == (4, 50.5)
    assert ratio["value"] == pytest.approx(10)
    assert 0 < ratio["low"] < 10 < ratio["high"]
