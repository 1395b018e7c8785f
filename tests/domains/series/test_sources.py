"""Every source of series as windows split by time, and one sentence for every bad input."""

import json
import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from genloom.domains.series.sources import check, ingest
from genloom.errors import GenloomError
from genloom.pipelines.ingestion import require_enough

STEPS = 120
FAULTS = {"spike": 3.0, "drift": 2.0, "stuck": 0.3, "frequency": 0.5}


def block(path, **more):
    usual = {"source": "table", "table": str(path), "time_column": "day", "target_column": "sold"}
    return usual | {"context": 12, "horizon": 4} | more


def days(steps=STEPS, each=1):
    return [(date(2024, 1, 1) + timedelta(days=each * n)).isoformat() for n in range(steps)]


def lines(change=lambda row, cells: cells, header="day,sold,note", times=None):
    """A table with a time, a number and a text in each row, with some rows changed."""
    out = [header]
    for row, day in enumerate(times or days()):
        value = f"{50 + row / 5 + 10 * np.sin(row):.3f}"
        out.append(",".join(change(row, [day, value, f"note {row}"])))
    return out


def put(column, value, *rows):
    """A change of one cell of some rows."""

    def change(row, cells):
        return [value if row in rows and c == column else cell for c, cell in enumerate(cells)]

    return change


def read(tmp_path, rows, **more):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(rows) + "\n")
    return ingest(block(path, **more), 0)


def refused(tmp_path, rows, **more):
    with pytest.raises(GenloomError) as error:
        read(tmp_path, rows, **more)
    message = error.value.message
    assert "\n" not in message
    assert message.endswith(".")
    return message


# -------------------------------------------------------------------- known sources
@pytest.mark.parametrize(
    ("source", "series", "context", "horizon", "season"),
    [
        ("sunspots", 1, 33, 11, 11),
        ("co2", 1, 104, 26, 365.25 / 7),
        ("macrodata", 12, 24, 8, 4),
        ("machine", 1, 96, 24, 48),
    ],
)
def test_known_sources_are_windows_of_one_shape(source, series, context, horizon, season):
    samples, rejects = ingest({"source": source, "faults": FAULTS}, 0)
    require_enough(samples)
    windows = [json.loads(text) for text in samples["content"]]
    assert {len(window["values"]) for window in windows} == {context}
    assert {len(json.loads(text)) for text in samples["target"]} == {horizon}
    assert samples["series"].nunique() == series
    assert samples["season"].unique() == pytest.approx([season])
    assert set(samples["split"]) == {"train", "validation", "test", "faults"}
    assert (samples["scale"] > 0).all()
    assert samples.groupby("split")["label"].nunique()["train"] == 3
    assert len(rejects) == 0
    assert all(np.isfinite(window["values"]).all() for window in windows)
    again, _ = ingest({"source": source, "faults": FAULTS}, 0)
    assert samples.equals(again)


def test_columns_of_a_known_source_can_be_chosen():
    samples, _ = ingest({"source": "macrodata", "target_column": ["unemp", "infl"]}, 0)
    assert list(samples["series"].unique()) == ["unemp", "infl"]
    with pytest.raises(GenloomError, match=r"names 'gold', which the source macrodata does not"):
        ingest({"source": "macrodata", "target_column": "gold"}, 0)


def test_the_gaps_of_co2_are_straight_lines():
    samples, _ = ingest({"source": "co2"}, 0)
    first = json.loads(samples["content"].iloc[0])["values"]
    # 1958-05-10 is missing between 317.5 and 317.1 (two weeks around it).
    import statsmodels.api as sm

    raw = sm.datasets.co2.load_pandas().data["co2"].to_numpy()[:104]
    missing = np.flatnonzero(np.isnan(raw))
    assert len(missing)
    there = np.flatnonzero(~np.isnan(raw))
    inside = missing[(missing > there[0]) & (missing < there[-1])]
    assert np.allclose(np.array(first)[inside], np.interp(inside, there, raw[there]))


# -------------------------------------------------------------------- splits
def spans(samples):
    """The first known, the first forecast and the last forecast step of every window."""
    found = samples[["split", "series"]].copy()
    windows = [json.loads(text) for text in samples["content"]]
    found["start"] = [window["start"] for window in windows]
    found["origin"] = [window["start"] + len(window["values"]) for window in windows]
    found["end"] = found["origin"] + [len(json.loads(text)) for text in samples["target"]] - 1
    return found


@pytest.mark.parametrize("source", ["sunspots", "co2", "macrodata"])
def test_what_is_forecast_in_one_split_is_neither_known_nor_forecast_in_an_earlier_one(source):
    by_split = spans(ingest({"source": source}, 0)[0]).groupby("split")
    assert by_split["end"].max()["train"] < by_split["origin"].min()["validation"]
    assert by_split["end"].max()["validation"] < by_split["origin"].min()["test"]


def test_windows_are_cut_from_the_series_as_it_is(tmp_path):
    samples, _ = read(tmp_path, lines())
    values = [float(row.split(",")[1]) for row in lines()[1:]]
    for text, target, time in samples[["content", "target", "time"]].itertuples(index=False):
        window = json.loads(text)
        origin = window["start"] + 12
        assert window["values"] == values[window["start"] : origin]
        assert json.loads(target) == values[origin : origin + 4]
        assert time == days()[origin - 1]
    parts = samples["split"].value_counts()
    assert parts["test"] == 30 - 4 + 1  # the last quarter of 120 steps
    assert parts["validation"] == 12 - 4 + 1
    assert parts["train"] == 78 - 12 - 4 + 1


def test_the_scale_is_the_seasonal_naive_error_of_the_training_part(tmp_path):
    samples, _ = read(tmp_path, lines(), season=7)
    values = np.array([float(row.split(",")[1]) for row in lines()[1:]])[:78]
    assert samples["scale"].unique() == pytest.approx([abs(values[7:] - values[:-7]).mean()])


def test_many_windows_are_thinned_out_evenly_and_the_latest_stays(tmp_path):
    samples, _ = read(tmp_path, lines(), origins=10, limit=20)
    found = spans(samples)
    for split, most in (("train", 20), ("test", 10)):
        origins = found.loc[found["split"] == split, "origin"].to_numpy()
        assert 6 <= len(origins) <= most
        assert len(set(np.diff(origins))) == 1
    assert found["end"].max() == STEPS - 1


def test_faults_are_copies_of_the_test_windows(tmp_path):
    samples, _ = read(tmp_path, lines(), faults=FAULTS)
    test, faulty = (samples[samples["split"] == split] for split in ("test", "faults"))
    assert list(faulty["label"][:5]) == ["spike", "drift", "stuck", "frequency", "spike"]
    assert faulty["target"].tolist() == test["target"].tolist()
    changed = 0
    for before, after, kind in zip(
        test["content"], faulty["content"], faulty["label"], strict=True
    ):
        old, new = (np.array(json.loads(text)["values"]) for text in (before, after))
        changed += (old != new).any()
        if kind == "spike":
            assert (old != new).sum() == 1
        if kind == "stuck":
            assert (np.diff(new) == 0).sum() >= 3
    assert changed == len(test)


# -------------------------------------------------------------------- one's own table
def test_all_columns_of_numbers_are_series_where_none_is_named(tmp_path, caplog):
    rows = lines(lambda row, cells: [*cells, str(row * 2)], header="day,sold,note,visits")
    with caplog.at_level(logging.WARNING):
        samples, rejects = read(tmp_path, rows, target_column=None)
    assert set(samples["series"]) == {"sold", "visits"}
    assert rejects.values.tolist() == [["", "note", "holds no numbers"]]
    assert "'note'" in caplog.text


def test_rows_may_stand_in_any_order_and_a_note_says_so(tmp_path, caplog):
    sorted_samples, _ = read(tmp_path, lines())
    head, *rest = lines()
    with caplog.at_level(logging.WARNING):
        samples, _ = read(tmp_path, [head, *rest[::-1]])
    assert samples.equals(sorted_samples)
    assert "they were sorted" in caplog.text


@pytest.mark.parametrize(
    ("times", "season"),
    [
        ([f"{1700 + n}" for n in range(STEPS)], 1),
        ([f"{1990 + n // 4}Q{n % 4 + 1}" for n in range(STEPS)], 4),
        ([f"{2010 + n // 12}-{n % 12 + 1:02}" for n in range(STEPS)], 12),
        ([f"{2010 + n // 12}-{n % 12 + 1:02}-01" for n in range(STEPS)], 12),
        ([f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in days()], 7),
        (days(each=7), 365.25 / 7),
        ([f"2024-01-{n // 24 + 1:02}T{n % 24:02}:00:00" for n in range(STEPS)], 24),
        ([d for d in days(2 * STEPS) if date.fromisoformat(d).weekday() < 5][:STEPS], 5),
    ],
    ids=["years", "quarters", "months", "firsts", "german", "weeks", "hours", "workdays"],
)
def test_steps_of_time_are_told_apart(tmp_path, times, season):
    samples, _ = read(tmp_path, lines(times=times))
    assert samples["season"].unique() == pytest.approx([season])
    assert len(samples) == 63 + 9 + 27  # no step was taken for a gap


def test_ends_of_months_are_a_month_apart(tmp_path):
    ends = [pd.Timestamp(2010 + n // 12, n % 12 + 1, 1) + pd.offsets.MonthEnd(0) for n in range(80)]
    samples, _ = read(tmp_path, lines(times=[f"{end:%Y-%m-%d}" for end in ends]), horizon=3)
    assert samples["season"].unique() == [12]


def test_a_parquet_file_and_a_headerless_one_are_read_alike(tmp_path):
    expected, _ = read(tmp_path, lines())
    table = pd.read_csv(tmp_path / "mine.csv", parse_dates=["day"])
    table.to_parquet(tmp_path / "mine.parquet")
    assert ingest(block(tmp_path / "mine.parquet"), 0)[0].equals(expected)
    bare, _ = read(tmp_path, lines()[1:], time_column=0, target_column=1)
    assert bare["target"].equals(expected["target"])


def test_short_gaps_are_bridged_where_that_is_asked_for(tmp_path):
    rows = lines(put(1, "", 30, 31))
    del rows[50]  # a day that is not there at all
    samples, _ = read(tmp_path, rows, longest_gap=2)
    values = [float(cell) for cell in (row.split(",")[1] for row in lines()[1:])]
    window = json.loads(samples["content"].iloc[25])
    assert window["start"] == 25
    known = np.array(window["values"])
    assert known[5:7] == pytest.approx(
        [values[29] + (values[32] - values[29]) * n / 3 for n in (1, 2)]
    )
    later = json.loads(samples["content"].iloc[45])["values"]
    assert later[4] == pytest.approx((values[48] + values[50]) / 2)


def test_a_series_may_begin_later_than_another(tmp_path):
    head = "day,old,new"
    rows = lines(lambda row, cells: [*cells[:2], cells[1] if row >= 20 else ""], header=head)
    samples, _ = read(tmp_path, rows, target_column=["old", "new"])
    starts = spans(samples).groupby("series")["start"].min()
    assert starts.to_dict() == {"old": 0, "new": 20}


# -------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("rows", "more", "sentences"),
    [
        (lines(put(1, "", 30)), {}, ["'sold' lacks 1 value from 2024-01-31 on, after line 31"]),
        (
            [row for n, row in enumerate(lines()) if n not in (40, 41)],
            {},
            ["'sold' lacks 2 values from 2024-02-09 on, after line 40", "series.longest_gap to 2"],
        ),
        (
            lines(put(0, "2024-01-05", 7)),
            {},
            ["line 6 and line 9 have the same time 2024-01-05 in the column 'day'"],
        ),
        (
            lines(put(0, "05/01/2024", 4)),
            {},
            ["dates in mixed forms", "line 6 has '05/01/2024'"],
        ),
        (lines(put(0, "", 4)), {}, ["The column of times 'day' is empty in line 6"]),
        (
            lines(put(0, "soon", 4)),
            {},
            ["'day' holds dates, but line 6 has 'soon': mend the cell or leave the row out."],
        ),
        (
            lines(put(0, "Jan 2 2024", *range(0, STEPS, 2))),
            {},
            ["'day' holds dates, such as '2024-01-02' in line 3", "line 2 has 'Jan 2 2024'; write"],
        ),
        (
            lines(times=[str(n) for n in (*range(STEPS - 1), 10**12)]),
            {},
            ["mostly even steps, but 118 in line 120 and 1000000000000 in line 121 are 1e+12 "],
        ),
        (
            lines(put(0, "9024-04-29", STEPS - 1)),
            {},
            ["mostly a day apart, but 2024-04-28 in line 120 and 9024-04-29 in line 121 are"],
        ),
        (lines(), {"time_column": "note"}, ["'note' holds 'note 0' in line 2, but has to hold d"]),
        (
            lines(put(0, "2024-01-05T12:00:00", 5)),
            {},
            ["mixed forms"],
        ),
        (
            lines(times=[*days(40, 7), *days(80, 7)[40:79], "2025-07-05"]),
            {},
            ["mostly a week apart", "2025-07-05 in line 81 are 0.7143 times as far apart"],
        ),
        (
            lines(put(1, "many", 9)),
            {},
            ["'sold' holds numbers, but line 11 has 'many': mend the cell or leave the row out."],
        ),
        (
            lines(put(1, "many", 9)),
            {"target_column": None},
            ["or put the column into series.leave_out."],
        ),
        (
            lines(),
            {"target_column": "note"},
            ["'note' of", "holds 'note 0' in line 2, but a series"],
        ),
        (lines(put(1, "inf", 9)), {}, ["'sold' holds an infinite number in line 11"]),
        (
            lines(put(1, "5", *range(STEPS))),
            {},
            ["'sold' holds 5 in every row of its training part"],
        ),
        (
            lines(put(1, "", *range(STEPS))),
            {},
            ["The column 'sold' of", "is empty in every row"],
        ),
        (lines()[:30], {}, ["'sold' has 29 steps, of which 19 are the train part", "horizon 4"]),
        (
            lines(),
            {"horizon": 200},
            ["'sold' has 120 steps", "makes 0 windows of series.context 12 and series.horizon 200"],
        ),
        (lines(), {"context": 80}, ["makes 0 windows of series.context 80", "6 are needed"]),
        (lines(), {"target_column": "sole"}, ["no column 'sole'", "one of day, sold, note"]),
        (lines(), {"time_column": "when"}, ["set series.time_column to one of day, sold, note"]),
        (lines()[1:], {}, ["looks like a row, so if it has no header, set series.time_column"]),
        (
            lines(),
            {"time_column": 7, "target_column": 1},
            ["is 7, but the table", "columns 0 to 2"],
        ),
        (lines()[:1], {}, ["has no rows below its header"]),
        (
            [lines()[0], *(f"{line},more" for line in lines()[1:])],
            {},
            ["None of the 120 rows of", "has the 3 cells of its first line; line 2 has 4: mend"],
        ),
        (
            ["2024-01-01,2,2", *lines()[2:]],
            {},
            [
                "two columns of the name '2': rename one of them; if the file has no header, set "
                "series.time_column to the column's number, counted from 0"
            ],
        ),
        (
            ["2024-01-01,2,", *lines()[2:]],
            {},
            ["in the header; if the file has no header, set series.time_column to the column's"],
        ),
        (lines()[:3], {}, ["has 2 rows, from which no step of time can be told"]),
        (lines(), {"target_column": "day"}, ["names the column of times 'day'"]),
        (
            ["day;sold", "2024-01-01;1,5"],
            {"separator": ","},
            ["one column only", "series.separator"],
        ),
    ],
    ids=lambda value: value[0][:24] if isinstance(value, list) and len(value) < 4 else "",
)
def test_bad_tables_end_in_one_sentence(tmp_path, rows, more, sentences):
    message = refused(tmp_path, rows, **more)
    for sentence in sentences:
        assert sentence in message


def test_a_ragged_row_is_a_gap_that_is_named(tmp_path):
    rows = lines()
    rows[20] += ",more"
    assert "after line 20" in refused(tmp_path, rows)
    _, rejects = read(tmp_path, rows, longest_gap=1)
    assert rejects.values.tolist() == [["line 21", "", "has 4 cells where 3 are needed"]]


def test_many_ragged_rows_are_refused_and_few_are_told(tmp_path, caplog):
    rows = lines()
    rows[-30:] = [f"{line},more" for line in rows[-30:]]
    assert refused(tmp_path, rows) == (
        f"30 of the 120 rows of {tmp_path / 'mine.csv'} cannot be used, the first of them: line 92 "
        "has 4 cells where 3 are needed. Mend them, or raise series.most_rejects."
    )
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        _, rejects = read(tmp_path, rows, most_rejects=0.25)
    assert len(rejects) == 30
    assert "30 of the 120 rows" in caplog.text
    assert "the first of them, line 92, has 4" in caplog.text


def test_times_may_have_decimal_commas(tmp_path):
    rows = [line.replace(",", ";") for line in lines(times=[f"{n / 4:.2f}" for n in range(STEPS)])]
    rows = [row.replace(".", ",") for row in rows]
    assert "set series.decimal to ','" in refused(tmp_path, rows, target_column=None)
    samples, _ = read(tmp_path, rows, decimal=",")
    assert samples["time"].iloc[-1] == "28.75"


def test_hours_across_the_change_of_clocks_are_even_steps(tmp_path):
    start = datetime(2024, 3, 30, tzinfo=ZoneInfo("UTC"))
    hours = [start + timedelta(hours=n) for n in range(STEPS)]
    times = [hour.astimezone(ZoneInfo("Europe/Berlin")).isoformat() for hour in hours]
    samples, _ = read(tmp_path, lines(times=times))
    assert samples["season"].unique() == [24]
    assert samples["time"].iloc[-1] == hours[STEPS - 5].strftime("%Y-%m-%dT%H:%M:%S")


def test_steps_may_be_fractions_of_a_second(tmp_path):
    times = [f"2024-01-01T00:00:{n // 10:02}.{n % 10}Z" for n in range(STEPS)]
    samples, _ = read(tmp_path, lines(times=times))
    assert samples["time"].iloc[-1] == "2024-01-01T00:00:11.500000"


def test_a_missing_file_is_named():
    with pytest.raises(GenloomError, match=r"/nowhere.csv does not exist.*set series.table to"):
        ingest(block("/nowhere.csv"), 0)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"source": "moon"}, "series.source is 'moon', but has to be one of sunspots, co2"),
        ({"source": "table"}, "series.table is None, but has to be the path of a .csv"),
        ({"source": "table", "table": "a.csv"}, "series.time_column is None, but has to be the na"),
        (
            {"source": "table", "table": "a.csv", "time_column": "t", "target_column": []},
            "series.target_column is [], but",
        ),
        (
            {"source": "table", "table": "a.csv", "time_column": 0, "target_column": "y"},
            "series.target_column is 'y', but has to be given like series.time_column",
        ),
        ({"context": 9}, "series.context is 9, but has to be a whole number from 10 on"),
        ({"horizon": 0}, "series.horizon is 0, but has to be a whole number from 1 on"),
        ({"horizon": True}, "series.horizon is True, but"),
        ({"season": 0.5}, "series.season is 0.5, but has to be a number of steps from 1 on"),
        ({"calendar": "yes"}, "series.calendar is 'yes', but"),
        ({"origins": None}, "series.origins is None, but has to be a whole number from 1 on"),
        ({"limit": 0}, "series.limit is 0, but"),
        ({"longest_gap": -1}, "series.longest_gap is -1, but has to be a whole number from 0 on"),
        ({"quantiles": [0.1, 0.9]}, "series.quantiles is [0.1, 0.9], but has to be a rising list"),
        ({"quantiles": [0.5, 0.1, 0.9]}, "series.quantiles is [0.5, 0.1, 0.9], but"),
        ({"quantiles": 3}, "series.quantiles is 3, but"),
        ({"faults": {"crack": 1}}, "series.faults has no kind 'crack': there are spike, drift"),
        ({"faults": {"stuck": 1.5}}, "series.faults.stuck is 1.5, but has to be a number between"),
        ({"faults": {"spike": 0}}, "series.faults.spike is 0, but has to be a number above 0"),
        ({"faults": 3}, "series.faults is 3, but has to name kinds of faults"),
        ({"decimal": ";"}, "series.decimal is ';', but"),
        ({"separator": "::"}, "series.separator is '::', but"),
        ({"encoding": "latin-0"}, "series.encoding is 'latin-0', but"),
        ({"encoding": "hex"}, "series.encoding is 'hex', but has to be an encoding such as utf-8"),
        ({"encoding": "base64"}, "series.encoding is 'base64', but"),
        ({"encoding": "rot13"}, "series.encoding is 'rot13', but"),
        ({"encoding": "punycode"}, "series.encoding is 'punycode', but"),
        ({"most_rejects": 1}, "series.most_rejects is 1, but has to be a share of the rows from 0"),
        ({"leave_out": "a"}, "series.leave_out is 'a', but has to be a list"),
        ({"split": {"test": 2}}, "split.test is 2, but has to be between 0 and 1."),
    ],
)
def test_wrong_parameters_are_named(more, sentence):
    with pytest.raises(GenloomError) as error:
        check({"source": "sunspots"} | more)
    assert error.value.message.startswith(sentence)
