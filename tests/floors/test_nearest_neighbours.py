"""Nearest neighbours on vectors and images, for classes and for numbers."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genloom.errors import GenloomError
from genloom.floors.nearest_neighbours import NearestNeighbours


def task(classes):
    x, y = load_wine(return_X_y=True) if classes else load_diabetes(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    kind = torch.int64 if classes else torch.float32
    return torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order], dtype=kind)


@pytest.mark.parametrize("neighbours", [1, 7])
@pytest.mark.parametrize("classes", [0, 3])
def test_it_predicts_what_scikit_learn_does(classes, neighbours):
    x, y = task(classes)
    floor = NearestNeighbours((x.shape[1],), classes, neighbours=neighbours)
    history = floor.fit(x[:120], y[:120], seed=0)
    assert list(history.columns) == ["step", "metric", "value"]
    kind = KNeighborsClassifier if classes else KNeighborsRegressor
    model = make_pipeline(StandardScaler(), kind(neighbours, weights="distance"))
    model.fit(x[:120].double(), y[:120])
    for rows in (x[120:].double(), x[:120].double()):  # the latter are training samples
        expected = model.predict_proba(rows) if classes else model.predict(rows)
        assert np.allclose(floor.predict(rows.float()).numpy(), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("classes", [0, 3])
def test_weights_bring_it_back_and_fitting_repeats(classes):
    x, y = task(classes)
    floor, again, twin = (NearestNeighbours((x.shape[1],), classes) for _ in range(3))
    floor.fit(x[:120], y[:120], seed=0)
    again.load_weights(load(save(floor.weights())))
    twin.fit(x[:120], y[:120], seed=1)
    p = floor.predict(x)
    assert p.dtype == torch.float32
    assert torch.equal(p, again.predict(x))
    assert save(again.weights()) == save(floor.weights()) == save(twin.weights())
    assert 120 * x.shape[1] < floor.parameter_count < 140 * x.shape[1]
    assert floor.predict(x[:0]).shape == p[:0].shape


def test_it_learns_digits_absent_classes_and_few_samples():
    x, y = load_digits(return_X_y=True)
    images, labels = torch.tensor(x, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(y)
    floor = NearestNeighbours((1, 8, 8), 10)
    floor.fit(images[:1200], labels[:1200], seed=0)
    assert (floor.predict(images[1200:]).argmax(1) == labels[1200:]).float().mean() > 0.93
    few = NearestNeighbours((1, 8, 8), 10, neighbours=50)
    few.fit(images[:3], labels[:3], seed=0)
    p = few.predict(images)
    assert (p[:, 3:] == 0).all()
    assert torch.allclose(p.sum(1), torch.ones(len(p)))


def test_a_column_that_never_varies_counts_for_nothing():
    x, y = task(3)
    plain, wide = NearestNeighbours((13,), 3), NearestNeighbours((14,), 3)
    plain.fit(x, y, seed=0)
    wide.fit(torch.cat([x, torch.full((len(x), 1), 0.1)], dim=1), y, seed=0)
    elsewhere = torch.cat([x, torch.full((len(x), 1), 1e6)], dim=1)
    assert torch.equal(plain.predict(x), wide.predict(elsewhere))
    with pytest.raises(GenloomError, match="not fitted"):
        NearestNeighbours((13,), 3).predict(x)
