"""How good predicted class probabilities are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "accuracy",
    "auprc",
    "auroc",
    "bootstrap_interval",
    "classification_metrics",
    "confusion_matrix",
    "ece",
    "macro_f1",
]

_ECE_BINS = 15


def classification_metrics(probabilities: Any, labels: Any) -> dict[str, float]:
    """Accuracy, macro F1, areas under both curves and expected calibration error.

    Args:
        probabilities: ``[n, classes]`` tensor or array; every row sums to 1.
        labels: ``[n]`` tensor or array of whole numbers in ``[0, classes)``.

    Returns:
        ``accuracy``, ``macro_f1``, ``auroc``, ``auprc`` and ``ece``, as the functions of those
        names.

    Raises:
        GenloomError: The shapes do not fit, there are no rows, a row is no distribution, or a label
            is out of range.

    >>> classification_metrics([[0.75, 0.25], [0.25, 0.75]], [0, 1])
    {'accuracy': 1.0, 'macro_f1': 1.0, 'auroc': 1.0, 'auprc': 1.0, 'ece': 0.25}
    """
    p, y = _checked(probabilities, labels)
    return {metric.__name__: metric(p, y) for metric in (accuracy, macro_f1, auroc, auprc, ece)}


def accuracy(probabilities: Any, labels: Any) -> float:
    """Share of rows whose most probable class is the label (the first one in a tie)."""
    p, y = _checked(probabilities, labels)
    return float((p.argmax(axis=1) == y).mean())


def macro_f1(probabilities: Any, labels: Any) -> float:
    """Mean over the classes that occur in ``labels`` of each one's F1 score."""
    import numpy as np

    # scikit-learn's f1_score gives the same number (see the tests) in twenty times the time, which
    # a bootstrap pays two hundredfold.
    p, y = _checked(probabilities, labels)
    classes, predicted = p.shape[1], p.argmax(axis=1)
    hits = np.bincount(y[predicted == y], minlength=classes)
    sizes = np.bincount(y, minlength=classes)
    scores = 2 * hits / np.maximum(sizes + np.bincount(predicted, minlength=classes), 1)
    return float(scores[sizes > 0].mean())


def auroc(probabilities: Any, labels: Any) -> float:
    """Area under the ROC curve, one class against the rest, mean over the classes in ``labels``.

    NaN where ``labels`` hold a single class: there is nothing to rank.
    """
    import numpy as np
    from scipy.stats import rankdata

    # The Mann-Whitney form, all classes at once; scikit-learn's one-vs-rest mean gives the same
    # number (see the tests), but refuses labels in which a class is missing.
    p, y = _checked(probabilities, labels)
    present, sizes = np.unique(y, return_counts=True)
    if len(present) < 2:
        return math.nan
    ranks = rankdata(p[:, present], axis=0)
    sums = np.where(y[:, None] == present, ranks, 0).sum(axis=0)
    above = sums - sizes * (sizes + 1) / 2
    return float(np.mean(above / (sizes * (len(y) - sizes))))


def auprc(probabilities: Any, labels: Any) -> float:
    """Area under the precision-recall curve, one class against the rest, mean over the classes.

    The average precision: without interpolation, and rows of equal probability count at once. NaN
    where only one class occurs in ``labels``.

    References:
        Davis and Goadrich, The relationship between precision-recall and ROC curves (2006).
    """
    import numpy as np

    p, y = _checked(probabilities, labels)
    present = np.unique(y)
    if len(present) < 2:
        return math.nan
    areas = []
    for label in present:
        order = np.argsort(-p[:, label], kind="stable")
        falling, hits = p[order, label], np.cumsum(y[order] == label)
        last = np.append(falling[1:] != falling[:-1], True)  # of each run of equal probabilities
        found = hits[last]
        precision = found / (np.flatnonzero(last) + 1)
        areas.append((np.diff(found, prepend=0) * precision).sum() / hits[-1])
    return float(np.mean(areas))


def ece(probabilities: Any, labels: Any) -> float:
    """Expected calibration error of the top label (Guo et al. 2017, arXiv:1706.04599).

    Rows fall by the probability of their predicted class into 15 bins of equal width, each closed
    above; the error is the mean over the rows of their bin's gap between accuracy and confidence.
    """
    import numpy as np

    # Not torchmetrics': it closes its bins below and so keeps a sixteenth for probabilities of
    # exactly 1, and takes rows that exceed 1 by rounding for logits.
    p, y = _checked(probabilities, labels)
    confidence = p.max(axis=1)
    correct = p.argmax(axis=1) == y
    bins = np.clip(np.ceil(confidence * _ECE_BINS).astype(np.int64) - 1, 0, _ECE_BINS - 1)
    gaps = np.bincount(bins, weights=correct - confidence, minlength=_ECE_BINS)
    return float(np.abs(gaps).sum() / len(y))


def confusion_matrix(probabilities: Any, labels: Any) -> NDArray[Any]:
    """Counts ``[classes, classes]``: row the label, column the most probable class.

    Raises:
        GenloomError: As ``classification_metrics``.
    """
    from sklearn.metrics import confusion_matrix as count

    p, y = _checked(probabilities, labels)
    matrix: NDArray[Any] = count(y, p.argmax(axis=1), labels=range(p.shape[1]))
    return matrix


def bootstrap_interval(
    metric_fn: Callable[[Any, Any], float],
    predictions: Any,
    truths: Any,
    seed: int,
    rounds: int = 200,
) -> tuple[float, float]:
    """95 % percentile interval of a metric over resampled rows (Efron 1979).

    Args:
        metric_fn: Gives a number for predictions and truths, e.g. ``accuracy``.
        predictions: ``[n, ...]`` tensor or array, e.g. probabilities of classes.
        truths: ``[n]`` tensor or array, e.g. labels.
        seed: Draws the resamples.
        rounds: How many resamples, each of n rows with repetition.

    Returns:
        ``(low, high)``. Resamples for which the metric is NaN are left out; NaN twice where it is
        NaN for all of them.

    Raises:
        GenloomError: As ``metric_fn``, or ``rounds`` is below 1.
    """
    import numpy as np

    if rounds < 1:
        raise GenloomError(f"A bootstrap needs at least 1 round, not {rounds}.")
    p, y = np.asarray(predictions), np.asarray(truths)
    metric_fn(p, y)  # refuses what does not fit together
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        rows = generator.integers(len(y), size=len(y))
        values.append(metric_fn(p[rows], y[rows]))
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return math.nan, math.nan
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _checked(probabilities: Any, labels: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both as arrays, float64 and int64, once they are known to fit together."""
    import numpy as np

    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    if p.ndim != 2 or y.shape != p.shape[:1]:
        raise GenloomError(
            f"Probabilities of shape {p.shape} and labels of shape {y.shape} do not belong "
            "together: they have to be [n, classes] and [n]."
        )
    if len(y) == 0:
        raise GenloomError("There are no predictions to judge: the split has no samples.")
    if not np.allclose(p.sum(axis=1), 1, atol=1e-3) or p.min() < -1e-6:
        raise GenloomError(
            "Every row of the probabilities has to be 0 or more and sum to 1: pass a softmax."
        )
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= p.shape[1]:
        raise GenloomError(f"Labels have to be whole numbers from 0 to {p.shape[1] - 1}.")
    return p, y.astype(np.int64)
