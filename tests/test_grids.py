"""Where the units of a map sit, and who is whose neighbour."""

import numpy as np
import pytest
import torch
from minisom import MiniSom

from genloom import grids
from genloom.errors import GenloomError


@pytest.mark.parametrize("rows", [3, 5])  # an odd number of rows is shifted as here
def test_positions_are_minisoms(rows):
    som = MiniSom(4, rows, 2, topology="hexagonal")
    right, down = (axis.T for axis in som.get_euclidean_coordinates())
    wanted = np.stack([right.ravel() - right.min(), down.ravel()], axis=1)
    assert np.allclose(grids.positions(rows, 4, "hexagonal").numpy(), wanted)


def test_units_are_numbered_by_rows():
    assert grids.positions(2, 3, "rectangular").tolist() == [
        [0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("grid", "toroidal", "corner", "inside"),
    [
        ("rectangular", False, 3, 8),
        ("rectangular", True, 8, 8),
        ("hexagonal", False, 2, 6),
        ("hexagonal", True, 6, 6),
    ],
)
def test_neighbours(grid, toroidal, corner, inside):
    apart = grids.distances(6, 5, grid, toroidal=toroidal)
    near = grids.neighbours(apart)
    assert torch.equal(near, near.T)
    assert not near.diagonal().any()
    assert near[0].sum() == corner
    assert near[2 * 5 + 2].sum() == inside
    if grid == "hexagonal":
        assert torch.allclose(apart[near], torch.ones(()))


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
def test_without_borders_all_units_are_alike(grid):
    apart = grids.distances(6, 7, grid, toroidal=True)
    sorted_rows = apart.sort(dim=1).values
    assert torch.allclose(sorted_rows, sorted_rows[0].expand_as(sorted_rows), atol=1e-5)
    flat = grids.distances(6, 7, grid)
    assert (apart <= flat + 1e-6).all()


def test_a_toroidal_hexagonal_grid_needs_an_even_number_of_rows():
    with pytest.raises(GenloomError, match="toroidal hexagonal map of 5 rows does not close"):
        grids.distances(5, 4, "hexagonal", toroidal=True)


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
def test_the_u_matrix_is_minisoms(grid):
    rows, columns = 5, 4
    random = np.random.default_rng(0)
    weights = random.normal(size=(columns, rows, 3))
    som = MiniSom(columns, rows, 3, topology=grid)
    som._weights = weights
    theirs = som.distance_map(scaling="mean").T.ravel()
    prototypes = torch.tensor(weights.swapaxes(0, 1).reshape(-1, 3))
    ours = grids.u_matrix(prototypes, grids.distances(rows, columns, grid)).numpy()
    assert np.allclose(ours / ours.max(), theirs, atol=1e-6)
