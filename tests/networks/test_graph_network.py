"""The network that reads molecules as graphs."""

import pytest
import torch
from rdkit import Chem

from genloom.graphs import ATOM_FEATURES, ELEMENTS, shape_for
from genloom.networks.graph_network import GraphNetwork

ATOMS = 12
BOND = {1.0: 1, 2.0: 2, 3.0: 3, 1.5: 4}


def graph(smiles, order=None):
    """One molecule in the layout of genloom.graphs; ``order`` renumbers its atoms."""
    molecule = Chem.MolFromSmiles(smiles)
    if order is not None:
        molecule = Chem.RenumberAtoms(molecule, order)
    x = torch.zeros(shape_for(ATOMS), dtype=torch.uint8)
    for atom in molecule.GetAtoms():
        features = [
            ELEMENTS.index(atom.GetSymbol()),
            atom.GetDegree() + 1,
            atom.GetFormalCharge() + 3,
            atom.GetTotalNumHs() + 1,
            atom.GetIsAromatic() + 1,
            atom.IsInRing() + 1,
        ]
        x[atom.GetIdx(), : len(ATOM_FEATURES)] = torch.tensor(features)
    for bond in molecule.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        kind = BOND[bond.GetBondTypeAsDouble()]
        x[a, len(ATOM_FEATURES) + b] = x[b, len(ATOM_FEATURES) + a] = kind
    return x


def graphs(*smiles):
    return torch.stack([graph(text) for text in smiles])


def network(classes=0, **block):
    torch.manual_seed(0)
    return GraphNetwork(shape_for(ATOMS), classes, **{"width": 16, "steps": 60, **block})


CHAINS = [
    first + "C" * carbons + last
    for carbons in range(1, 8)
    for first in ("", "O", "N", "Cl")
    for last in ("", "O", "F")
]


def test_a_count_of_atoms_is_learned_also_of_molecules_larger_than_any_seen():
    x = graphs(*CHAINS)
    y = (x[:, :, 0] == ELEMENTS.index("C")).sum(dim=1).float()
    model = network(lr=0.01, dropout=0.0, steps=150)
    model.fit(x, y, seed=0)
    assert (model.predict(x) - y).abs().mean() < 0.4
    larger = model.predict(graphs("CCCCCCCCC", "CCCCCCCCCC", "CCCCCCCCCCC"))
    assert larger.min() > 7.5
    assert larger[0] < larger[1] < larger[2]


def test_what_stands_where_is_learned_and_not_only_which_atoms_there_are():
    ethers = ["C" * a + "O" + "C" * b for a in range(1, 5) for b in range(1, 5)]
    alcohols = ["C" * n + "O" for n in range(2, 9)] + ["CC(C)" + "C" * n + "O" for n in range(6)]
    x = graphs(*ethers, *alcohols)
    y = torch.tensor([0] * len(ethers) + [1] * len(alcohols))
    model = network(classes=2, lr=0.01)
    model.fit(x, y, seed=0)
    assert (model.predict(x).argmax(dim=1) == y).float().mean() > 0.95


@pytest.mark.parametrize("smiles", ["CC(=O)Oc1ccccc1", "C1CC1C#N", "C[N+](C)(C)CC(=O)[O-]"])
def test_the_order_of_atoms_does_not_matter(smiles):
    count = Chem.MolFromSmiles(smiles).GetNumAtoms()
    shuffled = torch.randperm(count, generator=torch.Generator().manual_seed(1)).tolist()
    one, other = network().eval().represent(torch.stack([graph(smiles), graph(smiles, shuffled)]))
    assert torch.allclose(one, other, atol=1e-5)
    assert one.any()


def test_bonds_count_also_where_the_atoms_are_the_same():
    single, double, apart = graph("CC"), graph("CC"), graph("CC")
    for x, bond in ((double, 2), (apart, 0)):
        x[0, len(ATOM_FEATURES) + 1] = x[1, len(ATOM_FEATURES)] = bond
    found = network().eval().represent(torch.stack([single, double, apart]))
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


def test_an_atom_hears_as_many_bonds_away_as_there_are_rounds():
    # The two differ at the far end alone, four bonds from the first atom.
    near, far = graphs("CCCCCC"), graphs("CCCCCC")
    far[0, 4, 0] = ELEMENTS.index("N")
    for layers, hears in ((3, False), (4, True)):
        model = network(layers=layers).eval()
        first = []
        model.read = lambda h, here, first=first: first.append(h[0]) or torch.zeros(1, 48)
        model.represent(near), model.represent(far)
        assert torch.equal(*first) != hears


def test_a_molecule_is_the_same_in_any_company_and_of_any_integer_type():
    model = network().eval()
    alone, together = graphs("CCO"), graphs("CCO", "CCCCCCCCCCCC", "C")
    assert torch.allclose(model.represent(alone)[0], model.represent(together)[0], atol=1e-6)
    assert torch.equal(model.predict(together), model.predict(together.long()))


def test_no_atoms_and_no_molecules_break_nothing():
    model = network(classes=3).eval()
    nothing = torch.zeros(2, *shape_for(ATOMS), dtype=torch.uint8)
    assert model.predict(nothing).isfinite().all()
    assert model.predict(torch.cat([nothing, graphs("C")])).isfinite().all()
    assert model.predict(nothing[:0]).shape == (0, 3)
    assert model.features(graphs("C")).shape == (1, 64)
