"""What the nearest training samples have: the floor under every predictor from vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorPredictor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NearestNeighbours"]

_AT_ONCE = 512  # samples whose distances are held at once


class NearestNeighbours(FloorPredictor):
    """Votes or means of the nearest training samples (Cover and Hart 1967).

    Every column is brought to mean 0 and standard deviation 1 on the training samples first; one
    that never varies counts for nothing. Each neighbour counts with one over its distance; where
    some are equal to the sample, only those count. Of samples equally far, the first count.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have; 0 for numbers.
        neighbours: How many are asked, at most as many as there are training samples.
    """

    takes = ("vectors", "images")
    learns_numbers = True
    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        neighbours: Annotated[int, Gt(0)] = 5,
    ) -> None:
        super().__init__(shape, classes)
        self.neighbours = neighbours
        self._arrays: dict[str, NDArray[Any]] = {}

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        constant = rows.min(axis=0) == rows.max(axis=0)
        scale = np.where(constant, 0, 1 / np.where(constant, 1, rows.std(axis=0, dtype=np.float64)))
        arrays = {"mean": rows.mean(axis=0, dtype=np.float64), "scale": scale, "labels": labels}
        self._arrays = arrays | {"places": (rows - arrays["mean"]) * scale}

    def _near(self, rows: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """For some rows at a time, what their neighbours have and how much each counts."""
        import numpy as np
        from scipy.spatial.distance import cdist

        known, labels = self._arrays["places"], self._arrays["labels"]
        count = min(self.neighbours, len(known))
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            distance = cdist((part - self._arrays["mean"]) * self._arrays["scale"], known)
            near = np.argsort(distance, axis=1, kind="stable")[:, :count]
            far = np.take_along_axis(distance, near, axis=1)
            same = far == 0
            weight = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1, far))
            yield labels[near], weight / weight.sum(axis=1, keepdims=True)

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        present = np.unique(self._arrays["labels"])
        found = [
            np.stack([(weight * (near == label)).sum(axis=1) for label in present], axis=1)
            for near, weight in self._near(rows)
        ]
        return present, np.concatenate(found)

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.concatenate([(weight * near).sum(axis=1) for near, weight in self._near(rows)])

    def _weights(self) -> dict[str, Tensor]:
        return {name: torch.from_numpy(array.copy()) for name, array in self._arrays.items()}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        names = ("mean", "scale", "labels", "places")
        self._arrays = {name: weights[name].numpy().copy() for name in names}
