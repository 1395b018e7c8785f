"""The floors that generate, on scikit-learn's digits."""

import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from genloom.errors import GenloomError
from genloom.floors.kde import KernelDensity
from genloom.floors.pca_gmm import PcaGmm
from genloom.metrics.copying import dcr_share

SHAPE = (1, 8, 8)
FLOORS = [PcaGmm, KernelDensity]


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    images = torch.tensor(x, dtype=torch.float32).view(-1, *SHAPE) / 8 - 1
    train, test = train_test_split(range(len(y)), test_size=0.25, stratify=y, random_state=0)
    labels = torch.tensor(y, dtype=torch.int64)
    return images[train], labels[train], images[test], labels[test]


@pytest.fixture(scope="module", params=FLOORS)
def fitted(request, digits):
    floor = request.param(SHAPE, 10)
    history = floor.fit(digits[0], digits[1], seed=0)
    assert list(history.columns) == ["step", "metric", "value"]
    assert history.empty
    return floor


@pytest.fixture(scope="module")
def labels():
    return torch.arange(10).repeat(40)[torch.randperm(400, generator=torch.manual_seed(0))]


def test_samples_carry_their_labels(fitted, digits, labels):
    samples = fitted.sample(400, labels=labels, seed=1)
    assert samples.shape == (400, *SHAPE)
    assert samples.dtype == torch.float32
    assert samples.min() >= -1
    assert samples.max() <= 1
    judge = KNeighborsClassifier(1).fit(digits[0].flatten(1), digits[1])
    assert judge.score(samples.flatten(1), labels) >= 0.9


def test_samples_depend_on_the_seed_alone(fitted, digits, labels):
    first = fitted.sample(400, labels=labels, seed=1)
    assert torch.equal(first, fitted.sample(400, labels=labels, seed=1))
    assert not torch.equal(first, fitted.sample(400, labels=labels, seed=2))
    assert len(first.flatten(1).unique(dim=0)) == 400
    twin = type(fitted)(SHAPE, 10)
    twin.fit(digits[0], digits[1], seed=0)
    assert torch.equal(first, twin.sample(400, labels=labels, seed=1))
    assert save(twin.weights()) == save(fitted.weights())


def test_weights_bring_it_back(fitted, labels):
    again = type(fitted)(SHAPE, 10)
    again.load_weights(load(save(fitted.weights())))
    before = fitted.sample(400, labels=labels, seed=1)
    assert torch.equal(before, again.sample(400, labels=labels, seed=1))
    assert again.parameter_count == fitted.parameter_count
    assert save(again.weights()) == save(fitted.weights())


def test_kernel_density_copies_and_the_mixture_does_not(digits, labels):
    train, y, test, _ = digits
    shares = {}
    for floor in (KernelDensity(SHAPE, 10), PcaGmm(SHAPE, 10)):
        floor.fit(train, y, seed=0)
        samples = floor.sample(400, labels=labels, seed=1)
        shares[type(floor)] = dcr_share(samples, train[: len(test)], test, seed=0)
        if isinstance(floor, KernelDensity):
            nearest = torch.cdist(samples.flatten(1), train.flatten(1)).min(dim=1).values
            # 64 numbers with noise of 0.05, a part of it clipped away
            assert nearest.max() < 0.6
            assert dcr_share(samples, train, test, seed=0) > 0.6
    assert shares[PcaGmm] < 0.75


def test_parameter_counts(digits):
    train, y, _, _ = digits
    kde, mixture = KernelDensity(SHAPE, 10), PcaGmm(SHAPE, 10, components=12, mixtures=2)
    kde.fit(train, y, seed=0)
    mixture.fit(train, y, seed=0)
    assert kde.parameter_count == train.numel()
    # mean and axes; for every Gaussian a weight, a mean and a covariance
    assert mixture.parameter_count == 64 + 12 * 64 + 10 * 2 * (1 + 12 + 12 * 12)


def test_few_samples_shrink_the_model_instead_of_failing():
    x, y = torch.rand(6, 1, 2, 2) * 2 - 1, torch.tensor([0, 1] * 3)
    floor = PcaGmm((1, 2, 2), 2, components=50, mixtures=9)
    floor.fit(x, y, seed=0)
    assert floor.sample(3, labels=torch.tensor([1, 0, 1]), seed=0).isfinite().all()


@pytest.mark.parametrize("cls", FLOORS)
def test_refusals(cls):
    floor = cls((1, 2, 2), 3)
    x, y = torch.zeros(4, 1, 2, 2), torch.tensor([0, 0, 2, 2])
    with pytest.raises(GenloomError, match="not fitted"):
        floor.sample(1, labels=torch.tensor([0]), seed=0)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.weights()
    with pytest.raises(GenloomError, match="cannot learn to draw class 1"):
        floor.fit(x, y, seed=0)
    with pytest.raises(GenloomError, match="from 0 to 2, but got 0 to 3"):
        floor.fit(x, torch.tensor([0, 1, 2, 3]), seed=0)
    with pytest.raises(GenloomError, match="shape \\(1, 2, 2\\), but got \\(1, 4\\)"):
        floor.fit(x.view(4, 1, 4), y, seed=0)
    with pytest.raises(GenloomError, match="hold NaN"):
        floor.fit(x * torch.nan, y, seed=0)
    with pytest.raises(GenloomError, match="no samples"):
        floor.fit(x[:0], y[:0], seed=0)
    with pytest.raises(GenloomError, match=f"not a {cls.__name__}'s"):
        floor.load_weights({"other": torch.zeros(1)})


def test_labels_to_sample_are_checked(fitted):
    with pytest.raises(GenloomError, match="3 samples need 3 labels"):
        fitted.sample(3, labels=torch.tensor([0, 1]), seed=0)
    with pytest.raises(GenloomError, match="cannot draw class 10"):
        fitted.sample(1, labels=torch.tensor([10]), seed=0)
    assert fitted.sample(0, labels=torch.tensor([], dtype=torch.int64), seed=0).shape == (0, *SHAPE)


def test_a_mixture_needs_two_samples_of_a_class():
    floor = PcaGmm((1, 2, 2), 2)
    with pytest.raises(GenloomError, match="class 1 has 1"):
        floor.fit(torch.rand(4, 1, 2, 2), torch.tensor([0, 0, 0, 1]), seed=0)
