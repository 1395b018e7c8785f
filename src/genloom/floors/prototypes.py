"""What floors that keep prototypes share: each sample lies at the nearest one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from genloom.floors.base import FloorMapper
from genloom.floors.estimators import one_thread

__all__ = ["PrototypeFloor"]


class PrototypeFloor(FloorMapper):
    """A floor whose fitting sets ``_codebook``, ``[units, d]``; the rest follows.

    Attributes:
        positions: Where units sit on the map, ``[units, 2]`` float32; None without a map.
        distances: How far apart they are there, ``[units, units]`` float32; None without a map.
    """

    positions: Tensor | None = None
    distances: Tensor | None = None

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(shape, classes)
        self._codebook: Any = None

    @property
    def prototypes(self) -> Tensor:
        """What each unit stands for, ``[units, *shape]`` float32."""
        self._require_fitted()
        return self._samples(self._codebook)

    def place(self, x: Tensor) -> Tensor:
        """The number of the unit whose prototype is nearest, ``[n]`` int64, of ``[n, *shape]``."""
        return torch.as_tensor(self._nearest(x)[0], dtype=torch.int64)

    def anomaly_score(self, x: Tensor) -> Tensor:
        """How far each sample is from the nearest prototype, ``[n]`` float32."""
        return torch.as_tensor(self._nearest(x)[1], dtype=torch.float32)

    def reconstruct(self, x: Tensor) -> Tensor:
        """The nearest prototype of each sample, ``[n, *shape]`` float32."""
        return self.prototypes[self.place(x)]

    def _nearest(self, x: Tensor) -> tuple[Any, Any]:
        from sklearn.metrics import pairwise_distances_argmin_min

        rows = self._asked(x)
        if not len(rows):
            return [], []
        with one_thread():
            return pairwise_distances_argmin_min(rows.astype("float64"), self._codebook)

    def _weights(self) -> dict[str, Tensor]:
        return {"codebook": torch.tensor(self._codebook, dtype=torch.float64)}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._codebook = weights["codebook"].numpy().copy()
