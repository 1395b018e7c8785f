"""Fidelity measures against values that are known beforehand."""

import pytest
import torch

from genloom.errors import GenloomError
from genloom.metrics import fidelity as module
from genloom.metrics.fidelity import fidelity


def gaussian(n, d, seed, mean=0.0, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64) * scale + mean


def with_moments(features, mean, covariance):
    """The features moved so that their sample mean and covariance are exactly these."""
    centred = features - features.mean(dim=0)
    white = torch.linalg.solve_triangular(
        torch.linalg.cholesky(torch.cov(centred.T)), centred.T, upper=False
    ).T
    return white @ torch.linalg.cholesky(covariance).T + mean


def test_frechet_distance_of_gaussians_with_known_moments():
    one = with_moments(
        gaussian(200, 2, 0), torch.zeros(2), torch.diag(torch.tensor([1.0, 4.0])).double()
    )
    two = with_moments(
        gaussian(300, 2, 1),
        torch.tensor([3.0, 4.0]),
        torch.diag(torch.tensor([9.0, 16.0])).double(),
    )
    # |m|^2 + sum of (difference of standard deviations)^2
    assert fidelity(one, two, seed=0)["frechet_distance"] == pytest.approx(25 + 4 + 4, rel=1e-9)


def test_frechet_distance_of_covariances_that_do_not_commute():
    a = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    b = torch.tensor([[3.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)
    # For 2 x 2 the trace of the root is sqrt(trace(AB) + 2 sqrt(det(AB))).
    product = a @ b
    root = (product.trace() + 2 * torch.linalg.det(product).sqrt()).sqrt()
    expected = (a.trace() + b.trace() - 2 * root).item()
    one = with_moments(gaussian(200, 2, 0), torch.zeros(2), a)
    two = with_moments(gaussian(200, 2, 1), torch.zeros(2), b)
    assert fidelity(one, two, seed=0)["frechet_distance"] == pytest.approx(expected, rel=1e-9)


def test_features_far_from_the_origin_lose_nothing():
    one, two = gaussian(300, 4, 0), gaussian(300, 4, 1, mean=1.0)
    near, far = fidelity(one, two, seed=0), fidelity(one + 1e6, two + 1e6, seed=0)
    for metric in ("frechet_distance", "precision", "recall", "density", "coverage"):
        assert far[metric] == pytest.approx(near[metric], rel=1e-4)


def test_a_set_is_as_good_as_itself():
    real = gaussian(400, 8, 0)
    result = fidelity(real, real.clone(), seed=0)
    assert result["frechet_distance"] == pytest.approx(0, abs=1e-6)
    assert result["kernel_distance"] <= 0  # the unbiased estimate leaves out the equal pairs
    assert (result["precision"], result["recall"], result["coverage"]) == (1, 1, 1)
    # Each sample lies in its own closed ball and in those of k others.
    assert result["density"] == pytest.approx(6 / 5)


def test_duplicates_among_the_real_samples_do_not_close_their_balls():
    real = gaussian(10, 3, 0).repeat(10, 1)
    result = fidelity(real, real, seed=0)
    assert (result["precision"], result["recall"], result["coverage"]) == (1, 1, 1)


def test_two_draws_of_one_distribution_are_near_ideal():
    result = fidelity(gaussian(1000, 4, 0), gaussian(1000, 4, 1), seed=0)
    assert result["frechet_distance"] < 0.05
    assert abs(result["kernel_distance"]) < 0.02
    assert result["density"] == pytest.approx(1, abs=0.1)
    assert min(result["precision"], result["recall"], result["coverage"]) > 0.9


def test_a_collapsed_generator_is_precise_and_covers_nothing():
    real = gaussian(500, 4, 0)
    result = fidelity(real, gaussian(500, 4, 1, scale=1e-3), seed=0)
    assert result["precision"] == 1
    assert result["recall"] < 0.02
    assert result["coverage"] < 0.15
    assert result["frechet_distance"] == pytest.approx(4, rel=0.15)


def test_a_generator_beside_the_data_scores_nothing():
    result = fidelity(gaussian(200, 4, 0), gaussian(200, 4, 1, mean=50.0), seed=0)
    assert [result[name] for name in ("precision", "recall", "density", "coverage")] == [0] * 4
    assert result["kernel_distance"] > 1


def test_the_neighbourhoods_agree_with_a_naive_count():
    real, fake, k = gaussian(40, 2, 0), gaussian(30, 2, 1, mean=0.7), 3
    between = (real[:, None] - fake).norm(dim=2)
    real_radius = (real[:, None] - real).norm(dim=2).sort(dim=1).values[:, k]
    fake_radius = (fake[:, None] - fake).norm(dim=2).sort(dim=1).values[:, k]
    inside = between <= real_radius[:, None]
    expected = {
        "precision": inside.any(0).double().mean().item(),
        "recall": (between <= fake_radius).any(1).double().mean().item(),
        "density": inside.sum().item() / (k * 30),
        "coverage": inside.any(1).double().mean().item(),
    }
    result = fidelity(real, fake, k=k, seed=0)
    assert {name: result[name] for name in expected} == pytest.approx(expected)


def test_chunks_change_nothing(monkeypatch):
    real, fake = gaussian(250, 3, 0), gaussian(210, 3, 1, mean=0.5)
    whole = fidelity(real, fake, seed=0)
    monkeypatch.setattr(module, "_CHUNK", 64)
    assert fidelity(real, fake, seed=0) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("d", [1, 60, 300])
def test_fewer_samples_than_features_give_finite_numbers(d):
    real = gaussian(40, d, 0)
    real[:, 0] = 1.0  # a dead feature
    fake = gaussian(30, d, 1).float()
    result = fidelity(real, fake, seed=0)
    assert all(torch.isfinite(torch.tensor(value)) for value in result.values())
    assert result["frechet_distance"] >= 0


def test_kernel_distance_of_whole_sets_by_hand():
    real, fake = gaussian(7, 3, 0), gaussian(7, 3, 1)

    def kernel(a, b):
        return (a @ b.T / 3 + 1) ** 3

    def off_diagonal(matrix):
        return (matrix.sum() - matrix.trace()) / (7 * 6)

    expected = (
        off_diagonal(kernel(real, real))
        + off_diagonal(kernel(fake, fake))
        - 2 * kernel(real, fake).mean()
    )
    assert fidelity(real, fake, seed=0)["kernel_distance"] == pytest.approx(expected.item())


def test_a_seed_decides_and_the_global_generator_is_left_alone(recwarn):
    real, fake = gaussian(300, 4, 0), gaussian(200, 4, 1)
    before = torch.random.get_rng_state()
    first, second = fidelity(real, fake, seed=5), fidelity(real, fake, seed=5)
    assert first == second
    assert first["kernel_distance"] != fidelity(real, fake, seed=6)["kernel_distance"]
    assert torch.equal(before, torch.random.get_rng_state())
    assert not recwarn.list


@pytest.mark.parametrize(
    ("real", "fake", "k", "words"),
    [
        (gaussian(5, 3, 0), gaussian(9, 3, 0), 5, "at least 6 real samples, but there are 5"),
        (gaussian(9, 3, 0), gaussian(5, 3, 0), 5, "at least 6 generated samples"),
        (gaussian(9, 3, 0), gaussian(9, 4, 0), 5, "3 columns and generated ones 4"),
        (gaussian(9, 3, 0), gaussian(9, 3, 0) * torch.nan, 5, "generated features hold NaN"),
        (gaussian(9, 3, 0)[None], gaussian(9, 3, 0), 5, "have to be \\[n, d\\]"),
        (gaussian(9, 3, 0), gaussian(9, 3, 0), 0, "k of at least 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(real, fake, k, words):
    with pytest.raises(GenloomError, match=words):
        fidelity(real, fake, k=k, seed=0)
