"""How good forecasts are: errors, quantiles and intervals, each in a number per window.

Every metric gives ``[n]`` numbers, one per window, whose mean is what a leaderboard shows; so that
one bootstrap over origins serves all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["crps", "interval_coverage", "mase", "mean_interval", "pinball_loss", "smape"]


def mase(forecasts: Any, targets: Any, scales: Any) -> NDArray[Any]:
    """Mean absolute scaled error: 1 is the seasonal naive forecast's, within the training part.

    Args:
        forecasts: ``[n, horizon]``.
        targets: ``[n, horizon]``, what came.
        scales: ``[n]``, the mean absolute error of the seasonal naive forecast within the training
            part of each window's series.

    Returns:
        ``[n]``, the mean over the horizon.

    Raises:
        GenloomError: Shapes do not fit together, values are not finite, or a scale is not above 0.

    References:
        Hyndman and Koehler, Another look at measures of forecast accuracy (2006).

    >>> mase([[1.0, 3.0]], [[2.0, 5.0]], [0.5]).tolist()
    [3.0]
    """
    f, y = _checked(forecasts, targets)
    errors: NDArray[Any] = abs(f - y).mean(axis=1) / _scales(scales, len(y))
    return errors


def smape(forecasts: Any, targets: Any) -> NDArray[Any]:
    """Symmetric mean absolute percentage error, 0 to 200: 200 |f - y| / (|f| + |y|).

    Where both are 0, so is the error.

    Args:
        forecasts: ``[n, horizon]``.
        targets: ``[n, horizon]``.

    Returns:
        ``[n]``, the mean over the horizon.

    References:
        Makridakis, Spiliotis and Assimakopoulos, The M4 competition (2020).

    >>> smape([[1.0, 0.0]], [[3.0, 0.0]]).tolist()
    [50.0]
    """
    import numpy as np

    f, y = _checked(forecasts, targets)
    size = abs(f) + abs(y)
    errors = np.divide(200 * abs(f - y), size, out=np.zeros_like(size), where=size > 0)
    mean: NDArray[Any] = errors.mean(axis=1)
    return mean


def pinball_loss(quantiles: Any, targets: Any, levels: Sequence[float]) -> NDArray[Any]:
    """The loss whose best answer is a quantile: the level times what lies above it, and so on.

    Args:
        quantiles: ``[n, horizon, levels]``.
        targets: ``[n, horizon]``.
        levels: Of the quantiles.

    Returns:
        ``[n]``, the mean over horizon and levels, in the unit of the targets.

    References:
        Koenker and Bassett, Regression quantiles (1978).

    >>> pinball_loss([[[1.0]]], [[3.0]], [0.9]).tolist()
    [1.8]
    """
    import numpy as np

    q, y = _checked_quantiles(quantiles, targets, levels)
    error, level = y[:, :, None] - q, np.asarray(levels)
    loss: NDArray[Any] = np.maximum(level * error, (level - 1) * error).mean(axis=(1, 2))
    return loss


def crps(quantiles: Any, targets: Any, levels: Sequence[float], scales: Any) -> NDArray[Any]:
    """Continuous ranked probability score by quantiles, in the unit of MASE.

    Twice the pinball loss, averaged over the levels, over the scale. Of a forecast that is a single
    number for all levels that are symmetric about 0.5, it is the absolute error.

    Args:
        quantiles: ``[n, horizon, levels]``.
        targets: ``[n, horizon]``.
        levels: Of the quantiles, evenly spread.
        scales: As of ``mase``.

    Returns:
        ``[n]``.

    References:
        Gneiting and Ranjan, Comparing density forecasts using threshold- and quantile-weighted
        scoring rules (2011).

    >>> crps([[[1.0, 1.0]]], [[3.0]], [0.25, 0.75], [2.0]).tolist()
    [1.0]
    """
    loss = pinball_loss(quantiles, targets, levels)
    score: NDArray[Any] = 2 * loss / _scales(scales, len(loss))
    return score


def interval_coverage(
    quantiles: Any, targets: Any, levels: Sequence[float], share: float = 0.8
) -> NDArray[Any]:
    """Share of what came that lies in the central interval, ends included.

    Args:
        quantiles: ``[n, horizon, levels]``.
        targets: ``[n, horizon]``.
        levels: Of the quantiles; both ends of the interval are among them.
        share: What the interval should hold, 0.8: from the quantile 0.1 to 0.9.

    Returns:
        ``[n]``, the share of the horizon.

    Raises:
        GenloomError: An end of the interval is not among the levels.

    >>> interval_coverage([[[0.0, 2.0], [0.0, 2.0]]], [[1.0, 3.0]], [0.1, 0.9]).tolist()
    [0.5]
    """
    q, y = _checked_quantiles(quantiles, targets, levels)
    low, high = (level_place(levels, (1 + sign * share) / 2) for sign in (-1, 1))
    inside: NDArray[Any] = ((q[:, :, low] <= y) & (y <= q[:, :, high])).mean(axis=1)
    return inside


def level_place(levels: Sequence[float], level: float) -> int:
    """Where a level stands among others.

    Raises:
        GenloomError: It is not there.
    """
    import numpy as np

    found = np.flatnonzero(np.isclose(levels, level))
    if not len(found):
        raise GenloomError(
            f"The quantile {level:g} is needed, but the levels are {', '.join(map(str, levels))}."
        )
    return int(found[0])


def mean_interval(values: Any, block: int, *, seed: int, rounds: int = 1000) -> tuple[float, float]:
    """95 % percentile interval of a mean of errors that follow each other in time.

    Forecasts from neighbouring origins err alike, so whole runs of origins are drawn, in a circle
    (Politis and Romano 1992), and not single ones, which would make the interval too narrow.

    Args:
        values: ``[n]`` in the order of time.
        block: Origins of a run: about as many as errors are alike for, such as the horizon.
        seed: Draws the runs.
        rounds: How many resamples.

    Returns:
        ``(low, high)``.

    Raises:
        GenloomError: There are no values, or ``block`` or ``rounds`` is below 1.
    """
    import numpy as np

    row = np.asarray(values, dtype=np.float64)
    if not row.size or block < 1 or rounds < 1:
        raise GenloomError("An interval needs values, and a block and rounds of at least 1.")
    block = min(block, row.size)
    random = np.random.default_rng(seed)
    starts = random.integers(row.size, size=(rounds, -(-row.size // block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(rounds, -1)[:, : row.size] % row.size
    low, high = np.percentile(row[places].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _checked(forecasts: Any, targets: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    f, y = np.asarray(forecasts, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if f.ndim < 2 or y.ndim != 2 or f.shape[:2] != y.shape:
        raise GenloomError(
            f"Forecasts of shape {f.shape} and targets of shape {y.shape} do not belong together."
        )
    if not y.size:
        raise GenloomError("There are no forecasts to judge: the split has no windows.")
    if not (np.isfinite(f).all() and np.isfinite(y).all()):
        raise GenloomError("Forecasts or targets hold NaN or infinity: they cannot be compared.")
    return f, y


def _checked_quantiles(
    quantiles: Any, targets: Any, levels: Sequence[float]
) -> tuple[NDArray[Any], NDArray[Any]]:
    q, y = _checked(quantiles, targets)
    if q.ndim != 3 or q.shape[2] != len(levels):
        raise GenloomError(
            f"Quantiles of shape {q.shape} do not belong to {len(levels)} levels: they have to be "
            "[n, horizon, levels]."
        )
    return q, y


def _scales(scales: Any, n: int) -> NDArray[Any]:
    import numpy as np

    s = np.asarray(scales, dtype=np.float64)
    if s.shape != (n,) or not np.isfinite(s).all() or s.min() <= 0:
        raise GenloomError(f"Errors of {n} windows need {n} scales above 0.")
    return s
