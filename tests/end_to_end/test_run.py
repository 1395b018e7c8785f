"""The default run, as a newcomer types it, with a tiny budget."""

import json
import math
import re

import pandas as pd
import pytest

COLUMNS = [
    *("domain", "subject", "role", "recipe", "split", "metric"),
    *("value", "low", "high", "n", "seed", "better"),
]
GENERATORS = ["vae", "gan", "flow", "pca_gmm", "kde"]
PREDICTORS = ["cnn", "fnn", "rbf", "svc", "knn"]
MAPPERS = {
    "autoencoder": "explained_variance",
    "pca": "explained_variance",
    **dict.fromkeys(["denoiser", "median", "wavelet", "total_variation"], "noise_reduction"),
    **dict.fromkeys(["detector", "isolation_forest"], "auroc"),
    **dict.fromkeys(["strange_pca", "strange_neighbours"], "auprc"),
    **dict.fromkeys(["som", "minisom"], "topographic_error"),
    "kmeans": "label_map_accuracy",
}
FIDELITY = [
    "frechet_distance",
    "kernel_distance",
    "precision",
    "recall",
    "density",
    "coverage",
    "conditional_accuracy",
    "tstr_accuracy",
    "tstr_auroc",
]


def test_run_succeeds_and_says_what_to_do_next(smoke_run):
    assert smoke_run.command.returncode == 0, smoke_run.command.stderr[-3000:]
    said = smoke_run.command.stdout
    roles = ("generators", "predictors", "compressors", "denoisers", "detectors", "maps")
    tables = [f"images: {role}" for role in roles]
    for words in (*tables, "make ui", "make viz", "report.html"):
        assert words in said


def test_metrics_table_is_tidy_and_complete(smoke_run):
    metrics = pd.read_csv(smoke_run.reporting / "images" / "metrics.csv")
    assert list(metrics.columns) == COLUMNS
    assert metrics["value"].map(math.isfinite).all()
    found = set(zip(metrics["subject"], metrics["metric"], strict=True))
    for subject in [*GENERATORS, "real"]:
        assert {(subject, metric) for metric in FIDELITY} <= found
    for subject in GENERATORS:
        assert {(subject, "dcr_share"), (subject, "parameters")} <= found
    for subject in PREDICTORS:
        assert {(subject, m) for m in ("accuracy", "macro_f1", "auroc", "ece")} <= found
    for subject, metric in MAPPERS.items():
        assert (subject, metric) in found
    assert set(metrics["better"]) <= {"higher", "lower", "closer:0.5"}


def test_every_recipe_stands_in_both_arms_with_its_lift(smoke_run):
    metrics = pd.read_csv(smoke_run.reporting / "images" / "metrics.csv")
    scores = metrics[metrics["metric"] == "recipe_accuracy"]
    lifts = metrics[metrics["metric"] == "accuracy_lift"].set_index("recipe")
    plain = ["classical", "mixup", "smote", *GENERATORS, *[f"real+{g}" for g in GENERATORS]]
    for recipe in plain:
        for name in (recipe, f"{recipe}@5"):
            assert (scores["recipe"] == name).sum() == 2  # one per repeat
            assert lifts.loc[name, "low"] <= lifts.loc[name, "value"] <= lifts.loc[name, "high"]
    paired = scores.pivot(index="seed", columns="recipe", values="value")
    expected = (paired["classical@5"] - paired["none@5"]).mean()
    assert lifts.loc["classical@5", "value"] == pytest.approx(expected)


def test_clocks_are_kept_apart(smoke_run):
    metrics = pd.read_csv(smoke_run.reporting / "images" / "metrics.csv")
    timings = pd.read_csv(smoke_run.reporting / "images" / "timings.csv")
    assert list(timings.columns) == COLUMNS
    assert set(timings["metric"]) == {"fit_seconds", "samples_per_second"}
    assert not set(metrics["metric"]) & set(timings["metric"])
    assert set(timings["subject"]) == {*GENERATORS, *PREDICTORS, *MAPPERS}


def test_leaderboard_ranks_by_role_with_the_ceiling_first(smoke_run):
    board = pd.read_csv(smoke_run.reporting / "images" / "leaderboard.csv")
    generators = board[board["role"] == "generator"]
    assert generators.iloc[0]["subject"] == "real"
    members = generators[generators["subject"] != "real"]
    assert list(members["rank"]) == [1, 2, 3, 4, 5]
    # Copiers come last, whatever their distance.
    assert list(members["copies"]) == sorted(members["copies"])
    honest = members[~members["copies"]]
    assert honest["frechet_distance"].is_monotonic_increasing
    best_floor = honest.loc[honest["floor"], "frechet_distance"].min()
    for row in honest[~honest["floor"]].itertuples():
        expected = str(row.frechet_distance < best_floor) if pd.notna(best_floor) else "nan"
        assert str(row.beats_floors) == expected
    assert generators["features"].str.match(r"cnn, test accuracy 0\.\d{4}").all()


def test_samples_have_the_form_of_the_contract(smoke_run):
    real = pd.read_parquet(smoke_run.place / "data/03_primary/images/samples.parquet")
    assert set(real["split"]) == {"train", "validation", "test"}
    for name in GENERATORS:
        made = pd.read_parquet(
            smoke_run.place / f"data/07_model_output/images/{name}/samples.parquet"
        )
        assert len(made) == 2 * (real["split"] == "test").sum()
        assert set(made["source"]) == {name}
        assert made["content"].iloc[0].startswith(b"\x89PNG")


def test_fitted_things_are_cards_and_safetensors_and_never_pickles(smoke_run):
    models = smoke_run.place / "data" / "06_models" / "images"
    assert sorted(folder.name for folder in models.iterdir()) == sorted(
        [*GENERATORS, *PREDICTORS, *MAPPERS]
    )
    for folder in models.iterdir():
        assert sorted(file.name for file in folder.iterdir()) == [
            "card.json",
            "weights.safetensors",
        ]
        card = json.loads((folder / "card.json").read_text())
        named_otherwise = folder.name in (*MAPPERS, "rbf")
        assert named_otherwise or card["block"]["network"] == folder.name
        assert re.fullmatch("[0-9a-f]{64}", card["data_digest"])


def test_pictures_and_report_are_there_and_self_contained(smoke_run):
    for name in GENERATORS:
        assert (smoke_run.reporting / "images" / name / "gallery.png").stat().st_size > 1000
    for name in ("vae", "gan", "flow"):
        for picture in ("interpolation", "curves"):
            assert (smoke_run.reporting / "images" / name / f"{picture}.png").stat().st_size > 1000
    page = (smoke_run.reporting / "report.html").read_text()
    assert page.count("data:image/png;base64,") >= 8
    assert not re.search(r"""(src|href)=["']https?://[^"']+\.(js|css|png|woff2?)""", page)


def test_nothing_half_written_and_nothing_outside_its_place_is_left(smoke_run):
    left = [path for path in smoke_run.place.rglob("*") if "partial" in path.name]
    assert left == []
    assert not (smoke_run.place / "mlruns").exists()
    assert not (smoke_run.place / "lightning_logs").exists()
