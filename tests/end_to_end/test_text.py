"""Text and code, from source to report, as a newcomer types it, with a tiny budget."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

SMOKE = ("run", "--env", "smoke")
GENERATORS = ["gpt", "lstm", "rnn", "mixture", "ngram"]
COMPRESSORS = ["gzip", "xz", "zstd"]
PREDICTORS = ["encoder", "lstm_classifier", "fnn", "tfidf", "naive_bayes"]
OWN = ["bits_per_byte", "bits_per_byte_window", "perplexity", "distinct_1", "distinct_2"]
OWN += ["self_bleu", "bleu", "mauve", "longest_copy", "repetition_rate"]
PICTURES = ["gallery", "temperatures", "completions", "positions", "inside", "curves"]


def metrics_of(place: Path, domain: str) -> pd.DataFrame:
    return pd.read_csv(place / f"data/08_reporting/{domain}/metrics.csv")


def found_in(metrics: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(metrics["subject"], metrics["metric"], strict=True))


def test_text_stands_beside_images_in_the_default_run(smoke_run):
    for words in ("text: generators", "text: predictors", "images: generators"):
        assert words in smoke_run.command.stdout


def test_every_generator_of_text_has_every_measure(smoke_run):
    metrics = metrics_of(smoke_run.place, "text")
    found = found_in(metrics)
    for subject in GENERATORS:
        wanted = [*OWN, "frechet_distance", "coverage", "dcr_share", "tstr_accuracy"]
        assert {(subject, metric) for metric in wanted} <= found
    assert {("real", "mauve"), ("real", "longest_copy"), ("real", "self_bleu")} <= found
    assert ("real", "bits_per_byte") not in found
    values = metrics.set_index(["subject", "metric"])["value"]
    assert values.map(math.isfinite).all()
    for subject in [*GENERATORS, *COMPRESSORS]:
        assert 0.5 < values[subject, "bits_per_byte"] < 8
    for subject in PREDICTORS:
        assert 0 <= values[subject, "accuracy"] <= 1


def test_compressors_rank_among_the_generators_as_floors(smoke_run):
    board = pd.read_csv(smoke_run.reporting / "text" / "leaderboard.csv")
    generators = board[board["role"] == "generator"].set_index("subject")
    assert set(generators.index) == {*GENERATORS, *COMPRESSORS, "real"}
    assert generators.loc[[*COMPRESSORS, "ngram"], "floor"].all()
    ranked = generators[(generators["rank"] > 0) & ~generators["copies"]]
    assert ranked["bits_per_byte"].is_monotonic_increasing
    assert generators["features"].str.match(r"lstm, test bits per byte \d\.\d{4}").all()


def test_recipes_have_an_arm_per_size_and_the_rival_floor(smoke_run):
    metrics = metrics_of(smoke_run.place, "text")
    recipes = set(metrics.loc[metrics["metric"] == "recipe_accuracy", "recipe"])
    names = ["none", "classical", "tfidf", *GENERATORS, *[f"real+{name}" for name in GENERATORS]]
    assert recipes == {*names, *[f"{name}@5" for name in names]}


def test_samples_are_text_and_splits_share_no_document(smoke_run):
    real = pd.read_parquet(smoke_run.place / "data/03_primary/text/samples.parquet")
    assert set(real.columns) == {"content", "label", "split", "source", "document"}
    assert (real.groupby("document")["split"].nunique() == 1).all()
    made = pd.read_parquet(smoke_run.place / "data/07_model_output/text/ngram/samples.parquet")
    assert len(made) == 2 * 24
    assert set(made["label"]) <= set(real["label"])


def test_pictures_and_the_section_of_the_report_are_there(smoke_run):
    for name in ("gpt", "lstm", "rnn", "mixture"):
        for picture in PICTURES:
            assert (smoke_run.reporting / "text" / name / f"{picture}.png").is_file(), picture
    assert (smoke_run.reporting / "text/leaderboard/losses.png").is_file()
    page = (smoke_run.reporting / "report.html").read_text()
    for words in ('id="text"', "bits per byte", "temperatures", "mauve", "losses"):
        assert words in page.lower()
    scores = json.loads((smoke_run.place / "metrics/text.json").read_text())
    assert scores["xz"]["bits_per_byte"] > 0


@pytest.fixture(scope="module")
def code_run(tmp_path_factory, project_copy, kedro):
    place = project_copy(tmp_path_factory.mktemp("code") / "project")
    command = kedro(place, *SMOKE, "--pipeline", "code")
    assert command.returncode == 0, command.stderr[-3000:]
    return place


def test_code_is_woven_from_the_same_parts(code_run):
    found = found_in(metrics_of(code_run, "code"))
    for subject in [*GENERATORS, "real"]:
        assert {(subject, "parse_rate"), (subject, "compile_rate")} <= found
    values = metrics_of(code_run, "code").set_index(["subject", "metric"])["value"]
    assert values["real", "parse_rate"] == 1
    page = (code_run / "data/08_reporting/report.html").read_text()
    assert 'id="code"' in page
    assert 'id="images"' not in page


def words(seed: int, n: int) -> str:
    return " ".join(f"word{(seed * 7919 + place * 104729) % 500}" for place in range(n))


def test_a_table_of_labelled_texts_of_ones_own(fresh_project, kedro):
    rows = [("spam" if n % 4 == 0 else "ham", f"{words(n, 12)} {n}") for n in range(400)]
    table = fresh_project / "mine.tsv"
    table.write_text("".join(f"{label}\t{text}\n" for label, text in rows))
    parameters = f"text.source=table,text.table={table},text.text_column=1,text.label_column=0"
    namespaces = "text.data,text.fnn,text.tfidf,text.ngram"
    done = kedro(
        fresh_project,
        *(*SMOKE, "--params", f"{parameters},text.limit=null", "--namespaces", namespaces),
        *("--to-nodes", "text.fnn.evaluate_predictor,text.ngram.draw_samples"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    samples = pd.read_parquet(fresh_project / "data/03_primary/text/samples.parquet")
    assert set(samples["label"]) == {"ham", "spam"}
    made = pd.read_parquet(fresh_project / "data/07_model_output/text/ngram/samples.parquet")
    assert set(made["label"]) == {"ham", "spam"}


def test_one_text_without_labels_has_generators_and_nothing_to_predict(fresh_project, kedro):
    book = fresh_project / "book.txt"
    book.write_text("\n\n".join(words(n, 20) for n in range(600)))
    parameters = f"text.source=file,text.file={book},text.limit=null"
    done = kedro(fresh_project, *SMOKE, "--pipeline", "text", "--params", parameters)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "text: predictors" not in done.stdout
    metrics = metrics_of(fresh_project, "text").set_index(["subject", "metric"])["value"]
    assert metrics["gpt", "bits_per_byte"] > 0
    assert math.isnan(metrics["fnn", "accuracy"])
    page = (fresh_project / "data/08_reporting/report.html").read_text()
    assert "Leaderboard of generators" in page
    assert "Leaderboard of predictors" not in page


def test_a_mistake_ends_in_one_sentence_and_leaves_nothing(fresh_project, kedro):
    wrong = ("--params", "text.lstm.cell=gru")
    done = kedro(fresh_project, *SMOKE, "--pipeline", "text", *wrong)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert "text.lstm.cell is 'gru'" in " ".join(done.stderr.split())
    assert [path.name for path in (fresh_project / "data").iterdir()] == [".gitkeep"]
