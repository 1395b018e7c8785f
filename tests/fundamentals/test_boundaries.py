"""One network while it learns, and two models beside it."""

import numpy as np
import pandas as pd
import pytest

from genloom.errors import GenloomError, TrainingDivergedError
from genloom.fundamentals.boundaries import Boundaries, plane

SMALL = {"steps": [0, 60], "points": 5, "cells": 9, "units": 6}


@pytest.fixture(scope="module")
def found(breast_cancer):
    return Boundaries(**SMALL).run(breast_cancer, seed=0)


def test_all_models_are_asked_everywhere(found, breast_cancer):
    table = found.results
    assert set(zip(table["model"], table["step"], strict=True)) == {
        ("fnn", 0),
        ("fnn", 60),
        ("logistic", 60),
        ("rbf", 60),
    }
    sizes = table.groupby(["model", "step", "split"]).size().unstack().drop_duplicates()
    counts = {"grid": 81, "train": len(breast_cancer.train.x), "test": len(breast_cancer.test.x)}
    assert sizes.to_dict("records") == [counts]
    assert table["probability"].between(0, 1).all()
    assert table["label"].isna().equals(table["split"] == "grid")
    grid, rest = table[table["split"] == "grid"], table[table["split"] != "grid"]
    for axis in "xy":
        assert grid[axis].min() < rest[axis].min()
        assert grid[axis].max() > rest[axis].max()
    # Row by row from below, as pictures are drawn.
    first = grid.head(81)
    assert first["y"].is_monotonic_increasing
    assert first["x"].head(9).is_monotonic_increasing


def test_metrics_and_curves_say_what_the_answers_say(found):
    metrics = {row["metric"]: row["value"] for row in found.metrics}
    for model in ("fnn", "logistic", "rbf"):
        own = found.results[(found.results["model"] == model) & (found.results["step"] == 60)]
        for split in ("train", "test"):
            part = own[own["split"] == split]
            right = (part["probability"] > 0.5) == (part["label"] == "malignant")
            assert metrics[f"{split}_accuracy/{model}"] == pytest.approx(right.mean())
    curves = found.history.pivot(index="step", columns="metric", values="value")
    assert {0, 60} <= set(curves.index)
    assert curves["loss/train"][60] < curves["loss/train"][0]
    assert curves["accuracy/test"][60] == pytest.approx(metrics["test_accuracy/fnn"])
    assert metrics["test_accuracy/fnn"] > 0.8


def test_the_same_seed_learns_the_same(found, breast_cancer):
    again = Boundaries(**SMALL).run(breast_cancer, seed=0)
    pd.testing.assert_frame_equal(again.results, found.results)
    pd.testing.assert_frame_equal(again.history, found.history)
    other = Boundaries(**SMALL).run(breast_cancer, seed=1)
    assert not np.allclose(other.results["probability"], found.results["probability"])


def test_without_columns_the_first_two_components_are_seen(breast_cancer):
    parts = plane(breast_cancer, None)
    spread = parts["train"].x.std(dim=0)
    assert spread[0] > spread[1] > breast_cancer.train.x.std(dim=0).max()
    correlation = np.corrcoef(parts["train"].x.T.numpy())[0, 1]
    assert abs(correlation) < 1e-3


def test_mistakes_are_named(breast_cancer, digits):
    with pytest.raises(GenloomError, match="columns names 'size', which the data does not have"):
        Boundaries(columns=["size", "mean_texture"]).run(breast_cancer, seed=0)
    with pytest.raises(GenloomError, match="needs data of two classes, but has 10"):
        Boundaries().run(digits, seed=0)
    with pytest.raises(TrainingDivergedError, match=r"lower fundamentals\.boundaries\.lr"):
        Boundaries(**SMALL, lr=3e37).run(breast_cancer, seed=0)
