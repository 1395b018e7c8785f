"""Ridge and logistic regression on vectors."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genloom.errors import GenloomError
from genloom.floors.knn import KNN
from genloom.floors.linear import Linear


def task(classes):
    if classes == 0:
        x, y = load_diabetes(return_X_y=True, scaled=False)
        return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(np.flatnonzero(y < classes))
    return torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order])


@pytest.mark.parametrize("penalty", [0.1, 10.0])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_it_predicts_what_scikit_learn_does(classes, penalty):
    x, y = task(classes)
    floor = Linear((x.shape[1],), classes, penalty=penalty)
    floor.fit(x, y, seed=0)
    found = LogisticRegression(C=1 / penalty) if classes else Ridge(alpha=penalty)
    model = make_pipeline(StandardScaler(), found).fit(x.double(), y)
    expected = model.predict_proba(x.double()) if classes else model.predict(x.double())
    assert np.allclose(floor.predict(x).numpy(), expected, rtol=1e-4, atol=1e-4)
    assert floor.chosen_penalty == penalty


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_weights_bring_it_back_and_fitting_repeats(classes):
    x, y = task(classes)
    floor, again, twin = (Linear((x.shape[1],), classes) for _ in range(3))
    history = floor.fit(x, y, seed=0)
    assert list(history.columns) == ["step", "metric", "value"]
    again.load_weights(load(save(floor.weights())))
    twin.fit(x, y, seed=1)
    p = floor.predict(x)
    assert p.dtype == torch.float32
    assert torch.equal(p, again.predict(x))
    assert torch.equal(p, twin.predict(x))
    assert save(again.weights()) == save(floor.weights()) == save(twin.weights())
    assert again.chosen_penalty == floor.chosen_penalty > 0
    assert floor.parameter_count < 10 * x.shape[1]
    assert floor.predict(x[:0]).shape == p[:0].shape


@pytest.mark.parametrize("classes", [0, 3])
def test_the_penalty_is_the_one_that_does_best_on_the_validation_samples(classes):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(300, 80, generator=random)
    score = x[:, :3].sum(1) + torch.randn(300, generator=random)
    y = torch.bucketize(score, torch.tensor([-1.0, 1.0])) if classes else score
    train, held_out = (x[:90], y[:90]), (x[90:], y[90:])

    def loss(floor):
        p = floor.predict(held_out[0])
        if classes:
            return float(-p[torch.arange(len(p)), held_out[1]].log().mean())
        return float((p - held_out[1]).square().mean())

    chosen = Linear((80,), classes)
    chosen.fit(*train, seed=0, validation=held_out)
    losses = {}
    for penalty in (1e-1, 1.0, 1e1, 1e2, 1e3, 1e4, 1e5):
        floor = Linear((80,), classes, penalty=penalty)
        floor.fit(*train, seed=0)
        losses[penalty] = loss(floor)
    assert chosen.chosen_penalty == min(losses, key=losses.get)
    assert 1e-1 < chosen.chosen_penalty < 1e5
    assert loss(chosen) == losses[chosen.chosen_penalty]
    alone = Linear((80,), classes)
    alone.fit(*train, seed=0)
    assert loss(alone) < losses[1e-1]


def test_it_learns_digits():
    x, y = load_digits(return_X_y=True)
    images, labels = torch.tensor(x, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1, torch.tensor(y)
    floor = Linear((1, 8, 8), 10)
    floor.fit(images[:1200], labels[:1200], seed=0)
    assert (floor.predict(images[1200:]).argmax(1) == labels[1200:]).float().mean() > 0.9


@pytest.mark.parametrize("classes", [0, 3])
def test_constant_and_rare_columns_do_no_harm(classes):
    x, y = task(classes)
    plain, wide = Linear((x.shape[1],), classes, penalty=1), None
    plain.fit(x, y, seed=0)
    more = torch.full((len(x), 2), 0.1)  # not exact in binary
    wide = Linear((x.shape[1] + 2,), classes, penalty=1)
    wide.fit(torch.cat([x, more], dim=1), y, seed=0)
    elsewhere = torch.cat([x, more + 1e6], dim=1)
    assert torch.allclose(plain.predict(x), wide.predict(elsewhere), rtol=1e-3, atol=1e-3)
    far = x.clone()
    far[0, 0] = 1e30
    assert plain.predict(far).isfinite().all()


@pytest.mark.parametrize("left", [(1,), (0, 2)])
def test_an_absent_class_gets_probability_zero(left):
    x, y = task(3)
    known = torch.isin(y, torch.tensor(left))
    floor, again = Linear((4,), 3), Linear((4,), 3)
    floor.fit(x[known], y[known], seed=0, validation=(x, y))
    p = floor.predict(x)
    assert (p[:, [label for label in range(3) if label not in left]] == 0).all()
    assert torch.allclose(p.sum(1), torch.ones(len(x)))
    assert (p.argmax(1) == y)[known].float().mean() > 0.95
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(p, again.predict(x))


def test_soft_labels_count_by_their_largest_entry():
    x, y = task(3)
    soft = torch.full((len(y), 3), 0.1).scatter(1, y[:, None], 0.8)
    hard, mixed = Linear((4,), 3), Linear((4,), 3)
    hard.fit(x, y, seed=0)
    mixed.fit(x, soft, seed=0)
    assert torch.equal(hard.predict(x), mixed.predict(x))


@pytest.mark.parametrize("classes", [0, 2])
def test_tiny_training_sets(classes):
    x = torch.tensor([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    for n in (1, 2, 3):
        y = torch.tensor([0, 1, 1]) if classes else torch.tensor([0.0, 1.0, 2.0])
        floor = Linear((2,), classes)
        floor.fit(x[:n], y[:n], seed=0)
        assert floor.predict(x).isfinite().all()


def test_refusals():
    x, y = torch.rand(4, 3), torch.rand(4)
    floor = Linear((3,), 0)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.predict(x)
    with pytest.raises(GenloomError, match="targets that hold NaN"):
        floor.fit(x, y / 0, seed=0)
    with pytest.raises(GenloomError, match="one number for each sample"):
        floor.fit(x, y[:2], seed=0)
    with pytest.raises(GenloomError, match="not a Linear's"):
        floor.load_weights({"other": torch.zeros(1)})
    with pytest.raises(GenloomError, match="KNN tells classes apart and cannot predict numbers"):
        KNN((3,), 0).fit(x, y, seed=0)
