"""Detectors of outliers."""

import inspect
from typing import get_args

import numpy as np
import pytest
import torch
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from safetensors.torch import load, save
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from genloom.errors import GenloomError
from genloom.floors.outliers import Outliers

METHODS = get_args(
    inspect.get_annotations(Outliers.__init__, eval_str=True, locals={"Tensor": object})["method"]
)


@pytest.fixture(scope="module")
def tumours():
    """Benign ones to train with, others to judge by, and which of those are malignant."""
    data = load_breast_cancer()
    x, malignant = torch.tensor(data.data, dtype=torch.float32), data.target == 0
    benign = torch.tensor(np.flatnonzero(~malignant)[:250])
    x = (x - x[benign].mean(dim=0)) / x[benign].std(dim=0)
    rest = torch.tensor(np.setdiff1d(np.arange(len(x)), benign))
    return x[benign], x[rest], malignant[rest]


def fitted(tumours, method, **more):
    floor = Outliers((30,), 2, method=method, **more)
    assert floor.fit(tumours[0], torch.zeros(len(tumours[0])), seed=1).empty
    return floor


@pytest.mark.parametrize("method", METHODS)
def test_malignant_tumours_are_stranger_than_benign_ones(method, tumours):
    _, x, malignant = tumours
    scores = fitted(tumours, method).anomaly_score(x)
    assert scores.dtype == torch.float32
    assert scores.shape == (len(x),)
    assert roc_auc_score(malignant, scores) > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_it_lives_again_from_its_training_samples(method, tumours):
    floor = fitted(tumours, method)
    again = Outliers((30,), 2, method=method)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(again.anomaly_score(tumours[1]), floor.anomaly_score(tumours[1]))
    assert save(again.weights()) == save(floor.weights())
    assert floor.parameter_count == again.parameter_count == 250 * 30 + 1
    assert floor.anomaly_score(tumours[1][:0]).shape == (0,)


def test_scores_are_pyods(tumours):
    train, x, _ = tumours
    scaler = StandardScaler().fit(train.double())
    train, x = (torch.tensor(scaler.transform(rows.double())) for rows in (train, x))
    for method, judge in (("isolation_forest", IForest(random_state=1)), ("neighbours", KNN())):
        expected = judge.fit(train.numpy()).decision_function(x.numpy())
        found = fitted(tumours, method).anomaly_score(tumours[1])
        np.testing.assert_allclose(found, expected.astype(np.float32), rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_units_of_columns_do_not_matter(method, tumours):
    train, x, malignant = tumours
    units = torch.logspace(-2, 2, 30)
    floor = Outliers((30,), 2, method=method)
    floor.fit(train * units, torch.zeros(250), seed=1)
    own = roc_auc_score(malignant, fitted(tumours, method).anomaly_score(x))
    other = roc_auc_score(malignant, floor.anomaly_score(x * units))
    assert other == pytest.approx(own, abs=2e-3)


def test_a_forest_depends_on_its_seed(tumours):
    floor = Outliers((30,), 2)
    scores = []
    for seed in (0, 1, 0):
        floor.fit(tumours[0], torch.zeros(250), seed=seed)
        scores.append(floor.anomaly_score(tumours[1]))
    assert torch.equal(scores[0], scores[2])
    assert not torch.equal(scores[0], scores[1])


def test_of_many_samples_some_are_drawn(tumours):
    floor = fitted(tumours, "neighbours", max_samples=40)
    kept = floor.weights()["rows"]
    assert kept.shape == (40, 30)
    assert len(kept.unique(dim=0)) == 40
    assert {tuple(row) for row in kept.tolist()} <= {tuple(row) for row in tumours[0].tolist()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [2, 4])
def test_few_samples_are_enough(method, n):
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(0))
    floor = Outliers((3,), 0, method=method)
    floor.fit(x, torch.zeros(n), seed=0)
    near, far = floor.anomaly_score(torch.stack([x.mean(dim=0), x.mean(dim=0) + 50]))
    assert near.isfinite(), near
    assert far >= near


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 5])
def test_equal_samples_are_refused(method, n):
    with pytest.raises(GenloomError, match="all that it got are equal"):
        Outliers((3,), 0, method=method).fit(torch.ones(n, 3), torch.zeros(n), seed=0)


def test_directions_in_which_nothing_varies_are_left_out(tumours):
    train, x, malignant = tumours
    floor = Outliers((62,), 2, method="pca")
    floor.fit(torch.cat([train, 2 * train, torch.ones(250, 2)], dim=1), torch.zeros(250), seed=0)
    scores = floor.anomaly_score(torch.cat([x, 2 * x, torch.ones(len(x), 2)], dim=1))
    assert scores.isfinite().all()
    assert roc_auc_score(malignant, scores) > 0.9


def test_images_are_taken_too():
    x = torch.rand(30, 1, 4, 4, generator=torch.Generator().manual_seed(0)) * 0.1
    floor = Outliers((1, 4, 4), 0)
    floor.fit(x, torch.zeros(30), seed=0)
    assert floor.anomaly_score(torch.ones(1, 1, 4, 4)) > floor.anomaly_score(x).max()


def test_what_it_cannot_work_with_is_refused(tumours):
    with pytest.raises(GenloomError, match="not fitted"):
        Outliers((30,), 2).anomaly_score(tumours[1])
    with pytest.raises(GenloomError, match="NaN or infinity"):
        Outliers((30,), 2).fit(tumours[0] * torch.nan, torch.zeros(250), seed=0)
    floor = fitted(tumours, "neighbours")
    with pytest.raises(GenloomError, match="NaN or infinity"):
        floor.anomaly_score(tumours[1] * torch.inf)
    with pytest.raises(GenloomError, match="lack 'rows'"):
        floor.load_weights({})
