"""How alike molecules are, and what of them is alike: Morgan fingerprints.

Rogers and Hahn, Extended-connectivity fingerprints (2010), doi 10.1021/ci100050t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genloom.domains.molecules.arrays import RADIUS
from genloom.domains.molecules.places import DIMENSIONS

if TYPE_CHECKING:
    import numpy as np


def fingerprints(molecules: Sequence[Any]) -> list[Any]:
    """A Morgan fingerprint of each molecule, as RDKit's bit vectors."""
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    generator = GetMorganGenerator(radius=RADIUS, fpSize=DIMENSIONS)
    return [generator.GetFingerprint(molecule) for molecule in molecules]


def nearest(some: Sequence[Any], others: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """The most similar of other fingerprints to each of some.

    Args:
        some: Fingerprints.
        others: Fingerprints, at least one.

    Returns:
        Its place among the others ``[n]`` int64 (the first of equals), and the Tanimoto
        similarity ``[n]``, 0 to 1.
    """
    import numpy as np
    from rdkit.DataStructs import BulkTanimotoSimilarity

    found, similarities = np.zeros(len(some), np.int64), np.zeros(len(some))
    for row, one in enumerate(some):
        to_all = np.array(BulkTanimotoSimilarity(one, list(others)))
        found[row] = to_all.argmax()
        similarities[row] = to_all[found[row]]
    return found, similarities


def distances(prints: Sequence[Any]) -> np.ndarray:
    """One minus the Tanimoto similarity of all pairs of fingerprints, ``[n, n]``."""
    import numpy as np
    from rdkit.DataStructs import BulkTanimotoSimilarity

    whole = list(prints)
    rows = [BulkTanimotoSimilarity(one, whole, returnDistance=True) for one in whole]
    return np.array(rows).reshape(len(whole), len(whole))


def as_numbers(prints: Sequence[Any]) -> np.ndarray:
    """Fingerprints as rows of zeros and ones, ``[n, bits]`` float64."""
    import numpy as np
    from rdkit.DataStructs import ConvertToNumpyArray

    rows = np.zeros((len(prints), DIMENSIONS))
    for row, one in zip(rows, prints, strict=True):
        ConvertToNumpyArray(one, row)
    return rows


def shared_atoms(one: Any, other: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The atoms of two molecules that stand in surroundings which both of them have.

    Args:
        one: A molecule.
        other: Another one.

    Returns:
        Numbers of atoms of each: those within two bonds of an atom whose surroundings, as far as
        that, occur in the other molecule, too.
    """
    first, second = _surroundings(one), _surroundings(other)
    both = first.keys() & second.keys()
    found = []
    for molecule, around in ((one, first), (other, second)):
        centres = [centre for bit in both for centre in around[bit]]
        found.append(tuple(sorted({atom for c in centres for atom in _within(molecule, c)})))
    return found[0], found[1]


def _surroundings(molecule: Any) -> dict[int, list[int]]:
    """Each kind of surroundings of the full radius, and the atoms that have it."""
    from rdkit.Chem.rdFingerprintGenerator import AdditionalOutput, GetMorganGenerator

    said = AdditionalOutput()
    said.AllocateBitInfoMap()
    GetMorganGenerator(radius=RADIUS).GetSparseFingerprint(molecule, additionalOutput=said)
    found = {
        bit: [atom for atom, radius in places if radius == RADIUS]
        for bit, places in said.GetBitInfoMap().items()
    }
    return {bit: atoms for bit, atoms in found.items() if atoms}


def _within(molecule: Any, centre: int) -> set[int]:
    """The atoms at most ``RADIUS`` bonds from one."""
    found = {centre}
    for _ in range(RADIUS):
        around = [molecule.GetAtomWithIdx(atom).GetNeighbors() for atom in found]
        found |= {neighbour.GetIdx() for atoms in around for neighbour in atoms}
    return found
