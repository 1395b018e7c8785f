"""The networks that make images, on vectors."""

import math

import pytest
import torch
from scipy.stats import ks_2samp
from torch.distributions import Normal

from genloom import members
from genloom.networks.backbones import Dense, from_vector, random_affine, to_vector
from genloom.networks.vae import SMALLEST, VAE, gaussian_nll

BLOCKS = {
    "vae": {"sigma": "learned", "latent": 4, "hidden": 64, "steps": 300, "lr": 5e-3},
    "gan": {"hidden": 64, "steps": 500, "critic_depth": 1},
    "flow": {"width": 16, "steps": 300, "lr": 5e-3},
}


def data(n=600):
    """Two classes: numbers that vary together, and one of two names."""
    random = torch.Generator().manual_seed(0)
    y = torch.arange(n) % 2
    first = torch.randn(n, generator=random) * 0.7 + 2.0 * (2 * y - 1)
    second = first + 0.3 * torch.randn(n, generator=random)
    name = (torch.rand(n, generator=random) < torch.where(y == 1, 0.9, 0.2)).float()
    return torch.stack([first, second, name, 1 - name], dim=1), y


@pytest.mark.parametrize("network", BLOCKS)
def test_samples_have_the_classes_columns_and_what_binds_them(network):
    x, y = data()
    member = members.build({"network": network} | BLOCKS[network], (4,), 2, seed=0)
    member.fit(x, y, seed=0)
    made = member.sample(600, labels=y, seed=1)
    assert made.shape == x.shape
    assert made.abs().max() > 2  # not cut to what images may be
    slack = 0.35 if network == "gan" else 0.2
    for label in range(2):
        real, own = x[y == label], made[y == label]
        for column in range(2):
            assert ks_2samp(real[:, column], own[:, column]).statistic < slack
        names = [(side[:, 2] > side[:, 3]).float().mean() for side in (real, own)]
        assert names[0] == pytest.approx(float(names[1]), abs=slack)
        assert torch.corrcoef(own[:, :2].T)[0, 1] > 0.6
    assert torch.equal(made, member.sample(600, labels=y, seed=1))
    assert member.interpolate(torch.tensor([0, 1]), steps=3, seed=0).shape == (2, 3, 4)
    assert member.sample(0, labels=y[:0], seed=1).shape == (0, 4)


def test_the_likelihood_of_vectors_agrees_with_torch():
    mean, x, log_sigma = torch.randn(5, 4), torch.randn(5, 4), torch.randn(4)
    log_sigma[0] = SMALLEST - 1
    sigma = log_sigma.clamp(min=SMALLEST).exp()
    expected = -Normal(mean, sigma).log_prob(x).sum() / 5 - 2 * math.log(2 * math.pi)
    assert gaussian_nll(mean, x, log_sigma) == pytest.approx(expected.item(), rel=1e-4)


def test_each_column_of_vectors_has_a_noise_of_its_own():
    x, y = data()
    # More noise than a latent of one number can tell, and a column that never varies.
    x[:, 1], x[:, 2] = torch.randn(len(x), generator=torch.Generator().manual_seed(1)), 0.5
    member = VAE((4,), 2, sigma="learned", latent=1, hidden=32, steps=200, lr=1e-2, ema_decay=0.0)
    member.fit(x, y, seed=0)
    assert member.latent_shape == (5,)
    z = torch.zeros(2000, 5)
    z[:, 1:] = torch.randn(2000, 4, generator=torch.Generator().manual_seed(0))
    spread = member.generate(z, torch.zeros(2000, dtype=torch.int64)).std(dim=0)
    assert torch.allclose(spread, member.log_sigma.clamp(min=SMALLEST).exp(), rtol=0.1)
    assert spread.max() > 1.5 * spread[2]


def test_bodies_are_chosen_by_the_shape():
    activation = torch.nn.SiLU()
    assert to_vector((4,), 8, 16, 1, activation)(torch.zeros(3, 4)).shape == (3, 8)
    assert from_vector((4,), 8, 16, 1, activation)(torch.zeros(3, 8)).shape == (3, 4)
    assert not isinstance(to_vector((1, 8, 8), 8, 16, 1, activation), Dense)
    assert not isinstance(from_vector((1, 8, 8), 8, 16, 1, activation), Dense)
    x = torch.randn(3, 4)
    assert torch.equal(random_affine(x, 1.0), x)
