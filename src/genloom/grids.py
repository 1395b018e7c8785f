"""Grids of units: where the units of a map sit, how far apart they are, and who is a neighbour.

Unit ``row * columns + column`` of a rectangular grid sits at ``(column, row)``. In a hexagonal
grid every second row is shifted by half a unit and rows are closer, so that each unit has six
neighbours, all at distance 1. A toroidal grid has no borders: its last row lies next to its first,
and so do its columns.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from genloom.errors import GenloomError

__all__ = ["Grid", "distances", "neighbours", "positions", "u_matrix"]

Grid = Literal["rectangular", "hexagonal"]
HEIGHT = 3**0.5 / 2  # of a row of a hexagonal grid
# Side by side is 1, across the corner of a square 1.41; what comes next is 1.73, between hexagons.
REACH = 1.5


def positions(rows: int, columns: int, grid: Grid) -> Tensor:
    """Where the units sit, ``[rows * columns, 2]`` float32: to the right, and down.

    >>> positions(2, 2, "hexagonal").tolist()[2]
    [0.5, 0.8660253882408142]
    """
    down, right = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    places = torch.stack([right.flatten(), down.flatten()], dim=1).float()
    if grid == "hexagonal":
        places[:, 0] += 0.5 * (places[:, 1] % 2)
        places[:, 1] *= HEIGHT
    return places


def distances(rows: int, columns: int, grid: Grid, *, toroidal: bool = False) -> Tensor:
    """How far apart any two units are, ``[units, units]`` float32; direct neighbours are at 1.

    Raises:
        GenloomError: A toroidal hexagonal grid has an odd number of rows, which would not meet.
    """
    if toroidal and grid == "hexagonal" and rows % 2:
        raise GenloomError(
            f"A toroidal hexagonal map of {rows} rows does not close: its last row would lie above "
            "the first without a shift between them. Give it an even number of rows."
        )
    places = positions(rows, columns, grid).double()
    across = places[:, None] - places  # [units, units, 2]
    if toroidal:
        size = torch.tensor([columns, rows * (HEIGHT if grid == "hexagonal" else 1)]).double()
        across = across - size * (across / size).round()  # the shorter way round
    return across.norm(dim=2).float()


def neighbours(distances: Tensor) -> Tensor:
    """Who is whose neighbour, ``[units, units]`` bool: eight on a rectangular grid, or six."""
    return (distances > 0) & (distances < REACH)


def u_matrix(prototypes: Tensor, distances: Tensor) -> Tensor:
    """Mean distance of each unit's prototype from those of its neighbours, ``[units]`` float32.

    Ultsch and Siemon, Kohonen's self organizing feature maps for exploratory data analysis (1990):
    ridges of large values part clusters from each other.

    Args:
        prototypes: ``[units, *shape]``.
        distances: ``[units, units]``, on the map.
    """
    flat = prototypes.flatten(1).double()
    apart = torch.cdist(flat, flat, compute_mode="donot_use_mm_for_euclid_dist")
    near = neighbours(distances)
    return ((apart * near).sum(dim=1) / near.sum(dim=1).clamp(min=1)).float()
