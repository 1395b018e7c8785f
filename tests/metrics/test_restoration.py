"""Measures of restored samples, against other implementations and by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.metrics import peak_signal_noise_ratio
from sklearn.datasets import load_digits
from sklearn.metrics import mean_squared_error, r2_score
from torchmetrics.functional.image import peak_signal_noise_ratio as torch_psnr

from genloom.errors import GenloomError
from genloom.metrics.restoration import (
    explained_variance,
    noise_reduction,
    psnr,
    reconstruction_error,
    ssim,
)
from genloom.noise import add_noise

ALL = [explained_variance, psnr, reconstruction_error, ssim]


@pytest.fixture(scope="module")
def digits():
    return torch.tensor(load_digits().images[:60], dtype=torch.float32)[:, None] / 8 - 1


@pytest.fixture(scope="module")
def noisy(digits):
    return add_noise(digits, "gaussian", 0.3, seed=0)


def test_errors_agree_with_scikit_learn(digits, noisy):
    flat, other = (x.flatten(1).double().numpy() for x in (digits, noisy))
    assert reconstruction_error(digits, noisy) == pytest.approx(mean_squared_error(flat, other))
    varies = flat.std(axis=0) > 0  # scikit-learn leaves out what does not
    flat, other = flat[:, varies], other[:, varies]
    assert explained_variance(flat, other) == pytest.approx(
        r2_score(flat, other, multioutput="variance_weighted")
    )


def test_the_signal_to_noise_ratio_agrees_with_others(digits, noisy):
    found = psnr(digits, noisy)
    assert found == pytest.approx(float(torch_psnr(noisy, digits, data_range=2.0)), rel=1e-4)
    one = psnr(digits[:1], noisy[:1])
    assert one == pytest.approx(
        peak_signal_noise_ratio(digits[0].numpy(), noisy[0].numpy(), data_range=2.0), rel=1e-5
    )


def test_halving_the_deviation_of_the_noise_is_six_decibels(digits, noisy):
    less = digits + (noisy - digits) / 2
    assert noise_reduction(digits, noisy, less) == pytest.approx(20 * math.log10(2), rel=1e-4)
    assert psnr(digits, less) - psnr(digits, noisy) == pytest.approx(6.0206, rel=1e-3)
    assert noise_reduction(digits, noisy, noisy) == 0
    assert noise_reduction(digits, less, noisy) < 0


def test_similarity_falls_with_noise_and_does_not_mind_its_place(digits):
    levels = [0.0, 0.1, 0.3, 0.9]
    found = [ssim(digits, add_noise(digits, "gaussian", level, seed=0)) for level in levels]
    assert found[0] == pytest.approx(1)
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.6
    halves = [ssim(digits[part], digits[part] * 0.9) for part in (slice(30), slice(30, 60))]
    assert ssim(digits, digits * 0.9) == pytest.approx(np.mean(halves))


@pytest.mark.parametrize(
    "shape", [(2, 1, 3, 3), (2, 1, 4, 9), (2, 3, 8, 8), (2, 1, 28, 28), (2, 3, 64, 64)]
)
def test_similarity_finds_a_window_for_every_size(shape):
    x = torch.rand(*shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert ssim(x, x) == pytest.approx(1)
    assert -1 <= ssim(x, -x) < 0.5


def test_the_opposite_is_not_similar_and_values_beyond_the_range_are_cut_off():
    stripes = torch.ones(1, 1, 8, 8)
    stripes[..., ::2] = -1
    assert ssim(stripes, -stripes) < -0.5
    assert ssim(stripes, 3 * stripes) == pytest.approx(1)
    assert ssim(stripes, 0 * stripes) < 0.1


@given(
    arrays(np.float64, (3, 4), elements=st.floats(-5, 5)),
    arrays(np.float64, (3, 4), elements=st.floats(-5, 5)),
)
def test_measures_keep_their_ranges(x, other):
    assert reconstruction_error(x, other) >= 0
    assert reconstruction_error(x, other) == pytest.approx(reconstruction_error(other, x))
    assert reconstruction_error(x, x) == 0
    assert psnr(x, x) == math.inf
    share = explained_variance(x, other)
    assert math.isnan(share) or share <= 1


def test_the_mean_sample_explains_nothing(digits):
    mean = digits.mean(dim=0, keepdim=True).expand_as(digits)
    assert explained_variance(digits, mean) == pytest.approx(0, abs=1e-6)
    assert explained_variance(digits, digits) == 1
    assert math.isnan(explained_variance(mean.round(), mean))


def test_all_noise_gone_is_infinite_and_no_noise_is_refused(digits, noisy):
    assert noise_reduction(digits, noisy, digits) == math.inf
    with pytest.raises(GenloomError, match="no noise to reduce"):
        noise_reduction(digits, digits, noisy)


@pytest.mark.parametrize("measure", ALL)
def test_what_cannot_be_compared_is_refused(measure, digits):
    with pytest.raises(GenloomError, match="cannot be compared with samples of shape"):
        measure(digits, digits[:5])
    with pytest.raises(GenloomError, match="no samples"):
        measure(digits[:0], digits[:0])
    with pytest.raises(GenloomError, match="NaN or infinity"):
        measure(digits, digits * torch.nan)


def test_similarity_is_of_images_alone():
    with pytest.raises(GenloomError, match="is of images"):
        ssim(np.zeros((3, 12)), np.zeros((3, 12)))
    with pytest.raises(GenloomError, match="at least 3 x 3"):
        ssim(np.zeros((3, 1, 2, 12)), np.zeros((3, 1, 2, 12)))
