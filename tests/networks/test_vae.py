"""The VAE's two terms against torch's own distributions."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from genloom.networks.vae import VAE, gaussian_nll, kl_from_standard_normal


def test_kl_agrees_with_torch():
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0, 1)).mean(dim=0)
    assert torch.allclose(kl_from_standard_normal(mean, log_variance), expected, atol=1e-5)


def test_likelihood_agrees_with_torch():
    mean, x = torch.randn(5, 1, 2, 2), torch.randn(5, 1, 2, 2)
    expected = -Normal(mean, 0.3).log_prob(x).sum() / 5 - 2 * math.log(2 * math.pi)
    assert gaussian_nll(mean, x, torch.tensor(0.3).log()) == pytest.approx(
        expected.item(), abs=1e-4
    )


def test_sigma_is_learned_on_request_only():
    torch.manual_seed(0)
    x, y = torch.randn(32, 1, 8, 8).clamp(-1, 1), torch.randint(2, (32,))
    for sigma, moves in ((0.25, False), ("learned", True)):
        network = VAE((1, 8, 8), 2, width=8, hidden=16, sigma=sigma, steps=5)
        network.fit(x, y, seed=0)
        assert (network.log_sigma.exp().item() != pytest.approx(0.25, abs=1e-6)) == moves
