"""Grids and small random moves."""

import pytest
import torch

from genloom.networks.backbones import halvings, random_affine


@pytest.mark.parametrize(
    ("side", "times"), [(8, 1), (28, 2), (32, 3), (64, 4), (7, 0), (9, 0), (10, 1), (4, 0)]
)
def test_halvings_end_at_small_or_odd_grids(side, times):
    assert halvings(side, side) == times


def test_strength_zero_moves_nothing():
    x = torch.randn(2, 1, 8, 8)
    assert random_affine(x, 0.0) is x


def test_moves_are_small_and_differ_between_images():
    torch.manual_seed(0)
    x = -torch.ones(50, 1, 16, 16)
    x[:, :, 6:10, 6:10] = 1.0
    moved = random_affine(x, 1.0)
    assert moved.shape == x.shape
    assert not torch.equal(moved[0], moved[1])
    assert torch.isfinite(moved).all()
    assert moved.min() >= -1 - 1e-5
    assert moved.max() <= 1 + 1e-5
    # The ink stays: its amount changes by what scaling and shearing change.
    ink = (moved + 1).sum(dim=(1, 2, 3)) / (x + 1).sum(dim=(1, 2, 3))
    assert ink.min() > 0.6
    assert ink.max() < 1.5


def test_the_background_comes_in_from_outside():
    x = 0.3 * torch.ones(20, 3, 8, 8)
    assert torch.allclose(random_affine(x, 2.0), x, atol=1e-5)


def test_moves_can_be_differentiated():
    x = torch.randn(4, 1, 8, 8, requires_grad=True)
    random_affine(x, 1.0).square().sum().backward()
    assert torch.isfinite(x.grad).all()
    assert x.grad.abs().sum() > 0
