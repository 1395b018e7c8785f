"""Murcko scaffolds, and which of them are held out whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    from rdkit.Chem import Mol


def scaffold(mol: Mol) -> str:
    """The ring systems of a molecule and what links them, as SMILES without stereo.

    Bemis and Murcko, 1996, The properties of known drugs, J. Med. Chem. 39:2887.

    Args:
        mol: A parsed molecule.

    Returns:
        Canonical SMILES; ``""`` for a molecule without rings, which has no scaffold.
    """
    from rdkit import Chem
    from rdkit.Chem.Scaffolds import MurckoScaffold

    if mol.GetRingInfo().NumRings() == 0:
        return ""
    frame = MurckoScaffold.GetScaffoldForMol(mol)
    Chem.RemoveStereochemistry(frame)
    return str(Chem.MolToSmiles(frame))


def held_out(
    scaffolds: Sequence[str], label: Sequence[str], share: float, *, seed: int
) -> list[bool]:
    """Choose whole scaffolds at random until they hold a share of the molecules.

    Scaffolds that alone are more than the share are never chosen, so the common ones train, as in
    the usual scaffold splits (Wu et al., 2018, MoleculeNet, arXiv 1703.00564). Nor are molecules
    without rings, which have nothing in common that could be held out, nor a scaffold that would
    leave less than half of a class.

    Args:
        scaffolds: One per molecule, ``""`` where there is none.
        label: One class per molecule.
        share: Of all molecules, at most so many.
        seed: Other seeds choose others.

    Returns:
        Per molecule whether it is held out.

    Raises:
        GenloomError: No scaffold can be chosen.
    """
    import numpy as np

    rows: dict[str, list[int]] = {}
    for row, name in enumerate(scaffolds):
        if name:
            rows.setdefault(name, []).append(row)
    room = max(1, round(share * len(scaffolds)))
    spare = {name: count // 2 for name, count in Counter(label).items()}
    chosen = [False] * len(scaffolds)
    names = sorted(rows)
    order = np.random.default_rng(derive_seed(seed, "scaffold")).permutation(len(names))
    for place in order:
        members = rows[names[place]]
        classes = Counter(label[row] for row in members)
        if len(members) > room or any(classes[name] > spare[name] for name in classes):
            continue
        room -= len(members)
        for row in members:
            chosen[row] = True
        for name in classes:
            spare[name] -= classes[name]
    if not any(chosen):
        raise GenloomError(
            "No Murcko scaffold can be held out, because "
            + (
                "no molecule has a ring"
                if not rows
                else f"each is of more than {share:.0%} of the molecules or of most of a class"
            )
            + ": set molecules.split.scaffold to "
            + ("0" if not rows else "a larger share, or to 0")
            + " to do without that split."
        )
    return chosen
