"""What was a season ago: the floor under every forecast of what comes round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from genloom.floors.forecaster import DEFAULT_QUANTILES, Naive

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SeasonalNaive"]


class SeasonalNaive(Naive):
    """The value of the same step in the last season that is known, season after season.

    Where a window is shorter than a season, the last value takes its place.

    Args:
        shape: ``(context, channels)``; the first channel holds the values.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        season: Steps of a season, rounded to a whole number.
        quantiles: Their levels, rising; they rest on the errors in training windows.
    """

    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        season: Annotated[float, Ge(1)] = 1,
        quantiles: list[float] = DEFAULT_QUANTILES,
    ) -> None:
        super().__init__(shape, classes, horizon=horizon, quantiles=quantiles)
        whole = round(season)
        self.season = whole if whole <= shape[0] else 1

    def _plain(self, values: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        last = values[:, values.shape[1] - self.season :]
        return last[:, np.arange(self.horizon) % self.season]
