"""Principal components as a compressor."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA as Components

from genloom.errors import GenloomError
from genloom.floors.pca import PCA
from genloom.noise import add_noise


@pytest.fixture(scope="module")
def digits():
    x = torch.tensor(load_digits().images, dtype=torch.float32)[:, None] / 8 - 1
    return x[:800], x[800:1100]


@pytest.fixture(scope="module")
def fitted(digits):
    floor = PCA((1, 8, 8), 10, code=16)
    assert floor.fit(digits[0], torch.zeros(800), seed=0).empty
    return floor


def test_codes_and_errors_are_those_of_scikit_learn(fitted, digits):
    train, test = (x.flatten(1).double().numpy() for x in digits)
    judge = Components(16).fit(train)
    np.testing.assert_allclose(fitted.embed(digits[1]), judge.transform(test), atol=1e-4)
    back = judge.inverse_transform(judge.transform(test))
    np.testing.assert_allclose(fitted.reconstruct(digits[1]).flatten(1), back, atol=1e-5)
    error = ((back - test) ** 2).mean(axis=1)
    np.testing.assert_allclose(fitted.anomaly_score(digits[1]), error, atol=1e-5)


def test_what_noise_adds_is_partly_left_out(fitted, digits):
    noisy = add_noise(digits[1], "gaussian", 0.5, seed=0)
    cleaned = (fitted.reconstruct(noisy) - digits[1]).square().mean()
    assert cleaned < 0.6 * (noisy - digits[1]).square().mean()


def test_samples_of_another_kind_are_stranger(fitted, digits):
    random = torch.rand(100, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert fitted.anomaly_score(random).min() > fitted.anomaly_score(digits[1]).median()


def test_a_code_is_no_larger_than_the_samples_allow():
    x = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    floor = PCA((5,), 0, code=50)
    floor.fit(x, torch.zeros(3), seed=0)
    assert floor.code_size == 3
    assert torch.allclose(floor.reconstruct(x), x, atol=1e-5)
    again = PCA((5,), 0, code=50)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(again.embed(x), floor.embed(x))
    assert floor.embed(x[:0]).shape == (0, 3)
    assert floor.reconstruct(x[:0]).shape == (0, 5)


def test_equal_samples_are_told_without_any_number():
    x = torch.ones(4, 5)
    floor = PCA((5,), 0, code=2)
    floor.fit(x, torch.zeros(4), seed=0)
    assert torch.allclose(floor.reconstruct(x), x)
    assert floor.embed(x).abs().max() < 1e-6
    assert (floor.anomaly_score(x + 1) > 0.5).all()


def test_what_it_cannot_work_with_is_refused(digits):
    floor = PCA((1, 8, 8), 10)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.embed(digits[1])
    with pytest.raises(GenloomError, match="not fitted"):
        floor.code_size  # noqa: B018
    with pytest.raises(GenloomError, match="no samples"):
        floor.fit(digits[0][:0], torch.zeros(0), seed=0)
    floor.fit(digits[0], torch.zeros(800), seed=0)
    with pytest.raises(GenloomError, match="NaN or infinity"):
        floor.reconstruct(digits[1] * torch.nan)
    with pytest.raises(GenloomError, match="shape"):
        floor.anomaly_score(digits[1][..., :4])
    with pytest.raises(GenloomError, match="lack 'pca"):
        PCA((1, 8, 8), 10).load_weights({})
