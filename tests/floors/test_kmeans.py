"""k-means behind the contract of a mapper."""

import pytest
import sklearn.cluster
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_digits

from genloom.errors import GenloomError
from genloom.floors.kmeans import KMeans
from genloom.metrics import maps
from genloom.networks.self_organizing_map import SelfOrganizingMap

SHAPE = (1, 8, 8)


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x, dtype=torch.float32).view(-1, *SHAPE)[:900] / 8 - 1, torch.tensor(
        y[:900]
    )


def test_it_is_scikit_learns(digits):
    x, y = digits
    floor = KMeans(SHAPE, 10, units=20, restarts=2)
    floor.fit(x, y, seed=5)
    rows = x.flatten(1).double().numpy()
    usual = sklearn.cluster.KMeans(20, n_init=2, random_state=5).fit(rows)
    assert torch.equal(floor.place(x), torch.tensor(usual.labels_, dtype=torch.int64))
    assert float(floor.anomaly_score(x).double().square().sum()) == pytest.approx(usual.inertia_)
    assert floor.positions is None
    assert floor.distances is None


def test_it_comes_closer_than_a_map_of_as_many_units(digits):
    x, y = digits
    floor = KMeans(SHAPE, 10, units=64)
    som = SelfOrganizingMap(SHAPE, 10, rows=8, columns=8)
    floor.fit(x, y, seed=0)
    som.fit(x, y, seed=0)
    closeness = maps.quantization_error(x, floor.prototypes)
    assert closeness < maps.quantization_error(x, som.prototypes)
    assert floor.parameter_count == som.parameter_count


def test_weights_bring_it_back(digits):
    x, y = digits
    floor, again = KMeans(SHAPE, 10, units=9), KMeans(SHAPE, 10, units=9)
    floor.fit(x, y, seed=0)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(floor.anomaly_score(x), again.anomaly_score(x))
    assert torch.equal(floor.reconstruct(x), again.reconstruct(x))
    with pytest.raises(GenloomError, match="not a KMeans's: they lack 'codebook'"):
        again.load_weights({})


def test_fewer_samples_than_units_and_equal_samples():
    floor = KMeans((2,), 0, units=5)
    floor.fit(torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]), torch.zeros(3), seed=0)
    assert floor.prototypes.shape == (3, 2)
    assert floor.anomaly_score(torch.tensor([[1.0, 1.0]])).item() == 0


def test_refusals(digits):
    floor = KMeans(SHAPE, 10)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.place(digits[0])
    floor.fit(*digits, seed=0)
    with pytest.raises(GenloomError, match="shape"):
        floor.place(torch.zeros(2, 3))
