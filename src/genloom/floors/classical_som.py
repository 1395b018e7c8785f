"""MiniSom's self-organizing map: the floor under the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from torch import Tensor

from genloom import grids
from genloom.errors import GenloomError
from genloom.floors.prototypes import PrototypeFloor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ClassicalSOM"]


class ClassicalSOM(PrototypeFloor):
    """A self-organizing map that learns from one sample after the other (Kohonen 1982).

    Vettigli, MiniSom: minimalistic and NumPy-based implementation of the self organizing map
    (2018), with its Gaussian neighbourhood and its default decay, by which ``sigma`` and
    ``learning_rate`` fall to a third.

    Args:
        shape: Shape of one sample.
        classes: Not used; labels are not looked at.
        rows: Units from top to bottom.
        columns: Units from left to right.
        grid: ``rectangular`` or ``hexagonal``.
        sigma: Standard deviation of the neighbourhood at first, in units of the grid. Like the
            final radius of the project's own map it trades closeness against order.
        learning_rate: What share of its distance to a sample the nearest prototype moves at first.
        start: First prototypes: on the plane of the first two principal components, or samples
            drawn at ``random``.
        steps: Samples that it is shown, in random order.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        rows: Annotated[int, Ge(1)] = 12,
        columns: Annotated[int, Ge(1)] = 12,
        grid: Literal["rectangular", "hexagonal"] = "rectangular",
        sigma: Annotated[float, Gt(0)] = 1.5,
        learning_rate: Annotated[float, Gt(0), Le(1)] = 0.5,
        start: Literal["pca", "random"] = "pca",
        steps: Annotated[int, Ge(1)] = 20_000,
    ) -> None:
        super().__init__(shape, classes)
        if rows * columns < 2:
            raise GenloomError("A map needs at least 2 units: give it more rows or columns.")
        self.rows, self.columns, self.grid = rows, columns, grid
        self.sigma, self.learning_rate, self.start, self.steps = sigma, learning_rate, start, steps
        self.positions = grids.positions(rows, columns, grid)
        self.distances = grids.distances(rows, columns, grid)

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import warnings

        import numpy as np

        data = rows.astype(np.float64)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="minisom")  # of maps with a single row
            som = self._som(data.shape[1], seed)
            if self.start == "pca" and min(data.shape) > 1:
                som.pca_weights_init(data)
            else:
                som.random_weights_init(data)
            som.train_random(data, self.steps)
        self._codebook = self._by_row(som.get_weights())

    def _som(self, size: int, seed: int) -> Any:
        """A map whose first axis goes to the right: MiniSom shifts units along it."""
        from minisom import MiniSom

        return MiniSom(
            self.columns,
            self.rows,
            size,
            sigma=self.sigma,
            learning_rate=self.learning_rate,
            topology=self.grid,
            random_seed=seed,
        )

    def _by_row(self, weights: NDArray[Any]) -> NDArray[Any]:
        """MiniSom's prototypes ``[columns, rows, d]`` as ``[units, d]``, numbered by rows.

        It shifts every second row counted from the last, ours every second counted from the first;
        where the first is among its shifted ones, a mirrored map has the same neighbours.
        """
        if self.grid == "hexagonal" and self.rows % 2 == 0:
            weights = weights[::-1]
        return weights.swapaxes(0, 1).reshape(self.rows * self.columns, -1).copy()

    @property
    def code_size(self) -> int:
        """Numbers that ``embed`` gives for a sample."""
        return 2

    def embed(self, x: Tensor) -> Tensor:
        """Where on the map each sample lies, ``[n, 2]`` float32."""
        assert self.positions is not None
        return self.positions[self.place(x)]
