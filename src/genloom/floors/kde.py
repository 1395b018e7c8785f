"""A Gaussian bump on every training sample: the copier that shows what fidelity alone is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorGenerator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KernelDensity"]


class KernelDensity(FloorGenerator):
    """Gaussian kernel density estimate of each class (Parzen 1962).

    A sample is a training sample with a little noise. Measures of fidelity love it and the copy
    test does not: whatever scores worse than this floor on both has learnt nothing.

    Args:
        shape: Shape of one sample.
        classes: How many classes the labels have.
        bandwidth: Standard deviation of the noise on each number. The default is a fortieth of the
            codec's range: grain that hardly shows.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        bandwidth: Annotated[float, Gt(0)] = 0.05,
    ) -> None:
        super().__init__(shape, classes)
        self.bandwidth = bandwidth
        self._by_class: list[NDArray[Any]] = []

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._by_class = [rows[labels == label] for label in range(self.classes)]

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        from sklearn.neighbors import KernelDensity as Density

        rows = self._by_class[label]
        # Sampling never asks the tree anything: one leaf makes it cheap to plant here, so that
        # the training samples are all there is to save.
        density = Density(bandwidth=self.bandwidth, leaf_size=len(rows)).fit(rows)
        drawn: NDArray[Any] = density.sample(count, random_state=seed)
        return drawn

    def _weights(self) -> dict[str, Tensor]:
        return {
            f"rows.{label}": torch.from_numpy(rows.copy())
            for label, rows in enumerate(self._by_class)
        }

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._by_class = [weights[f"rows.{label}"].numpy() for label in range(self.classes)]
