"""Every activation with every optimiser, at a rate that is chosen on the validation split."""

import pandas as pd
import pytest
import torch

from genloom.errors import GenloomError, TrainingDivergedError
from genloom.fundamentals.training import Training, chosen

SMALL = {
    "activations": ["tanh", "relu"],
    "rates": {"sgd": [1e-4, 0.3], "adam": [1e-6, 0.01]},
    "layers": 1,
    "hidden_size": 8,
    "steps": 40,
    "repeats": 2,
    "points": 3,
}


@pytest.fixture(scope="module")
def found(digits):
    return Training(**SMALL).run(digits, seed=0)


def test_the_rate_of_least_validation_loss_is_chosen(found):
    table = found.results
    assert len(table) == 2 * 2 * 2 * 2
    means = table.groupby(["activation", "optimiser", "rate"])["validation_loss"].mean()
    for pair, part in table[table["chosen"]].groupby(["activation", "optimiser"]):
        assert part["rate"].nunique() == 1
        assert means[pair].idxmin() == part["rate"].iloc[0]
    assert set(table.loc[table["chosen"], "rate"]) == {0.3, 0.01}


def test_metrics_and_curves_are_those_of_the_chosen_rate(found):
    metrics = {row["metric"]: row for row in found.metrics}
    kept = found.results[found.results["chosen"]]
    for (activation, optimiser), part in kept.groupby(["activation", "optimiser"]):
        pair = f"{activation}/{optimiser}"
        row = metrics[f"test_accuracy/{pair}"]
        assert row["value"] == pytest.approx(part["test_accuracy"].mean())
        assert row["low"] <= row["value"] <= row["high"]
        assert metrics[f"learning_rate/{pair}"]["value"] == part["rate"].iloc[0]
        curve = found.history[found.history["metric"] == f"validation_loss/{pair}"]
        assert curve["step"].tolist() == [0, 20, 40]
        assert curve["value"].iloc[-1] == pytest.approx(part["validation_loss"].mean())
    layers = found.history["metric"].str.startswith("gradient_norm/tanh/sgd/")
    assert set(found.history.loc[layers, "metric"].str[-7:]) == {"layer_1", "layer_2"}


def test_the_same_seed_trains_the_same(found, digits):
    again = Training(**SMALL).run(digits, seed=0)
    pd.testing.assert_frame_equal(again.results, found.results)
    pd.testing.assert_frame_equal(again.history, found.history)
    assert again.metrics == found.metrics
    other = Training(**SMALL).run(digits, seed=1)
    assert not other.results.equals(found.results)


def test_a_rate_that_diverges_is_never_chosen():
    losses = torch.tensor([[0.5, float("nan")], [0.9, 0.8], [float("inf"), 0.1]])
    assert chosen(losses, "relu/sgd") == 1
    with pytest.raises(TrainingDivergedError, match="relu/sgd has no learning rate at which"):
        chosen(torch.full((2, 3), float("nan")), "relu/sgd")


def test_optimisers_have_as_many_rates_each():
    with pytest.raises(GenloomError, match="has 1 for sgd, 2 for adam: give every optimiser"):
        Training(rates={"sgd": [0.1], "adam": [0.1, 0.2]})
