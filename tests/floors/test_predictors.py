"""The floors that predict, on scikit-learn's digits."""

import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC as Machine

from genloom.errors import GenloomError
from genloom.floors.knn import KNN
from genloom.floors.svc import SVC
from genloom.metrics.classification import classification_metrics
from genloom.metrics.regression import r2

SHAPE = (1, 8, 8)
FLOORS = [SVC, KNN]


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    images = torch.tensor(x, dtype=torch.float32).view(-1, *SHAPE) / 8 - 1
    train, test = train_test_split(range(len(y)), test_size=0.25, stratify=y, random_state=0)
    labels = torch.tensor(y, dtype=torch.int64)
    return images[train], labels[train], images[test], labels[test]


@pytest.fixture(scope="module", params=FLOORS)
def fitted(request, digits):
    floor = request.param(SHAPE, 10)
    history = floor.fit(digits[0], digits[1], seed=0)
    assert list(history.columns) == ["step", "metric", "value"]
    assert history.empty
    return floor


def test_quality_on_held_out_digits(fitted, digits):
    probabilities = fitted.predict(digits[2])
    assert probabilities.shape == (len(digits[2]), 10)
    assert probabilities.dtype == torch.float32
    metrics = classification_metrics(probabilities, digits[3])
    assert metrics["accuracy"] >= {SVC: 0.985, KNN: 0.98}[type(fitted)]
    assert metrics["auroc"] >= 0.99
    assert metrics["ece"] <= 0.03


def test_the_svc_predicts_numbers_in_their_own_units():
    x, y = load_diabetes(return_X_y=True)
    x, y = torch.tensor(20 * x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    floor = SVC((10,), 0)
    floor.fit(x[:340], y[:340], seed=0)
    found = floor.predict(x[340:])
    assert r2(found, y[340:]) > 0.45
    again = SVC((10,), 0)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(again.predict(x[340:]), found)
    few = SVC((10,), 0, max_samples=100)
    few.fit(x[:340], y[:340], seed=0)
    assert few.weights()["svc.support_"].max() < 100


def test_calibration_costs_the_svc_no_accuracy(digits):
    train, y, test, _ = digits
    floor = SVC(SHAPE, 10)
    floor.fit(train, y, seed=0)
    plain = Machine(C=10, break_ties=True).fit(train.flatten(1), y)
    assert (floor.predict(test).argmax(1).numpy() == plain.predict(test.flatten(1))).all()


def test_weights_bring_it_back_and_fitting_repeats(fitted, digits):
    train, y, test, _ = digits
    before = fitted.predict(test)
    again, twin = type(fitted)(SHAPE, 10), type(fitted)(SHAPE, 10)
    again.load_weights(load(save(fitted.weights())))
    twin.fit(train, y, seed=0)
    assert torch.equal(before, again.predict(test))
    assert torch.equal(before, twin.predict(test))
    assert save(again.weights()) == save(fitted.weights()) == save(twin.weights())
    assert again.parameter_count == fitted.parameter_count


def test_parameter_counts(digits):
    train, y, _, _ = digits
    knn, svc = KNN(SHAPE, 10), SVC(SHAPE, 10)
    knn.fit(train, y, seed=0)
    svc.fit(train, y, seed=0)
    assert train.numel() < knn.parameter_count < 1.05 * train.numel()
    assert 0.1 * train.numel() < svc.parameter_count < 1.2 * train.numel()


def test_soft_labels_count_by_their_largest_entry(fitted, digits):
    train, y, test, _ = digits
    soft = torch.full((len(y), 10), 0.04).scatter(1, y[:, None], 0.64)
    twin = type(fitted)(SHAPE, 10)
    twin.fit(train, soft, seed=0)
    assert torch.equal(fitted.predict(test), twin.predict(test))


@pytest.mark.parametrize("cls", FLOORS)
@pytest.mark.parametrize("left", [(0, 9), (1, 4, 7)])
def test_an_absent_class_gets_probability_zero(cls, left, digits):
    train, y, test, truth = digits
    known = torch.isin(y, torch.tensor(left))
    floor = cls(SHAPE, 10)
    floor.fit(train[known], y[known], seed=0)
    probabilities = floor.predict(test)
    absent = [label for label in range(10) if label not in left]
    assert (probabilities[:, absent] == 0).all()
    assert torch.allclose(probabilities.sum(1), torch.ones(len(test)))
    seen = torch.isin(truth, torch.tensor(left))
    assert (probabilities.argmax(1) == truth)[seen].float().mean() > 0.97
    again = cls(SHAPE, 10)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(probabilities, again.predict(test))


def test_the_svc_thins_out_large_data_in_the_proportions_of_the_classes(digits):
    train, y, test, truth = digits
    floor, other = SVC(SHAPE, 10, max_samples=400), SVC(SHAPE, 10, max_samples=400)
    floor.fit(train, y, seed=0)
    other.fit(train, y, seed=1)
    assert floor.weights()["svc.support_"].max() < 400
    assert (floor.predict(test).argmax(1) == truth).float().mean() > 0.95
    assert not torch.equal(floor.predict(test), other.predict(test))


def test_tiny_training_sets():
    x, y = torch.rand(3, 1, 2, 2) * 2 - 1, torch.tensor([0, 1, 1])
    for floor in (KNN((1, 2, 2), 2, k=5), SVC((1, 2, 2), 2)):
        floor.fit(x, y, seed=0)
        assert torch.allclose(floor.predict(x).sum(1), torch.ones(3))
        assert floor.predict(x[:0]).shape == (0, 2)
    with pytest.raises(GenloomError, match="all its training samples are of class 1"):
        SVC((1, 2, 2), 2).fit(x[1:], y[1:], seed=0)


def test_gamma_may_be_a_number(digits):
    train, y, test, truth = digits
    floor = SVC(SHAPE, 10, gamma=0.06)
    floor.fit(train, y, seed=0)
    assert (floor.predict(test).argmax(1) == truth).float().mean() > 0.98


@pytest.mark.parametrize("cls", FLOORS)
def test_refusals(cls):
    floor = cls((1, 2, 2), 3)
    x, y = torch.zeros(4, 1, 2, 2), torch.tensor([0, 0, 2, 2])
    with pytest.raises(GenloomError, match="not fitted"):
        floor.predict(x)
    with pytest.raises(GenloomError, match="from 0 to 2"):
        floor.fit(x, y - 1, seed=0)
    with pytest.raises(GenloomError, match="labels of shape \\(4, 2\\)"):
        floor.fit(x, torch.rand(4, 2), seed=0)
    with pytest.raises(GenloomError, match="no samples"):
        floor.fit(x[:0], y[:0], seed=0)
    with pytest.raises(GenloomError, match=f"not a {cls.__name__}'s"):
        floor.load_weights({"other": torch.zeros(1)})
    floor.fit(torch.rand(4, 1, 2, 2), y, seed=0)
    with pytest.raises(GenloomError, match="hold NaN"):
        floor.predict(x * torch.nan)
    with pytest.raises(GenloomError, match="shape"):
        floor.predict(x[:, :, :1])


def test_no_data_takes_the_place_of_a_method(digits):
    floor = KNN(SHAPE, 10)
    floor.fit(digits[0], digits[1], seed=0)
    weights = floor.weights() | {"knn.predict_proba": torch.zeros(1)}
    floor.load_weights(weights)
    assert floor.predict(digits[2]).shape == (len(digits[2]), 10)
