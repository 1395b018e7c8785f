"""Tokens add up to the text, and SELFIES stand for the molecule that they came from."""

import random

import pytest
import selfies
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from genloom.domains.molecules.notations import (
    bond_limits,
    canonical,
    selfies_of,
    smiles_of,
    symbols,
    tokens,
)
from genloom.domains.molecules.spelling import heavy_atoms, spellings, vocabulary

MOLECULES = [
    "C",
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)O",
    "C[C@@H](F)/C=C/Br",
    "CC[N+](C)(C)CC(=O)[O-]",
    "O=[N+]([O-])c1cc[nH]c1Cl",
    "O=S(=O)(O)c1ccc(I)cc1",
    "N#Cc1ccc2c(c1)CCC2",
    "[2H]C([2H])([2H])O",
    "CCO[Si](CC)(OCC)OCC",
    "C1CC2CCC1C2",
    "F[P-](F)(F)(F)(F)F",
    "[O-][Cl+3]([O-])([O-])O",
]
ODD = "Fc1ccc([I]c2ccc(F)cc2)cc1"  # RDKit reads an iodine of two bonds, SELFIES have none


def test_tokens_of_smiles():
    assert tokens("ClC(Br)[C@@H]1c2cc[nH]%12-%(123)=O.F") == [
        *("Cl", "C", "(", "Br", ")", "[C@@H]", "1", "c", "2", "c", "c", "[nH]", "%12", "-"),
        *("%(123)", "=", "O", ".", "F"),
    ]


@given(st.text(alphabet="CNOclrBnso[]()=#%@+-123\n ?é", max_size=30))
def test_tokens_of_any_text_add_up_to_it(text):
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize("smiles", MOLECULES)
def test_selfies_stand_for_the_same_molecule(smiles):
    written = selfies_of(smiles)
    assert "".join(symbols(written)) == written
    assert canonical(smiles_of(written)) == canonical(smiles)


@pytest.mark.parametrize("smiles", [ODD, "c1ccc", "C(", "hello?", "[Fe]12345678C1"])
def test_no_selfies(smiles):
    assert selfies_of(smiles) is None


def test_any_symbols_are_a_molecule():
    # Of unusual ions alone it is not so: the library sets them no limit.
    usual = [smiles for smiles in MOLECULES if "Cl+" not in smiles and "P-" not in smiles]
    found = sorted({symbol for smiles in usual for symbol in symbols(selfies_of(smiles))})
    chance = random.Random(0)
    for _ in range(300):
        assert canonical(smiles_of("".join(chance.choices(found, k=20)))) is not None
    assert smiles_of("[C][nonsense]") == ""


def test_what_others_set_for_selfies_neither_matters_nor_changes():
    hypervalent = selfies.get_preset_constraints("hypervalent")
    before, nitrogen = selfies.get_semantic_constraints(), "CN(=O)=O"
    selfies_of.cache_clear()
    try:
        selfies.set_semantic_constraints("hypervalent")
        assert selfies_of(nitrogen) is None
        assert smiles_of("[Cl][=O]") == "ClO"
        assert selfies.get_semantic_constraints() == hypervalent
        with bond_limits():  # around several, too
            assert smiles_of("[Cl][=O]") == "ClO"
            assert smiles_of("[C][nonsense]") == ""
            assert selfies_of("CCN(=O)=O") is None
            assert selfies.get_semantic_constraints()["Cl"] == 1
        assert selfies.get_semantic_constraints() == hypervalent
    finally:
        selfies.set_semantic_constraints(before)
    assert selfies_of(ODD) is None


def test_canonical_is_silent(capfd):
    assert canonical("OCC") == canonical("C(O)C") == "CCO"
    assert [canonical(text) for text in ("", "C(", "F(C)(C)C", "?")] == [None] * 4
    assert capfd.readouterr() == ("", "")


def test_spellings_are_of_the_same_molecule_and_depend_on_the_seed_alone():
    found = spellings(MOLECULES, 6, seed=1)
    assert [len(drawn) for drawn in found] == [6] * len(MOLECULES)
    for smiles, drawn in zip(MOLECULES, found, strict=True):
        assert {canonical(text) for text in drawn} == {canonical(smiles)}
    assert len(set(found[1])) > 3
    assert spellings(MOLECULES, 6, seed=1) == found != spellings(MOLECULES, 6, seed=2)
    assert spellings(["c1cc", ""], 2, seed=0) == [["c1cc", "c1cc"], ["", ""]]


def test_the_vocabulary_holds_every_spelling():
    known = vocabulary(MOLECULES)
    assert known == sorted(known)
    for drawn in spellings(MOLECULES, 20, seed=0):
        assert {token for text in drawn for token in tokens(text)} <= set(known)
    assert "[C@H]" in known
    assert "[C@@H]" in vocabulary(["C[C@H](N)O"])
    assert "/" not in vocabulary(["CC"])


@pytest.mark.parametrize("smiles", MOLECULES)
def test_heavy_atoms_are_counted_without_reading(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    assert heavy_atoms(smiles) == molecule.GetNumAtoms()
