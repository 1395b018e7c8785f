"""Moves, crossing and the genetic search, on molecules that are easy to check by eye."""

from random import Random

import pytest
from rdkit import Chem, rdBase
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from genloom.design import mutations
from genloom.design.crossover import cross, cut_ring, opened
from genloom.design.editing import editable, finished, is_reasonable
from genloom.design.genetic import Genetic, breed, parents
from genloom.design.mutations import MOVES, mutate
from genloom.design.objectives import objective
from genloom.design.oracle import Oracle

START = [
    *("CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"),
    *("c1ccc2[nH]ccc2c1", "NS(=O)(=O)c1ccccc1", "OCC1OC(O)C(O)C(O)C1O", "FC(F)(F)c1cc[nH]n1"),
    *("C[C@H](N)C(=O)O", "O=[N+]([O-])c1ccccc1", "CCOC(=O)C1CCCCC1", "Cc1ccc(Cl)cc1"),
]


@pytest.fixture(autouse=True)
def quiet():
    with rdBase.BlockLogs():
        yield


@pytest.mark.parametrize("smiles", START)
def test_opening_and_closing_changes_nothing_but_stereo(smiles):
    flat = Chem.CanonSmiles(smiles.replace("@", ""))
    assert finished(editable(Chem.MolFromSmiles(smiles))) == flat


@pytest.mark.parametrize("move", MOVES)
def test_every_move_makes_molecules_that_rdkit_reads(move):
    chance, made = Random(0), set()
    for _ in range(5):
        for smiles in START:
            molecule = editable(Chem.MolFromSmiles(smiles))
            if move(molecule, chance) and (text := finished(molecule)):
                made.add(text)
    assert len(made) > 5
    assert all(Chem.CanonSmiles(text) == text for text in made)


def moved(move, smiles, tries=40):
    """All that a move can make of a molecule, as formulas."""
    found, chance = set(), Random(1)
    for _ in range(tries):
        molecule = editable(Chem.MolFromSmiles(smiles))
        if move(molecule, chance) and (text := finished(molecule)):
            found.add(CalcMolFormula(Chem.MolFromSmiles(text)))
    return found


def test_moves_do_what_they_are_called():
    assert moved(mutations.delete_atom, "CCO") == {"C2H6", "CH4O"}
    assert moved(mutations.change_bond, "CC") == {"C2H4", "C2H2"}
    assert moved(mutations.close_ring, "CCC") == {"C3H6"}
    assert moved(mutations.open_ring, "C1CC1") == {"C3H8"}
    assert {"C2H6", "CH5N", "CH4O", "CH3F"} <= moved(mutations.append_atom, "C", 200)
    assert moved(mutations.insert_atom, "CC", 200) == {"C3H8", "C2H7N", "C2H6O", "C2H6S"}
    assert moved(mutations.change_element, "FC(F)(F)F") <= {
        *("CClF3", "CBrF3", "CHF3O", "CH2F3N", "CHF3S", "C2H3F3")
    }


def test_children_have_parts_of_both_parents():
    chance = Random(0)
    children = {cross("FCCCCCC", "ClCCCCCC", chance) for _ in range(100)}
    assert any(child and "F" in child and "Cl" in child for child in children)
    assert all(Chem.MolFromSmiles(child).GetNumAtoms() <= 14 for child in children if child)


def test_parents_are_as_they_were_after_their_children_were_cut_out_of_them():
    before = Chem.MolToSmiles(opened("FCCc1ccccc1").molecule)
    children = [cross("FCCc1ccccc1", "ClCCC1CC1", Random(3)) for _ in range(3)]
    assert len(set(children)) == 1
    assert Chem.MolToSmiles(opened("FCCc1ccccc1").molecule) == before


def test_rings_are_cut_through_two_bonds_apart():
    cuts = [cut_ring(opened("c1ccccc1"), Random(seed)) for seed in range(50)]
    assert all(len({atom for pair in cut for atom in pair}) == 4 for cut in cuts if cut)
    assert sum(map(bool, cuts)) > 10
    assert cut_ring(opened("CCC"), Random(0)) == []


@pytest.mark.parametrize(
    ("smiles", "fair"),
    [
        ("CC(=O)Nc1ccc(O)cc1", True),
        ("C1=CC1", False),  # a double bond in a ring of three
        ("COOC", False),
        ("C=C=C", False),
        ("C[SH](=O)=O", False),
        ("C1CCCCCCCC1", False),  # a ring of nine
        ("CCN(Cl)C", False),
        ("C[N+](=O)C", False),  # a charge without another that makes up for it
        ("c1cc2cc(c1)C2", False),  # a bridge over benzene
        ("C" * 31, False),
        ("no molecule", False),
    ],
)
def test_what_is_worth_a_call(smiles, fair):
    assert is_reasonable(smiles, most_atoms=30) is fair


def test_the_best_are_parents_most_often():
    alive = {str(score): score / 10 for score in range(10)}
    drawn = parents(alive, 4000, Random(0), pressure=0.1)
    counts = [drawn.count(str(score)) for score in range(9, -1, -1)]
    assert counts[0] == max(counts)
    # Weights 1/2, 1/3, ... 1/11, which sum to 2.02.
    assert counts[0] / 4000 == pytest.approx(1 / 2 / 2.0199, abs=0.03)
    even = parents(alive, 4000, Random(0), pressure=1e6)
    assert even.count("0") / 4000 == pytest.approx(0.1, abs=0.03)


def test_children_are_new_and_different():
    alive = dict.fromkeys(START, 0.5)
    options = {"mutation": 0.5, "pressure": 0.1, "most_atoms": 30}
    first = breed(alive, 20, Random(0), set(), **options)
    assert len(set(first)) == 20
    second = breed(alive, 20, Random(0), set(first), **options)
    assert not set(first) & set(second)


def test_search_climbs_and_keeps_to_its_budget():
    goal = objective({"logp": 4.0, "qed_above": 0.8})
    oracle = Oracle(goal, 300)
    Genetic(population=20, offspring=10).design(oracle, START, seed=0)
    scores = oracle.trace()["score"]
    assert len(scores) == 300
    assert scores.max() > max(goal.score(smiles) for smiles in START) + 0.1
    assert scores[200:].mean() > scores[:50].mean() + 0.1


def test_same_seed_same_molecules():
    traces = []
    for seed in (3, 3, 4):
        oracle = Oracle(objective("celecoxib_rediscovery"), 60)
        Genetic(population=10, offspring=10).design(oracle, START, seed=seed)
        traces.append(oracle.trace()["smiles"].tolist())
    assert traces[0] == traces[1] != traces[2]


def test_mutations_never_return_what_they_were_given():
    chance = Random(0)
    assert all(mutate(smiles, chance) != Chem.CanonSmiles(smiles) for smiles in START)
