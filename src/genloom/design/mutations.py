"""Small changes of a molecule: one atom or one bond comes, goes or becomes another.

The moves are those that Jensen, *A graph-based genetic algorithm and generative model/Monte Carlo
tree search for the exploration of chemical space* (2019, Chem. Sci. 10, 3567) describes.
"""

from collections.abc import Callable
from random import Random

from rdkit import Chem
from rdkit.Chem import Atom, BondType, RWMol

from genloom.design.editing import ELEMENTS, editable, finished

ORDERS = {1: BondType.SINGLE, 2: BondType.DOUBLE, 3: BondType.TRIPLE}
# How readily two atoms so many bonds apart are joined: rings of five and six are the usual ones.
_REACHES = {2: 0.05, 3: 0.1, 4: 0.4, 5: 0.4, 6: 0.05}
_TRIES = 10


def mutate(smiles: str, chance: Random) -> str | None:
    """Change a molecule at one place.

    Args:
        smiles: The molecule.
        chance: Where the randomness comes from.

    Returns:
        Another molecule as canonical SMILES; None where several tries found none.
    """
    molecule = Chem.MolFromSmiles(smiles)
    for _ in range(_TRIES):
        move = chance.choices(list(MOVES), list(MOVES.values()))[0]
        edited = editable(molecule)
        if not move(edited, chance):
            continue
        changed = finished(edited)
        if changed is not None and changed != smiles:
            return changed
    return None


def append_atom(molecule: RWMol, chance: Random) -> bool:
    """Put an atom in the place of hydrogens."""
    places = [atom for atom in molecule.GetAtoms() if atom.GetTotalNumHs()]
    if not places:
        return False
    place = chance.choice(places)
    element = _element(chance)
    most = min(place.GetTotalNumHs(), ELEMENTS[element][0], 3)
    order = min(most, chance.choices((1, 2, 3), (0.8, 0.17, 0.03))[0])
    new = molecule.AddAtom(Atom(element))
    molecule.AddBond(place.GetIdx(), new, ORDERS[order])
    return True


def insert_atom(molecule: RWMol, chance: Random) -> bool:
    """Put an atom between two that had a single bond."""
    bonds = [bond for bond in molecule.GetBonds() if bond.GetBondType() == BondType.SINGLE]
    if not bonds:
        return False
    bond = chance.choice(bonds)
    begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    molecule.RemoveBond(begin, end)
    new = molecule.AddAtom(Atom(_element(chance, least=2)))
    molecule.AddBond(begin, new, BondType.SINGLE)
    molecule.AddBond(new, end, BondType.SINGLE)
    return True


def delete_atom(molecule: RWMol, chance: Random) -> bool:
    """Take away an atom at an end, or one in the middle whose two neighbours then have a bond."""
    places = [atom for atom in molecule.GetAtoms() if atom.GetDegree() in (1, 2)]
    if not places or molecule.GetNumAtoms() < 3:
        return False
    place = chance.choice(places)
    first, *second = [atom.GetIdx() for atom in place.GetNeighbors()]
    if second:
        if molecule.GetBondBetweenAtoms(first, second[0]):
            return False
        molecule.AddBond(first, second[0], BondType.SINGLE)
    molecule.RemoveAtom(place.GetIdx())
    return True


def change_element(molecule: RWMol, chance: Random) -> bool:
    """Make an atom one of another element that can have as many bonds."""
    atom = chance.choice(list(molecule.GetAtoms()))
    bonds = sum(int(bond.GetBondTypeAsDouble()) for bond in atom.GetBonds())
    if bonds > 4:
        return False
    element = _element(chance, least=bonds)
    if element == atom.GetSymbol():
        return False
    atom.SetAtomicNum(Atom(element).GetAtomicNum())
    atom.SetFormalCharge(0)
    return True


def change_bond(molecule: RWMol, chance: Random) -> bool:
    """Give a bond another order; hydrogens make room for it, or take it."""
    bonds = list(molecule.GetBonds())
    if not bonds:
        return False
    bond = chance.choice(bonds)
    order = int(bond.GetBondTypeAsDouble())
    room = min(bond.GetBeginAtom().GetTotalNumHs(), bond.GetEndAtom().GetTotalNumHs())
    most = 2 if bond.IsInRing() else 3
    orders = [other for other in ORDERS if other != order and other <= min(order + room, most)]
    if not orders:
        return False
    bond.SetBondType(ORDERS[chance.choices(orders, [1 / other**2 for other in orders])[0]])
    return True


def close_ring(molecule: RWMol, chance: Random) -> bool:
    """Join two atoms a few bonds apart."""
    places = [atom.GetIdx() for atom in molecule.GetAtoms() if atom.GetTotalNumHs()]
    if not places:
        return False
    place = chance.choice(places)
    distances = Chem.GetDistanceMatrix(molecule)[place]
    others = [other for other in places if int(distances[other]) in _REACHES]
    if not others:
        return False
    weights = [_REACHES[int(distances[other])] for other in others]
    molecule.AddBond(place, chance.choices(others, weights)[0], BondType.SINGLE)
    return True


def open_ring(molecule: RWMol, chance: Random) -> bool:
    """Take away a bond of a ring."""
    bonds = [bond for bond in molecule.GetBonds() if bond.IsInRing()]
    if not bonds:
        return False
    bond = chance.choice(bonds)
    molecule.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    return True


# The moves and how often each is tried.
MOVES: dict[Callable[[RWMol, Random], bool], float] = {
    append_atom: 0.25,
    insert_atom: 0.1,
    delete_atom: 0.2,
    change_element: 0.15,
    change_bond: 0.15,
    close_ring: 0.1,
    open_ring: 0.05,
}


def _element(chance: Random, least: int = 1) -> str:
    """An element that can have at least so many bonds."""
    able = {name: weight for name, (bonds, weight) in ELEMENTS.items() if bonds >= least}
    return chance.choices(list(able), list(able.values()))[0]
