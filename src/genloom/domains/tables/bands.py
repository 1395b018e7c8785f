"""Classes of a number: bands between quantiles of the training split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def band_edges(numbers: Any, bands: int) -> list[float]:
    """Where the bands part, so that about as many of the numbers lie in each.

    Args:
        numbers: ``[n]``.
        bands: How many; fewer, where so many numbers are equal that bands would be empty.

    Returns:
        At most ``bands - 1`` numbers, ascending. One that is equal to an edge is in the upper band.

    >>> band_edges([1, 2, 3, 4], 2)
    [2.5]
    """
    import numpy as np

    values = np.asarray(numbers, dtype=np.float64)
    edges: list[float] = []
    for edge in np.unique(np.quantile(values, np.arange(1, bands) / bands)).tolist():
        lowest = edges[-1] if edges else -np.inf
        if ((values >= lowest) & (values < edge)).any():
            edges.append(edge)
    return edges


def band_of(numbers: Any, edges: Sequence[float]) -> NDArray[Any]:
    """The number of each one's band, ``[n]`` int64 from 0 on."""
    import numpy as np

    return np.searchsorted(np.asarray(edges), np.asarray(numbers, np.float64), side="right")


def band_names(target: str, bands: int) -> list[str]:
    """What the bands of a target are called, lowest first.

    >>> band_names("progression", 3)
    ['progression 1 low', 'progression 2 middle', 'progression 3 high']
    """
    words = [""] * bands
    if bands > 1:
        words[0], words[-1] = " low", " high"
    if bands == 3:
        words[1] = " middle"
    return [f"{target} {number + 1}{word}" for number, word in enumerate(words)]
