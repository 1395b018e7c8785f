"""How good predicted numbers are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mae", "r2", "rmse", "spread_correlation", "with_spread"]


def rmse(predicted: Any, targets: Any) -> float:
    """Root of the mean squared error, in the target's units.

    Args:
        predicted: ``[n]`` numbers.
        targets: ``[n]`` numbers.

    Raises:
        GenloomError: There are no rows, or the two do not fit together, or are not finite.

    >>> rmse([1.0, 3.0], [1.0, 1.0]) == 2**0.5
    True
    """
    p, y = _checked(predicted, targets)
    return float(((p - y) ** 2).mean() ** 0.5)


def mae(predicted: Any, targets: Any) -> float:
    """Mean absolute error, in the target's units.

    >>> mae([1.0, 3.0], [1.0, 1.0])
    1.0
    """
    p, y = _checked(predicted, targets)
    return float(abs(p - y).mean())


def r2(predicted: Any, targets: Any) -> float:
    """Share of the targets' variance that is explained, at most 1; NaN where they are all equal.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    p, y = _checked(predicted, targets)
    total = float(((y - y.mean()) ** 2).sum())
    return 1 - float(((p - y) ** 2).sum()) / total if total > 0 else math.nan


def with_spread(predicted: Any, spread: Any) -> NDArray[Any]:
    """Predicted numbers beside what an ensemble doubts of each, ``[n, 2]``."""
    import numpy as np

    return np.stack([np.asarray(predicted), np.asarray(spread)], axis=1).astype(np.float64)


def spread_correlation(predicted_and_spread: Any, targets: Any) -> float:
    """Do predictors that disagree err more? Spearman's rank correlation of spread and error.

    Args:
        predicted_and_spread: ``[n, 2]``, see ``with_spread``.
        targets: ``[n]`` numbers.

    Returns:
        A number in [-1, 1]; 1 where the order of the spreads is the order of the absolute errors;
        NaN where either is constant.
    """
    import numpy as np
    from scipy.stats import rankdata

    both = np.asarray(predicted_and_spread, dtype=np.float64)
    p, y = _checked(both[:, 0], targets)
    error, spread = rankdata(abs(p - y)), rankdata(both[:, 1])
    if error.std() == 0 or spread.std() == 0:
        return math.nan
    return float(np.corrcoef(error, spread)[0, 1])


def _checked(predicted: Any, targets: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    p, y = np.asarray(predicted, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if p.ndim != 1 or p.shape != y.shape:
        raise GenloomError(
            f"Predictions of shape {p.shape} and targets of shape {y.shape} do not belong together."
        )
    if len(y) == 0:
        raise GenloomError("There are no predictions to judge: the split has no samples.")
    if not (np.isfinite(p).all() and np.isfinite(y).all()):
        raise GenloomError("Predictions or targets hold NaN or infinity: they cannot be compared.")
    return p, y
