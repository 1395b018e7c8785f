"""The tidy metrics table: defaults, types, refusals and ranking."""

import math

import pytest

from genloom.errors import GenloomError
from genloom.metrics.table import (
    BETTER,
    COLUMNS,
    add_interval,
    distance_to_ideal,
    metrics_table,
    summarise_draws,
)

ROW = {"domain": "images", "subject": "gan", "metric": "recall", "value": 0.5}


def test_a_bare_row_gets_every_column_with_its_type():
    table = metrics_table([{**ROW, "n": 360}])
    assert list(table.columns) == COLUMNS
    assert [str(kind) for kind in table.dtypes] == ["str"] * 6 + ["float64"] * 3 + [
        "Int64",
        "Int64",
        "str",
    ]
    row = table.iloc[0]
    assert (row["role"], row["recipe"], row["split"], row["better"]) == (
        "",
        "none",
        "test",
        "higher",
    )
    assert math.isnan(row["low"])
    assert row["n"] == 360
    assert table["seed"].isna().all()


def test_no_rows_give_an_empty_table_with_the_same_types():
    assert (metrics_table([]).dtypes == metrics_table([ROW]).dtypes).all()


def test_rows_of_a_table_make_the_same_table_again():
    table = metrics_table([{**ROW, "seed": 3}, {**ROW, "metric": "dcr_share", "low": 0, "high": 1}])
    again = metrics_table(table.to_dict("records"))
    assert again.equals(table)


def test_a_domain_may_bring_its_own_metric_with_its_direction():
    table = metrics_table([{**ROW, "metric": "validity", "better": "higher"}])
    assert table.loc[0, "better"] == "higher"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metric": "recal"}, "'recal' is no known metric"),
        ({"subjekt": "gan"}, "unknown columns \\['subjekt'\\]"),
        ({"domain": None}, "lacks \\['domain'\\]"),
        ({"value": "much"}, "'value' of 'recall' for 'gan' has to be a number"),
        ({"better": "lower"}, "it is 'higher'"),
        ({"metric": "validity", "better": "bigger"}, "no direction"),
        ({"low": 0.4}, "needs both ends"),
        ({"low": 0.6, "high": 0.4}, "the lower one first"),
        ({"n": 1.5}, "whole number"),
        ({"role": 3}, "'role' .* has to be a text"),
    ],
)
def test_what_is_wrong_is_named(change, words):
    with pytest.raises(GenloomError, match=words):
        metrics_table([{**ROW, **change}])


def test_draws_are_summarised_by_a_t_interval():
    mean, low, high = summarise_draws([1.0, 2.0, 3.0, 4.0])
    half = 3.182446 * math.sqrt(5 / 3) / 2  # t(0.975, 3) times the standard error
    assert mean == 2.5
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half), rel=1e-6)


def test_one_draw_has_no_interval_and_none_no_mean():
    mean, low, high = summarise_draws([0.25])
    assert mean == 0.25
    assert math.isnan(low)
    assert math.isnan(high)
    with pytest.raises(GenloomError, match="at least one"):
        summarise_draws([])


def test_an_interval_is_added_to_a_copy_of_the_row():
    row = add_interval(ROW, [0.25, 0.75])
    assert ROW["value"] == 0.5
    assert "low" not in ROW
    assert row["low"] < row["value"] < row["high"]
    metrics_table([row])


def test_every_metric_can_be_ranked():
    for better in BETTER.values():
        assert math.isfinite(distance_to_ideal(better, 0.3))
    assert distance_to_ideal("higher", 0.9) < distance_to_ideal("higher", 0.1)
    assert distance_to_ideal("lower", 0.1) < distance_to_ideal("lower", 0.9)
    assert distance_to_ideal("closer:0.5", 0.45) < distance_to_ideal("closer:0.5", 0.75)
    assert distance_to_ideal("higher", math.nan) > distance_to_ideal("higher", -1e9)
    with pytest.raises(GenloomError, match="no direction"):
        distance_to_ideal("closer", 0.5)
