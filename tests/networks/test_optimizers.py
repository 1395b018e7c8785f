"""Our Muon steps as torch's own does, but for the rounding of bfloat16."""

import torch
from torch import nn

from genloom.networks.optimizers import Muon, orthogonal

SHAPES = [(32, 16), (16, 40), (16, 40)]


def parameters():
    random = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(*shape, generator=random)) for shape in SHAPES]


def test_orthogonal_brings_singular_values_near_one():
    random = torch.Generator().manual_seed(1)
    for shape in ((2, 8, 32), (2, 32, 8), (1, 16, 16)):
        made = orthogonal(torch.randn(*shape, generator=random))
        assert made.shape == shape
        values = torch.linalg.svdvals(made)
        assert values.max() < 1.25
        assert values.median() > 0.65
    assert torch.equal(orthogonal(torch.zeros(1, 4, 4)), torch.zeros(1, 4, 4))


def test_steps_are_those_of_torch():
    ours, theirs, first = parameters(), parameters(), parameters()
    pair = (
        Muon(ours, lr=0.02, weight_decay=0.01),
        torch.optim.Muon(theirs, lr=0.02, weight_decay=0.01),
    )
    random = torch.Generator().manual_seed(2)
    for _ in range(20):
        for own, other in zip(ours, theirs, strict=True):
            own.grad = torch.randn(own.shape, generator=random)
            other.grad = own.grad.clone()
        for optimizer in pair:
            optimizer.step()
    for own, other, start in zip(ours, theirs, first, strict=True):
        assert (own - start).abs().max() > 0.1
        assert (own - other).abs().max() < 0.003


def test_what_has_no_gradient_stays():
    (one, other, _), (first, _, _) = parameters(), parameters()
    other.grad = torch.ones_like(other)
    Muon([one, other], lr=0.02, weight_decay=0.01).step()
    assert torch.equal(one, first)
