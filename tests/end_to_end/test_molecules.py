"""Molecules, from source to report, as a newcomer types it, with a tiny budget."""

import math
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

SMOKE = ("run", "--env", "smoke")
GENERATORS = ["gpt", "lstm", "vae", "brics", "ngram", "copies"]
PREDICTORS = ["fnn", "fnn_descriptors", "graph", "graphs", "encoder"]
PREDICTORS += ["linear", "random_forest", "boosting"]
OWN = ["validity", "uniqueness", "vun", "novelty", "fcd", "snn", "frag", "scaf", "int_div"]
OWN += ["filters", "logp_distance", "qed_distance", "kl_score", "fcd_scaffold", "scaf_scaffold"]
PICTURES = ["gallery", "properties", "space", "nearest", "curves"]


@pytest.fixture(scope="module")
def run(smoke_run) -> Path:
    assert "molecules: generators" in smoke_run.command.stdout
    return smoke_run.place


@pytest.fixture(scope="module")
def values(run) -> pd.Series:
    metrics = pd.read_csv(run / "data/08_reporting/molecules/metrics.csv")
    return metrics.set_index(["subject", "metric"])["value"]


def test_every_generator_has_every_measure_and_floors_copy_or_recombine(run, values):
    for subject in GENERATORS:
        for metric in [*OWN, "dcr_share", "tstr_accuracy", "parameters"]:
            assert (subject, metric) in values.index, (subject, metric)
    for subject in ("brics", "copies"):  # what is made of molecules
        assert values[subject, "validity"] == 1
    assert values["real", "validity"] == 1
    assert math.isfinite(values["real", "fcd"])
    assert values["copies", "novelty"] == 0
    assert values["copies", "fcd"] < values["gpt", "fcd"]
    assert values["brics", "novelty"] > 0.5


def test_what_generators_are_held_against_is_described_once(run):
    samples = pd.read_parquet(run / "data/03_primary/molecules/samples.parquet")
    references = pd.read_parquet(run / "data/04_feature/molecules/references.parquet")
    far = samples["split"] == "scaffold"
    assert set(references["split"]) == {"test", "scaffold"}
    held_out = references.loc[references["split"] == "scaffold", "content"]
    assert held_out.tolist() == samples.loc[far, "content"].tolist()
    assert references["known_chemnet"].str.len().eq(4 * 512).all()


def test_every_predictor_is_measured_on_both_held_out_sets(run, values):
    for subject in PREDICTORS:
        assert 0 <= values[subject, "accuracy"] <= 1
        assert 0 <= values[subject, "accuracy_scaffold"] <= 1
        assert 0 <= values[subject, "auprc"] <= 1


def test_samples_are_standardised_and_scaffolds_are_held_out(run):
    samples = pd.read_parquet(run / "data/03_primary/molecules/samples.parquet")
    assert set(samples["split"]) == {"train", "validation", "test", "scaffold"}
    assert samples["content"].is_unique
    assert [Chem.CanonSmiles(text) for text in samples["content"][:50]] == list(
        samples["content"][:50]
    )
    far = samples["split"] == "scaffold"
    assert not set(samples.loc[far, "scaffold"]) & set(samples.loc[~far, "scaffold"])
    rejects = pd.read_csv(run / "data/03_primary/molecules/rejects.csv")
    assert len(rejects) > 0
    assert rejects["reason"].str.len().min() > 5


def test_pictures_and_the_section_of_the_report_are_there(run):
    reporting = run / "data/08_reporting/molecules"
    for name in ("gpt", "lstm", "vae"):
        for picture in PICTURES:
            assert (reporting / name / f"{picture}.png").is_file(), (name, picture)
    for picture in ("interpolation", "property_gradient"):
        assert (reporting / "vae" / f"{picture}.png").is_file()
    assert (reporting / "leaderboard/trade_off.png").is_file()
    page = (run / "data/08_reporting/report.html").read_text()
    for words in ('id="molecules"', "novelty", "ChemNet", "set aside"):
        assert words in page


def test_sampling_a_generator_prints_molecules_and_streams_only_what_grows(run, kedro):
    asked = kedro(run, "sample", "molecules", "--env", "smoke", "--model", "brics", "--n", "3")
    assert asked.returncode == 0, asked.stderr[-2000:]
    lines = [line for line in asked.stdout.splitlines() if line and not line.startswith("-")]
    assert [Chem.MolFromSmiles(line) is None for line in lines] == [False] * 3

    ask = ("sample", "molecules", "--env", "smoke", "--model", "gpt", "--stream")
    refused = kedro(run, *ask)
    assert refused.returncode != 0
    assert "molecules.gpt can only be read when it is whole: leave out --stream." in refused.stderr


RINGS = ["c1ccccc1", "c1ccncc1", "C1CCCCC1", "c1ccoc1", "c1ccsc1", "C1CCNCC1", "c1ccc2ccccc2c1"]
RINGS += ["C1CCOC1", "c1ccc2[nH]ccc2c1", "C1CCC1", "c1cncnc1", "C1CCCC1"]


def own_table(path: Path, chains: int) -> Path:
    pairs = [(one, other) for one in RINGS[:6] for other in RINGS[6:]]  # a scaffold each
    every = [f"{'C' * length}({a}){b}" for length in range(1, chains) for a, b in pairs]
    table = pd.DataFrame({"structure": every, "activity": [len(text) * 0.7 for text in every]})
    table.to_csv(path, index=False)
    return path


def test_a_table_of_ones_own_with_a_number_to_predict(fresh_project, kedro):
    table = own_table(fresh_project / "mine.csv", 6)
    parameters = f"molecules.source=table,molecules.table={table},molecules.limit=null"
    done = kedro(
        fresh_project,
        *(*SMOKE, "--pipeline", "molecules", "--params"),
        f"{parameters},molecules.smiles_column=structure,molecules.target_column=activity",
        *("--namespaces", "molecules.data,molecules.fnn,molecules.linear,molecules.graph"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    samples = pd.read_parquet(fresh_project / "data/03_primary/molecules/samples.parquet")
    assert samples["target"].between(0, 30).all()
    assert samples["label"].str.startswith("activity ").all()
    for name in ("fnn", "linear", "graph"):
        table = pd.read_csv(fresh_project / f"data/08_reporting/molecules/{name}/metrics.csv")
        assert {"rmse", "mae", "r2"} <= set(table["metric"])


def test_a_column_that_is_missing_is_named_before_anything_runs(fresh_project, kedro):
    table = own_table(fresh_project / "mine.csv", 5)
    done = kedro(
        fresh_project,
        *(*SMOKE, "--pipeline", "molecules", "--params"),
        f"molecules.source=table,molecules.table={table}",
    )
    assert done.returncode != 0
    assert "structure" in done.stderr
    assert not (fresh_project / "data/03_primary/molecules").exists()
