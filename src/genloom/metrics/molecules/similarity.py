"""How alike molecules are by their fingerprints: to real ones, and among themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from genloom.metrics.molecules.sharing import Spread

__all__ = ["internal_diversity", "nearest_others", "similarity_to_nearest"]

_ROWS = 250  # rows of similarities that are held at once: few enough for a processor's cache
_PART = 10 * _ROWS  # rows that one worker takes at a time
_COMMON = 0.05  # bits that a larger share of molecules has are multiplied, the others looked up


def similarity_to_nearest(
    made: NDArray[np.uint8],
    real: NDArray[np.uint8],
    *,
    spread: Spread = map,
) -> float:
    """SNN: the mean over made molecules of their highest Tanimoto similarity to a real one.

    MOSES' ``SNNMetric``; the more real molecules there are, the higher it is.

    Args:
        made: ``[n, d]`` bytes of packed fingerprints.
        real: ``[m, d]`` of the same.
        spread: Applies a function to each part of the rows, in order: ``map``, or that of a pool
            of processes. The number does not depend on it.

    Returns:
        A number in [0, 1]; NaN where either set is empty.
    """
    if not len(made) or not len(real):
        return float("nan")
    return float(_by_row(_highest, made, real, spread).mean(dtype=np.float64))


def _highest(rows: slice, made: NDArray[np.uint8], real: NDArray[np.uint8]) -> list[Tensor]:
    return [block.max(dim=1).values for block in _similarities(made[rows], real)]


def internal_diversity(made: NDArray[np.uint8], *, spread: Spread = map) -> tuple[float, float]:
    """IntDiv and IntDiv2: 1 minus the mean Tanimoto similarity of all pairs, each with itself too.

    MOSES' ``internal_diversity`` for p = 1 and p = 2. For p = 2 its paper writes one root over all
    pairs, while its code, which made the published numbers, takes the mean of the roots of every
    molecule's mean square; so does this one.

    Args:
        made: ``[n, d]`` bytes of packed fingerprints.
        spread: As for ``similarity_to_nearest``.

    Returns:
        Two numbers in [0, 1); NaN where there are no molecules.
    """
    if not len(made):
        return float("nan"), float("nan")
    first, second = _by_row(_means, made, made, spread).mean(axis=0)
    return 1 - float(first), 1 - float(second)


def _means(rows: slice, made: NDArray[np.uint8], all_made: NDArray[np.uint8]) -> list[Tensor]:
    import torch

    found = []
    for block in _similarities(made[rows], all_made):
        similarity = block.double()
        mean, square = similarity.mean(dim=1), similarity.square_().mean(dim=1)
        found.append(torch.stack([mean, square.sqrt()], dim=1))
    return found


def nearest_others(fingerprints: NDArray[np.uint8], *, spread: Spread = map) -> NDArray[np.float64]:
    """The highest Tanimoto similarity of each molecule to another one of its set, ``[n]``.

    GuacaMol's ``calculate_internal_pairwise_similarities``; 0 for a molecule that is alone.

    Args:
        fingerprints: ``[n, d]`` bytes of packed fingerprints.
        spread: As for ``similarity_to_nearest``.
    """
    if not len(fingerprints):
        return np.zeros(0)
    parts = [slice(start, start + _PART) for start in range(0, len(fingerprints), _PART)]
    highest = np.zeros(len(fingerprints))
    for rows, found in zip(
        parts, spread(_highest_of_others, parts, [fingerprints] * len(parts)), strict=True
    ):
        later = highest[rows.start :]
        np.maximum(later, found, out=later)
    return highest


def _highest_of_others(rows: slice, everyone: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The highest similarities of the pairs of some rows with themselves and all later ones.

    Every pair is computed in one part of the rows alone, and counts for both its molecules.

    Returns:
        ``[n - first row]``, of those rows and of all later ones.
    """
    import torch

    some = everyone[rows]
    highest = torch.zeros(len(everyone) - rows.start, dtype=torch.float64)
    done = 0
    for block in _similarities(some, everyone[rows.start :], torch.float64):
        own = torch.arange(len(block))
        block[own, done + own] = 0  # each with itself
        beside, later = highest[done : done + len(block)], highest[len(some) :]
        torch.maximum(beside, block.amax(dim=1), out=beside)
        if len(later):
            torch.maximum(later, block[:, len(some) :].amax(dim=0), out=later)
        done += len(block)
    found: NDArray[np.float64] = highest.numpy()
    return found


def _by_row(
    function: Callable[..., list[Tensor]],
    one: NDArray[np.uint8],
    other: NDArray[np.uint8],
    spread: Spread,
) -> NDArray[Any]:
    """What a function finds of each row of ``one`` held against all of ``other``, in order."""
    parts = [slice(start, start + _PART) for start in range(0, len(one), _PART)]
    found = spread(
        _joined, [function] * len(parts), parts, [one] * len(parts), [other] * len(parts)
    )
    return np.concatenate(list(found))


def _joined(function: Callable[..., list[Tensor]], *arguments: Any) -> NDArray[Any]:
    return np.concatenate([part.numpy() for part in function(*arguments)])


def _similarities(
    one: NDArray[np.uint8], other: NDArray[np.uint8], dtype: torch.dtype | None = None
) -> Iterator[Tensor]:
    """Tanimoto similarities ``[rows, m]``, some rows at a time; 1 where neither has a bit.

    Shared bits are counted as products of matrices, which processors are made for; but of most of
    a fingerprint's bits hardly any molecule has one, and those go through sparse matrices. Counts
    are whole numbers, so nothing is rounded but the quotient.

    Args:
        one: ``[n, d]`` bytes of packed fingerprints.
        other: ``[m, d]`` of the same.
        dtype: Of the similarities, single precision unless given.
    """
    import torch
    from scipy.sparse import csr_array

    dtype = dtype or torch.float32
    these, those = (np.unpackbits(each, axis=1) for each in (one, other))
    common = those.mean(axis=0) > _COMMON
    frequent = torch.from_numpy(those[:, common]).float().T.contiguous()
    rare = csr_array(those[:, ~common], dtype=np.float32).T.tocsr()
    sizes = torch.from_numpy(those.sum(axis=1, dtype=np.int64)).to(dtype)
    for start in range(0, len(these), _ROWS):
        rows = these[start : start + _ROWS]
        shared = torch.from_numpy(
            (csr_array(rows[:, ~common], dtype=np.float32) @ rare).toarray()
        ).addmm_(torch.from_numpy(rows[:, common]).float(), frequent)
        own = torch.from_numpy(rows.sum(axis=1, dtype=np.int64)).to(dtype)
        either = (own[:, None] + sizes).sub_(shared)
        similarities = shared.to(dtype).div_(either)
        # Where one side has no bits all is 0, or 0 / 0 where neither has.
        similarities[own == 0] = (sizes == 0).to(dtype)
        yield similarities
