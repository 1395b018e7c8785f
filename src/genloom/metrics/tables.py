"""How much generated rows of a table are like real ones, column by column and pair by pair.

The four similarities are those that SDMetrics (sdv-dev/SDMetrics, "Quality Report") defines under
the names KSComplement, TVComplement, CorrelationSimilarity and ContingencySimilarity; detection is
its LogisticDetection, as the area under the curve itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Mixed", "column_pairs", "column_shapes", "detection_auroc", "violations"]

BINS = 10  # that numbers are cut into beside a category
FOLDS = 3
MOST = 5000  # rows of either side that the detector learns from
ROUNDS = 200


@dataclass(frozen=True)
class Mixed:
    """Rows of numbers and categories.

    Attributes:
        numbers: ``[n, a]`` float, NaN where missing.
        codes: ``[n, b]`` whole numbers from 0 on, the same for the same category in all tables that
            are compared. A missing category has a code of its own.
    """

    numbers: NDArray[Any]
    codes: NDArray[Any]

    def __len__(self) -> int:
        return len(self.numbers)


def column_shapes(real: Mixed, made: Mixed) -> float:
    """How alike the columns' distributions are, the mean over columns, 0 to 1.

    Of numbers, 1 minus the Kolmogorov-Smirnov statistic of those that are there; of categories, 1
    minus the total variation distance of their shares.

    Raises:
        GenloomError: Either table has no rows, or they have other columns.
    """
    import numpy as np

    _check(real, made)
    shapes = [ks_complement(*pair) for pair in _columns(real.numbers, made.numbers)]
    shapes += [_share_alike(*pair) for pair in _columns(real.codes, made.codes)]
    known = [shape for shape in shapes if not math.isnan(shape)]
    return float(np.mean(known)) if known else math.nan


def column_pairs(real: Mixed, made: Mixed) -> float:
    """How alike the columns vary together, the mean over pairs of columns, 0 to 1.

    Of two columns of numbers, 1 minus half the difference of their correlations in either table;
    where a column of ``made`` never varies, it is correlated with nothing. Of two columns with a
    category among them, 1 minus the total variation distance of the shares of all their
    combinations, numbers cut into ten bins of equal width over the range of ``real``.

    Returns:
        The mean; NaN where there are no two columns, or no column of numbers varies in ``real``.

    Raises:
        GenloomError: As ``column_shapes``.
    """
    import numpy as np

    _check(real, made)
    count = real.numbers.shape[1]
    found: list[float] = []
    if count > 1:
        above = np.triu_indices(count, 1)
        own, other = correlations(real.numbers)[above], correlations(made.numbers)[above]
        alike = 1 - np.abs(own - np.nan_to_num(other)) / 2
        found += alike[~np.isnan(own)].tolist()
    # Numbers first, then categories: of the pairs, those whose second one is a category.
    binned = [_bins(*pair) for pair in _columns(real.numbers, made.numbers)]
    columns = binned + list(_columns(real.codes, made.codes))
    for second in range(count, len(columns)):
        for first in range(second):
            size = 1 + max(int(side.max()) for side in columns[second])
            both = [a * size + b for a, b in zip(columns[first], columns[second], strict=True)]
            found.append(_share_alike(both[0], both[1]))
    return float(np.mean(found)) if found else math.nan


def detection_auroc(real: Any, made: Any, *, seed: int = 0) -> float:
    """How well a logistic regression tells generated rows from real ones that it has not seen.

    Args:
        real: ``[n, d]`` numbers of about the same size.
        made: ``[m, d]``.
        seed: Deals the rows out to three folds, two to learn from and one to judge, in turn.

    Returns:
        The mean area under the ROC curve; 0.5 where it cannot tell, 1 where it always can. With few
        rows a fold's area falls below 0.5 by chance; it counts as 0.5, as in SDMetrics.
        NaN where there are fewer than three rows on a side.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    from genloom.floors.estimators import one_thread

    random = np.random.default_rng(seed)
    sides = [np.asarray(side, dtype=np.float64) for side in (real, made)]
    if min(map(len, sides)) < FOLDS:
        return math.nan
    sides = [side[random.permutation(len(side))[:MOST]] for side in sides]
    x = np.concatenate(sides)
    deviation = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    y = np.repeat([0, 1], [len(side) for side in sides])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    found = []
    with one_thread():
        for known, judged in folds.split(x, y):
            model = LogisticRegression(max_iter=ROUNDS).fit(x[known], y[known])
            area = roc_auc_score(y[judged], model.decision_function(x[judged]))
            found.append(max(0.5, area))
    return float(np.mean(found))


def violations(made: Mixed, train: Mixed) -> float:
    """Share of rows with at least one cell that the training rows speak against.

    That is a number outside their range, one that is not whole where all of theirs are, a category
    that none of them has, or a missing number where none is missing.

    Raises:
        GenloomError: As ``column_shapes``.
    """
    import numpy as np

    _check(train, made)
    wrong = np.zeros(len(made), dtype=bool)
    for known, cells in _columns(train.numbers, made.numbers):
        present = known[~np.isnan(known)]
        missing = np.isnan(cells)
        if len(present) == len(known):
            wrong |= missing
        if len(present):
            wrong |= (cells < present.min()) | (cells > present.max())
            if (present == present.round()).all():
                wrong |= ~missing & (cells != np.round(cells))
    for known, cells in _columns(train.codes, made.codes):
        wrong |= ~np.isin(cells, known)
    return float(wrong.mean())


def ks_complement(real: NDArray[Any], made: NDArray[Any]) -> float:
    """1 minus the largest difference of two columns' cumulative shares; NaN are left out.

    >>> import numpy as np
    >>> ks_complement(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.5
    """
    import numpy as np

    own, other = np.sort(real[~np.isnan(real)]), np.sort(made[~np.isnan(made)])
    if not len(own):
        return math.nan
    if not len(other):
        return 0.0
    at = np.concatenate([own, other])
    shares = [np.searchsorted(side, at, side="right") / len(side) for side in (own, other)]
    return float(1 - np.abs(shares[0] - shares[1]).max())


def correlations(numbers: NDArray[Any]) -> NDArray[Any]:
    """Pearson's correlations of columns ``[n, a]``, over the rows where both are there.

    Returns:
        ``[a, a]``; NaN where a column never varies or there are fewer than two rows.
    """
    import numpy as np

    there = ~np.isnan(numbers)
    # Near the middle sums of squares lose no digits.
    middle = np.nan_to_num(np.nanmean(np.where(there.any(axis=0), numbers, 0), axis=0))
    x, m = np.where(there, numbers - middle, 0), there.astype(np.float64)
    n, sums, squares = m.T @ m, x.T @ m, (x * x).T @ m
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = x.T @ x - sums * sums.T / n
        spread = squares - sums**2 / n
        spread = np.where(spread > 1e-12 * squares, spread, np.nan)
        found: NDArray[Any] = covariance / np.sqrt(spread * spread.T)
    return found.clip(-1, 1)


def _share_alike(real: NDArray[Any], made: NDArray[Any]) -> float:
    """1 minus the total variation distance of the shares of codes."""
    import numpy as np

    values, places = np.unique(np.concatenate([real, made]), return_inverse=True)
    own = np.bincount(places[: len(real)], minlength=len(values)) / len(real)
    other = np.bincount(places[len(real) :], minlength=len(values)) / len(made)
    return float(1 - np.abs(own - other).sum() / 2)


def _bins(real: NDArray[Any], made: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Numbers as codes of bins; 0 for what is missing, the outer bins for what is farther out."""
    import numpy as np

    present = real[~np.isnan(real)]
    low, high = (present.min(), present.max()) if len(present) else (0.0, 0.0)
    edges = np.linspace(low, high, BINS + 1)[1:-1]
    coded = [
        np.where(np.isnan(side), 0, 1 + np.searchsorted(edges, side, side="right"))
        for side in (real, made)
    ]
    return coded[0], coded[1]


def _columns(real: NDArray[Any], made: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    return zip(real.T, made.T, strict=True)


def _check(real: Mixed, made: Mixed) -> None:
    if not len(real) or not len(made):
        raise GenloomError("Rows can only be compared where there are some on both sides.")
    for part in ("numbers", "codes"):
        own, other = getattr(real, part).shape[1], getattr(made, part).shape[1]
        if own != other:
            raise GenloomError(
                f"Tables of {own} and {other} columns of {part} cannot be compared: they have to "
                "have the same."
            )
