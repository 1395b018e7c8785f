"""Scores within a budget."""

import pickle

import pytest

from genloom.design.objectives import objective, property_target
from genloom.design.oracle import Exhausted, Oracle
from genloom.errors import GenloomError

HEXANE, PENTANE, ETHANOL = "CCCCCC", "CCCCC", "CCO"


@pytest.fixture
def oracle():
    return Oracle(objective("c11h24_isomers"), budget=3)


def test_it_scores_as_the_objective_does(oracle):
    texts = [HEXANE, ETHANOL]
    assert oracle(texts) == [oracle.objective.score(text) for text in texts]


def test_each_molecule_costs_one_call(oracle):
    first = oracle(["OCC", "CCO", "C(O)C"])
    assert len(set(first)) == 1
    assert oracle.left == 2
    assert oracle(["OCC"]) == first[:1]
    assert oracle.left == 2


def test_stereoisomers_are_one_molecule(oracle):
    oracle(["C[C@H](O)CC", "C[C@@H](O)CC", "CC(O)CC", "C/C=C/C", "C/C=C\\C", "[13CH3]C(O)CC"])
    assert oracle.left == 1
    assert oracle.trace()["smiles"].tolist() == ["CC[C@H](C)O", "C/C=C/C"]


def test_text_that_is_no_molecule_costs_nothing(oracle):
    assert oracle(["C1CC", "", "c1ccc1c"]) == [0.0, 0.0, 0.0]
    assert (oracle.left, oracle.unreadable, len(oracle.trace())) == (3, 3, 0)


def test_past_the_budget_it_refuses_and_keeps_what_was_scored(oracle):
    with pytest.raises(Exhausted, match="All 3 molecules"):
        oracle([ETHANOL, PENTANE, HEXANE, "CCCC", "CCC"])
    assert oracle.left == 0
    assert oracle.trace()["smiles"].tolist() == [ETHANOL, PENTANE, HEXANE]
    assert oracle(["OCC", "C1CC"]) == [oracle.objective.score(ETHANOL), 0.0]  # costs no call


def test_the_trace_is_in_the_order_of_calls(oracle):
    scores = oracle([HEXANE, "OCC", HEXANE, PENTANE])
    trace = oracle.trace()
    assert trace.columns.tolist() == ["call", "smiles", "score"]
    assert trace["call"].tolist() == [1, 2, 3]
    assert trace["smiles"].tolist() == [HEXANE, "CCO", PENTANE]
    assert trace["score"].tolist() == [scores[0], scores[1], scores[3]]


def test_an_empty_trace_has_its_columns(oracle):
    assert oracle.trace().dtypes.astype(str).tolist() == ["int64", "object", "float64"]
    assert oracle.top(5).empty
    assert oracle.benchmark_score() == 0.0


def test_the_best_come_first_and_the_earlier_among_equals():
    oracle = Oracle(property_target(rings=0), budget=5)
    oracle(["C1CC1", "CCC", "C1CCC1", "CC"])
    assert oracle.top(3)["smiles"].tolist() == ["CCC", "CC", "C1CC1"]
    assert oracle.top(3)["call"].tolist() == [2, 4, 1]


def test_the_benchmarks_score_is_over_the_objectives_tops():
    oracle = Oracle(property_target(rings=0), budget=5)
    oracle(["CCC", "CC", "C"])
    assert oracle.benchmark_score() == pytest.approx((1 + 3 / 10 + 3 / 100) / 3)


def test_a_search_needs_a_call():
    with pytest.raises(GenloomError, match="at least 1 scored molecule, but got 0"):
        Oracle(objective("deco_hop"), budget=0)


def test_it_can_be_sent_to_a_worker(oracle):
    oracle([ETHANOL])
    again = pickle.loads(pickle.dumps(oracle))
    assert again.left == 2
    assert again([HEXANE]) == oracle([HEXANE])
