"""The RBF network: centres, widths, and the output layer in closed form or by gradient."""

import pytest
import torch
from safetensors.torch import load, save
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.linear_model import Ridge

from genloom import members
from genloom.errors import GenloomError, TrainingDivergedError
from genloom.networks.rbf_network import PENALTIES, RBFNetwork, k_means, ridge


def network(shape, classes, seed=0, **more):
    return members.build({"network": "rbf_network", **more}, shape, classes, seed=seed)


@pytest.fixture(scope="module")
def cancer():
    x, y = load_breast_cancer(return_X_y=True)
    order = torch.randperm(len(x), generator=torch.manual_seed(0))
    return torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]


def test_k_means_is_about_as_good_as_the_usual_one():
    x = torch.tensor(load_digits().data[:600], dtype=torch.float32)
    torch.manual_seed(0)
    centre = k_means(x, 20)
    assert centre.shape == (20, 64)
    own = torch.cdist(x, centre).min(dim=1).values.square().sum()
    usual = KMeans(20, n_init=1, random_state=0).fit(x).inertia_
    assert own < 1.05 * usual
    near = torch.cdist(x, centre).argmin(dim=1)
    means = torch.stack([x[near == unit].mean(dim=0) for unit in range(20)])
    assert torch.allclose(centre, means, atol=1e-4)


def test_ridge_gives_what_leaving_each_sample_out_gives():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(30, 12, generator=random, dtype=torch.float64)
    y = x[:, :2] + torch.randn(30, 2, generator=random, dtype=torch.float64)
    weight, bias, left_out, error = ridge(x, y)
    errors = {}
    for penalty in PENALTIES.tolist():
        parts = []
        for row in range(len(x)):
            kept = torch.arange(len(x)) != row
            model = Ridge(alpha=penalty).fit(x[kept], y[kept])
            parts.append(torch.tensor(model.predict(x[row : row + 1])[0]))
        errors[penalty] = float((torch.stack(parts) - y).square().mean()), torch.stack(parts)
    best = min(errors, key=lambda penalty: errors[penalty][0])
    # An intercept that is fitted anew for each is what 1/n in the leverage stands for.
    assert error == pytest.approx(errors[best][0], rel=1e-6)
    assert torch.allclose(left_out, errors[best][1], atol=1e-8)
    model = Ridge(alpha=best).fit(x, y)
    assert torch.allclose(weight.T, torch.tensor(model.coef_))
    assert torch.allclose(bias, torch.tensor(model.intercept_))


@pytest.mark.parametrize("more", [{"output": "closed"}, {"linear": True, "reach": 3.0}])
def test_it_tells_tumours_apart(cancer, more):
    x, y = cancer
    member = network((30,), 2, units=40, **more)
    member.fit(x[:400], y[:400], seed=0)
    p = member.predict(x[400:])
    assert (p.argmax(1) == y[400:]).float().mean() >= 0.94
    nats = -p[torch.arange(len(p)), y[400:]].log().mean()
    assert nats < 0.25  # so probabilities are about right, also those of the closed form


@pytest.mark.parametrize("centres", ["kmeans", "learned"])
@pytest.mark.parametrize("output", ["gradient", "closed"])
def test_it_approximates_a_function(centres, output):
    x = torch.linspace(-3, 3, 200)[:, None]
    y = 50 + 20 * (2 * x[:, 0]).sin()
    member = network((1,), 0, units=20, centres=centres, output=output, penalty=1e-6, lr=0.05)
    history = member.fit(x, y, seed=0)
    error = float((member.predict(x) - y).abs().mean())
    assert error < (0.1 if output == "closed" else 4)
    metrics = set(history["metric"])
    assert ("left_out_error" in metrics) == (output == "closed")
    assert ("loss" in metrics) == (output == "gradient" or centres == "learned")


def test_learned_centres_move_and_others_stay(cancer):
    x, y = cancer
    moved = {}
    for centres in ("kmeans", "learned"):
        member = network((30,), 2, units=10, centres=centres, steps=20)
        member.start(x)
        torch.manual_seed(0)
        member.fit(x, y, seed=3)
        again = network((30,), 2, units=10, centres=centres, steps=20, output="closed")
        again.centres = "kmeans"
        again.fit(x, y, seed=3)
        moved[centres] = (member.bumps.centre - again.bumps.centre).abs().max()
    assert moved["kmeans"] == 0
    assert moved["learned"] > 1e-3


def test_the_closed_form_is_better_than_the_mean_on_diabetes():
    x, y = (torch.tensor(v, dtype=torch.float32) for v in load_diabetes(return_X_y=True))
    member = network((10,), 0, units=20, reach=2.0, output="closed")
    member.fit(x[:300], y[:300], seed=0)
    error = (member.predict(x[300:]) - y[300:]).square().mean()
    assert error < 0.6 * y[300:].var()
    again = network((10,), 0, seed=9, units=20, reach=2.0, output="closed")
    again.load_weights(load(save(member.weights())))
    assert torch.equal(again.predict(x), member.predict(x))
    twin = network((10,), 0, units=20, reach=2.0, output="closed")
    twin.fit(x[:300], y[:300], seed=0)
    assert save(twin.weights()) == save(member.weights())


def test_soft_labels_equal_samples_and_more_centres_than_samples(cancer):
    x, y = cancer
    soft = torch.eye(2)[y] * 0.8 + 0.1
    for output in ("gradient", "closed"):
        member = network((30,), 2, units=30, output=output, steps=60, linear=True)
        member.fit(x[:20], soft[:20], seed=0)
        assert (member.predict(x).argmax(1) == y).float().mean() > 0.8
    same = torch.ones(12, 30)
    member = network((30,), 2, units=30, output="closed")
    member.fit(same, y[:12], seed=0)
    assert member.predict(same).isfinite().all()


def test_what_cannot_be_learned_is_refused():
    member = network((3,), 0, output="closed")
    with pytest.raises(TrainingDivergedError, match="not finite numbers"):
        member.fit(torch.full((9, 3), torch.nan), torch.zeros(9), seed=0)
    with pytest.raises(GenloomError, match="targets hold values that are not finite"):
        member.fit(torch.zeros(9, 3), torch.full((9,), torch.inf), seed=0)
    assert isinstance(member, RBFNetwork)


def test_it_has_nothing_that_is_taken_for_what_an_ensemble_doubts():
    assert not hasattr(network((3,), 0), "spread")
