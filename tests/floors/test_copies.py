"""Copies are copies, of the right class, of every kind of sample."""

import pytest
import torch
from safetensors.torch import load, save

from genloom.errors import GenloomError
from genloom.floors.copies import Copies

KINDS = {
    "images": ((1, 4, 4), lambda n: torch.rand(n, 1, 4, 4) * 2 - 1),
    "vectors": ((9,), lambda n: 100 * torch.randn(n, 9)),
    "tokens": ((12, 40), lambda n: torch.randint(0, 40, (n, 12))),
    "characters": ((12, 133), lambda n: torch.randint(0, 133, (n, 12))),
    "graphs": ((5, 11), lambda n: torch.randint(0, 5, (n, 5, 11))),
}


@pytest.fixture(params=KINDS)
def kind(request):
    shape, make = KINDS[request.param]
    torch.manual_seed(0)
    return request.param, shape, make(30), torch.arange(30) % 3


def test_samples_are_training_samples_of_their_class(kind):
    name, shape, x, y = kind
    assert name in Copies.takes
    floor = Copies(shape, 3)
    floor.fit(x, y, seed=0)
    labels = torch.tensor([2, 0, 1, 1, 0, 2] * 8)
    samples = floor.sample(48, labels=labels, seed=1)
    assert samples.dtype == x.dtype
    assert samples.shape == (48, *x.shape[1:])
    for sample, label in zip(samples, labels, strict=True):
        same = (x == sample).flatten(1).all(dim=1)
        assert same.sum() == 1
        assert y[same] == label


def test_all_are_handed_out_before_any_is_handed_out_again(kind):
    _, shape, x, y = kind
    floor = Copies(shape, 3)
    floor.fit(x, y, seed=0)
    samples = floor.sample(15, labels=torch.ones(15, dtype=torch.int64), seed=1)
    assert len(samples[:10].flatten(1).unique(dim=0)) == 10
    assert len(samples[10:].flatten(1).unique(dim=0)) == 5


def test_weights_bring_it_back_and_the_seed_decides(kind):
    _, shape, x, y = kind
    floor, again = Copies(shape, 3), Copies(shape, 3)
    floor.fit(x, y, seed=0)
    again.load_weights(load(save(floor.weights())))
    first = floor.sample(30, labels=y, seed=1)
    assert torch.equal(first, again.sample(30, labels=y, seed=1))
    assert not torch.equal(first, floor.sample(30, labels=y, seed=2))
    assert save(again.weights()) == save(floor.weights())
    assert floor.parameter_count == x.numel()
    assert floor.sample(0, labels=y[:0], seed=1).shape == (0, *x.shape[1:])


def test_what_it_keeps_is_its_own():
    x, y = torch.rand(4, 3), torch.zeros(4, dtype=torch.int64)
    floor = Copies((3,), 1)
    floor.fit(x, y, seed=0)
    before = floor.sample(4, labels=y, seed=0)
    x.zero_()
    floor.sample(4, labels=y, seed=0).zero_()
    assert torch.equal(before, floor.sample(4, labels=y, seed=0))


def test_refusals():
    floor = Copies((12, 40), 2)
    x, y = torch.zeros(4, 12, dtype=torch.int64), torch.tensor([0, 1, 0, 1])
    with pytest.raises(GenloomError, match="not fitted"):
        floor.sample(1, labels=y[:1], seed=0)
    with pytest.raises(GenloomError, match="built for samples of shape"):
        floor.fit(x[:, :5], y, seed=0)
    with pytest.raises(GenloomError, match="built for samples of shape"):
        floor.fit(x.float(), y, seed=0)
    with pytest.raises(GenloomError, match="cannot learn to draw class 1"):
        floor.fit(x, y * 0, seed=0)
    with pytest.raises(GenloomError, match="hold NaN"):
        Copies((3,), 2).fit(torch.full((4, 3), torch.nan), y, seed=0)
    with pytest.raises(GenloomError, match="not a Copies's"):
        floor.load_weights({"other": torch.zeros(1)})
