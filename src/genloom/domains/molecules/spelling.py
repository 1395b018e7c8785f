"""Spellings: the same molecule written from another atom, in another order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genloom.domains.molecules.notations import tokens

# Every spelling needs numbers for rings and brackets for branches, and one may need more of them
# than another.
_RINGS_AND_BRANCHES = frozenset("123456789()")


def spellings(contents: Sequence[str], count: int, *, seed: int) -> list[list[str]]:
    """Write molecules in random orders of their atoms.

    Arus-Pous et al. (2019), "Randomized SMILES strings improve the quality of molecular generative
    models", found that generators learn more from few molecules that way.

    Args:
        contents: SMILES texts.
        count: How many spellings of each, drawn independently: two may be the same.
        seed: Other seeds draw other orders.

    Returns:
        Per molecule ``count`` SMILES texts; a text that RDKit cannot read stays as it is.
    """
    import numpy as np
    from rdkit import Chem, rdBase

    seeds = np.random.default_rng(seed).integers(1, 2**31, size=len(contents)).tolist()
    found = []
    with rdBase.BlockLogs():
        for content, own in zip(contents, seeds, strict=True):
            molecule = Chem.MolFromSmiles(content)
            if molecule is None or not molecule.GetNumAtoms():
                found.append([content] * count)
            else:
                found.append(list(Chem.MolToRandomSmilesVect(molecule, count, randomSeed=own)))
    return found


def vocabulary(contents: Iterable[str]) -> list[str]:
    """The tokens of SMILES texts and of their other spellings, sorted.

    In another spelling a centre may be seen from its other side and a double bond from its other
    end, so of ``@`` and ``@@``, and of ``/`` and ``\\``, each brings the other.
    """
    found = {token for content in contents for token in tokens(content)}
    found |= {_other_side(token) for token in found if "@" in token}
    if found & {"/", "\\"}:
        found |= {"/", "\\"}
    return sorted(found | _RINGS_AND_BRANCHES)


def heavy_atoms(smiles: str) -> int:
    """How many atoms a SMILES text writes down, without reading it as a molecule.

    >>> heavy_atoms("C[C@H](Cl)c1ccccc1")
    9
    """
    return sum(token[0] == "[" or token[0].isalpha() for token in tokens(smiles))


def _other_side(token: str) -> str:
    return token.replace("@@", "@") if "@@" in token else token.replace("@", "@@")
