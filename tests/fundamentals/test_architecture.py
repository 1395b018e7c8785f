"""What depth, width and first weights do."""

import pandas as pd
import pytest

from genloom.errors import TrainingDivergedError
from genloom.fundamentals.architecture import Architecture

SMALL = {"depths": [1, 6], "widths": [4, 16], "width": 16, "steps": 30, "repeats": 2, "points": 3}


@pytest.fixture(scope="module")
def found(digits):
    return Architecture(**SMALL).run(digits, seed=0)


def test_all_shapes_are_trained_and_all_ways_to_begin_of_one_width(found):
    table = found.results
    trained = set(zip(table["depth"], table["width"], table["initialisation"], strict=True))
    every = {"zeros", "small_normal", "xavier", "he"}
    expected = {(depth, 16, start) for depth in (1, 6) for start in every}
    assert trained == expected | {(1, 4, "he"), (6, 4, "he")}
    assert len(table) == 2 * len(trained)
    deep = table[(table["depth"] == 6) & (table["width"] == 4)]
    assert set(deep["parameters"]) == {65 * 4 + 5 * 5 * 4 + 5 * 10}


def test_zeros_teach_nothing_and_small_weights_let_gradients_vanish(found):
    metrics = {row["metric"]: row["value"] for row in found.metrics}
    assert metrics["first_gradient/6x16/zeros"] == 0
    assert metrics["test_accuracy/6x16/zeros"] < 0.2
    assert metrics["first_gradient/6x16/small_normal"] < 1e-6
    assert metrics["first_gradient/6x16/he"] > 0.01
    assert metrics["test_loss/1x16/he"] < metrics["test_loss/1x16/zeros"]


def test_signals_are_measured_layer_by_layer(found):
    curves = found.history.set_index(["metric", "step"])["value"]
    for kind in ("spread", "gradient"):
        for activation in ("relu", "tanh"):
            own = curves[f"{kind}/{activation}/he"]
            assert own.index.tolist() == [1, 2, 3, 4, 5, 6]
            assert own.between(1e-3, 1e3).all()
    falling = curves["spread/relu/small_normal"]
    assert falling.is_monotonic_decreasing
    assert falling[6] < 1e-6 * falling[1]


def test_the_same_seed_trains_the_same(found, digits):
    again = Architecture(**SMALL).run(digits, seed=0)
    pd.testing.assert_frame_equal(again.results, found.results)
    pd.testing.assert_frame_equal(again.history, found.history)


def test_divergence_is_said(digits):
    settings = Architecture(**SMALL | {"lr": 1e20, "depths": [2], "optimiser": "sgd"})
    with pytest.raises(TrainingDivergedError, match=r"lower fundamentals\.architecture\.lr"):
        settings.run(digits, seed=0)
