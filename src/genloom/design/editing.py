"""Molecules that can be edited: taken apart into plain atoms and bonds, and put together again."""

from functools import cache

from rdkit import Chem
from rdkit.Chem import Mol, RWMol

# What new atoms may be, with the bonds that each can have, and how often each is taken: about as
# drug-like molecules have them.
ELEMENTS = {"C": (4, 0.5), "N": (3, 0.16), "O": (2, 0.18), "F": (1, 0.06), "S": (2, 0.05)}
ELEMENTS |= {"Cl": (1, 0.04), "Br": (1, 0.01)}
LARGEST_RING = 8
# What closing rings and changing bonds at random makes, and no chemist could.
_STRAINED = ("[R]=[R]=[R]", "[R]#[R]", "[r3]=[r3]", "[r4]=[r4]=,:[r4]")
_UNSTABLE = (
    *("[OX2][OX2]", "[F,Cl,Br,I]~[#7,#8,F,Cl,Br,I]", "[NX3;!R][NX3;!R][NX3;!R]", "C=C=C"),
    "[#16;v4,v6;!H0]",
)


def editable(molecule: Mol) -> RWMol:
    """A copy with single, double and triple bonds only, whose hydrogens follow from its bonds.

    Stereochemistry is left behind: few edits would leave it as it was.
    """
    opened = RWMol(molecule)
    Chem.RemoveStereochemistry(opened)
    Chem.Kekulize(opened, clearAromaticFlags=True)
    for atom in opened.GetAtoms():
        atom.SetNumExplicitHs(0)
        atom.SetNoImplicit(False)
        atom.SetNumRadicalElectrons(0)
    opened.UpdatePropertyCache(strict=False)
    return opened


def finished(edited: RWMol) -> str | None:
    """The canonical SMILES of an edited molecule; None where it cannot exist, or fell apart."""
    if Chem.SanitizeMol(edited, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return None
    smiles: str = Chem.MolToSmiles(edited)
    if not smiles or "." in smiles:
        return None
    # What is written has to be readable as well; aromaticity is not always.
    again = Chem.MolFromSmiles(smiles)
    return None if again is None else str(Chem.MolToSmiles(again))


def is_reasonable(smiles: str, most_atoms: int) -> bool:
    """Whether a molecule is worth a call: of a fair size, not strained, and not too unstable.

    Args:
        smiles: A molecule that RDKit can read.
        most_atoms: Heavy atoms that it may have.
    """
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None or not 2 <= molecule.GetNumHeavyAtoms() <= most_atoms:
        return False
    rings = [set(ring) for ring in molecule.GetRingInfo().AtomRings()]
    if any(len(ring) > LARGEST_RING for ring in rings):
        return False
    # A bridge from one atom of an aromatic ring to another that is no neighbour.
    flat = [r for r in rings if all(molecule.GetAtomWithIdx(a).GetIsAromatic() for a in r)]
    if any(len(ring & other) > 2 for ring in flat for other in rings if other != ring):
        return False
    if any(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms()):
        return False
    if Chem.GetFormalCharge(molecule):
        return False
    return not any(molecule.HasSubstructMatch(pattern) for pattern in _refused())


@cache
def _refused() -> list[Mol]:
    return [Chem.MolFromSmarts(text) for text in (*_STRAINED, *_UNSTABLE)]
