"""Recipes that need no generator."""

import pytest
import torch

from genloom import recipes

X = torch.rand(30, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
Y = torch.arange(30) % 3


def test_mixup_mixes_labels_as_it_mixes_samples():
    x, y = recipes.mixup(X, Y, 3, seed=1, copies=4)
    assert x.shape == (120, 1, 8, 8)
    assert torch.allclose(y.sum(dim=1), torch.ones(120))
    # The first copy's left partners are the samples in order, so their class is in the label.
    assert (y[:30].gather(1, Y[:, None]) > 0).all()
    assert ((y > 0).sum(dim=1) == 2).any()
    assert x.abs().max() <= 1


def test_smote_stays_between_samples_of_one_class_and_keeps_the_real_ones():
    x, y = recipes.smote(X, Y, 3, seed=1, copies=3)
    assert torch.equal(x[:30], X)
    assert torch.equal(y.sum(dim=0), torch.full((3,), 30.0))
    for row, label in zip(x[30:], y[30:].argmax(dim=1), strict=True):
        own = X[label == Y].flatten(1)
        assert (row.flatten() >= own.min(dim=0).values - 1e-5).all()
        assert (row.flatten() <= own.max(dim=0).values + 1e-5).all()


def test_smote_repeats_nothing_for_a_class_with_one_sample():
    labels = torch.tensor([0] * 29 + [1])
    x, y = recipes.smote(X, labels, 2, seed=0)
    assert y[:, 1].sum() == 1
    assert len(x) == len(y)


@pytest.mark.parametrize("recipe", [recipes.mixup, recipes.smote])
def test_recipes_repeat_by_seed(recipe):
    one, other = recipe(X, Y, 3, seed=5), recipe(X, Y, 3, seed=5)
    assert torch.equal(one[0], other[0])
    assert not torch.equal(one[0], recipe(X, Y, 3, seed=6)[0])
