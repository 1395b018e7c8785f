"""MAUVE: how much generated and real samples have in common, measured on feature vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["mauve"]

MIXTURES = 25
_KEPT_VARIANCE = 0.9
_RESTARTS, _ROUNDS = 5, 500


def mauve(
    real_features: Any,
    fake_features: Any,
    *,
    seed: int,
    clusters: int | None = None,
    scaling: float = 5.0,
) -> float:
    """How much two sets of samples have in common (Pillutla et al. 2021, arXiv:2102.01454).

    Features of both sets are brought to length 1, reduced to the principal components with 90 % of
    the variance, and clustered together. The shares P and Q of the two sets in the clusters are
    compared with mixtures of them: the area under the points ``exp(-c KL(Q|R)), exp(-c KL(P|R))``
    over all mixtures R is 1 for equal shares, and near 0 where they have no cluster in common.
    Values depend on features, sizes and clusters; they are not those of the paper's GPT-2.

    Args:
        real_features: ``[n, d]`` tensor or array, features of real samples.
        fake_features: ``[m, d]``, of generated ones.
        seed: Starts the clustering.
        clusters: How many; None for a tenth of the smaller set, 2 at least.
        scaling: The constant c.

    Returns:
        A number in [0, 1].

    Raises:
        GenloomError: The features are no matrices of one width, are empty or not finite, or there
            is no cluster.
    """
    import numpy as np

    real, fake = _matrix(real_features, "real"), _matrix(fake_features, "generated")
    if real.shape[1] != fake.shape[1]:
        raise GenloomError(
            f"Real features have {real.shape[1]} columns and generated ones {fake.shape[1]}: "
            "compute both with the same network."
        )
    if clusters is None:
        clusters = max(2, round(min(len(real), len(fake)) / 10))
    if clusters < 1:
        raise GenloomError(f"MAUVE needs at least 1 cluster, not {clusters}.")
    found = _clustered(np.concatenate([real, fake]), clusters, seed)
    p = np.bincount(found[: len(real)], minlength=clusters) / len(real)
    q = np.bincount(found[len(real) :], minlength=clusters) / len(fake)
    return _frontier_area(p, q, scaling)


def _matrix(features: Any, whose: str) -> NDArray[np.float64]:
    import numpy as np

    matrix = np.asarray(features, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0:
        raise GenloomError(
            f"The {whose} features have shape {matrix.shape}: they have to be [n, d], not empty."
        )
    if not np.isfinite(matrix).all():
        raise GenloomError(f"The {whose} features hold NaN or infinity: they cannot be compared.")
    return matrix


def _clustered(features: NDArray[np.float64], clusters: int, seed: int) -> NDArray[np.intp]:
    """The cluster of each row, ``[n]``."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import normalize
    from threadpoolctl import threadpool_limits

    points = normalize(features)
    different = len(np.unique(points, axis=0))
    if different == 1:
        return np.zeros(len(points), np.intp)
    # One thread, so that the number of cores does not show in the order of sums.
    with threadpool_limits(limits=1):
        points = PCA(_KEPT_VARIANCE, svd_solver="full").fit_transform(points)
        kmeans = KMeans(
            min(clusters, different), n_init=_RESTARTS, max_iter=_ROUNDS, random_state=seed
        )
        found: NDArray[np.intp] = kmeans.fit_predict(points)
    return found


def _frontier_area(p: NDArray[np.float64], q: NDArray[np.float64], scaling: float) -> float:
    """Area under the divergence frontier of two distributions, ``[k]`` each."""
    import numpy as np
    from scipy.special import rel_entr

    # All but 0 and 1, for which a divergence may be infinite.
    weights = np.linspace(1e-6, 1 - 1e-6, MIXTURES)[:, None]
    mixtures = weights * p + (1 - weights) * q
    x = np.exp(-scaling * rel_entr(q, mixtures).sum(axis=1))
    y = np.exp(-scaling * rel_entr(p, mixtures).sum(axis=1))
    # From all of x and none of y to the reverse. x falls all the way, so the area is negative.
    x, y = np.concatenate([[1], x, [0]]), np.concatenate([[0], y, [1]])
    return float(np.clip(-np.trapezoid(y, x), 0, 1))
