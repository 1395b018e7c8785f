"""Forecasts judged from origins that roll through time, and drawn."""

import json

import numpy as np
import pytest
import torch

from genloom import members
from genloom.domains.codecs import codec_to_dict
from genloom.domains.series import MEASURES
from genloom.domains.series.codec import fit_codec, targets_of
from genloom.domains.series.figures import PREDICTED
from genloom.domains.series.sources import ingest
from genloom.fitted import Fitted
from genloom.metrics import forecasting as measures
from genloom.pipelines.fitting import fit_member
from genloom.pipelines.forecasting import judge_forecasts, origins_alike
from genloom.pipelines.prediction import evaluate_predictor

LEVELS = [0.1, 0.3, 0.5, 0.7, 0.9]
HARDWARE = {"accelerator": "cpu", "devices": 1, "threads": 1, "progress": False}


@pytest.fixture(scope="module")
def economy():
    block = {"source": "macrodata", "target_column": ["unemp", "cpi"], "faults": {"spike": 3.0}}
    samples, _ = ingest(block, 0)
    return samples, fit_codec(samples, quantiles=LEVELS)


@pytest.fixture(scope="module")
def naive(economy):
    samples, codec = economy
    fitted, history, timings = fit_member(
        samples,
        codec,
        {"role": "predictor", "network": "seasonal_naive"},
        seed=0,
        hardware=HARDWARE,
        domain="series",
        subject="seasonal_naive",
        measures=MEASURES,
    )
    assert history.empty
    assert timings["metric"].tolist() == ["fit_seconds"]
    return fitted


def test_a_forecaster_is_told_how_far_and_at_what_levels(naive):
    assert naive.forecasts
    assert naive.block["horizon"] == 8
    assert naive.block["season"] == 4.0
    assert naive.block["quantiles"] == LEVELS
    assert "calendar" not in naive.block  # it does not ask for it
    assert naive.member.quantiles == LEVELS


def test_metrics_are_means_over_the_test_windows_and_say_how_sure_they_are(economy, naive):
    samples, _ = economy
    test = samples[samples["split"] == "test"]
    rows, table = judge_forecasts(test, naive, 0)
    found = {row["metric"]: row for row in rows}
    assert list(found) == ["mase", "smape", "crps", "interval_coverage"]
    values = np.array([json.loads(text)["values"] for text in test["content"]])
    forecast = np.tile(values[:, -4:], 2)
    targets, scales = targets_of(test), test["scale"].to_numpy()
    expected = (abs(forecast - targets).mean(axis=1) / scales).mean()
    assert found["mase"]["value"] == pytest.approx(expected, rel=1e-5)
    for row in rows:
        assert row["low"] < row["value"] < row["high"]
    again, _ = judge_forecasts(test, naive, 0)
    assert again == rows
    assert len(table) == len(test) * 8
    assert table["step"].tolist()[:9] == [*range(1, 9), 1]
    assert np.allclose(table["q0.5"], forecast.ravel(), rtol=1e-5)
    assert np.allclose(table["target"], targets.ravel())
    coverage = table["target"].between(table["q0.1"], table["q0.9"]).mean()
    assert found["interval_coverage"]["value"] == pytest.approx(coverage)


def test_windows_with_faults_are_judged_apart(economy, naive):
    samples, _ = economy
    metrics, predictions = evaluate_predictor(
        samples, naive, 0, domain="series", subject="naive", measures=MEASURES
    )
    value = metrics.set_index("metric")["value"]
    assert value["mase_faults"] > value["mase"]  # a spike in the last year is repeated
    assert metrics.set_index("metric")["better"]["interval_coverage_faults"] == "closer:0.8"
    assert metrics.set_index("metric")["split"]["mase_faults"] == "faults"
    assert value["parameters"] == 8 * len(LEVELS)
    assert len(predictions) == (samples["split"] == "test").sum() * 8


def test_a_perfect_forecast_has_no_error(economy):
    samples, codec = economy
    test = samples[samples["split"] == "test"]

    class Oracle:
        def predict(self, x):
            return codec.encode_targets(test)[:, :, None].repeat(1, 1, len(LEVELS))

    found = Fitted(Oracle(), {"network": "none"}, codec.shape, [], codec_to_dict(codec), 0, "")
    rows, _ = judge_forecasts(test, found, 0)
    value = {row["metric"]: row["value"] for row in rows}
    assert value["mase"] == pytest.approx(0, abs=1e-5)
    assert value["crps"] == pytest.approx(0, abs=1e-5)


def test_neighbouring_origins_count_as_one_where_they_forecast_the_same_steps(economy):
    samples, _ = economy
    test = samples[samples["split"] == "test"]
    assert origins_alike(test, 8) == 8
    own = test[test["series"] == "cpi"]
    assert origins_alike(own.iloc[::3], 8) == 3
    assert origins_alike(own.iloc[:1], 8) == 1


def test_levels_and_sequences_are_judged_in_the_same_unit(economy):
    samples, codec = economy
    test = samples[samples["split"] == "test"]
    found = []
    for form in ("sequences", "levels"):
        own = codec.of(form)
        block = members.with_told({"role": "predictor", "network": "last_value"}, own)
        member = members.build(block, own.shape, 0, seed=0)
        x = own.encode(test)
        member._reach, member._fitted = np.zeros((8, len(LEVELS))), True
        fitted = Fitted(member, block, own.shape, [], codec_to_dict(own), 0, "")
        assert torch.isfinite(member.predict(x)).all()
        found.append(judge_forecasts(test, fitted, 0)[0][0]["value"])
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    last = np.array([json.loads(text)["values"][-1] for text in test["content"]])[:, None]
    targets = targets_of(test)
    plain = measures.mase(np.broadcast_to(last, targets.shape), targets, test["scale"])
    assert found[0] == pytest.approx(plain.mean(), rel=1e-5)


@pytest.mark.parametrize("kind", PREDICTED)
def test_forecasts_are_drawn_the_same_way_twice(economy, naive, kind, tmp_path):
    samples, _ = economy
    test = samples[samples["split"] == "test"]
    _, table = judge_forecasts(test, naive, 0)
    pictures = []
    for number in range(2):
        figure = PREDICTED[kind](samples, table, title="a $ and_b$")
        figure.savefig(tmp_path / f"{number}.png", metadata={"Software": None})
        pictures.append((tmp_path / f"{number}.png").read_bytes())
    assert pictures[0] == pictures[1]
    assert "a $ and_b$" in figure.get_suptitle()


def test_fans_show_what_was_known_and_what_came(economy, naive):
    samples, _ = economy
    test = samples[samples["split"] == "test"].reset_index(drop=True)
    _, table = judge_forecasts(test, naive, 0)
    figure = PREDICTED["forecasts"](samples, table, title="naive")
    axes = figure.axes[0]
    drawn = next(line for line in axes.lines if len(line.get_ydata()) == 24 + 8)
    window = json.loads(test["content"].iloc[0])["values"] + json.loads(test["target"].iloc[0])
    assert np.allclose(drawn.get_ydata(), window)
    assert len(axes.collections) == 2  # the bands of 80 and of 40 %
    assert "unemp, known up to" in axes.get_title(loc="left")
