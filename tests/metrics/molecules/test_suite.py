"""The whole suite against numbers that MOSES and GuacaMol expect of their own."""

import math
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from genloom.errors import GenloomError
from genloom.metrics.molecules import references, suite
from genloom.metrics.molecules.records import SHAPE, records
from genloom.metrics.molecules.references import Reference
from genloom.metrics.molecules.sharing import ALONE, MOST, MOST_BESIDE, shared, workers_for
from genloom.metrics.molecules.suite import unique_and_novel
from genloom.processes import cores

# The sets of tests/test_metrics.py of github.com/molecularsets/moses and what it expects of them.
TEST = ["Oc1ccccc1-c1cccc2cnccc12", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1"]
SCAFFOLD = [
    "COCc1nnc(NC(=O)COc2ccc(C(C)(C)C)cc2)s1",
    "O=C(C1CC2C=CC1C2)N1CCOc2ccccc21",
    "Nc1c(Br)cccc1C(=O)Nc1ccncn1",
]
MADE = [
    *("CNC", "Oc1ccccc1-c1cccc2cnccc12", "INVALID", "CCCP"),
    *("Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1", "Cc1nc(NCc2ccccc2)no1-c1ccccc1"),
]
# Without SA: that of MOSES' copy of the script differs from that of RDKit today, whose own
# expectations are in test_properties.py.
EXPECTED = {
    "validity": 2 / 3,
    "fcd": 52.58371754126664,
    "snn": 0.3152585653588176,
    "frag": 0.3,
    "scaf": 0.5,
    "int_div": 0.7189187309761661,
    "filters": 0.75,
    "logp_distance": 1.63229,
    "qed_distance": 0.20370891752648637,
    "weight_distance": 106.87,
}
TITLES = {
    *("validity", "uniqueness", "uniqueness_1k", "uniqueness_10k", "novelty", "vun"),
    *("fcd", "snn", "frag", "scaf", "fcd_scaffold", "snn_scaffold", "frag_scaffold"),
    *("scaf_scaffold", "int_div", "int_div_2", "filters", "kl_score"),
    *("logp_distance", "qed_distance", "sa_distance", "weight_distance"),
}


def reference(smiles: list[str], *parts: tuple[str, ...]) -> Reference:
    return references.known(references.describe(smiles, *parts))


def molecule_metrics(
    made: list[str], test: list[str], scaffold: list[str], train: list[str]
) -> dict[str, float]:
    return suite.molecule_metrics(made, reference(test), reference(scaffold, SHAPE), train)


@pytest.fixture(scope="module")
def found() -> dict[str, float]:
    return molecule_metrics(MADE, TEST, SCAFFOLD, ["CNC"])


@pytest.mark.parametrize("metric", EXPECTED)
def test_as_moses_expects(found: dict[str, float], metric: str) -> None:
    assert found[metric] == pytest.approx(EXPECTED[metric], rel=1e-5)


def test_every_number_is_there(found: dict[str, float]) -> None:
    assert set(found) == TITLES
    assert all(type(value) is float for value in found.values())
    assert found["novelty"] == 3 / 4
    assert found["vun"] == 3 / 6
    assert found["scaf_scaffold"] == 0
    assert found["fcd_scaffold"] > found["fcd"]
    assert math.isnan(found["uniqueness_1k"])


def test_a_set_is_as_good_as_itself() -> None:
    real = [*TEST, *SCAFFOLD, "CCO", "CCN(C)C", "CC(=O)Oc1ccccc1C(=O)O", "CC1CCCCC1"]
    found = molecule_metrics(real, real, real, real)
    for metric in ("validity", "uniqueness", "snn", "snn_scaffold", "frag", "scaf", "kl_score"):
        assert found[metric] == pytest.approx(1), metric
    for metric in ("novelty", "vun", "logp_distance", "sa_distance", "weight_distance"):
        assert found[metric] == 0, metric
    assert found["fcd"] == pytest.approx(0, abs=1e-4)


def test_processes_change_no_number(found: dict[str, float]) -> None:
    with shared(2) as spread:
        test, scaffold = (references.describe(each, spread=spread) for each in (TEST, SCAFFOLD))
        known = references.known(test), references.known(scaffold)
        again = suite.molecule_metrics(MADE, *known, ["CNC"], spread=spread)
        several = records([*MADE, *["C"] * 260], SHAPE, spread=spread)  # more than one chunk
    assert str(again) == str(found)
    one = records([*MADE, *["C"] * 260], SHAPE)
    assert several.valid.tolist() == one.valid.tolist()
    assert several.smiles == one.smiles
    assert several.fragments == one.fragments
    assert (several.fingerprints == one.fingerprints).all()


def test_a_process_that_dies_is_one_sentence() -> None:
    with pytest.raises(GenloomError, match="ended early: if memory ran out"), shared(2) as spread:
        list(spread(os._exit, [1]))


def test_few_molecules_and_processes_of_a_runner_get_few_workers() -> None:
    assert workers_for(ALONE - 1) == 1
    assert workers_for(ALONE) == min(cores(), MOST)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(workers_for, ALONE).result() == min(cores(), MOST_BESIDE)


def test_no_valid_molecule() -> None:
    found = molecule_metrics(["C(", "", "c1"], TEST, [], ["CNC"])
    assert {metric for metric, value in found.items() if value == 0} == {"validity", "vun"}
    assert all(
        math.isnan(value) for metric, value in found.items() if metric not in {"validity", "vun"}
    )
    assert molecule_metrics([], TEST, [], [])["validity"] == 0


def test_one_valid_molecule() -> None:
    found = molecule_metrics(["CCO"], TEST, SCAFFOLD, [])
    assert math.isnan(found["fcd"])
    assert math.isnan(found["kl_score"])
    assert math.isnan(found["scaf"])
    assert found["vun"] == found["validity"] == found["novelty"] == 1
    assert found["int_div"] == 0
    assert found["weight_distance"] > 0


# tests/test_distribution_learning_benchmarks.py of github.com/BenevolentAI/guacamol.
@pytest.mark.parametrize(
    ("made", "train", "metric", "value"),
    [
        (["CCC", "CCC"], [], "validity", 1),
        (["CCC", "CC(CC)C", "invalidMolecule"], [], "validity", 2 / 3),
        (["CCC", "CCC", "CCC"], [], "uniqueness", 1 / 3),
        (["C(O)C", "CCO", "OCC"], [], "uniqueness", 1 / 3),
        (["C(O)C", "invalid1", "invalid2", "CCC", "NCCN"], [], "uniqueness", 1),
        (["CCOCC", "NNNNONNN", "C=CC=C"], ["CCOCC", "NNNNONNN", "C=CC=C"], "novelty", 0),
        (["CCOCC", "NNNNONNN", "C=CC=C"], ["CO", "CC"], "novelty", 1),
        (["CCOCC", "O(CC)CC", "C=CC=C", "CC"], ["CO", "CC"], "novelty", 2 / 3),
    ],
)
def test_as_guacamol_expects(made: list[str], train: list[str], metric: str, value: float) -> None:
    assert unique_and_novel(records(made, ()), train)[metric] == pytest.approx(value)


def test_uniqueness_among_the_first_thousand() -> None:
    made = ["C" * n for n in range(1, 6)] * 200
    found = unique_and_novel(records(made, ()), [])
    assert found["uniqueness_1k"] == found["uniqueness"] == 5 / 1000
    short = unique_and_novel(records(["X", *made[1:]], ()), [])
    assert math.isnan(short["uniqueness_1k"])
    assert math.isnan(found["uniqueness_10k"])


def test_a_training_molecule_is_known_as_it_was_written() -> None:
    # Its text stands in the training split, though RDKit would write it in another way.
    found = unique_and_novel(records(["OCC", "C(O)C"], ()), ["OCC"])
    assert found["novelty"] == 0
