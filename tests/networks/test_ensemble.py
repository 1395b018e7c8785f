"""Several networks that predict together."""

import pytest
import torch

from genloom import members
from genloom.errors import GenloomError
from genloom.networks.ensemble import Ensemble
from genloom.networks.fnn import FNN
from genloom.networks.gan import GAN
from genloom.seeds import derive_seed

OF = {"network": "fnn", "hidden_size": 16, "dropout": 0.0, "steps": 60, "batch_size": 16}


def wave(n=60):
    """A sine that was seen between -1 and 1."""
    x = torch.linspace(-1, 1, n)[:, None]
    return x, torch.sin(3 * x[:, 0])


def ensemble(classes=0, model=None, **block):
    return members.build(
        {"network": "ensemble", "of": OF, **block}, (1,), classes, seed=0, model=model
    )


@pytest.fixture(scope="module")
def three():
    """An ensemble of three that learned the wave; tests only look at it."""
    together = ensemble(size=3)
    together.fit(*wave(), seed=0)
    return together


def test_it_predicts_the_mean_of_networks_that_each_differ(three):
    x, _ = wave()
    together = three
    each = together.each(x)
    assert each.shape == (3, 60)
    assert torch.equal(together.predict(x), each.mean(dim=0))
    assert not any(torch.allclose(each[i], each[j], atol=1e-3) for i, j in ((0, 1), (0, 2), (1, 2)))
    assert torch.equal(together.spread(x), each.std(dim=0, correction=0))
    assert together.features(x).shape == (60, 3 * 16)
    assert together.parameter_count == 3 * FNN((1,), 0, hidden_size=16).parameter_count


def test_the_mean_is_no_worse_than_its_networks_are_on_average(three):
    x, y = wave()
    errors = (three.each(x) - y).square().mean(dim=1)
    assert errors.mean() < y.square().mean()  # they have learned something
    assert (three.predict(x) - y).square().mean() <= errors.mean()


def test_networks_disagree_most_where_they_saw_nothing(three):
    assert three.spread(torch.tensor([[2.5]])).item() > 2 * three.spread(wave()[0]).mean()


def test_of_classes_it_gives_mean_probabilities_and_doubts_the_border():
    x, _ = wave()
    together = ensemble(classes=2, size=3)
    together.fit(x, (x[:, 0] > 0).long(), seed=0)
    p = together.predict(x)
    assert torch.equal(p, together.each(x).mean(dim=0))
    assert torch.allclose(p.sum(dim=1), torch.ones(60))
    spread = together.spread(x)
    assert spread.shape == (60,)
    assert spread[25:35].mean() > spread[[0, 1, 2, -3, -2, -1]].mean()


def test_what_comes_fitted_is_the_first_and_stays_as_it_is():
    x, y = wave()
    first = members.build(OF, (1,), 0, seed=5)
    first.fit(x, y, seed=5)
    before = {name: value.clone() for name, value in first.weights().items()}
    together = ensemble(size=3, model=first)
    history = together.fit(x, y, seed=0)
    assert all(torch.equal(value, before[name]) for name, value in first.weights().items())
    assert torch.equal(together.each(x)[0], first.predict(x))
    assert history["step"].is_unique  # one curve, whatever the number of networks
    assert all(model.fitted for model in together.models)


def test_an_ensemble_built_anew_begins_with_the_network_alone():
    x, y = wave()
    alone = members.build(OF, (1,), 0, seed=0)
    alone.fit(x, y, seed=3)
    together = ensemble(size=2)
    together.fit(x, y, seed=3)
    assert torch.equal(together.each(x)[0], alone.predict(x))


def test_the_curve_is_the_mean_of_the_networks_curves():
    x, y = wave()
    curves = []
    for number in range(2):
        seed = derive_seed(0, "ensemble", number) if number else 0
        curves.append(members.build(OF, (1,), 0, seed=seed).fit(x, y, seed=seed))
    history = ensemble(size=2).fit(x, y, seed=0)
    assert list(history["step"]) == list(curves[0]["step"])
    mean = (curves[0]["value"] + curves[1]["value"]) / 2
    assert (history["value"] - mean).abs().max() < 1e-6


def test_bootstrap_gives_every_network_other_samples():
    x, y = wave()
    seen = []

    class Listening(FNN):
        def fit(self, x, y, **how):
            seen.append(x[:, 0].sort().values)
            return super().fit(x, y, **how)

    for bootstrap in (False, True):
        seen.clear()
        models = [Listening((1,), 0, steps=2) for _ in range(2)]
        Ensemble((1,), 0, models=models, size=2, bootstrap=bootstrap).fit(x, y, seed=0)
        assert [len(rows) for rows in seen] == [60, 60]
        assert torch.equal(*seen) != bootstrap
        assert all(torch.equal(rows, x[:, 0]) != bootstrap for rows in seen)


def test_it_lives_again_from_its_weights(three):
    x, together = wave()[0], three
    again = members.build({"network": "ensemble", "of": OF, "size": 3}, (1,), 0, seed=9)
    assert not again.fitted
    again.load_weights(together.weights())
    assert again.fitted
    assert torch.equal(again.each(x), together.each(x))
    assert torch.equal(again.spread(x), together.spread(x))


def test_what_does_not_predict_or_is_too_few_is_refused():
    models = [GAN((1, 8, 8), 2, width=8, critic_width=8) for _ in range(3)]
    with pytest.raises(GenloomError, match="GAN is none"):
        Ensemble((1, 8, 8), 2, models=models)
    with pytest.raises(GenloomError, match="size 3 was given 1 networks"):
        Ensemble((1,), 2, models=[FNN((1,), 2)])
