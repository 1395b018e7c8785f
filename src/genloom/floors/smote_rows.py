"""SMOTE: new samples between a training sample and one of its neighbours of the same class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorGenerator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SmoteRows"]


class SmoteRows(FloorGenerator):
    """Synthetic minority over-sampling as a generator (Chawla et al. 2002, arXiv:1106.1813).

    A training sample of the class is drawn, then one of its nearest neighbours of the class, then a
    place on the straight line between the two. What it draws is close to training samples by
    construction, so it copies more than a generator should.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have.
        neighbours: Among how many nearest ones the second is drawn; fewer where a class is small.
    """

    takes = ("vectors", "images")
    uses_seed = False  # to be fitted; drawing does

    def __init__(
        self, shape: tuple[int, ...], classes: int, *, neighbours: Annotated[int, Gt(0)] = 5
    ) -> None:
        super().__init__(shape, classes)
        self.neighbours = neighbours
        self._arrays: dict[str, NDArray[Any]] = {}

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np
        from sklearn.neighbors import NearestNeighbors

        self._arrays = {}
        for label in range(self.classes):
            own = np.ascontiguousarray(rows[labels == label])
            count = min(self.neighbours, len(own) - 1)
            near = np.zeros((len(own), 1), dtype=np.int64)
            if count:
                found = NearestNeighbors(n_neighbors=count).fit(own)
                near = found.kneighbors(return_distance=False).astype(np.int64)
            self._arrays |= {f"rows.{label}": own, f"near.{label}": near}

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        import numpy as np

        rows, near = self._arrays[f"rows.{label}"], self._arrays[f"near.{label}"]
        random = np.random.default_rng(seed)
        first = random.integers(len(rows), size=count)
        second = near[first, random.integers(near.shape[1], size=count)]
        share = random.random((count, 1))
        return rows[first] + share * (rows[second] - rows[first])

    def _in_range(self, samples: Tensor) -> Tensor:
        """As they are: what lies between two training samples is in their range."""
        return samples

    def _weights(self) -> dict[str, Tensor]:
        return {name: torch.from_numpy(array.copy()) for name, array in self._arrays.items()}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        names = [f"{part}.{label}" for part in ("rows", "near") for label in range(self.classes)]
        self._arrays = {name: weights[name].numpy().copy() for name in names}
