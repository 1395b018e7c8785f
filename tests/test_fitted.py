"""Fitted things live in two plain files, and a damaged one says so."""

import pytest
import torch

from genloom import fitted, members
from genloom.errors import GenloomError


@pytest.fixture
def thing():
    block = {"role": "generator", "network": "kde", "bandwidth": 0.1}
    member = members.build(block, (1, 8, 8), 2, seed=0)
    x = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    member.fit(x, torch.arange(20) % 2, seed=0)
    return fitted.Fitted(member, block, (1, 8, 8), ["a", "b"], {}, 0, "0" * 64)


def test_a_saved_thing_draws_the_same_samples(thing, tmp_path):
    fitted.save(thing, tmp_path / "kde")
    again = fitted.load(tmp_path / "kde")
    labels = torch.tensor([0, 1, 1])
    one = thing.member.sample(3, labels=labels, seed=4)
    assert torch.equal(one, again.member.sample(3, labels=labels, seed=4))
    assert again.classes == ["a", "b"]
    assert again.shape == (1, 8, 8)


def test_saving_twice_gives_the_same_bytes(thing, tmp_path):
    for name in ("one", "two"):
        fitted.save(thing, tmp_path / name)
    for file in (fitted.CARD, fitted.WEIGHTS):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize("damage", ["cut", "no card", "no folder"])
def test_damage_is_said_in_a_sentence(thing, tmp_path, damage):
    folder = tmp_path / "kde"
    if damage != "no folder":
        fitted.save(thing, folder)
    if damage == "cut":
        weights = folder / fitted.WEIGHTS
        weights.write_bytes(weights.read_bytes()[:100])
    if damage == "no card":
        (folder / fitted.CARD).unlink()
    with pytest.raises(GenloomError, match="remove the folder and fit again"):
        fitted.load(folder)
