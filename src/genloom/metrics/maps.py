"""How good a map of samples is: how close, how orderly, and whether like samples lie together.

A map has units, each with a prototype; a sample lies at the unit whose prototype is nearest. That
is also all that k-means has; then the topographic error is NaN, because there is no order to judge.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "adjusted_rand",
    "label_map_accuracy",
    "purity",
    "quantization_error",
    "topographic_error",
    "unit_clusters",
    "unit_labels",
]

_AT_ONCE = 2048  # samples whose distances to all prototypes are held at once


def quantization_error(x: Any, prototypes: Any) -> float:
    """Mean distance of samples from the nearest prototype, in the samples' unit (Kohonen 2001).

    Args:
        x: ``[n, *shape]`` tensor or array.
        prototypes: ``[units, *shape]``.

    Raises:
        GenloomError: The shapes do not fit, there are no samples, or a value is not finite.

    >>> quantization_error([[0.0], [3.0]], [[1.0], [5.0]])
    1.5
    """
    samples, units = _checked(x, prototypes)
    return float(_best_two(samples, units)[0].mean())


def topographic_error(x: Any, prototypes: Any, distances: Any) -> float:
    """Share of samples whose nearest and second nearest prototypes are no neighbours on the map.

    Kiviluoto, Topology preservation in self-organizing maps (1996). A unit of a rectangular grid
    has eight neighbours, one of a hexagonal grid six, as MiniSom counts them; without borders those
    across count.

    Args:
        x: ``[n, *shape]`` tensor or array.
        prototypes: ``[units, *shape]``.
        distances: ``[units, units]``, between units on the map; None where there is no map.

    Returns:
        A share in [0, 1]; NaN where there is no map, or a single unit.

    Raises:
        GenloomError: As ``quantization_error``.
    """
    import numpy as np
    import torch

    from genloom.grids import neighbours

    samples, units = _checked(x, prototypes)
    if distances is None or len(units) < 2:
        return math.nan
    near = neighbours(torch.as_tensor(np.asarray(distances))).numpy()
    _, first, second = _best_two(samples, units)
    return float(1 - near[first, second].mean())


def purity(groups: Any, labels: Any) -> float:
    """Share of samples that carry the most frequent label of their group.

    It grows with the number of groups, and is 1 where each sample has its own: compare equal
    numbers.

    Args:
        groups: ``[n]`` whole numbers from 0, e.g. units or clusters.
        labels: ``[n]`` whole numbers from 0.

    Raises:
        GenloomError: The two do not fit together, or there are none.

    >>> purity([0, 0, 0, 1], [2, 2, 1, 1])
    0.75
    """
    counts = _counts(*_pair(groups, labels))
    return float(counts.max(axis=1).sum() / counts.sum())


def adjusted_rand(groups: Any, labels: Any) -> float:
    """Adjusted Rand index: 1 for equal partitions, 0 on average by chance (Hubert and Arabie 1985).

    Args:
        groups: ``[n]`` whole numbers, e.g. ``unit_clusters(...)[units]``.
        labels: ``[n]`` whole numbers.

    Raises:
        GenloomError: As ``purity``.
    """
    from sklearn.metrics import adjusted_rand_score

    found, truth = _pair(groups, labels)
    return float(adjusted_rand_score(truth, found))


def unit_labels(units: Any, labels: Any, prototypes: Any) -> NDArray[Any]:
    """The label of every unit: the most frequent one of its training samples, ``[units]`` int64.

    Of equally frequent ones the first. A unit without samples has the label of the unit with
    samples whose prototype is nearest.

    Args:
        units: ``[n]``, where training samples lie.
        labels: ``[n]``, their labels.
        prototypes: ``[units, *shape]``.

    Raises:
        GenloomError: As ``purity``.
    """
    places, known = _pair(units, labels)
    flat = _flat(prototypes)
    counts = _counts(places, known, rows=len(flat))
    return _spread(counts.argmax(axis=1), counts.sum(axis=1) > 0, flat)


def label_map_accuracy(label_of_unit: Any, units: Any, labels: Any) -> float:
    """Share of test samples that lie at a unit with their own label.

    Args:
        label_of_unit: ``[units]``, from ``unit_labels`` of the training samples.
        units: ``[n]``, where the test samples lie.
        labels: ``[n]``, their labels.

    Raises:
        GenloomError: As ``purity``.

    >>> label_map_accuracy([1, 0], [0, 0, 1, 1], [1, 1, 0, 1])
    0.75
    """
    import numpy as np

    places, known = _pair(units, labels)
    return float((np.asarray(label_of_unit)[places] == known).mean())


def unit_clusters(prototypes: Any, units: Any, count: int) -> NDArray[Any]:
    """Clusters of the map: Ward's method on prototypes, ``[units]`` int64 from 0 to ``count - 1``.

    Clustering a map instead of its samples is from Vesanto and Alhoniemi, Clustering of the
    self-organizing map (2000). A prototype counts as often as training samples lie at its unit, so
    that this is Ward's method (1963) on the samples, each moved to its prototype. A unit without
    samples joins the one with samples whose prototype is nearest.

    Args:
        prototypes: ``[units, *shape]``.
        units: ``[n]``, where training samples lie.
        count: How many clusters; fewer where fewer units have samples. They are numbered as they
            come.

    Raises:
        GenloomError: There are no samples.
    """
    import numpy as np

    flat = _flat(prototypes)
    places, _ = _pair(units, units)
    hits = np.bincount(places, minlength=len(flat))
    full = np.flatnonzero(hits)
    clusters = np.zeros(len(flat), np.int64)
    clusters[full] = _ward(flat[full], hits[full], count)
    return _spread(clusters, hits > 0, flat)


def _ward(points: NDArray[Any], weights: NDArray[Any], count: int) -> NDArray[Any]:
    """Cluster of each weighted point; scikit-learn's and SciPy's forms know no weights."""
    import numpy as np
    from scipy.spatial.distance import cdist

    centre, mass = points.astype(np.float64), weights.astype(np.float64)
    cluster = np.arange(len(centre))
    # What joining two costs: how much the sum of squares within clusters grows.
    cost = cdist(centre, centre, "sqeuclidean") * np.outer(mass, mass) / np.add.outer(mass, mass)
    np.fill_diagonal(cost, np.inf)
    for _ in range(len(centre) - max(1, count)):
        a, b = np.unravel_index(cost.argmin(), cost.shape)
        centre[a] = (mass[a] * centre[a] + mass[b] * centre[b]) / (mass[a] + mass[b])
        mass[a] += mass[b]
        cluster[cluster == cluster[b]] = cluster[a]
        cost[b], cost[:, b] = np.inf, np.inf
        apart = ((centre - centre[a]) ** 2).sum(axis=1) * mass * mass[a] / (mass + mass[a])
        kept = np.isfinite(cost[a])
        cost[a, kept], cost[kept, a] = apart[kept], apart[kept]
    # Numbered by the first unit of each.
    _, first, number = np.unique(cluster, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


def _spread(values: NDArray[Any], full: NDArray[Any], prototypes: NDArray[Any]) -> NDArray[Any]:
    """Values of units, where those without samples take what the nearest with samples has."""
    import numpy as np

    empty, known = np.flatnonzero(~full), np.flatnonzero(full)
    spread = np.array(values, np.int64)
    if len(empty):
        _, first, _ = _best_two(prototypes[empty], prototypes[known])
        spread[empty] = spread[known[first]]
    return spread


def _best_two(
    x: NDArray[Any], prototypes: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Distance of the nearest prototype, its number, and that of the second nearest, each ``[n]``.

    Of a single prototype it is the second, too.
    """
    import numpy as np

    middle = prototypes.mean(axis=0)
    x, prototypes = x - middle, prototypes - middle  # shorter vectors lose fewer digits
    lengths = (prototypes**2).sum(axis=1)
    first, second = [], []
    for start in range(0, len(x), _AT_ONCE):
        near = lengths - 2 * x[start : start + _AT_ONCE] @ prototypes.T
        rows, best = np.arange(len(near)), near.argmin(axis=1)
        first.append(best)
        near[rows, best] = np.inf
        second.append(near.argmin(axis=1))
    one, two = np.concatenate(first), np.concatenate(second)
    return np.linalg.norm(x - prototypes[one], axis=1), one, two


def _flat(x: Any) -> NDArray[Any]:
    import numpy as np

    array = np.asarray(x, dtype=np.float64)
    return array.reshape(len(array), math.prod(array.shape[1:]))


def _checked(x: Any, prototypes: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Samples and prototypes as float64 rows, once they are known to fit together."""
    import numpy as np

    samples, units = _flat(x), _flat(prototypes)
    if len(samples) == 0:
        raise GenloomError("There are no samples to judge a map by: the split has none.")
    if samples.shape[1] != units.shape[1]:
        raise GenloomError(
            f"Samples of {samples.shape[1]} numbers and prototypes of {units.shape[1]} do not "
            "belong together."
        )
    if not (np.isfinite(samples).all() and np.isfinite(units).all()):
        raise GenloomError("Samples or prototypes hold NaN or infinity: they cannot be compared.")
    return samples, units


def _pair(groups: Any, labels: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    found, truth = np.asarray(groups), np.asarray(labels)
    if found.ndim != 1 or found.shape != truth.shape:
        raise GenloomError(
            f"Groups of shape {found.shape} and labels of shape {truth.shape} do not belong "
            "together: both have to be [n]."
        )
    if len(found) == 0:
        raise GenloomError("There are no samples to judge a map by: the split has none.")
    return found.astype(np.int64), truth.astype(np.int64)


def _counts(groups: NDArray[Any], labels: NDArray[Any], rows: int = 0) -> NDArray[Any]:
    """How many samples of each group carry each label, ``[groups, labels]``."""
    import numpy as np

    rows = max(rows, int(groups.max()) + 1)
    columns = int(labels.max()) + 1
    flat = np.bincount(groups * columns + labels, minlength=rows * columns)
    return flat.reshape(rows, columns)
