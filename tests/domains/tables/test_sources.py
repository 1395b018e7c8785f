"""Every source of tables as samples, and one sentence for every bad input."""

import json
import re

import pandas as pd
import pytest

from genloom.domains.tables.dates import read_dates
from genloom.domains.tables.rows import from_contents
from genloom.domains.tables.sources import check, ingest
from genloom.errors import GenloomError

ROWS = 40


def block(path, **more):
    return {"source": "table", "table": str(path), "target_column": "sick"} | more


def lines(change=lambda row, cells: cells, header="age,weight,smokes,town,seen,sick"):
    """A table of all kinds of columns, with some cells changed."""
    out = [header]
    for row in range(ROWS):
        cells = [
            str(20 + row),
            f"{60 + row / 7:.2f}" if row % 9 else "NA",
            ("yes", "no")[row % 2],
            ("Rome", "Oslo", "")[row % 3],
            f"2024-{1 + row % 12:02d}-{1 + row % 28:02d}",
            ("ill", "well")[row % 5 < 2],
        ]
        out.append(",".join(change(row, cells)))
    return out


def put(column, value, row=3):
    """A change of the cell of one row."""

    def change(at, cells):
        return [value if at == row and c == column else cell for c, cell in enumerate(cells)]

    return change


@pytest.fixture
def write(tmp_path):
    def write(rows, name="own.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
        return path

    return write


@pytest.mark.parametrize(
    ("source", "rows", "columns", "labels"),
    [
        ("breast_cancer", 569, 30, {"benign", "malignant"}),
        ("wine", 178, 13, {"grower 1", "grower 2", "grower 3"}),
        (
            "diabetes",
            442,
            10,
            {"progression 1 low", "progression 2 middle", "progression 3 high"},
        ),
    ],
)
def test_the_known_sources(source, rows, columns, labels):
    samples, rejects = ingest({"source": source}, 0)
    assert len(samples) == rows
    assert rejects.empty
    assert list(rejects.columns) == ["row", "column", "reason"]
    assert len(json.loads(samples["content"][0])) == columns
    assert set(samples["label"]) == labels
    assert set(samples["source"]) == {"real"}
    counts = samples["split"].value_counts(normalize=True)
    assert counts["test"] == pytest.approx(0.25, abs=0.01)
    assert counts["validation"] == pytest.approx(0.1, abs=0.01)
    assert samples.equals(ingest({"source": source}, 0)[0])
    assert not samples["split"].equals(ingest({"source": source}, 1)[0]["split"])


def test_diabetes_has_a_number_its_bands_and_attributes():
    samples, _ = ingest({"source": "diabetes"}, 0)
    assert samples["target"].dtype == "float64"
    assert samples["target"].between(25, 346).all()
    assert set(samples["sex"]) == {"1", "2"}
    assert samples["age"].between(19, 79).all()
    train = samples[samples["split"] == "train"]
    ends = samples.groupby("label")["target"].agg(["min", "max"])
    assert (ends["min"].to_numpy()[1:] > ends["max"].to_numpy()[:-1]).all()
    assert train["label"].value_counts(normalize=True).between(0.31, 0.36).all()
    assert ingest({"source": "diabetes", "bands": 5}, 0)[0]["label"].nunique() == 5
    assert "sex" not in ingest({"source": "diabetes", "attributes": []}, 0)[0]


def test_adult_comes_from_the_mirror_with_its_own_test_split(tmp_path, monkeypatch):
    import hashlib

    from genloom.domains.tables import loaders

    row = "{age}, Private, 100, Bachelors, 13, ?, Sales, Wife, White, {sex}, 0, 0, 40, Cuba, {pay}"

    def text(start, dot):
        return "".join(
            row.format(
                age=start + n,
                sex=("Male", "Female")[n % 2],
                pay=("<=50K", ">50K")[n % 3 == 0] + dot,
            )
            + "\n"
            for n in range(30)
        )

    folder = tmp_path / "adult"
    folder.mkdir()
    (folder / "adult.data").write_text(text(20, "") + "\n")
    (folder / "adult.test").write_text("|1x3 Cross validator\n" + text(45, "."))
    sums = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in loaders.ADULT_SHA256
    }
    monkeypatch.setattr(loaders, "ADULT_SHA256", sums)
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path))
    samples, rejects = ingest({"source": "adult"}, 0)
    assert set(samples["label"]) == {"<=50K", ">50K"}
    assert (samples["split"] == "test").sum() == 30
    assert set(samples["split"]) == {"train", "validation", "test"}
    assert set(samples["sex"]) == {"Male", "Female"}
    assert set(rejects.loc[rejects["reason"].str.contains("every row"), "column"]) >= {"race"}
    same = rejects["reason"].str.contains("same as a row in the test split")
    assert rejects.loc[same, "row"].str.startswith("adult.data").all()


def test_an_own_table_with_all_kinds_of_columns(write, caplog):
    caplog.set_level("INFO")
    samples, rejects = ingest(block(write(lines()), attributes=["smokes"]), 0)
    assert len(samples) == ROWS
    assert rejects.empty
    assert json.loads(samples["content"][1]) == {
        "age": 21,
        "weight": 60.14,
        "smokes": False,
        "town": "Oslo",
        "seen": "2024-02-02",
    }
    assert json.loads(samples["content"][0])["weight"] is None
    assert json.loads(samples["content"][2])["town"] is None
    assert set(samples["smokes"]) == {"True", "False"}
    assert "numbers: age, weight; categories: town (2), sick (2)" in caplog.text
    assert "truth values: smokes; dates: seen; columns with missing cells: 2" in caplog.text


@pytest.mark.parametrize("suffix", ["tsv", "parquet", "semicolon", "latin", "utf16", "headerless"])
def test_the_same_table_in_other_formats(write, tmp_path, suffix):
    expected = ingest(block(write(lines())), 0)[0]
    more = {}
    if suffix == "tsv":
        path = write([line.replace(",", "\t") for line in lines()], "own.tsv")
    elif suffix == "semicolon":
        rows = [line.replace(",", ";").replace(".", ",") for line in lines()]
        path, more = write(rows, "other.csv"), {"decimal": ","}
    elif suffix == "latin":
        path = write([line.replace("Oslo", "Malmö") for line in lines()], "l.csv", "cp1252")
        more = {"encoding": "cp1252"}
        expected["content"] = expected["content"].str.replace("Oslo", "Malmö")
    elif suffix == "utf16":
        path, more = write(lines(), "u.csv", "utf-16"), {"encoding": "utf-16"}
    elif suffix == "headerless":
        path, more = write(lines()[1:], "h.csv"), {"target_column": 5}
        names = {f"column {n}": name for n, name in enumerate(lines()[0].split(","))}
    else:
        table = pd.read_csv(write(lines()), parse_dates=["seen"])
        table["smokes"] = table["smokes"] == "yes"
        table["town"] = table["town"].astype("category")
        path = tmp_path / "own.parquet"
        table.to_parquet(path)
    samples = ingest(block(path, **more), 0)[0]
    if suffix == "headerless":
        contents = samples["content"]
        for old, new in names.items():
            contents = contents.str.replace(f'"{old}"', f'"{new}"')
        samples["content"] = contents
    assert samples["content"].tolist() == expected["content"].tolist()
    assert samples["label"].tolist() == expected["label"].tolist()


def test_targets_are_classes_or_numbers(write):
    path = write(lines())
    numbers = ingest(block(path, target_column="age"), 0)[0]
    assert numbers["target"].tolist() == [20.0 + row for row in range(ROWS)]
    assert set(numbers["label"]) == {"age 1 low", "age 2 middle", "age 3 high"}
    whole = write(lines(lambda row, cells: [str(row % 3), *cells[1:]]), "few.csv")
    assert set(ingest(block(whole, target_column="age"), 0)[0]["label"]) == {"0", "1", "2"}
    as_number = ingest(block(whole, target_column="age", task="number"), 0)[0]
    assert set(as_number["target"]) == {0.0, 1.0, 2.0}
    truth = ingest(block(path, target_column="smokes"), 0)[0]
    assert set(truth["label"]) == {"true", "false"}
    assert "target" not in truth


def test_columns_that_say_nothing_are_left_out_and_named(write):
    rows = lines(lambda row, cells: [*cells[:1], "NA", *cells[2:4], "2024-01-01", *cells[5:]])
    samples, rejects = ingest(block(write(rows)), 0)
    assert list(json.loads(samples["content"][0])) == ["age", "smokes", "town"]
    assert rejects[["column", "reason"]].values.tolist() == [
        ["weight", "is missing in every row"],
        ["seen", "holds the same in every row"],
    ]


def test_rows_that_cannot_be_used_are_set_aside_and_named(write):
    rows = lines(put(5, "", row=6))
    rows[4] += ",one more"
    samples, rejects = ingest(block(write(rows)), 0)
    assert len(samples) == ROWS - 2
    assert rejects.values.tolist() == [
        ["line 5", "", "has 7 cells where 6 are needed"],
        ["line 8", "sick", "has no value of the target"],
    ]
    said = r"2 of the 40 rows of .* cannot be used, the first of them: line 5 has 7 cells"
    with pytest.raises(GenloomError, match=said):
        ingest(block(write(rows), most_rejects=0.01), 0)


@pytest.mark.parametrize(
    ("times", "read"),
    [
        ("2024-01-{:02d}T12:00:00Z", "2024-01-02T12:00:00"),
        ("2024-01-{:02d} 12:00+0130", "2024-01-02T12:00:00"),
        ("2024-01-{:02d}T12:00:00-05:00", "2024-01-02T12:00:00"),
        ("2024-01-{:02d}T12:00:00.5", "2024-01-02T12:00:00.500000"),
        ("2024-01-{:02d} 12:00:00.123456789Z", "2024-01-02T12:00:00.123456"),
        ("2024-01-{:02d}T00:00:00.000+01:00", "2024-01-02"),
    ],
)
def test_times_may_have_fractions_and_an_offset(write, times, read):
    rows = lines(each(4, lambda row: times.format(1 + row % 28)))
    samples, _ = ingest(block(write(rows)), 0)
    assert json.loads(samples["content"][1])["seen"] == read
    (seen,) = [c for c in from_contents(samples["content"].tolist()) if c.name == "seen"]
    assert seen.kind == "date"


def test_times_of_several_offsets_become_utc_but_whole_days_stay():
    def read(*texts):
        return read_dates("seen", texts, [f"line {row}" for row in range(len(texts))], "wait")

    hours = read("2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00", None)
    assert hours == ["2024-03-31T00:00:00", "2024-03-31T01:00:00", None]
    assert read("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00") == [
        "2024-03-31",
        "2024-04-01",
    ]
    never = read("2024-03-31T01:00:00+01:00", "9999-12-31T23:59:59-05:00")
    assert never == ["2024-03-31T00:00:00", "9999-12-31T23:59:59"]
    with pytest.raises(GenloomError, match="in mixed forms"):
        read("2024-03-31T01:00:00Z", "2024-03-31T01:00:00")


def test_numbers_can_be_names(write):
    samples, _ = ingest(block(write(lines()), categories=["age"], leave_out=["seen"]), 0)
    assert json.loads(samples["content"][0])["age"] == "20"
    assert "seen" not in json.loads(samples["content"][0])


def test_a_limit_keeps_the_proportions():
    samples, _ = ingest({"source": "breast_cancer", "limit": 100}, 0)
    assert samples["label"].value_counts().to_dict() == {"benign": 63, "malignant": 37}


BAD_CELLS = {
    "infinity": ((0, "inf"), "column 'age' holds an infinite number in line 5"),
    "overflow": ((1, "1e999"), "column 'weight' holds an infinite number in line 5"),
    "huge": ((1, "-1e200"), r"'weight' holds the number -1e\+200 in line 5.*: mend the cell or"),
    "no number": ((0, "old"), "column 'age' holds numbers, but line 5 has 'old'"),
    "mixed dates": (
        (4, "31.01.2024"),
        "column 'seen' holds dates in mixed forms: line 2 has '2024-01-01' and line 5 has "
        "'31.01.2024'",
    ),
    "no date": ((4, "2024-13-45"), "holds dates, but line 5 has '2024-13-45', which is not a date"),
    "a word": ((4, "soon"), "column 'seen' holds dates, but line 5 has 'soon'"),
    "single": ((5, "dead"), r"class 'dead' of the target 'sick' has 1 sample \(line 5\)"),
    "open quote": ((3, '"Rome'), "cannot be read from line 5 on .*quotation mark"),
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_a_bad_cell_is_named_in_one_sentence(write, name):
    change, said = BAD_CELLS[name]
    with pytest.raises(GenloomError, match=said):
        ingest(block(write(lines(put(*change)))), 0)


def each(column, value):
    return lambda row, cells: [value(row) if c == column else cell for c, cell in enumerate(cells)]


BAD_COLUMNS = {
    "constant target": (each(5, lambda row: "ill"), "'sick' of .* holds 'ill' in every row"),
    "dates as target": (each(5, lambda row: f"2024-01-{1 + row % 4:02d}"), "holds dates, but has"),
    "no target": (each(5, lambda row: ""), r"40 of the 40 rows.* line 2, column 'sick',"),
    "too many": (each(3, lambda row: f"town {row}"), "column 'town' of .* holds 40 different"),
    "day or month": (each(4, lambda row: "01/02/2024"), "the day or the month comes first"),
    "dates in words": (
        each(4, lambda row: f"2024-01-{1 + row % 28:02d}" if row % 2 else f"Jan {row + 1} 2024"),
        r"'seen' holds dates, such as '2024-01-02' in line 3, but not in every row: line 2 has "
        r"'Jan 1 2024'; write .* or put the column into tables\.categories",
    ),
    "comma": (each(1, lambda row: f'"{row},5"'), "'weight' holds .* decimal comma, such as '0,5'"),
}


@pytest.mark.parametrize("name", BAD_COLUMNS)
def test_a_bad_column_is_named_in_one_sentence(write, name):
    change, said = BAD_COLUMNS[name]
    with pytest.raises(GenloomError, match=said):
        ingest(block(write(lines(change)), most_categories=20), 0)


def test_dates_among_names_are_names_where_that_is_said_or_they_are_few(write):
    def some(row):
        return f"2024-01-{1 + row % 28:02d}" if row % 2 else f"Jan {row + 1} 2024"

    samples, _ = ingest(block(write(lines(each(4, some))), categories=["seen"]), 0)
    assert json.loads(samples["content"][0])["seen"] == "Jan 1 2024"
    rows = lines(each(3, lambda row: "2024-01-31" if row < 3 else "Rome"))
    samples, _ = ingest(block(write(rows)), 0)
    assert json.loads(samples["content"][0])["town"] == "2024-01-31"


def test_a_hundred_thousand_categories_are_refused_within_seconds(write):
    rows = ["id,age,sick", *(f"n{row},{row % 90},{row % 2}" for row in range(100_000))]
    with pytest.raises(GenloomError, match=r"column 'id' of .* holds 100,000 different texts"):
        ingest(block(write(rows)), 0)


BAD_FILES = {
    "missing": (None, {}, "does not exist or is not a file"),
    "empty": ([""], {}, "is empty: set tables.table"),
    "no rows": (["age,sick"], {}, "has no rows below its header"),
    "all ragged": (
        [lines()[0], *(f"{line},more" for line in lines()[1:])],
        {},
        r"None of the 40 rows of .*own\.csv has the 6 cells of its first line; line 2 has 7: mend "
        r"the header or the rows\.$",
    ),
    "value twice": (
        [line.replace("Rome", "yes") for line in lines()[1:]],
        {},
        r"two columns of the name 'yes': rename one of them; if the file has no header, set "
        r"tables\.target_column to the column's number, counted from 0\.$",
    ),
    "gap": (
        lines()[3:],
        {},
        r"Column 4 of .* has no name: give it one in the header; if the file has no header, set "
        r"tables\.target_column to the column's number, counted from 0\.$",
    ),
    "no header": (lines()[1:], {}, r"no column 'sick' to predict.*if it has no header, set"),
    "no target": (lines(), {"target_column": "dead"}, "no column 'dead' to predict.*age, weight"),
    "no number": (lines(), {"target_column": 9}, "has the columns 0 to 5"),
    "one column": (["sick", "1", "2"], {}, r"one column only \('sick' in line 1\)"),
    "no name": (lines(header="age,,smokes,town,seen,sick"), {}, "Column 2 of .* has no name"),
    "same name": (lines(header="age,age,smokes,town,seen,sick"), {}, "two columns of .* 'age'"),
    "absent": (lines(), {"leave_out": ["x"]}, "tables.leave_out names the column 'x'"),
    "dropped": (lines(), {"leave_out": ["sick"]}, "names the target 'sick'"),
    "text": (lines(), {"task": "number"}, "'sick' holds category values, but tables.task"),
    "alone": (["a,sick", *["1,2", "1,3"] * 8], {}, "no column beside the target 'sick'"),
    "reserved": (
        lines(header="age,weight,smokes,town,split,sick"),
        {"attributes": ["split"]},
        "names the column 'split', but samples have",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_ends_in_one_sentence(write, tmp_path, name):
    rows, more, said = BAD_FILES[name]
    path = tmp_path / "none.csv" if rows is None else write(rows)
    with pytest.raises(GenloomError, match=said) as error:
        ingest(block(path, **more), 0)
    assert "\n" not in error.value.message


def test_files_in_other_encodings_and_formats_are_named(write, tmp_path):
    latin = write([line.replace("Oslo", "Malmö") for line in lines()], "l.csv", "cp1252")
    with pytest.raises(GenloomError, match="not in the encoding utf-8: the byte 0xf6 in line 3"):
        ingest(block(latin), 0)
    with pytest.raises(GenloomError, match=r"UTF-16: save it as UTF-8, or set tables\.encoding"):
        ingest(block(write(lines(), "u.csv", "utf-16")), 0)
    with pytest.raises(GenloomError, match=r"the suffix '\.xlsx'"):
        ingest(block(write(lines(), "own.xlsx")), 0)
    with pytest.raises(GenloomError, match="cannot be read as PARQUET"):
        ingest(block(write(lines(), "own.parquet")), 0)
    pd.DataFrame({"a": [[1]] * 20, "sick": [0, 1] * 10}).to_parquet(tmp_path / "list.parquet")
    with pytest.raises(GenloomError, match="column 'a' holds a ndarray in row 1"):
        ingest(block(tmp_path / "list.parquet"), 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", "iris"),
        ("task", "guess"),
        ("bands", 1),
        ("most_categories", "many"),
        ("most_rejects", 1),
        ("limit", 0),
        ("categories", "age"),
        ("leave_out", None),
        ("attributes", [1]),
        ("decimal", "x"),
        ("separator", ";;"),
        ("encoding", "runes"),
        ("encoding", "hex"),
        ("encoding", "base64"),
        ("encoding", "rot13"),
        ("encoding", "punycode"),
        ("encoding", "undefined"),
        ("encoding", 8),
        ("raw_folder", ""),
        ("table", None),
        ("target_column", None),
    ],
)
def test_a_wrong_parameter_is_named(key, value):
    with pytest.raises(GenloomError, match=re.escape(f"tables.{key} is {value!r}")):
        check(block("own.csv") | {key: value})
