"""ARIMA of statsmodels: a series by its own past values and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Len

from genloom.floors.forecaster import DEFAULT_QUANTILES, Fitted, StateSpace, Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Arima"]

MIXED = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (2, 1), (2, 2))  # of the automatic choice
LONGEST = 12  # past values that an automatic choice may look at
ROUNDS = 100


class Arima(StateSpace):
    """An autoregressive integrated moving average (Box and Jenkins 1970).

    Order and coefficients are fitted once, to the training part of each series, and run over each
    window. The automatic choice differences until a KPSS test (Kwiatkowski et al. 1992) no longer
    calls the series unstable, at most twice, and takes the order with the least AICc among some
    mixed ones and the best purely autoregressive one, which is what sunspots want (Yule 1927). It
    has a constant (a drift after one difference). Where seasons keep to the calendar and it lowers
    the AIC, sine and cosine waves stand beside it (dynamic harmonic regression; Hyndman and
    Athanasopoulos 2021), which seasons of 52 steps need.

    Args:
        shape: ``(context, 3)``: value, number of the series, number of the step.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        season: Steps of a season; it need not be whole.
        calendar: Whether seasons keep to the calendar.
        quantiles: Their levels, rising.
        order: ``[p, d, q]`` or ``auto``.
        harmonics: Waves per season, at most.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        season: Annotated[float, Ge(1)] = 1,
        calendar: bool = False,
        quantiles: list[float] = DEFAULT_QUANTILES,
        order: Annotated[list[Annotated[int, Ge(0)]], Len(3, 3)] | Literal["auto"] = "auto",
        harmonics: Annotated[int, Ge(0)] = 3,
    ) -> None:
        super().__init__(shape, classes, horizon=horizon, quantiles=quantiles)
        self.season, self.order = season, order
        # A wave of fewer than two steps is none.
        self.harmonics = min(harmonics, int(season // 2)) if calendar else 0

    def _learn(self, values: NDArray[Any], start: int, later: Windows) -> Fitted:
        import numpy as np

        size = float(values.std())
        values = values / size
        waves = self._waves(start, len(values), self.harmonics)
        harmonics = self.harmonics if _waves_help(values, waves) else 0
        waves = waves[:, : 2 * harmonics]
        if self.order == "auto":
            rest = _without(values, waves)
            d = _differences(rest)
            orders = [(p, d, q) for p, q in _orders(np.diff(rest, d))]
        else:
            orders = [(self.order[0], self.order[1], self.order[2])]
        fits = {}
        for order in orders:
            try:
                fit = _model(values, order, waves).fit(disp=0, maxiter=ROUNDS, cov_type="none")
            except (np.linalg.LinAlgError, ValueError):
                continue  # an order that cannot be fitted is not chosen
            if np.isfinite(fit.aicc) and np.isfinite(fit.params).all():
                fits[order] = fit
        if not fits:  # a random walk can always be fitted
            order = (0, 1, 0)
            fits = {order: _model(values, order, waves).fit(disp=0, cov_type="none")}
        best = min(fits, key=lambda order: fits[order].aicc)
        return Fitted(size, [*best, harmonics], np.asarray(fits[best].params))

    def _ahead(
        self, values: NDArray[Any], start: int, model: Fitted
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        p, d, q, harmonics = model.choice
        # Values that are missing are what is forecast.
        longer = np.append(values, np.full(self.horizon, np.nan))
        found = _model(longer, (p, d, q), self._waves(start, len(longer), harmonics))
        found.update(model.parameters)
        filtered = found.ssm.filter()
        steps = slice(len(values), None)
        return filtered.forecasts[0, steps], filtered.forecasts_error_cov[0, 0, steps]

    def _waves(self, start: int, steps: int, harmonics: int) -> NDArray[Any]:
        """Sines and cosines of the season, ``[steps, 2 * harmonics]``."""
        import numpy as np

        turn = 2 * np.pi * np.arange(start, start + steps) / self.season
        waves = [wave(k * turn) for k in range(1, harmonics + 1) for wave in (np.sin, np.cos)]
        return np.stack(waves, axis=1) if waves else np.empty((steps, 0))


def _model(values: NDArray[Any], order: tuple[int, int, int], waves: NDArray[Any]) -> Any:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    return SARIMAX(
        values,
        exog=waves if waves.shape[1] else None,
        order=order,
        trend="c" if order[1] < 2 else "n",
    )


def _waves_help(values: NDArray[Any], waves: NDArray[Any]) -> bool:
    """Whether waves lower the AIC of a regression of what changes from step to step."""
    import numpy as np

    if not waves.shape[1] or len(values) < 3 * waves.shape[1]:
        return False
    change = np.diff(values)
    change = change - change.mean()
    rest = _without(change, np.diff(waves, axis=0))
    n, without, left = len(change), (change**2).sum(), (rest**2).sum()
    return bool(n * np.log(left / without) + 2 * waves.shape[1] < 0) if left > 0 else True


def _without(values: NDArray[Any], waves: NDArray[Any]) -> NDArray[Any]:
    """What a regression on waves leaves of a series, its mean kept."""
    import numpy as np

    if not waves.shape[1]:
        return values
    centred = waves - waves.mean(axis=0)
    found, *_ = np.linalg.lstsq(centred, values - values.mean(), rcond=None)
    rest: NDArray[Any] = values - centred @ found
    return rest


def _differences(values: NDArray[Any]) -> int:
    import numpy as np
    from statsmodels.tsa.stattools import kpss

    for d in range(2):
        left = np.diff(values, d)
        if np.ptp(left) == 0 or kpss(left, nlags="auto")[1] > 0.05:
            return d
    return 2


def _orders(values: NDArray[Any]) -> list[tuple[int, int]]:
    from statsmodels.tsa.ar_model import ar_select_order

    longest = min(LONGEST, len(values) // 10)
    lags = ar_select_order(values, longest, ic="aic").ar_lags if longest else None
    return list(dict.fromkeys([*MIXED, (max(lags) if lags else 0, 0)]))
