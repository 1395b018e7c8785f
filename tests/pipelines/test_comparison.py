"""Ranks, lifts and scores, by hand."""

import pandas as pd
import pytest

from genloom.domains import images
from genloom.metrics.table import metrics_table
from genloom.pipelines import comparison


def row(subject, role, metric, value, **more):
    return {
        **{"domain": "images", "subject": subject, "role": role, "metric": metric, "value": value},
        **more,
    }


@pytest.fixture
def metrics():
    rows = [row("cnn", "predictor", "accuracy", 0.99), row("svc", "predictor", "accuracy", 0.995)]
    for subject, distance, share in (
        ("real", 1.0, None),
        ("gan", 1.4, 0.55),
        ("vae", 3.0, 0.5),
        ("kde", 1.1, 0.8),
        ("pca_gmm", 2.0, 0.58),
    ):
        rows.append(row(subject, "generator", "frechet_distance", distance))
        if share:
            bounds = {"low": share - 0.02, "high": share + 0.02}
            rows.append(row(subject, "generator", "dcr_share", share, **bounds))
    return metrics_table(rows)


@pytest.fixture
def board(metrics):
    return comparison.rank(
        metrics,
        features="cnn",
        floors=["kde", "pca_gmm", "svc"],
        ranked_by=images.RANKED_BY,
    )


def test_copiers_stand_last_and_are_no_bar(board):
    generators = board[board["role"] == "generator"].set_index("subject")
    assert list(generators.index) == ["real", "gan", "pca_gmm", "vae", "kde"]
    assert list(generators["rank"]) == [0, 1, 2, 3, 4]
    assert generators["beats_floors"].to_dict() == {
        **{"real": None, "gan": True, "pca_gmm": None, "vae": False, "kde": None}
    }
    assert set(generators["features"]) == {"cnn, test accuracy 0.9900"}


def test_what_repeats_the_training_split_copies_whatever_its_share(metrics):
    rows = metrics.to_dict("records")
    for subject, novelty in (("gan", 0.9), ("pca_gmm", 0.1)):
        rows.append(row(subject, "generator", "novelty", novelty, better="higher"))
    board = comparison.rank(
        metrics_table([{k: v for k, v in each.items() if pd.notna(v)} for each in rows]),
        features="cnn",
        floors=["kde", "pca_gmm", "svc"],
        ranked_by=images.RANKED_BY,
    ).set_index("subject")
    assert board["copies"].to_dict() == {
        **{"real": False, "gan": False, "vae": False, "kde": True, "pca_gmm": True},
        **{"cnn": False, "svc": False},
    }


def test_predictors_rank_by_accuracy(board):
    predictors = board[board["role"] == "predictor"].set_index("subject")
    assert list(predictors.index) == ["svc", "cnn"]
    assert predictors.loc["cnn", "beats_floors"] is False


def test_lift_is_the_paired_difference_within_an_arm():
    scores = {
        "none": [0.90, 0.92, 0.94],
        "mixup": [0.91, 0.94, 0.94],
        "none@10": [0.5, 0.6, 0.7],
        "mixup@10": [0.6, 0.7, 0.8],
    }
    rows = [
        row("cnn", "predictor", "recipe_accuracy", value, recipe=recipe, seed=seed)
        for recipe, values in scores.items()
        for seed, value in enumerate(values)
    ]
    joined = comparison.join_metrics(all=metrics_table(rows))
    lifts = joined[joined["metric"] == "accuracy_lift"].set_index("recipe")
    assert list(lifts.index) == ["mixup", "mixup@10"]
    assert lifts.loc["mixup", "value"] == pytest.approx(0.01)
    assert lifts.loc["mixup@10", "value"] == pytest.approx(0.1)
    assert lifts.loc["mixup", "low"] < 0 < lifts.loc["mixup", "high"]
    assert lifts.loc["mixup@10", "low"] == pytest.approx(0.1)
    assert (lifts["n"] == 3).all()


def test_scores_are_nested_for_dvc(metrics):
    scores = comparison.summarise_scores(metrics)
    assert scores["gan"] == {"frechet_distance": 1.4, "dcr_share": 0.55}
    assert pd.Series(scores["cnn"]).to_dict() == {"accuracy": 0.99}


def test_what_has_a_row_per_recipe_is_no_score_of_a_subject(metrics):
    rows = [
        row("cnn", "predictor", metric, 0.9 + 0.01 * seed, recipe=recipe, seed=seed)
        for metric in ("recipe_accuracy", "recipe_auroc")
        for recipe in ("none", "gan")
        for seed in range(3)
    ]
    joined = comparison.join_metrics(subjects=metrics, recipes=metrics_table(rows))
    assert (joined["metric"] == "accuracy_lift").sum() == 1
    board = comparison.rank(joined, features="cnn", floors=[], ranked_by=images.RANKED_BY)
    assert not {"recipe_accuracy", "recipe_auroc", "accuracy_lift"} & set(board)
    scores = comparison.summarise_scores(joined)
    assert scores["cnn"] == {"accuracy": 0.99}
    assert scores["accuracy_lift"] == {"gan": 0.0}
