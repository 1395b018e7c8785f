"""One spelling for one molecule: parsed, parted from its counter-ions, neutral, canonical.

The steps follow what is usual for learning from SMILES (Bento et al., 2020, An open source chemical
structure curation pipeline using RDKit, J. Cheminform. 12:51), with RDKit's own parts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.molecules.notations import tokens

if TYPE_CHECKING:
    from rdkit.Chem import Mol

# What most SMILES are made of: one fragment whose only atoms in brackets are stereo centres,
# pyrrole's nitrogen and nitro groups.
USUAL = r"\[N\+\]\(=O\)\[O-\]|O=\[N\+\]\(\[O-\]\)|\[nH\]|\[C@@?H?\]|\[S@@?\]|[^\[\]*.>]"
# In such ones every step below changes nothing,
PLAIN = re.compile(rf"(?:{USUAL})+")
# and in those with protonated nitrogen, or else with deprotonated atoms, only the charges.
CHARGED = re.compile(rf"(?:{USUAL}|\[NH[23]?\+\]|\[nH\+\])+|(?:{USUAL}|\[[OSNn]-\])+")
# Covalently bound they make molecules like any other; every other element counts as a metal.
NONMETALS = {
    *(1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18),
    *(32, 33, 34, 35, 36, 52, 53, 54),
}
SALT_METALS = {3, 4, 11, 12, 19, 20, 37, 38, 55, 56}  # bound only because somebody drew them so
# Acids and solvents that accompany a molecule; alone they are molecules themselves.
COMPANIONS = {
    *("O=CO", "CC(=O)O", "O=C(O)C(F)(F)F", "O=C(O)C(=O)O", "O=C(O)CC(=O)O", "O=C(O)CCC(=O)O"),
    *("O=C(O)C=CC(=O)O", "O=C(O)CC(O)C(=O)O", "O=C(O)C(O)C(O)C(=O)O", "CC(O)C(=O)O"),
    *("O=C(O)CC(O)(CC(=O)O)C(=O)O", "CS(=O)(=O)O", "CCS(=O)(=O)O", "O=S(=O)(O)c1ccccc1"),
    *("Cc1ccc(S(=O)(=O)O)cc1", "O=S(=O)(O)C(F)(F)F", "COS(=O)(=O)O", "CCOS(=O)(=O)O"),
    *("O=C(O)O", "O=C=O", "C#N", "N#CS", "N#CO", "N=C=S", "N=C=O"),
    *("CO", "CCO", "CC(C)=O", "CN(C)C=O", "CS(C)=O", "CC#N", "ClC(Cl)Cl", "ClCCl"),
}
SULFOXIDE = "as S=O\t[!O:1][S+1;X3:2]([O-1:3])[!O:4]>>[*:1][S+0:2](=[O+0:3])[*:4]"
# A text may have so many characters per token of its molecule: hydrogens may be written out, and
# counter-ions stand beside it.
VERBOSE = 20


class UnusableError(ValueError):
    """Why a text gives no molecule to learn from."""


class Standard(NamedTuple):
    """A molecule in its one spelling.

    Attributes:
        content: Canonical isomeric SMILES of one fragment, neutral as far as it can be.
        mol: The same, parsed.
    """

    content: str
    mol: Mol


def standardise(text: str, length: int) -> Standard:
    """Bring a SMILES into the one form that Genloom learns from.

    A salt becomes its one organic part; metals are cut off where they were drawn as bound ions.
    Charges that hydrogen can balance are neutralised; sulfoxides are written ``S=O``. Atom-map
    numbers go, stereo stays, tautomers are left as they stand.

    Args:
        text: SMILES, with whatever white space around it; what follows white space is a name.
        length: The most tokens of the result, see ``notations.tokens``.

    Returns:
        The molecule. Standardising its ``content`` again gives the same.

    Raises:
        UnusableError: In words, what is wrong.

    >>> standardise("OC(=O)c1ccccc1CC[NH3+].[Cl-]", 80).content
    'NCCc1ccccc1C(=O)O'
    """
    from rdkit import Chem

    words = text.split(maxsplit=1)
    if not words:
        raise UnusableError("has no SMILES")
    if len(words[0]) > VERBOSE * length:
        raise UnusableError(f"has more than {length} tokens")
    mol = _parsed(words[0])
    content = str(Chem.MolToSmiles(mol))
    if not PLAIN.fullmatch(content):
        if CHARGED.fullmatch(content):
            content = str(Chem.MolToSmiles(_tools().charges.uncharge(mol)))
        else:
            _refuse_labels(mol)
            content = _neutral_parent(mol)
    if content != words[0]:
        content, mol = _settled(content)
    _refuse_atoms(mol, plain=PLAIN.fullmatch(content) is not None)
    if len(tokens(content)) > length:
        raise UnusableError(f"has more than {length} tokens")
    return Standard(content, mol)


def without_stereo(standard: Standard) -> str:
    """Canonical SMILES of a molecule's bonds alone, the same for all its stereoisomers."""
    from rdkit import Chem

    if not re.search(r"[@/\\]", standard.content):
        return standard.content
    flat = Chem.Mol(standard.mol)
    Chem.RemoveStereochemistry(flat)
    return str(Chem.MolToSmiles(flat))


def _parsed(smiles: str) -> Mol:
    from rdkit import Chem

    # RDKit would read no further than a zero byte.
    if not smiles.isprintable():
        raise UnusableError("cannot be read as SMILES")
    mol = Chem.MolFromSmiles(smiles)
    if mol is not None and mol.GetNumAtoms() > 0:
        return mol
    if Chem.MolFromSmiles(smiles, sanitize=False) is None:
        raise UnusableError("cannot be read as SMILES")
    raise UnusableError("is no possible molecule: an atom has too many bonds, or a ring is wrong")


def _refuse_labels(mol: Mol) -> None:
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0 or atom.HasQuery():
            raise UnusableError("has a wildcard in place of an atom")
        if atom.GetIsotope():
            raise UnusableError("has an atom marked as an isotope")
        if atom.GetAtomicNum() in NONMETALS | SALT_METALS:
            continue
        if atom.GetDegree() > 0:
            raise UnusableError("has a bound metal atom")


def _neutral_parent(mol: Mol) -> str:
    """SMILES of the one organic part of ``mol``, neutralised."""
    from rdkit import Chem

    tools = _tools()
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    if any(atom.GetAtomicNum() in SALT_METALS and atom.GetDegree() for atom in mol.GetAtoms()):
        mol = tools.metals.Disconnect(mol)
    for step in (tools.normal.normalize, tools.sulfoxide.normalize, tools.ions.reionize):
        mol = step(mol)
    main: dict[str, str] = {}
    companions: dict[str, str] = {}
    for fragment in Chem.GetMolFrags(mol, asMols=True):
        if not any(atom.GetAtomicNum() == 6 for atom in fragment.GetAtoms()):
            continue
        neutral = tools.charges.uncharge(fragment)
        smiles = str(Chem.MolToSmiles(neutral))
        flat = str(Chem.MolToSmiles(neutral, isomericSmiles=False))
        (companions if flat in COMPANIONS else main).setdefault(smiles, smiles)
    parts = list(main or companions)
    if not parts:
        raise UnusableError("has no carbon")
    if len(parts) > 1:
        raise UnusableError("is a mixture of different molecules")
    return parts[0]


def _settled(content: str) -> tuple[str, Mol]:
    """The spelling that parsing and writing leave as it is, and its molecule."""
    from rdkit import Chem

    for _ in range(4):
        mol = Chem.MolFromSmiles(content)
        if mol is None:
            raise UnusableError("has a neutral form that is no possible molecule")
        again = str(Chem.MolToSmiles(mol))
        if again == content:
            break
        content = again
    return content, mol


def _refuse_atoms(mol: Mol, *, plain: bool) -> None:
    if mol.GetNumHeavyAtoms() == 1:
        raise UnusableError("is a single atom")
    # In a plain molecule no atom has fewer bonds than it can have.
    if not plain and any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms()):
        raise UnusableError("is a radical")
    if plain and not any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms()):
        raise UnusableError("has no carbon")


class _Tools(NamedTuple):
    """RDKit's standardisers, which are slow to make and quick to use."""

    metals: Any
    normal: Any
    sulfoxide: Any
    ions: Any
    charges: Any


@cache
def _tools() -> _Tools:
    from rdkit.Chem.MolStandardize import rdMolStandardize
    from rdkit.Chem.MolStandardize.rdMolStandardize import CleanupParameters, NormalizerFromData

    return _Tools(
        metals=rdMolStandardize.MetalDisconnector(),
        normal=rdMolStandardize.Normalizer(),
        # RDKit writes sulfoxides with charges, chemists and data sets as S=O.
        sulfoxide=NormalizerFromData(SULFOXIDE, CleanupParameters()),
        ions=rdMolStandardize.Reionizer(),
        charges=rdMolStandardize.Uncharger(),
    )
