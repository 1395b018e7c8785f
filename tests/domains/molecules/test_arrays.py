"""Vectors and graphs say what the molecule is, in columns of known meaning."""

import numpy as np
import pandas as pd
import pytest
import torch
from rdkit import Chem
from rdkit.Chem import Crippen, rdMolDescriptors

from genloom.domains.molecules.arrays import FINGERPRINT, fingerprints, graphs
from genloom.domains.molecules.descriptors import descriptors, names
from genloom.domains.molecules.places import places
from genloom.graphs import (
    AROMATIC,
    AROMATIC_BOND,
    ATOM_FEATURES,
    BONDS,
    CHARGE,
    DEGREE,
    DOUBLE,
    ELEMENT,
    ELEMENTS,
    HYDROGENS,
    NO_BOND,
    RING,
    SINGLE,
    TRIPLE,
    parts,
    present,
)

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
NO_MOLECULES = ["", "C(", "c1cc", "F(C)C", "?"]
SEVERAL = [ASPIRIN, "C", "N#C[O-]", "CC[Hg]Cl", "C1CC2CCC1C2", "[Na+]", "C" * 60]


def table(contents):
    return pd.DataFrame({"content": contents})


def test_fingerprints_count_surroundings():
    found = fingerprints(["CCCCCC", "CCCCCCCC", "OCC", "C(C)O"])
    assert tuple(found.shape) == (4, FINGERPRINT)
    assert found.dtype == torch.float32
    counts = found.expm1().round()
    # 6 carbons: two ends, four in the middle, and what surrounds them.
    assert counts[0].max() == 4
    assert torch.equal(counts[0] > 0, counts[1] > 0) is False
    assert torch.equal(found[2], found[3]), "the spelling does not matter"
    assert not torch.equal(found[0], found[1])


def test_what_is_no_molecule_is_zeros(capfd):
    for make in (fingerprints, descriptors, lambda contents: graphs(contents, 5)):
        found = make([*NO_MOLECULES, "CCO"])
        assert not found[:-1].any()
        assert found[-1].any()
        assert len(make([])) == 0
    assert capfd.readouterr().err == ""


def test_descriptors_have_names_and_are_finite():
    found = descriptors(SEVERAL)
    assert tuple(found.shape) == (len(SEVERAL), len(names()))
    assert found.dtype == torch.float32
    assert found.isfinite().all()
    assert found.abs().max() < 15
    assert len(set(names())) == len(names()) > 100
    molecule = Chem.MolFromSmiles(ASPIRIN)
    known = {
        "exactmw": rdMolDescriptors.CalcExactMolWt(molecule),
        "NumAromaticRings": 1,
        "tpsa": rdMolDescriptors.CalcTPSA(molecule),
        "CrippenClogP": Crippen.MolLogP(molecule),
        "PEOE_VSA1": rdMolDescriptors.PEOE_VSA_(molecule)[0],
        "SMR_VSA10": rdMolDescriptors.SMR_VSA_(molecule)[9],
        "SlogP_VSA12": rdMolDescriptors.SlogP_VSA_(molecule)[11],
        "atoms_1": 9,  # carbons
        "topology_42": rdMolDescriptors.MQNs_(molecule)[41],
    }
    for name, value in known.items():
        assert found[0, names().index(name)] == pytest.approx(np.log1p(value), rel=1e-5), name
    ion = descriptors(["N#C[O-]"])[0, names().index("CrippenClogP")]
    assert ion == pytest.approx(-np.log1p(-Crippen.MolLogP(Chem.MolFromSmiles("N#C[O-]"))))


@pytest.mark.parametrize("property", ["logp", "weight", "qed", "sa"])
def test_descriptors_do_not_give_away_the_property(property):
    kept, everything = names(property), descriptors(SEVERAL)
    columns = [names().index(name) for name in kept]
    assert columns == sorted(columns)
    assert torch.equal(descriptors(SEVERAL, property), everything[:, columns])
    gone = set(names()) - set(kept)
    some = {
        "logp": {"CrippenClogP", "SlogP_VSA1", "SlogP_VSA12"},
        "weight": {"exactmw", "amw", "NumAtoms", "atoms_1", "atoms_12", "labuteASA"},
    }.get(property, set())
    assert some <= gone
    assert bool(gone) is bool(some)
    assert {"tpsa", "SMR_VSA1", "topology_13"} <= set(kept)


def test_graphs_in_the_layout_that_networks_read():
    graph = graphs(["C[C@H](F)C#[N+]c1ccc[nH]1"], 12)
    assert tuple(graph.shape) == (1, 12, len(ATOM_FEATURES) + 12)
    assert graph.dtype == torch.uint8
    atoms, bonds = parts(graph[0].long())
    assert present(graph[0]).tolist() == [True] * 10 + [False] * 2
    assert not graph[0, 10:].any()
    assert [ELEMENTS[place] for place in atoms[:, ELEMENT]] == [*"CCFCNCCCCN", "", ""]
    assert (atoms[:10, DEGREE] - 1).tolist() == [1, 3, 1, 2, 2, 3, 2, 2, 2, 2]
    assert (atoms[:10, CHARGE] - 3).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert (atoms[:10, HYDROGENS] - 1).tolist() == [3, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    assert atoms[:10, AROMATIC].tolist() == [1] * 5 + [2] * 5
    assert atoms[:10, RING].tolist() == [1] * 5 + [2] * 5
    assert torch.equal(bonds, bonds.T)
    assert not bonds.diagonal().any()
    assert bonds[0, 1] == SINGLE
    assert bonds[3, 4] == TRIPLE
    assert bonds[5, 6] == bonds[9, 5] == AROMATIC_BOND
    assert bonds[0, 2] == NO_BOND
    assert int((bonds > 0).sum()) == 2 * 10
    assert parts(graphs(["C=O"], 2))[1][0, 0, 1] == DOUBLE


def test_features_stay_in_their_tables():
    odd = [
        "[Fe+4]",
        "F[P-](F)(F)(F)(F)F",
        "[BH4-]",
        "C[Hg]C",
        "[U]",
        "[O-2]",
        "N->[Fe]<-N",
        "[CH5+]",
    ]
    found = graphs(odd, 7).long()
    atoms, bonds = parts(found)
    for feature, values in enumerate(ATOM_FEATURES):
        assert atoms[..., feature].max() < values
    assert bonds.max() < BONDS
    assert ELEMENTS[atoms[0, 0, ELEMENT]] == "other"
    assert parts(graphs(["N->[Fe]"], 2))[1][0, 0, 1] == SINGLE


def test_a_molecule_too_large_for_its_graph_is_cut():
    small, whole = graphs(["CCOCN"], 3), graphs(["CCOCN"], 5)
    assert torch.equal(parts(small)[0], parts(whole)[0][:, :3])
    assert torch.equal(parts(small)[1], parts(whole)[1][:, :3, :3])


def test_places_are_near_for_alike_molecules():
    found = places(table(["CCCCO", "OCCCC", "CCCCCO", "c1ccncc1", *NO_MOLECULES]), None)
    assert tuple(found.shape) == (4 + len(NO_MOLECULES), 1024)
    assert found.dtype == torch.float32
    assert torch.allclose(found.norm(dim=1), torch.ones(len(found)))
    apart = torch.cdist(found, found)
    assert apart[0, 1] < 1e-3
    assert apart[0, 2] < 1 < apart[0, 3]
    # Nothing that is no molecule is near to one.
    assert (apart[:4, 4:] > 2**0.5 + 0.05).all()
    assert tuple(places(table([]), None).shape) == (0, 1024)
