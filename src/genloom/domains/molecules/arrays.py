"""Molecules as arrays of numbers: fingerprints and graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from genloom.graphs import (
    AROMATIC_BOND,
    ATOM_FEATURES,
    DOUBLE,
    ELEMENTS,
    SINGLE,
    TRIPLE,
    shape_for,
)

if TYPE_CHECKING:
    from torch import Tensor

FINGERPRINT = 2048  # columns
RADIUS = 2  # bonds: how far around an atom a fingerprint looks
_PLACE = {element: place for place, element in enumerate(ELEMENTS)}
_OTHER = len(ELEMENTS) - 1


def read(contents: Sequence[str]) -> Iterator[Any]:
    """RDKit's molecules of SMILES texts, one by one; None where there is none."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        for content in contents:
            molecule = Chem.MolFromSmiles(content)
            yield molecule if molecule is not None and molecule.GetNumAtoms() else None


def fingerprints(contents: Sequence[str]) -> Tensor:
    """How often each surrounding of an atom stands in a molecule.

    Rogers and Hahn (2010), "Extended-connectivity fingerprints": surroundings of up to 2 bonds,
    hashed to columns. Counts are taken as ``log(1 + count)``, so that long chains do not stand
    out.

    Args:
        contents: SMILES texts.

    Returns:
        ``[n, 2048]`` float32, 8 KiB a molecule; zeros where the text is no molecule.
    """
    import numpy as np
    import torch
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=FINGERPRINT)
    rows = np.zeros((len(contents), FINGERPRINT), np.float32)
    for row, molecule in zip(rows, read(contents), strict=True):
        if molecule is not None:
            row[:] = generator.GetCountFingerprintAsNumPy(molecule)
    return torch.from_numpy(np.log1p(rows, out=rows))


def graphs(contents: Sequence[str], atoms: int) -> Tensor:
    """Atoms and bonds of molecules, hydrogens left to the atoms that carry them.

    Args:
        contents: SMILES texts.
        atoms: Rows of a graph. A larger molecule loses the atoms that are written last.

    Returns:
        ``[n, atoms, F + atoms]`` uint8 in the layout of ``genloom.graphs``: all zeros where the
        text is no molecule. Bonds of other kinds, such as a metal's, count as single. A molecule
        takes ``atoms * (F + atoms)`` bytes, 1.7 kB for 38 atoms: 225,000 take 380 MB.
    """
    import numpy as np
    import torch

    found = np.zeros((len(contents), *shape_for(atoms)), np.uint8)
    for graph, molecule in zip(found, read(contents), strict=True):
        if molecule is not None:
            _fill(graph, molecule)
    return torch.from_numpy(found)


def _fill(graph: Any, molecule: Any) -> None:
    """Write a molecule into zeros ``[atoms, F + atoms]``."""
    from rdkit.Chem import BondType

    features, atoms = len(ATOM_FEATURES), len(graph)
    rows = [
        (
            _PLACE.get(atom.GetSymbol(), _OTHER),
            min(atom.GetDegree(), 5) + 1,
            min(max(atom.GetFormalCharge(), -2), 2) + 3,
            min(atom.GetTotalNumHs(), 4) + 1,
            1 + atom.GetIsAromatic(),
            1 + atom.IsInRing(),
        )
        for atom in molecule.GetAtoms()
    ]
    graph[: len(rows), :features] = rows[:atoms]
    number = {
        BondType.DOUBLE: DOUBLE,
        BondType.TRIPLE: TRIPLE,
        BondType.AROMATIC: AROMATIC_BOND,
    }
    for bond in molecule.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if a < atoms and b < atoms:
            kind = number.get(bond.GetBondType(), SINGLE)
            graph[a, features + b] = graph[b, features + a] = kind
