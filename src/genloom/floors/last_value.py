"""The last value for ever: the floor under every forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from genloom.floors.forecaster import DEFAULT_QUANTILES, Naive

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LastValue"]


class LastValue(Naive):
    """The last known value as the forecast of every step: the best one of a random walk.

    Args:
        shape: ``(context, channels)``; the first channel holds the values.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        quantiles: Their levels, rising; they rest on the errors in training windows.
    """

    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        quantiles: list[float] = DEFAULT_QUANTILES,
    ) -> None:
        super().__init__(shape, classes, horizon=horizon, quantiles=quantiles)

    def _plain(self, values: NDArray[Any]) -> NDArray[Any]:
        return values[:, -1:].repeat(self.horizon, axis=1)
