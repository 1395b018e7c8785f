"""Gobbi's pharmacophores, beside RDKit's own fingerprint of them."""

from itertools import combinations
from pathlib import Path

import pytest
from rdkit import Chem, DataStructs, RDConfig, rdBase
from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

from genloom.design.pharmacophores import pharmacophores, shared_share

CHAINS = [
    "CCO",
    "C",
    "CCCCOCCCCCCCN.OCCCC(F)CCO",  # no path between the two
    "O=C(O)CCCCCCCCCCCCCCCCCCCC(N)CCCCCCCCCO",  # long distances are one
    "CCCOc1cc2ncnc(Nc3ccc4ncsc4c3)c2cc1S(=O)(=O)C(C)(C)C",
]


@pytest.fixture(scope="module")
def molecules():
    lines = (Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi").read_text().splitlines()
    with rdBase.BlockLogs():
        found = [Chem.MolFromSmiles(line.split()[0]) for line in lines[::400]]
    return [m for m in found if m is not None] + [Chem.MolFromSmiles(text) for text in CHAINS]


def test_they_are_as_similar_as_by_rdkits_fingerprint(molecules):
    own = [pharmacophores(molecule) for molecule in molecules]
    theirs = [Generate.Gen2DFingerprint(molecule, Gobbi_Pharm2D.factory) for molecule in molecules]
    assert [len(one) for one in own] == [one.GetNumOnBits() for one in theirs]
    assert max(map(len, own)) > 300
    pairs = list(combinations(range(len(molecules)), 2))
    assert [shared_share(own[a], own[b]) for a, b in pairs] == [
        DataStructs.TanimotoSimilarity(theirs[a], theirs[b]) for a, b in pairs
    ]


def test_they_do_not_depend_on_the_order_of_atoms(molecules):
    for molecule in molecules:
        turned = Chem.RenumberAtoms(molecule, list(reversed(range(molecule.GetNumAtoms()))))
        assert pharmacophores(turned) == pharmacophores(molecule)


def test_nothing_has_no_share_in_nothing():
    assert shared_share(frozenset(), frozenset()) == 0.0
