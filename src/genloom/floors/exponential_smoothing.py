"""Exponential smoothing of statsmodels: level, trend and season, each of them fading memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from genloom.floors.forecaster import DEFAULT_QUANTILES, Fitted, StateSpace, Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ExponentialSmoothing"]


class ExponentialSmoothing(StateSpace):
    """Holt-Winters in its state space form, additive (Hyndman et al. 2008).

    Smoothing parameters are fitted once, to the training part of each series. Level, trend and
    season of a forecast are started and updated on its window.

    Args:
        shape: ``(context, 3)``: value, number of the series, number of the step.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        season: Steps of a season, rounded to a whole number.
        quantiles: Their levels, rising.
        trend: ``damped`` (Gardner and McKenzie 1985), ``straight``, or ``none``.
        seasonal: Whether there is a season, which needs windows of at least two of them; ``auto``
            takes what errs least on validation windows, and without any has a season.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        season: Annotated[float, Ge(1)] = 1,
        quantiles: list[float] = DEFAULT_QUANTILES,
        trend: Literal["damped", "straight", "none"] = "damped",
        seasonal: bool | Literal["auto"] = "auto",
    ) -> None:
        super().__init__(shape, classes, horizon=horizon, quantiles=quantiles)
        self.season, self.trend = round(season), trend
        possible = self.season >= 2 and 2 * self.season <= shape[0]
        self.candidates = [0] if not possible or seasonal is False else [1]
        if possible and seasonal == "auto":
            self.candidates = [0, 1]

    def _learn(self, values: NDArray[Any], start: int, later: Windows) -> Fitted:
        import numpy as np

        size = float(values.std())
        models = []
        for seasonal in self.candidates:
            fit = self._model(values / size, seasonal, concentrated=True).fit(
                disp=0, cov_type="none"
            )
            models.append(Fitted(size, [seasonal], np.append(fit.params, fit.scale)))
        if len(models) == 1 or not len(later.known):
            return models[-1]
        return min(models, key=lambda model: self._error(model, later))

    def _ahead(
        self, values: NDArray[Any], start: int, model: Fitted
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        smoother = self._model(values, model.choice[0], concentrated=False)
        smoother.update(model.parameters)
        found = smoother.ssm.filter().predict(len(values), len(values) + self.horizon)
        return found.forecasts[0], found.forecasts_error_cov[0, 0]

    def _model(self, values: NDArray[Any], seasonal: int, *, concentrated: bool) -> Any:
        from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing as Model

        return Model(
            values,
            trend=self.trend != "none",
            damped_trend=self.trend == "damped",
            seasonal=self.season if seasonal else None,
            initialization_method="heuristic",
            concentrate_scale=concentrated,
        )
