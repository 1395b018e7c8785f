"""Every method by its name, and what is measured of what it found."""

import pandas as pd
import pytest

from genloom.design import run
from genloom.design.objectives import objective
from genloom.errors import GenloomError

START = ["CCO", "CCCCO", "c1ccccc1C", "CC(=O)Nc1ccc(O)cc1", "CCCCCCCC"]
GOALS = [{"logp": 2.0}, "albuterol_similarity"]


@pytest.mark.parametrize(
    ("name", "block", "calls"),
    [("best_of_dataset", {}, 5), ("genetic", {"population": 4}, 12), ("ga", None, 0)],
)
def test_methods_by_name(name, block, calls):
    if block is None:
        with pytest.raises(GenloomError, match="There is no design method 'ga'; there are: best"):
            run.run_method(name, block, GOALS, START, budget=12, seed=0)
        return
    designed, seconds = run.run_method(name, block, GOALS, START, budget=12, seed=0)
    assert list(designed) == ["objective", "call", "content", "score"]
    names = [objective(goal).name for goal in GOALS]
    assert list(seconds) == names
    assert designed["objective"].value_counts().to_dict() == dict.fromkeys(names, calls)
    assert designed["score"].between(0, 1).all()


def test_a_method_may_have_another_name():
    block = {"method": "genetic", "population": 4}
    designed, _ = run.run_method("mine", block, GOALS[:1], START, budget=8, seed=0)
    assert len(designed) == 8
    assert run.kind_of("mine", block) == "genetic"
    assert run.kind_of("genetic", None) == "genetic"


def test_nothing_to_start_from_is_said():
    with pytest.raises(GenloomError, match="no training molecules"):
        run.run_method("genetic", {}, GOALS, [], budget=8, seed=0)


def test_measures_by_hand():
    goal = objective("albuterol_similarity")
    scores = [0.2] * 50 + [0.6] * 150
    trace = pd.DataFrame({"content": ["CCO", "c1ccccc1"] * 100, "score": scores})
    found = run.measure(trace, goal, budget=400)
    assert found["top_1"] == found["top_10"] == pytest.approx(0.6)
    assert found["top_100"] == pytest.approx(0.6)
    assert found["calls"] == 200
    # From 0 to 0.6 over the first 100 calls, then 0.6 to the end.
    assert found["auc_top_10"] == pytest.approx((100 * 0.3 + 300 * 0.6) / 400)
    assert set(found) == set(run.MEASURES)
    assert "auc_top_10" not in run.measure(trace, goal, budget=None)


def test_the_curve_ends_at_the_budget():
    places, heights = run.curve([0.5] * 20, 250)
    assert places == [0, 100, 200, 250]
    assert heights == [0, 0.5, 0.5, 0.5]
    assert run.area([1.0] * 50, 50) == pytest.approx(0.5)
