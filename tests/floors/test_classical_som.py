"""MiniSom behind the contract of a mapper."""

import numpy as np
import pytest
import torch
from minisom import MiniSom
from safetensors.torch import load, save
from sklearn.datasets import load_digits

from genloom.errors import GenloomError
from genloom.floors.classical_som import ClassicalSOM
from genloom.metrics import maps

SHAPE = (1, 8, 8)


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x, dtype=torch.float32).view(-1, *SHAPE)[:900] / 8 - 1, torch.tensor(
        y[:900]
    )


@pytest.mark.parametrize("start", ["pca", "random"])
def test_it_is_minisom(digits, start):
    x, y = digits
    floor = ClassicalSOM(SHAPE, 10, rows=6, columns=5, sigma=2.0, start=start, steps=500)
    floor.fit(x, y, seed=3)
    rows = x.flatten(1).double().numpy()
    som = MiniSom(5, 6, 64, sigma=2.0, learning_rate=0.5, random_seed=3)
    (som.pca_weights_init if start == "pca" else som.random_weights_init)(rows)
    som.train_random(rows, 500)
    winners = np.array([som.winner(row) for row in rows])
    assert torch.equal(floor.place(x), torch.tensor(winners[:, 1] * 5 + winners[:, 0]))
    assert float(floor.anomaly_score(x).mean()) == pytest.approx(som.quantization_error(rows))


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
@pytest.mark.parametrize("rows", [5, 6])
def test_its_units_have_the_neighbours_that_minisom_gives_them(digits, grid, rows):
    x, y = digits
    floor = ClassicalSOM(SHAPE, 10, rows=rows, columns=7, grid=grid, steps=300)
    floor.fit(x, y, seed=0)
    som = MiniSom(7, rows, 64, sigma=1.5, learning_rate=0.5, topology=grid, random_seed=0)
    data = x.flatten(1).double().numpy()
    som.pca_weights_init(data)
    som.train_random(data, 300)
    order = maps.topographic_error(x, floor.prototypes, floor.distances)
    assert order == pytest.approx(som.topographic_error(data), abs=2 / len(x))
    assert 0.02 < order < 0.9


def test_digits_find_their_place(digits):
    x, y = digits
    held_out = torch.arange(len(x)) % 4 == 0
    floor = ClassicalSOM(SHAPE, 10, rows=8, columns=8, steps=4000)
    history = floor.fit(x[~held_out], y[~held_out], seed=0)
    assert history.empty
    label = maps.unit_labels(floor.place(x[~held_out]), y[~held_out], floor.prototypes)
    assert maps.label_map_accuracy(label, floor.place(x[held_out]), y[held_out]) > 0.85
    assert maps.topographic_error(x[held_out], floor.prototypes, floor.distances) < 0.25
    assert torch.equal(floor.embed(x), floor.positions[floor.place(x)])
    assert torch.equal(floor.reconstruct(x), floor.prototypes[floor.place(x)])
    assert floor.parameter_count == 64 * 64


def test_weights_bring_it_back(digits):
    x, y = digits
    floor, again = (ClassicalSOM(SHAPE, 10, rows=3, columns=4, steps=50) for _ in range(2))
    floor.fit(x, y, seed=0)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(floor.anomaly_score(x), again.anomaly_score(x))
    assert save(again.weights()) == save(floor.weights())


@pytest.mark.parametrize(("n", "size"), [(1, 4), (1, 1), (7, 1), (2, 30)])
def test_few_samples_and_few_numbers(n, size):
    x = torch.randn(n, size, generator=torch.Generator().manual_seed(0))
    floor = ClassicalSOM((size,), 0, rows=1, columns=4, steps=20)
    floor.fit(x, torch.zeros(n), seed=0)
    assert floor.prototypes.isfinite().all()
    assert floor.place(x[:0]).shape == (0,)


def test_refusals(digits):
    with pytest.raises(GenloomError, match="at least 2 units"):
        ClassicalSOM(SHAPE, 10, rows=1, columns=1)
    floor = ClassicalSOM(SHAPE, 10)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.place(digits[0])
    with pytest.raises(GenloomError, match="not fitted"):
        _ = floor.prototypes
