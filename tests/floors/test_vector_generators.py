"""The floors that generate vectors: Gaussian copula and SMOTE."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from scipy.stats import ks_2samp
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genloom.errors import GenloomError
from genloom.floors.gaussian_copula import GaussianCopula
from genloom.floors.smote_rows import SmoteRows

FLOORS = [GaussianCopula, SmoteRows]


@pytest.fixture(scope="module")
def wine():
    x, y = load_wine(return_X_y=True)
    x = torch.tensor(x, dtype=torch.float32)
    return (x - x.mean(0)) / x.std(0), torch.tensor(y)


@pytest.fixture(scope="module", params=FLOORS)
def fitted(request, wine):
    floor = request.param((13,), 3)
    assert floor.fit(*wine, seed=0).empty
    return floor


@pytest.fixture(scope="module")
def labels():
    return torch.arange(3).repeat(200)


def test_samples_are_like_real_ones_and_carry_their_labels(fitted, wine, labels):
    x, y = wine
    made = fitted.sample(600, labels=labels, seed=1)
    assert made.shape == (600, 13)
    assert made.dtype == torch.float32
    assert made.abs().max() > 2  # not cut to what images may be
    judge = make_pipeline(StandardScaler(), LogisticRegression()).fit(made, labels)
    assert judge.score(x, y) >= 0.96
    for label in range(3):
        real, own = x[y == label], made[labels == label]
        apart = [ks_2samp(real[:, d], own[:, d]).statistic for d in range(13)]
        assert np.mean(apart) < 0.12
        off = np.corrcoef(real.T.numpy()) - np.corrcoef(own.T.numpy())
        assert np.abs(off).mean() < 0.15
        assert (own <= real.max(0).values + 1e-5).all()
        assert (own >= real.min(0).values - 1e-5).all()


def test_samples_depend_on_the_seed_alone(fitted, wine, labels):
    first = fitted.sample(600, labels=labels, seed=1)
    assert torch.equal(first, fitted.sample(600, labels=labels, seed=1))
    assert not torch.equal(first, fitted.sample(600, labels=labels, seed=2))
    assert len(first.unique(dim=0)) == 600
    twin = type(fitted)((13,), 3)
    twin.fit(*wine, seed=0)
    assert torch.equal(first, twin.sample(600, labels=labels, seed=1))
    again = type(fitted)((13,), 3)
    again.load_weights(load(save(fitted.weights())))
    assert torch.equal(first, again.sample(600, labels=labels, seed=1))
    assert save(again.weights()) == save(fitted.weights())


def test_smote_draws_on_the_line_to_a_neighbour(wine):
    x, y = wine
    floor = SmoteRows((13,), 3, neighbours=1)
    floor.fit(x, y, seed=0)
    made = floor.sample(50, labels=torch.zeros(50, dtype=torch.int64), seed=0)
    real = x[y == 0]
    distance = torch.cdist(real, real) + torch.eye(len(real)) * 1e9
    other = real[distance.argmin(1)]
    for row in made:
        share = ((row - real) * (other - real)).sum(1) / (other - real).square().sum(1)
        off = (real + share[:, None] * (other - real) - row).norm(dim=1)
        there = (share >= -1e-4) & (share <= 1 + 1e-4)
        assert off[there].min() < 1e-3


def test_categories_of_a_copula_stand_as_often_as_in_the_data():
    random = torch.Generator().manual_seed(0)
    one = (torch.rand(400, generator=random) < 0.3).float()
    x = torch.stack([one, 1 - one, one + 0.1 * torch.randn(400, generator=random)], dim=1)
    floor = GaussianCopula((3,), 1)
    floor.fit(x, torch.zeros(400, dtype=torch.int64), seed=0)
    made = floor.sample(2000, labels=torch.zeros(2000, dtype=torch.int64), seed=0)
    share = (made[:, 0] > made[:, 1]).float().mean()
    assert share == pytest.approx(float(one.mean()), abs=0.05)
    assert np.corrcoef(made.T.numpy())[0, 2] > 0.5  # ties of ranks cost some of it


@pytest.mark.parametrize("cls", FLOORS)
def test_constant_columns_single_samples_and_images(cls):
    x = torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    floor = cls((2,), 2)
    floor.fit(x, torch.tensor([0, 0, 1]), seed=0)
    made = floor.sample(4, labels=torch.tensor([0, 0, 1, 1]), seed=0)
    assert (made[:, 1] == 5).all()
    assert (made[2:, 0] == 3).all()
    data = load_digits()
    images, digit = (
        torch.tensor(data.images, dtype=torch.float32)[:, None],
        torch.tensor(data.target),
    )
    floor = cls((1, 8, 8), 10)
    floor.fit(images / 8 - 1, digit, seed=0)
    drawn = floor.sample(20, labels=torch.arange(20) % 10, seed=0)
    assert drawn.shape == (20, 1, 8, 8)
    assert -1 <= drawn.min() <= drawn.max() <= 1
    with pytest.raises(GenloomError, match="cannot learn to draw class 1"):
        cls((2,), 2).fit(x, torch.zeros(3, dtype=torch.int64), seed=0)
