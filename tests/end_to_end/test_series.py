"""Series end to end, as a newcomer types it: forecasts of a known source and of one's own table."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

SMOKE = ("run", "--env", "smoke", "--pipeline", "series")
FEW = ("--namespaces", "series.data,series.lstm,series.arima,series.seasonal_naive")


@pytest.fixture(scope="module")
def ran(tmp_path_factory, project_copy, kedro):
    place = project_copy(tmp_path_factory.mktemp("series") / "project")
    return place, kedro(place, *SMOKE)


def test_a_run_ends_in_a_leaderboard_pictures_and_a_page(ran):
    place, done = ran
    assert done.returncode == 0, done.stderr[-3000:]
    reporting = place / "data/08_reporting"
    board = pd.read_csv(reporting / "series/leaderboard.csv")
    predictors = board[board["role"] == "predictor"]
    assert predictors["mase"].is_monotonic_increasing
    assert {"lstm", "rnn", "transformer", "causal_cnn", "arima"} <= set(predictors["subject"])
    assert predictors[["mase", "smape", "crps", "interval_coverage"]].notna().all(axis=None)
    for name in ("forecasts", "horizon", "curves"):
        assert (reporting / f"series/lstm/{name}.png").is_file()
    section = (reporting / "series/section.html").read_text()
    assert "MASE" in section
    assert "Does training on more help?" not in section  # there are no generators to ask that of
    assert "series: predictors" in done.stdout
    found = pd.read_parquet(place / "data/07_model_output/series/lstm/predictions.parquet")
    assert len(found) == 12 * 11


def test_faults_of_a_sensor_are_what_detectors_are_to_find(ran):
    place, _ = ran
    board = pd.read_csv(place / "data/08_reporting/series/leaderboard.csv").set_index("subject")
    detectors = board[board["role"] == "detector"]
    assert len(detectors) >= 2
    assert detectors["auroc"].between(0, 1).all()
    assert board.loc["strange_neighbours", "auroc"] > 0.5


def own_table(place, steps=150):
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(steps)]
    steps = np.arange(steps)
    sold = 100 + steps / 3 + 20 * np.sin(2 * np.pi * steps / 7)
    table = pd.DataFrame({"day": days, "sold": sold.round(2), "weather": "fair"})
    table.to_csv(place, index=False, sep=";")
    return place


def test_a_table_of_ones_own_is_forecast(fresh_project, kedro):
    table = own_table(fresh_project / "mine.csv")
    given = f"series.source=table,series.table={table},series.time_column=day"
    done = kedro(fresh_project, *SMOKE, *FEW, "--params", given)
    assert done.returncode == 0, done.stderr[-3000:]
    output = fresh_project / "data/07_model_output/series"
    forecasts = pd.read_parquet(output / "seasonal_naive/predictions.parquet")
    assert set(forecasts["series"]) == {"sold"}
    # A week ago it was a third of a week's growth less, and the week the same.
    off = (forecasts["target"] - forecasts["q0.5"]) / np.ceil(forecasts["step"] / 7)
    assert np.allclose(off, 7 / 3, atol=0.02)
    card = json.loads((fresh_project / "data/06_models/series/lstm/card.json").read_text())
    assert (card["block"]["horizon"], card["codec"]["context"]) == (14, 42)
    rejects = pd.read_csv(fresh_project / "data/03_primary/series/rejects.csv")
    assert rejects["column"].tolist() == ["weather"]


def test_a_bad_table_is_one_sentence_and_leaves_nothing(fresh_project, kedro):
    table = own_table(fresh_project / "mine.csv")
    rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join(rows[:60] + rows[63:]))
    given = f"series.source=table,series.table={table},series.time_column=day"
    done = kedro(fresh_project, *SMOKE, *FEW, "--params", given)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert "lacks 3 values from 2024-02-29 on, after line 60" in " ".join(done.stderr.split())
    assert not (fresh_project / "data/03_primary").exists()
