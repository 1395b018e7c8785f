"""How far what was counted or measured of made molecules is from the same of real ones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from genloom.metrics.molecules.properties import DESCRIPTORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["count_similarity", "kl_score", "wasserstein"]

_REAL_NUMBERS = 4  # of the descriptors; the others are counts
_POINTS, _BINS, _NOTHING = 1000, 10, 1e-10  # GuacaMol's


def count_similarity(made: Iterable[str | None], real: Iterable[str | None]) -> float:
    """Frag and Scaf: the cosine between the counts of two sets' parts.

    MOSES' ``cos_similarity``; for scaffolds, None says that a molecule has none and is left out.

    Returns:
        A number in [0, 1]; NaN where either side has no part at all.
    """
    made_counts, real_counts = (
        Counter(part for part in parts if part is not None) for parts in (made, real)
    )
    if not made_counts or not real_counts:
        return float("nan")
    shared = sum(count * real_counts[part] for part, count in made_counts.items())
    squares = [sum(n * n for n in counts.values()) for counts in (made_counts, real_counts)]
    return float(shared / np.sqrt(float(squares[0]) * float(squares[1])))


def wasserstein(made: NDArray[np.float64], real: NDArray[np.float64]) -> float:
    """The first Wasserstein distance of two samples of numbers; NaN where either is empty.

    MOSES' ``WassersteinMetric``: how far values have to be moved on average.
    """
    from scipy.stats import wasserstein_distance

    if not len(made) or not len(real):
        return float("nan")
    return float(wasserstein_distance(made, real))


def kl_score(
    made: NDArray[np.float64],
    real: NDArray[np.float64],
    made_nearest: NDArray[np.float64],
    real_nearest: NDArray[np.float64],
) -> float:
    """GuacaMol's KL score: the mean of exp(-KL) of nine descriptors and of nearness in each set.

    ``KLDivBenchmark``: KL is the divergence of made from real molecules, real numbers as densities
    of Gaussian kernels at 1,000 points, counts as histograms of 10 bins of the real ones. A
    histogram none of whose bins a made molecule falls into counts 0 here and is undefined there.

    Args:
        made: ``[n, 9]``, columns ``properties.DESCRIPTORS``, of distinct molecules.
        real: ``[m, 9]`` of the same.
        made_nearest: ``[n]``, the highest similarity of each to another one of its set.
        real_nearest: ``[m]`` of the same.

    Returns:
        A number in [0, 1]; NaN where a density cannot be fitted, as with fewer than two molecules
        or values that are all the same.
    """
    if min(len(made), len(real)) < 2:
        return float("nan")
    scores = [
        np.exp(-(_of_densities if column < _REAL_NUMBERS else _of_counts)(p, q))
        for column, (p, q) in enumerate(zip(real.T, made.T, strict=True))
    ]
    scores.append(np.exp(-_of_densities(real_nearest, made_nearest)))
    assert len(scores) == len(DESCRIPTORS) + 1
    return float(np.mean(scores))


def _of_densities(real: NDArray[np.float64], made: NDArray[np.float64]) -> float:
    from scipy.stats import entropy, gaussian_kde

    both = np.concatenate([real, made])
    points = np.linspace(both.min(), both.max(), num=_POINTS)
    try:
        p, q = (gaussian_kde(values)(points) + _NOTHING for values in (real, made))
    except np.linalg.LinAlgError:
        return float("nan")
    return float(entropy(p, q))


def _of_counts(real: NDArray[np.float64], made: NDArray[np.float64]) -> float:
    from scipy.stats import entropy

    p, edges = np.histogram(real, bins=_BINS, density=True)
    if not np.histogram(made, bins=edges)[0].any():
        return float("inf")
    q, _ = np.histogram(made, bins=edges, density=True)
    return float(entropy(p + _NOTHING, q + _NOTHING))
