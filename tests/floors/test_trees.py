"""Random forest and boosting: scikit-learn's predictions, from plain arrays."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_diabetes, load_digits, make_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from genloom.errors import GenloomError
from genloom.floors.boosting import Boosting
from genloom.floors.random_forest import RandomForest
from genloom.floors.trees import from_boosting, from_forest

FLOORS = [RandomForest, Boosting]
SMALL = {RandomForest: {"trees": 20}, Boosting: {"rounds": 20}}


def task(classes, n=300):
    """Vectors of counts and measures, with numbers or classes to predict."""
    if classes == 0:
        x, y = load_diabetes(return_X_y=True)
        return torch.tensor(x[:n], dtype=torch.float32), torch.tensor(y[:n], dtype=torch.float32)
    x, y = make_classification(
        n, 12, n_informative=6, n_classes=classes, class_sep=1.5, random_state=0
    )
    counts = np.maximum(0, np.round(x[:, :6]))  # many equal values, as in counts of substructures
    return torch.tensor(np.hstack([counts, x[:, 6:]]), dtype=torch.float32), torch.tensor(y)


def built(cls, classes, **more):
    x, y = task(classes)
    floor = cls((x.shape[1],), classes, **(SMALL[cls] | more))
    floor.fit(x[:200], y[:200], seed=3)
    return floor, x, y


def theirs(model, x, classes):
    return model.predict_proba(x.numpy()) if classes else model.predict(x.numpy())


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_the_forest_predicts_what_scikit_learn_does(classes):
    floor, x, y = built(RandomForest, classes)
    kind = RandomForestClassifier if classes else RandomForestRegressor
    model = kind(20, max_features=floor.max_features, random_state=3).fit(x[:200], y[:200])
    expected = theirs(model, x, classes)
    assert np.allclose(floor.predict(x).numpy(), expected, rtol=1e-6, atol=1e-7)
    walked = sum(from_forest(model.estimators_).values(x.numpy())) / 20
    assert np.array_equal(np.squeeze(walked), np.squeeze(expected))  # to the last bit


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_boosting_predicts_what_scikit_learn_does(classes):
    floor, x, y = built(Boosting, classes)
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    model = kind(
        max_iter=20,
        max_leaf_nodes=floor.leaves,
        min_samples_leaf=floor.min_leaf,
        max_bins=floor.bins,
        early_stopping=False,
    ).fit(x[:200], y[:200])
    expected = theirs(model, x, classes)
    assert np.allclose(floor.predict(x).numpy(), expected, rtol=1e-5, atol=1e-6)
    trees = from_boosting(model._predictors, np.arange(x.shape[1]))
    assert len(trees) == 20 * model._baseline_prediction.size


def test_leaving_out_columns_that_cannot_be_split_changes_nothing():
    x, y = task(0)
    rare = torch.zeros(len(x), 30)
    rare[torch.arange(30), torch.arange(30)] = 1.0
    floor, wide = Boosting((10,), 0, rounds=20), Boosting((40,), 0, rounds=20)
    floor.fit(x, y, seed=0)
    wide.fit(torch.cat([rare, x], dim=1), y, seed=0)
    assert torch.equal(floor.predict(x), wide.predict(torch.cat([rare, x], dim=1)))


@pytest.mark.parametrize("cls", FLOORS)
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_weights_bring_it_back_and_fitting_repeats(cls, classes):
    floor, x, y = built(cls, classes)
    before = floor.predict(x)
    assert before.dtype == torch.float32
    assert before.shape == ((len(x), classes) if classes else (len(x),))
    again, twin = (cls(floor.shape, classes, **SMALL[cls]) for _ in range(2))
    again.load_weights(load(save(floor.weights())))
    twin.fit(x[:200], y[:200], seed=3)
    assert torch.equal(before, again.predict(x))
    assert torch.equal(before, twin.predict(x))
    assert save(again.weights()) == save(floor.weights()) == save(twin.weights())
    assert again.parameter_count == floor.parameter_count > 0
    assert torch.equal(before[7:8], floor.predict(x[7:8]))  # whoever stands beside it
    assert floor.predict(x[:0]).shape == before[:0].shape


def test_only_the_forest_depends_on_the_seed():
    x, y = task(0)
    for cls in FLOORS:
        one, other = (cls((10,), 0, **SMALL[cls]) for _ in range(2))
        one.fit(x, y, seed=0)
        other.fit(x, y, seed=1)
        assert torch.equal(one.predict(x), other.predict(x)) == (
            not getattr(cls, "uses_seed", True)
        )


@pytest.mark.parametrize("cls", FLOORS)
def test_both_learn(cls):
    floor, x, y = built(cls, 0)
    error = (floor.predict(x[200:]) - y[200:]).square().mean()
    assert error < 0.75 * y[200:].var()
    floor, x, y = built(cls, 3)
    assert (floor.predict(x[200:]).argmax(1) == y[200:]).float().mean() > 0.7


@pytest.mark.parametrize("cls", FLOORS)
def test_images_are_taken_too(cls):
    x, y = load_digits(return_X_y=True)
    images = torch.tensor(x, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1
    floor = cls((1, 8, 8), 10, **SMALL[cls])
    floor.fit(images[:600], torch.tensor(y[:600]), seed=0)
    right = floor.predict(images[600:900]).argmax(1) == torch.tensor(y[600:900])
    assert right.float().mean() > 0.8


@pytest.mark.parametrize("cls", FLOORS)
@pytest.mark.parametrize("left", [(1,), (0, 2), (0, 1, 3)])
def test_an_absent_class_gets_probability_zero(cls, left):
    x, y = task(4)
    known = torch.isin(y, torch.tensor(left))
    floor = cls((12,), 4, **SMALL[cls])
    floor.fit(x[known], y[known], seed=0, validation=(x, y))
    p = floor.predict(x)
    assert (p[:, [label for label in range(4) if label not in left]] == 0).all()
    assert torch.allclose(p.sum(1), torch.ones(len(x)))
    assert (p.argmax(1) == y)[known].float().mean() > 0.9
    again = cls((12,), 4, **SMALL[cls])
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(p, again.predict(x))


@pytest.mark.parametrize("cls", FLOORS)
@pytest.mark.parametrize("classes", [0, 2])
def test_constant_columns_and_tiny_training_sets(cls, classes):
    x = torch.full((4, 3), 0.5)
    y = torch.tensor([0, 1, 1, 1]) if classes else torch.tensor([1.0, 2.0, 3.0, 2.0])
    floor = cls((3,), classes, **SMALL[cls])
    floor.fit(x, y, seed=0)
    p = floor.predict(x)
    assert p.isfinite().all()
    assert (p == p[0]).all()
    floor.fit(x[:1], y[:1], seed=0)
    assert torch.allclose(floor.predict(x), torch.tensor([1.0, 0.0]) if classes else y[:1])


def test_validation_says_how_many_rounds_are_kept():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(400, 5, generator=random)
    y = x[:, 0] + 2 * torch.randn(400, generator=random)  # little to learn and much to overfit
    held_out = x[200:], y[200:]
    free, stopped = Boosting((5,), 0), Boosting((5,), 0)
    free.fit(x[:200], y[:200], seed=0)
    stopped.fit(x[:200], y[:200], seed=0, validation=held_out)
    assert free.chosen_rounds == 200
    assert 1 <= stopped.chosen_rounds < 60
    errors = []
    for rounds in range(1, 60):
        floor = Boosting((5,), 0, rounds=rounds)
        floor.fit(x[:200], y[:200], seed=0)
        errors.append(float((floor.predict(x[200:]) - y[200:]).square().mean()))
    assert stopped.chosen_rounds == 1 + int(np.argmin(errors))
    again = Boosting((5,), 0)
    again.load_weights(stopped.weights())
    assert again.chosen_rounds == stopped.chosen_rounds


@pytest.mark.parametrize("cls", FLOORS)
def test_refusals(cls):
    x, y = torch.rand(4, 3), torch.tensor([1.0, 2.0, 3.0, 4.0])
    floor = cls((3,), 0)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.predict(x)
    with pytest.raises(GenloomError, match="targets that hold NaN"):
        floor.fit(x, y * torch.nan, seed=0)
    with pytest.raises(GenloomError, match="one number for each sample"):
        floor.fit(x, y[:, None], seed=0)
    with pytest.raises(GenloomError, match="no samples"):
        floor.fit(x[:0], y[:0], seed=0)
    with pytest.raises(GenloomError, match=f"not a {cls.__name__}'s"):
        floor.load_weights({"other": torch.zeros(1)})
    with pytest.raises(GenloomError, match="labels of shape"):
        cls((3,), 2).fit(x, y, seed=0)
