"""What floors that forecast share: windows and quantiles in, quantiles out."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import Floor
from genloom.floors.estimators import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRIED = 16  # windows that a choice between models rests on
DEFAULT_QUANTILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


class FloorForecaster(Floor):
    """A floor that gives quantiles of the steps that follow a window.

    Args:
        shape: ``(context, channels)``.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        quantiles: The levels, rising.
    """

    takes = ("series",)

    def __init__(
        self, shape: tuple[int, ...], classes: int, *, horizon: int, quantiles: list[float]
    ) -> None:
        super().__init__(shape, classes)
        self.horizon, self.quantiles = horizon, list(quantiles)

    def _rows(self, x: Tensor) -> NDArray[Any]:
        """Windows ``[n, context, channels]`` float64."""
        super()._rows(x)  # refuses what does not fit
        rows: NDArray[Any] = x.detach().cpu().to(torch.float64).numpy()
        return rows

    def _labels(self, y: Tensor, n: int) -> NDArray[Any]:
        """What followed, ``[n, horizon]`` float64."""
        if n == 0:
            raise GenloomError(f"{type(self).__name__} has no windows to be fitted to.")
        if tuple(y.shape) != (n, self.horizon) or not torch.isfinite(y).all():
            raise GenloomError(
                f"{type(self).__name__} learns the {self.horizon} finite numbers that follow each "
                f"of {n} windows, but got {list(y.shape)}."
            )
        targets: NDArray[Any] = y.detach().cpu().to(torch.float64).numpy()
        return targets

    @abstractmethod
    def _forecast(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Quantiles ``[n, horizon, quantiles]`` of what follows windows."""

    def predict(self, x: Tensor) -> Tensor:
        """Quantiles of the steps that follow windows.

        Args:
            x: ``[n, context, channels]``.

        Returns:
            ``[n, horizon, quantiles]`` float32, in the windows' own scale.

        Raises:
            GenloomError: It is not fitted, or the windows hold NaN or have another shape.
        """
        self._require_fitted()
        rows = self._rows(x)
        if not len(rows):
            return torch.empty(0, self.horizon, len(self.quantiles))
        with one_thread():
            return torch.as_tensor(self._forecast(rows), dtype=torch.float32)


class Naive(FloorForecaster):
    """A floor whose forecast needs no fitting; its quantiles are those of its training errors.

    The median is the plain forecast; the others lie beside it, alike on both sides, as far as the
    errors of a step of the horizon were in so many of the training windows.
    """

    _reach: NDArray[Any]  # how far each quantile lies from the forecast, [horizon, quantiles]

    @abstractmethod
    def _plain(self, values: NDArray[Any]) -> NDArray[Any]:
        """Forecasts ``[n, horizon]`` of windows ``[n, context]``."""

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        errors = abs(labels - self._plain(rows[:, :, 0]))  # [n, horizon]
        levels = np.asarray(self.quantiles)
        sizes = np.quantile(errors, abs(2 * levels - 1), axis=0)  # [quantiles, horizon]
        self._reach = (np.sign(levels - 0.5)[:, None] * sizes).T.copy()

    def _forecast(self, rows: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = self._plain(rows[:, :, 0])[:, :, None] + self._reach
        return found

    def _weights(self) -> dict[str, Tensor]:
        return {"reach": torch.from_numpy(self._reach.copy())}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._reach = weights["reach"].numpy().copy()


def normal_quantiles(
    means: NDArray[Any], deviations: NDArray[Any], levels: list[float]
) -> NDArray[Any]:
    """Quantiles of normal distributions: ``[..., levels]`` of means and deviations ``[...]``."""
    import numpy as np
    from scipy.special import ndtri

    found: NDArray[Any] = means[..., None] + deviations[..., None] * ndtri(np.asarray(levels))
    return found


class Fitted(NamedTuple):
    """What a state space model has learnt from one series.

    Attributes:
        size: What values are divided by, so that no model has to deal with very large ones.
        choice: What was chosen, as whole numbers.
        parameters: The model's, with the variance of its errors last.
    """

    size: float
    choice: list[int]
    parameters: NDArray[Any]


class Windows(NamedTuple):
    """Windows of one series.

    Attributes:
        known: ``[n, context]``.
        starts: The step of each one's first value, ``[n]``.
        came: ``[n, horizon]``.
    """

    known: NDArray[Any]
    starts: NDArray[Any]
    came: NDArray[Any]


class StateSpace(FloorForecaster):
    """A floor that fits one model of statsmodels to each series, and runs it over every window.

    The parameters are those of the training part of a series. A forecast rests on them and on the
    window alone, as that of a network does, and its quantiles on the model's own normal errors.
    """

    takes = ("levels",)
    uses_seed = False
    _models: dict[int, Fitted]
    _later: tuple[NDArray[Any], NDArray[Any]]

    @abstractmethod
    def _learn(self, values: NDArray[Any], start: int, later: Windows) -> Fitted:
        """Fit to a series whose first value is at the step ``start``.

        ``later`` are some of its validation windows, for what has to be chosen; there may be none.
        """

    @abstractmethod
    def _ahead(
        self, values: NDArray[Any], start: int, model: Fitted
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Mean and variance ``[horizon]`` of what follows a window, in the model's size."""

    def _choose(
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        self._later = rows[:0], labels[:0]
        if validation is not None and len(validation[0]):
            self._later = self._rows(validation[0]), self._labels(validation[1], len(validation[0]))

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._models = {}
        known, came = self._later
        with without_warnings():
            for number, (start, values) in histories(rows, labels).items():
                own = known[:, 0, 1] == number
                later = Windows(known[own, :, 0], known[own, 0, 2].round().astype(int), came[own])
                self._models[number] = self._learn(values, start, later)

    def _error(self, model: Fitted, later: Windows) -> float:
        """The mean absolute error of a model's forecasts of some windows."""
        import numpy as np

        few = np.unique(np.linspace(0, len(later.known) - 1, TRIED).round().astype(int))
        errors = [
            abs(self._ahead(known / model.size, int(start), model)[0] * model.size - came).mean()
            for known, start, came in zip(*(part[few] for part in later), strict=True)
        ]
        return float(np.mean(errors))

    def _forecast(self, rows: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        means, variances = np.empty((2, len(rows), self.horizon))
        with without_warnings():
            for place, row in enumerate(rows):
                model = self._models.get(int(row[0, 1]))
                if model is None:
                    raise GenloomError(
                        f"{type(self).__name__} has a model of each of {len(self._models)} series, "
                        "but a window is of none of them: name its series."
                    )
                mean, variance = self._ahead(row[:, 0] / model.size, round(row[0, 2]), model)
                means[place], variances[place] = mean * model.size, variance * model.size**2
        return normal_quantiles(means, np.sqrt(variances), self.quantiles)

    def _weights(self) -> dict[str, Tensor]:
        found = {}
        for number, model in self._models.items():
            found[f"{number}.size"] = torch.tensor([model.size], dtype=torch.float64)
            found[f"{number}.choice"] = torch.tensor(model.choice, dtype=torch.int64)
            found[f"{number}.parameters"] = torch.from_numpy(model.parameters.copy())
        return found

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        numbers = sorted({int(name.partition(".")[0]) for name in weights})
        self._models = {
            number: Fitted(
                float(weights[f"{number}.size"]),
                weights[f"{number}.choice"].tolist(),
                weights[f"{number}.parameters"].numpy().copy(),
            )
            for number in numbers
        }


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keeps optimisers quiet that stopped early: forecasts are judged, not they."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def histories(rows: NDArray[Any], targets: NDArray[Any]) -> dict[int, tuple[int, NDArray[Any]]]:
    """Series put together again from windows of the form ``levels`` that overlap.

    Args:
        rows: ``[n, context, 3]``: value, number of the series, number of the step.
        targets: What followed, ``[n, horizon]``.

    Returns:
        By the number of a series its first step and its values from there on; straight lines where
        no window reaches.
    """
    import numpy as np

    found = {}
    context, horizon = rows.shape[1], targets.shape[1]
    for number in np.unique(rows[:, 0, 1]):
        own = rows[:, 0, 1] == number
        starts = rows[own, 0, 2].round().astype(int)
        first = int(starts.min())
        values = np.full(int(starts.max()) - first + context + horizon, np.nan)
        for start, known, came in zip(starts - first, rows[own, :, 0], targets[own], strict=True):
            values[start : start + context] = known
            values[start + context : start + context + horizon] = came
        there = np.flatnonzero(np.isfinite(values))
        found[int(number)] = (first, np.interp(np.arange(len(values)), there, values[there]))
    return found
