"""How alike molecules are by their fingerprints: to real ones, and among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["internal_diversity", "nearest_others", "similarity_to_nearest"]

_ROWS = 1000  # rows of similarities that are held at once
_COMMON = 0.05  # bits that a larger share of molecules has are multiplied, the others looked up


def similarity_to_nearest(made: NDArray[np.uint8], real: NDArray[np.uint8]) -> float:
    """SNN: the mean over made molecules of their highest Tanimoto similarity to a real one.

    MOSES' ``SNNMetric``; the more real molecules there are, the higher it is.

    Args:
        made: ``[n, d]`` bytes of packed fingerprints.
        real: ``[m, d]`` of the same.

    Returns:
        A number in [0, 1]; NaN where either set is empty.
    """
    if not len(made) or not len(real):
        return float("nan")
    highest = [block.max(dim=1).values.double().sum() for block in _similarities(made, real)]
    return float(sum(map(float, highest)) / len(made))


def internal_diversity(made: NDArray[np.uint8]) -> tuple[float, float]:
    """IntDiv and IntDiv2: 1 minus the mean Tanimoto similarity of all pairs, each with itself too.

    MOSES' ``internal_diversity`` for p = 1 and p = 2. For p = 2 its paper writes one root over all
    pairs, while its code, which made the published numbers, takes the mean of the roots of every
    molecule's mean square; so does this one.

    Args:
        made: ``[n, d]`` bytes of packed fingerprints.

    Returns:
        Two numbers in [0, 1); NaN where there are no molecules.
    """
    if not len(made):
        return float("nan"), float("nan")
    first, second = 0.0, 0.0
    for block in _similarities(made, made):
        similarity = block.double()
        first += float(similarity.mean(dim=1).sum())
        second += float(similarity.square().mean(dim=1).sqrt().sum())
    return 1 - first / len(made), 1 - second / len(made)


def nearest_others(fingerprints: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The highest Tanimoto similarity of each molecule to another one of its set, ``[n]``.

    GuacaMol's ``calculate_internal_pairwise_similarities``; 0 for a molecule that is alone.
    """
    import torch

    highest = np.zeros(len(fingerprints))
    start = 0
    for block in _similarities(fingerprints, fingerprints, torch.float64):
        rows = torch.arange(len(block))
        block[rows, start + rows] = 0  # each with itself
        highest[start : start + len(block)] = block.max(dim=1).values.numpy()
        start += len(block)
    return highest


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
        shared = shared.to(dtype)
        own = torch.from_numpy(rows.sum(axis=1, dtype=np.int64)).to(dtype)
        yield shared.div_(own[:, None] + sizes - shared).nan_to_num_(nan=1.0)
