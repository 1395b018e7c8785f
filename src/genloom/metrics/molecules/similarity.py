"""How alike molecules are by their fingerprints: to real ones, and among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["internal_diversity", "nearest_others", "similarity_to_nearest"]

_ROWS = 1000  # rows of similarities that are held at once


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
    others = _unpacked(real)
    highest = [
        _tanimoto(_unpacked(made[start : start + _ROWS]), others).max(dim=1).values.double().sum()
        for start in range(0, len(made), _ROWS)
    ]
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
    others = _unpacked(made)
    first, second = 0.0, 0.0
    for start in range(0, len(made), _ROWS):
        similarity = _tanimoto(others[start : start + _ROWS], others).double()
        first += float(similarity.mean(dim=1).sum())
        second += float(similarity.square().mean(dim=1).sqrt().sum())
    return 1 - first / len(made), 1 - second / len(made)


def nearest_others(fingerprints: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The highest Tanimoto similarity of each molecule to another one of its set, ``[n]``.

    GuacaMol's ``calculate_internal_pairwise_similarities``; 0 for a molecule that is alone.
    """
    from rdkit import DataStructs

    vectors = [DataStructs.CreateFromBinaryText(row.tobytes()) for row in fingerprints]
    highest = np.zeros(len(vectors))
    for n in range(1, len(vectors)):
        similarity = np.array(DataStructs.BulkTanimotoSimilarity(vectors[n], vectors[:n]))
        highest[n] = similarity.max()
        np.maximum(highest[:n], similarity, out=highest[:n])
    return highest


def _unpacked(packed: NDArray[np.uint8]) -> Tensor:
    import torch

    return torch.from_numpy(np.unpackbits(packed, axis=1)).float()


def _tanimoto(one: Tensor, other: Tensor) -> Tensor:
    """Shared bits over all bits, ``[n, m]``; 1 for two fingerprints without any, as in MOSES."""
    shared = one @ other.T
    all_bits = one.sum(dim=1)[:, None] + other.sum(dim=1) - shared
    return (shared / all_bits).nan_to_num_(nan=1.0)
