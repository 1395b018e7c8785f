"""A Gaussian copula per class: the floor under every generator of vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Ge, Le
from torch import Tensor

from genloom.floors.base import FloorGenerator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GaussianCopula"]


class GaussianCopula(FloorGenerator):
    """Each column's own distribution, and normal scores that vary together (Sklar 1959).

    For each class, every column's numbers are replaced by the place of their rank in a normal
    distribution, and the correlations of these are learned. To draw a sample, correlated normal
    numbers are drawn and looked up among each column's sorted numbers, between two of them on a
    straight line. Where a column has equal numbers, each gets the middle of their ranks.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have.
        shrinkage: By how much correlations are brought towards 0, which few samples need; 0
            leaves them.
    """

    takes = ("vectors", "images")

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        shrinkage: Annotated[float, Ge(0), Le(1)] = 0.02,
    ) -> None:
        super().__init__(shape, classes)
        self.shrinkage = shrinkage
        self._arrays: dict[str, NDArray[Any]] = {}

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np
        from scipy.special import ndtri
        from scipy.stats import rankdata

        self._arrays = {}
        for label in range(self.classes):
            own = rows[labels == label]
            scores = ndtri((rankdata(own, axis=0) - 0.5) / len(own))
            scores -= scores.mean(axis=0)
            size = np.sqrt((scores**2).sum(axis=0))
            scores /= np.where(size > 1e-9, size, 1)
            together = (1 - self.shrinkage) * scores.T @ scores
            np.fill_diagonal(together, 1.0)
            # Correlations of few samples can have eigenvalues that are below 0 by a rounding.
            value, vector = np.linalg.eigh(together)
            root = vector * np.sqrt(value.clip(min=0))
            self._arrays[f"root.{label}"] = root.astype(np.float32)
            self._arrays[f"sorted.{label}"] = np.sort(own, axis=0)

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        import numpy as np
        from scipy.special import ndtr

        root, known = self._arrays[f"root.{label}"], self._arrays[f"sorted.{label}"]
        random = np.random.default_rng(seed)
        share = ndtr(random.standard_normal((count, len(root))) @ root.T.astype(np.float64))
        at = (np.arange(len(known)) + 0.5) / len(known)
        columns = [np.interp(share[:, d], at, known[:, d]) for d in range(known.shape[1])]
        return np.stack(columns, axis=1)

    def _in_range(self, samples: Tensor) -> Tensor:
        """As they are: drawn numbers lie among those of the training samples."""
        return samples

    def _weights(self) -> dict[str, Tensor]:
        return {name: torch.from_numpy(array.copy()) for name, array in self._arrays.items()}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        names = [f"{part}.{label}" for part in ("root", "sorted") for label in range(self.classes)]
        self._arrays = {name: weights[name].numpy().copy() for name in names}
