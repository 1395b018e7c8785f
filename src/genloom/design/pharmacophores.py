"""Gobbi's two-dimensional pharmacophore fingerprint, as a set.

Gobbi and Poppinger (1998), "Genetic optimization of combinatorial libraries", describe a molecule
by its pairs and triples of features (donor, acceptor, hydrophobic, ...) with the numbers of bonds
between them. RDKit has their features and a fingerprint of them, but takes some 15 ms for a
molecule. The same pairs and triples are enumerated here with NumPy; which number stands for which
is another matter and does not change a similarity.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["pharmacophores", "shared_share"]

_NEAREST, _FARTHEST, _SAME_BEYOND = 2, 99, 8  # bonds; 8 and more are one distance
_BASE = 16  # more than there are features or distances


def pharmacophores(molecule: Any) -> frozenset[int]:
    """The pairs and triples of features that stand in a molecule.

    Two features belong together if they are on two atoms at least 2 bonds apart, with a path
    between them.

    Args:
        molecule: An RDKit molecule.

    Returns:
        A number for each different pair or triple.
    """
    import numpy as np
    from rdkit.Chem import GetDistanceMatrix

    points = [
        (family, match[0])  # each of Gobbi's features is one atom
        for family, pattern in enumerate(_features())
        for match in molecule.GetSubstructMatches(pattern)
    ]
    if len(points) < 2:
        return frozenset()
    family, atom = np.array(points, dtype=np.int64).T
    bonds = GetDistanceMatrix(molecule)[np.ix_(atom, atom)].astype(np.int64)
    apart = (bonds >= _NEAREST) & (bonds <= _FARTHEST)
    bonds = np.minimum(bonds, _SAME_BEYOND)

    a, b = np.nonzero(np.triu(apart, 1))
    pairs = _numbered(family[a], family[b], bonds[a, b])
    # every third point beyond the second of a pair, apart from both
    later = np.arange(len(points)) > b[:, None]
    row, c = np.nonzero(later & apart[a] & apart[b])
    a, b = a[row], b[row]
    sides = _ordered(
        family[a], family[b], family[c], np.stack([bonds[a, b], bonds[a, c], bonds[b, c]])
    )
    triples = _numbered(family[a], family[b], family[c], *sides, np.ones_like(a))
    return frozenset(np.unique(np.concatenate([pairs, triples])).tolist())


@lru_cache
def _features() -> list[Any]:
    """The pattern of each feature."""
    from rdkit.Chem import MolFromSmarts
    from rdkit.Chem.Pharm2D.Gobbi_Pharm2D import factory

    definitions = factory.featFactory.GetFeatureDefs()  # type: ignore[attr-defined]
    return [MolFromSmarts(smarts) for smarts in definitions.values()]


def _ordered(
    first: NDArray[Any], second: NDArray[Any], third: NDArray[Any], sides: NDArray[Any]
) -> NDArray[Any]:
    """Sides of triangles ``[3, n]`` in an order that does not depend on that of equal features.

    Args:
        first: Features ``[n]``, not larger than the second.
        second: Features ``[n]``, not larger than the third.
        third: Features ``[n]``.
        sides: Distances first to second, first to third, second to third.
    """
    import numpy as np

    ab, ac, bc = sides
    swap = (first == second) & (ac < bc)
    ac, bc = np.where(swap, bc, ac), np.where(swap, ac, bc)
    swap = (second == third) & (ab < ac)
    ab, ac = np.where(swap, ac, ab), np.where(swap, ab, ac)
    swap = (first == second) & (second == third) & (ac < bc)
    ac, bc = np.where(swap, bc, ac), np.where(swap, ac, bc)
    return np.stack([ab, ac, bc])


def _numbered(*digits: NDArray[Any]) -> NDArray[Any]:
    """One number for each column of digits."""
    number = digits[0] * 0
    for digit in digits:
        number = number * _BASE + digit
    return number


def shared_share(one: frozenset[int], other: frozenset[int]) -> float:
    """Tanimoto similarity of two sets: what is in both, over what is in either; 0 of nothing.

    >>> shared_share(frozenset({1, 2}), frozenset({2, 3}))
    0.3333333333333333
    """
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 0.0
