"""The training samples themselves: the floor that every test for copying has to unmask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import FloorGenerator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Copies"]


class Copies(FloorGenerator):
    """Hands out training samples of the wanted class, of whatever kind they are.

    Each is handed out once before any is handed out again: the best that copying can do, because
    copies then vary as much as the training samples.

    Args:
        shape: Shape of one sample; for rows of tokens and characters ``(length, vocabulary)``.
        classes: How many classes the labels have.
    """

    takes = ("images", "tokens", "characters", "vectors", "graphs")

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(shape, classes)
        self._by_class: list[Tensor] = []

    def _rows(self, x: Tensor) -> NDArray[Any]:
        """Samples as they are, because whole numbers have to stay whole."""
        wanted = [self.shape]
        if not x.is_floating_point():
            wanted.append(self.shape[:1])  # rows of tokens have no dimension for the vocabulary
        if tuple(x.shape[1:]) not in wanted:
            raise GenloomError(
                f"{type(self).__name__} was built for samples of shape {self.shape}, "
                f"but got {tuple(x.shape[1:])}."
            )
        if not torch.isfinite(x).all():
            raise GenloomError(f"{type(self).__name__} got samples that hold NaN or infinity.")
        rows: NDArray[Any] = x.detach().cpu().numpy()
        return rows

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._by_class = [torch.from_numpy(rows[labels == label]) for label in range(self.classes)]

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        import numpy as np

        rows = self._by_class[label].numpy()
        random = np.random.default_rng(seed)
        rounds = -(-count // len(rows))
        chosen = [random.permutation(len(rows)) for _ in range(rounds)]
        return rows[np.concatenate(chosen)[:count]]

    def _blank(self, n: int) -> Tensor:
        kept = self._by_class[0]
        return torch.empty(n, *kept.shape[1:], dtype=kept.dtype)

    def _in_range(self, samples: Tensor) -> Tensor:
        return samples  # as they were

    def _weights(self) -> dict[str, Tensor]:
        return {f"rows.{label}": rows.clone() for label, rows in enumerate(self._by_class)}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._by_class = [weights[f"rows.{label}"].clone() for label in range(self.classes)]
