"""What maps are judged by, against MiniSom, scikit-learn, and numbers worked out by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from minisom import MiniSom
from scipy.spatial.distance import cdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import load_digits
from sklearn.metrics import adjusted_rand_score

from genloom import grids
from genloom.errors import GenloomError
from genloom.metrics import maps


@pytest.fixture(scope="module")
def rows():
    return load_digits().data[:700] / 8 - 1


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
@pytest.mark.parametrize("steps", [1, 200, 2000])
def test_errors_are_minisoms(rows, grid, steps):
    som = MiniSom(6, 5, 64, sigma=1.2, learning_rate=0.5, topology=grid, random_seed=0)
    som.random_weights_init(rows)
    som.train_random(rows, steps)
    prototypes = som.get_weights().swapaxes(0, 1).reshape(30, 64)
    apart = grids.distances(5, 6, grid)
    assert maps.quantization_error(rows, prototypes) == pytest.approx(som.quantization_error(rows))
    # In equal prototypes, as random ones may be, which one is second depends on the last digit.
    theirs = som.topographic_error(rows)
    assert maps.topographic_error(rows, prototypes, apart) == pytest.approx(theirs, abs=3e-3)


def test_units_across_the_border_of_a_torus_are_neighbours():
    prototypes = torch.tensor([[0.0], [10.0], [20.0], [1.0]])
    x = torch.tensor([[0.4], [0.1]])  # between the first and the last
    flat = grids.distances(1, 4, "rectangular")
    around = grids.distances(1, 4, "rectangular", toroidal=True)
    assert maps.topographic_error(x, prototypes, flat) == 1
    assert maps.topographic_error(x, prototypes, around) == 0


def test_without_a_map_there_is_no_order():
    assert math.isnan(maps.topographic_error([[0.0]], [[0.0], [1.0]], None))
    assert math.isnan(maps.topographic_error([[0.0]], [[0.0]], [[0.0]]))


def test_far_from_the_origin_no_digit_is_lost(rows):
    prototypes = rows[:40]
    wanted = cdist(rows, prototypes).min(axis=1).mean()
    assert maps.quantization_error(rows + 1e5, prototypes + 1e5) == pytest.approx(wanted, rel=1e-6)


def test_purity_and_labels_of_units_by_hand():
    units = [0, 0, 0, 1, 1, 3]
    labels = [2, 2, 1, 0, 1, 1]
    prototypes = [[0.0], [10.0], [9.0], [4.0]]
    assert maps.purity(units, labels) == pytest.approx(4 / 6)
    # Unit 1 has two equally frequent labels; unit 2 has no samples and lies next to unit 1.
    label = maps.unit_labels(units, labels, prototypes)
    assert label.tolist() == [2, 0, 0, 1]
    assert maps.label_map_accuracy(label, torch.tensor([0, 2, 3]), torch.tensor([2, 1, 1])) == 2 / 3


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=30))
def test_measures_of_groups_do_not_depend_on_names(pairs):
    groups, labels = np.array(pairs).T
    assert maps.adjusted_rand(groups, labels) == pytest.approx(adjusted_rand_score(labels, groups))
    assert maps.adjusted_rand(4 - groups, labels) == pytest.approx(
        maps.adjusted_rand(groups, labels)
    )
    assert maps.purity(4 - groups, 3 - labels) == maps.purity(groups, labels)
    assert maps.purity(np.arange(len(labels)), labels) == 1


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_clusters_of_units_are_wards_of_the_samples_moved_to_their_prototypes(count):
    random = np.random.default_rng(0)
    prototypes = random.normal(size=(12, 3))
    units = np.concatenate([np.arange(12), random.choice(12, 200, p=np.arange(1, 13) / 78)])
    found = maps.unit_clusters(prototypes, units, count)
    usual = AgglomerativeClustering(count, linkage="ward").fit(prototypes[units]).labels_
    assert adjusted_rand_score(usual, found[units]) == 1
    assert found[0] == 0
    assert sorted(set(found.tolist())) == list(range(count))


def test_a_unit_without_samples_joins_the_nearest_with_some():
    prototypes = [[0.0], [1.0], [10.0], [11.0], [8.0]]
    assert maps.unit_clusters(prototypes, [0, 0, 2, 3], 2).tolist() == [0, 0, 1, 1, 1]
    assert maps.unit_clusters(prototypes, [0, 2], 5).tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (lambda: maps.quantization_error(np.zeros((0, 2)), [[0.0, 1.0]]), "no samples"),
        (lambda: maps.quantization_error([[0.0]], [[0.0, 1.0]]), "1 numbers and prototypes of 2"),
        (lambda: maps.topographic_error([[math.nan]], [[0.0]], None), "NaN or infinity"),
        (lambda: maps.purity([], []), "no samples"),
        (lambda: maps.adjusted_rand([0, 1], [0]), "do not belong together"),
        (lambda: maps.unit_clusters([[0.0]], [], 1), "no samples"),
    ],
)
def test_what_does_not_fit_together_is_refused(judge, said):
    with pytest.raises(GenloomError, match=said):
        judge()
