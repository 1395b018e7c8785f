"""A child of two molecules: each is cut in two, and a part of one is joined to a part of the other.

Cuts go through one bond of a chain or through two bonds of a ring, as in Jensen (2019, Chem. Sci.
10, 3567).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from rdkit import Chem
from rdkit.Chem import BondType, RWMol

from genloom.design.editing import editable, finished

_TRIES = 10
_PARENTS = 1024  # molecules that are kept ready: a search breeds from the same few again and again

Bond = tuple[int, int]  # the numbers of its atoms


@dataclass(frozen=True)
class Parent:
    """A molecule that can be cut.

    Attributes:
        molecule: It with single, double and triple bonds only, see ``editable``. All crossings of
            a molecule share it, so it is copied before it is cut.
        chains: Its single bonds outside of rings.
        rings: The bonds of each of its rings.
    """

    molecule: RWMol
    chains: tuple[Bond, ...]
    rings: tuple[tuple[Bond, ...], ...]


@dataclass(frozen=True)
class Part:
    """What is left of a molecule that was cut.

    Attributes:
        molecule: The whole molecule without the bonds that were cut.
        atoms: The atoms of the part.
        ends: Its atoms that lost a bond, one for each cut.
        orders: The orders of those bonds.
    """

    molecule: RWMol
    atoms: frozenset[int]
    ends: tuple[int, ...]
    orders: tuple[BondType, ...]


def cross(first: str, second: str, chance: Random) -> str | None:
    """Join a part of one molecule to a part of another.

    Args:
        first: SMILES.
        second: SMILES.
        chance: Where the randomness comes from.

    Returns:
        A molecule that is neither, as canonical SMILES; None where several tries found none.
    """
    parents = [opened(smiles) for smiles in (first, second)]
    for _ in range(_TRIES):
        cut = chance.choice((cut_chain, cut_ring))
        parts = [_part(parent, cut, chance) for parent in parents]
        if parts[0] is None or parts[1] is None:
            continue
        child = finished(_joined(parts[0], parts[1], chance))
        if child is not None and child not in (first, second):
            return child
    return None


@lru_cache(maxsize=_PARENTS)
def opened(smiles: str) -> Parent:
    """A molecule, ready to be cut."""
    molecule = editable(Chem.MolFromSmiles(smiles))
    bonds = list(molecule.GetBonds())
    atoms = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds]
    chains = [
        pair
        for pair, bond in zip(atoms, bonds, strict=True)
        if not bond.IsInRing() and bond.GetBondType() == BondType.SINGLE
    ]
    rings = molecule.GetRingInfo().BondRings()
    return Parent(molecule, tuple(chains), tuple(tuple(atoms[n] for n in ring) for ring in rings))


def cut_chain(parent: Parent, chance: Random) -> list[Bond]:
    """A single bond outside of rings; nothing where there is none."""
    return [chance.choice(parent.chains)] if parent.chains else []


def cut_ring(parent: Parent, chance: Random) -> list[Bond]:
    """Two bonds of a ring that have no atom in common; nothing where there is no ring."""
    if not parent.rings:
        return []
    first, second = chance.sample(chance.choice(parent.rings), 2)
    return [first, second] if not set(first) & set(second) else []


def _part(
    parent: Parent, cut: Callable[[Parent, Random], list[Bond]], chance: Random
) -> Part | None:
    """One of the two parts that a cut leaves; None where it leaves another number."""
    pairs = cut(parent, chance)
    if not pairs:
        return None
    molecule = RWMol(parent.molecule)
    orders = tuple(molecule.GetBondBetweenAtoms(*pair).GetBondType() for pair in pairs)
    for pair in pairs:
        molecule.RemoveBond(*pair)
    parts = Chem.GetMolFrags(molecule)
    if len(parts) != 2:
        return None
    atoms = frozenset(parts[chance.randrange(2)])
    ends = tuple(begin if begin in atoms else end for begin, end in pairs)
    return Part(molecule, atoms, ends, orders)


def _joined(first: Part, second: Part, chance: Random) -> RWMol:
    """Both parts with bonds between their ends, paired at random."""
    shift = first.molecule.GetNumAtoms()
    joined = RWMol(Chem.CombineMols(first.molecule, second.molecule))
    others = chance.sample(range(len(second.ends)), len(second.ends))
    for number, other in enumerate(others):
        orders = {first.orders[number], second.orders[other]}
        order = orders.pop() if len(orders) == 1 else BondType.SINGLE
        joined.AddBond(first.ends[number], second.ends[other] + shift, order)
    kept = first.atoms | {atom + shift for atom in second.atoms}
    for atom in range(joined.GetNumAtoms() - 1, -1, -1):
        if atom not in kept:
            joined.RemoveAtom(atom)
    return joined
