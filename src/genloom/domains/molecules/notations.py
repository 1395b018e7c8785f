"""The two notations of molecules, SMILES and SELFIES: taking them apart and translating them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType

# A whole bracket atom, a two-letter element, a ring number of two digits; or else one character.
TOKEN = re.compile(r"\[[^\[\]]+\]|Br|Cl|%\(\d+\)|%\d\d|.", re.DOTALL)
SYMBOL = re.compile(r"\[[^\[\]]*\]|\.")
# How many bonds the library lets an atom have decides which molecules it can write, and whether
# what it reads makes sense. With its default it cannot write 4 of 4,854 molecules of NCI, and any
# symbols are a molecule that RDKit accepts, but for these elements. With its preset for
# hypervalent molecules it cannot write 2 of them, and of random symbols a quarter is nonsense.
STRICTER = {"Si": 4, "Ge": 4, "Sn": 4, "Pb": 4, "As": 5, "Sb": 5, "Bi": 5}


def tokens(smiles: str) -> list[str]:
    """Take a SMILES text apart into atoms, bonds, branches and ring numbers.

    Works on any text: joined, the tokens give it back, and what is no SMILES becomes single
    characters.

    >>> tokens("C[C@H](Cl)c1ccc%12")
    ['C', '[C@H]', '(', 'Cl', ')', 'c', '1', 'c', 'c', 'c', '%12']
    """
    return TOKEN.findall(smiles)


def symbols(selfies: str) -> list[str]:
    """Take a SELFIES text apart into its symbols.

    >>> symbols("[C][=O]")
    ['[C]', '[=O]']
    """
    return SYMBOL.findall(selfies)


@lru_cache(maxsize=2**16)
def selfies_of(smiles: str) -> str | None:
    """Write a molecule as SELFIES (Krenn et al., 2020, arXiv 1905.13741).

    Args:
        smiles: In any spelling; the order of its atoms stays.

    Returns:
        The SELFIES text; None if there is none: the text is no SMILES, or an atom has more bonds
        than SELFIES allow.
    """
    with bond_limits() as library:
        try:
            return str(library.encoder(smiles))
        except library.EncoderError:
            return None


def smiles_of(selfies: str) -> str:
    """Read SELFIES as SMILES, not canonical; empty if a symbol is none of SELFIES'."""
    with bond_limits() as library:
        try:
            return str(library.decoder(selfies))
        except library.DecoderError:
            return ""


def canonical(smiles: str) -> str | None:
    """The canonical isomeric SMILES of a molecule; None where RDKit can read none, or no atom."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return Chem.MolToSmiles(molecule) if molecule is not None and molecule.GetNumAtoms() else None


@contextmanager
def bond_limits() -> Iterator[ModuleType]:
    """The library ``selfies`` with our limits of bonds.

    It keeps them in a global table that anybody may set. Set here and put back, they neither depend
    on others nor change anything for them. Setting them empties the library's caches, so who reads
    many molecules does it within this: where they are set already, nothing is done.
    """
    import selfies

    before = selfies.get_semantic_constraints()
    ours = selfies.get_preset_constraints("default") | STRICTER
    if before == ours:
        yield selfies
        return
    selfies.set_semantic_constraints(ours)
    try:
        yield selfies
    finally:
        selfies.set_semantic_constraints(before)
