"""Every source becomes samples; whatever a person can get wrong ends in one sentence."""

import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from genloom.domains.text import sources
from genloom.domains.text.pydocs import load_pydocs
from genloom.domains.text.sources import SOURCES, check, ingest
from genloom.errors import GenloomError

BESIDE = Path(__file__).parents[4] / "shared" / "datasets"
COLUMNS = ["content", "label", "split", "source", "document"]


def sayings(count: int, start: int = 0) -> list[str]:
    """Paragraphs of which no two are alike."""
    return [
        " ".join(hashlib.md5(f"{n} {k}".encode()).hexdigest()[:7] for k in range(8))
        for n in range(start, start + count)
    ]


def complaint(parameters: dict[str, Any]) -> str:
    """The sentence about parameters that ``check`` and ``ingest`` refuse alike."""
    said = []
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError) as error:
            use(parameters)
        said.append(error.value.message)
    assert said[0] == said[1]
    assert "\n" not in said[0]
    return said[0]


# --- pydocs -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_once() -> Iterator[None]:
    """The documentation is parsed once for all tests that only ask what becomes of it."""
    read = functools.cache(load_pydocs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "load_pydocs", lambda: list(read()))
        yield


@pytest.fixture(scope="module")
def pydocs(read_once: None) -> tuple[pd.DataFrame, pd.DataFrame]:
    return ingest({"source": "pydocs"}, 0)


def test_pydocs(pydocs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    samples, rejects = pydocs
    assert list(samples.columns) == COLUMNS
    assert list(rejects.columns) == ["file", "reason"]
    size = samples["content"].str.encode("utf-8").str.len()
    assert size.max() <= 511
    shares = (size + 2).groupby(samples["split"]).sum() / (size + 2).sum()
    assert shares["test"] == pytest.approx(0.15, abs=0.015)
    assert shares["validation"] == pytest.approx(0.05, abs=0.01)
    assert (pd.crosstab(samples["label"], samples["split"]) > 0).all(axis=None)
    assert samples["label"].nunique() == 10
    assert not samples["content"].duplicated().any()
    assert samples.groupby("document")["split"].nunique().max() == 1
    reasons = rejects["reason"].str.split().str[:2].str.join(" ").value_counts()
    assert set(reasons.index) == {"repeats text", "is nearly"}


def test_the_seed_decides_the_split_and_nothing_else(
    pydocs: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path
) -> None:
    again, rejects = ingest({"source": "pydocs", "gpt": {"role": "generator"}}, 0)
    pd.testing.assert_frame_equal(again, pydocs[0])
    pd.testing.assert_frame_equal(rejects, pydocs[1])
    for name, frame in (("a", again), ("b", pydocs[0])):
        frame.to_parquet(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a"), again)
    other, _ = ingest({"source": "pydocs"}, 1)
    both = again.merge(other, on=["content", "document"])
    assert len(both) > 0.95 * len(again), "only near-repeats depend on the split"
    assert (both["split_x"] != both["split_y"]).mean() > 0.1


def test_length_limit_and_shares(read_once: None) -> None:
    samples, _ = ingest({"source": "pydocs", "length": 64, "limit": 500, "split": {"test": 0.3}}, 0)
    assert samples["content"].str.encode("utf-8").str.len().max() <= 63
    assert len(samples) < 3000
    counts = samples.groupby("label")["document"].nunique()
    assert counts.min() >= 3


# --- shakespeare --------------------------------------------------------------------------


def test_shakespeare_is_read_from_a_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n\n".join(sayings(300)) + "\n"
    (tmp_path / "mirror" / "shakespeare").mkdir(parents=True)
    (tmp_path / "mirror" / "shakespeare" / "input.txt").write_bytes(text.encode())
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setattr(sources, "SHAKESPEARE_SHA256", hashlib.sha256(text.encode()).hexdigest())
    raw = tmp_path / "raw"
    parameters = {"source": "shakespeare", "raw_folder": str(raw), "split": {"test": 0.4}}
    samples, rejects = ingest(parameters, 0)
    assert samples["content"].tolist() == sayings(300)
    assert samples["split"].tolist() == ["validation"] * 15 + ["train"] * 255 + ["test"] * 30
    assert set(samples["label"]) == {""}
    assert rejects.empty
    assert not raw.exists(), "a mirror is read in place"


def real(*path: str) -> Path:
    mirror = Path(os.environ.get("GENLOOM_MIRROR", BESIDE))
    if not mirror.joinpath(*path).is_file():
        pytest.skip(f"needs GENLOOM_MIRROR with {'/'.join(path)}")
    return mirror


def test_real_shakespeare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLOOM_MIRROR", str(real("shakespeare", "input.txt")))
    samples, rejects = ingest({"source": "shakespeare"}, 0)
    assert len(samples) + len(rejects) >= 7222
    size = samples["content"].str.len() + 2
    shares = size.groupby(samples["split"]).sum() / size.sum()
    assert shares["test"] == pytest.approx(0.1, abs=0.001)
    assert shares["validation"] == pytest.approx(0.05, abs=0.001)
    # What everybody's last tenth begins with.
    test = samples.loc[samples["split"] == "test", "content"]
    assert test.iloc[0] == "GREMIO:\nGood morrow, neighbour Baptista."


def test_real_sms_spam() -> None:
    table = real("sms_spam", "sms.tsv") / "sms_spam" / "sms.tsv"
    parameters = {"source": "table", "table": str(table), "text_column": 1, "label_column": 0}
    samples, rejects = ingest(parameters, 0)
    rows = set(samples["document"]) | set(rejects["file"].str.split(",").str[0])
    assert len(rows) == 5574
    assert set(samples["label"]) == {"ham", "spam"}
    assert samples["content"].iloc[1] == "Ok lar... Joking wif u oni..."
    lengths = samples["content"].str.len().groupby(samples["split"]).mean()
    assert lengths.max() / lengths.min() < 1.15, "no split has the short ones"


# --- a person's own file ------------------------------------------------------------------


def from_file(path: Path, data: bytes, **more: Any) -> dict[str, Any]:
    path.write_bytes(data)
    return {"source": "file", "file": str(path), **more}


def test_file_is_split_in_its_order(tmp_path: Path) -> None:
    text = "\ufeff" + "\r\n \t\r\n\r\n".join(sayings(100)) + "\r\n"
    samples, rejects = ingest(from_file(tmp_path / "book.txt", text.encode()), 0)
    assert samples["content"].tolist() == sayings(100)
    assert samples["split"].tolist() == ["validation"] * 5 + ["train"] * 80 + ["test"] * 15
    assert set(samples["document"]) == {"book.txt"}
    assert rejects.empty


def test_file_without_blank_lines(tmp_path: Path) -> None:
    samples, _ = ingest(from_file(tmp_path / "a.txt", "\n".join(sayings(100)).encode()), 0)
    assert "\n".join(samples["content"]) == "\n".join(sayings(100))
    assert len(samples) < 20


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    data = "\n\n".join(sayings(50)).encode()
    wrong = data[:100] + b"caf\xe9 " + data[100:]
    line = data[:100].count(b"\n") + 1
    parameters = from_file(tmp_path / "latin.txt", wrong)
    said = complaint(parameters)
    assert f"is not UTF-8: the byte 0xe9 at position 103 (line {line})" in said
    assert "set text.encoding_errors to replace" in said
    samples, _ = ingest(parameters | {"encoding_errors": "replace"}, 0)
    assert samples["content"].str.contains("caf\ufffd").sum() == 1
    parameters = from_file(tmp_path / "marked.txt", b"\xef\xbb\xbfone\ntwo \xff")
    assert "the byte 0xff at position 11 (line 2)" in complaint(parameters)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_file_in_utf16_without_a_mark(tmp_path: Path, encoding: str, errors: str) -> None:
    data = "\n\n".join(sayings(50)).encode(encoding)
    said = complaint(from_file(tmp_path / "wide.txt", data, encoding_errors=errors))
    assert "wide.txt is no text in UTF-8: line 1 has a NUL character" in said
    assert said.endswith("save it as UTF-8.")


@pytest.mark.parametrize("data", [b"", b" \r\n\n\t", b"\xef\xbb\xbf"])
def test_empty_file(data: bytes, tmp_path: Path) -> None:
    said = complaint(from_file(tmp_path / "empty.txt", data))
    assert "empty.txt holds no text: set text.file to" in said


def test_file_smaller_than_a_window(tmp_path: Path) -> None:
    parameters = from_file(tmp_path / "small.txt", "\n\n".join(sayings(8)).encode())
    with pytest.raises(GenloomError, match=r"smaller than a context window .*length: 512\): give"):
        ingest(parameters, 0)
    assert len(ingest(parameters | {"length": 128}, 0)[0]) == 8


# --- a folder -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four files in each of two subfolders."""
    for number, name in enumerate(("prose", "verse")):
        (tmp_path / "texts" / name).mkdir(parents=True)
        for n in range(4):
            text = "\n\n".join(sayings(5, 100 * number + 10 * n))
            (tmp_path / "texts" / name / f"{n}.txt").write_text(text)
    return tmp_path / "texts"


def test_subfolders_are_labels_and_files_documents(folder: Path) -> None:
    (folder / "verse" / "deep").mkdir()
    (folder / "verse" / "deep" / "NOTES.MD").write_text("\n\n".join(sayings(2, 900)))
    (folder / "verse" / "picture.png").write_bytes(b"\x89PNG")
    (folder / "verse" / "empty.rst").write_text(" \n")
    (folder / "stray.text").write_text("out here")
    (folder / ".git").mkdir()
    (folder / ".git" / "log.txt").write_text("hidden")
    samples, rejects = ingest({"source": "folder", "folder": str(folder)}, 0)
    assert samples["label"].tolist() == ["prose"] * 20 + ["verse"] * 22
    assert samples["document"].unique().tolist() == [
        *(f"prose/{n}.txt" for n in range(4)),
        *(f"verse/{n}.txt" for n in range(4)),
        "verse/deep/NOTES.MD",
    ]
    assert samples["content"].tolist()[:5] == sayings(5)
    assert samples.groupby("document")["split"].nunique().max() == 1
    assert dict(zip(rejects["file"], rejects["reason"], strict=True)) == {
        "verse/picture.png": "is not a text file (.txt, .md, .rst, .text)",
        "verse/empty.rst": "is empty",
        "stray.text": "stands outside the labels' subfolders",
    }


def test_files_without_labels(folder: Path) -> None:
    (folder / "prose" / "more").mkdir()
    (folder / "prose" / "more" / "x.md").write_text("\n\n".join(sayings(3, 700)))
    samples, rejects = ingest({"source": "folder", "folder": str(folder / "prose")}, 0)
    assert set(samples["label"]) == {""}, "one subfolder is no choice of labels"
    assert samples["document"].nunique() == 5
    assert rejects.empty


def test_wrong_folders(folder: Path, tmp_path: Path) -> None:
    def about(path: Path) -> str:
        return complaint({"source": "folder", "folder": str(path)})

    assert "is not a folder: set text.folder" in about(folder / "prose" / "0.txt")
    (tmp_path / "bare").mkdir()
    assert "bare holds no text: put text files (.txt" in about(tmp_path / "bare")
    for part in ("train", "Test"):
        (tmp_path / "parts" / part).mkdir(parents=True)
        (tmp_path / "parts" / part / "a.txt").write_text(part)
    assert "are splits (Test, train), not labels" in about(tmp_path / "parts")
    (folder / "prose" / "1.txt").write_bytes(b"\xff")
    assert "prose/1.txt is not UTF-8: the byte 0xff at position 0 (line 1)" in about(folder)


def test_folder_of_one_document_or_too_few(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.txt").write_text("\n\n".join(sayings(50)))
    with pytest.raises(GenloomError, match=r"one document only \(a\.txt\), .* source file, which"):
        ingest({"source": "folder", "folder": str(tmp_path / "one")}, 0)
    for name in ("0.txt", "1.txt"):
        (folder / "verse" / name).unlink()
    with pytest.raises(GenloomError, match="label 'verse' has too few documents"):
        ingest({"source": "folder", "folder": str(folder)}, 0)


# --- a table ------------------------------------------------------------------------------


@pytest.fixture
def table() -> pd.DataFrame:
    """Thirty rows, two labels, words that pandas would take for missing values."""
    texts = sayings(30)
    texts[3], texts[4], texts[5] = "NA", 'said "so", he', "two\nlines"
    return pd.DataFrame({"kind": ["a", "b"] * 15, "words": texts, "number": range(30)})


def of_table(path: Path, **more: Any) -> dict[str, Any]:
    return {"source": "table", "table": str(path), "length": 64, "text_column": "words", **more}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".CSV"])
def test_tables(table: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    if suffix == ".parquet":
        table.to_parquet(path)
    elif suffix == ".tsv":
        table["words"] = table["words"].str.replace("\n", " ")
        lines = ["kind\twords\tnumber", *("\t".join(map(str, r)) for r in table.to_numpy())]
        path.write_text("\n".join(lines))
    else:
        table.to_csv(path, index=False)
    samples, rejects = ingest(of_table(path, label_column="kind", length=128), 0)
    assert samples["content"].tolist() == table["words"].tolist()
    assert samples["label"].tolist() == table["kind"].tolist()
    assert samples["document"].tolist() == [f"row {n}" for n in range(1, 31)]
    assert rejects.empty
    assert (pd.crosstab(samples["label"], samples["split"]) > 0).all(axis=None)
    unlabelled, _ = ingest(of_table(path, length=128), 0)
    assert set(unlabelled["label"]) == {""}


def test_table_without_header(table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    table.to_csv(path, index=False, header=False)
    numbers = of_table(path, text_column=1, label_column=0, length=128)
    samples, _ = ingest(numbers, 0)
    assert samples["content"].tolist() == table["words"].tolist()
    said = complaint(of_table(path, label_column="kind"))
    assert "has no column 'words'" in said
    assert f"one of its columns ('a', '{sayings(1)[0][:37]}...', '0')" in said
    assert "or to a column's number, counted from 0, for a CSV or TSV file without a header" in said
    assert "has no column 7" in complaint(numbers | {"text_column": 7})


def test_rows_without_text_or_label_are_set_aside(table: pd.DataFrame, tmp_path: Path) -> None:
    table.loc[7, "words"] = None
    table.loc[8, "words"] = "  "
    table.loc[9, "kind"] = None
    for path in (tmp_path / "t.csv", tmp_path / "t.parquet"):
        table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)
        samples, rejects = ingest(of_table(path, label_column="kind", length=128), 0)
        assert len(samples) == 27
        assert rejects.to_dict("list") == {
            "file": ["row 8", "row 9", "row 10"],
            "reason": ["has no text", "has no text", "has no label"],
        }


def test_wrong_tables(table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    table.to_csv(path, index=False)
    said = complaint(of_table(path, label_column="type"))
    assert "has no column 'type': set text.label_column to one of its columns ('kind', 'wo" in said
    said = complaint(of_table(path, text_column="missing"))
    assert "set text.text_column to one of its columns ('kind', 'words', 'number')" in said
    table.assign(kind="a").to_csv(path, index=False)
    said = complaint(of_table(path, label_column="kind"))
    assert "holds one label only ('a'): set text.label_column to another column, or to null" in said

    table[:1].to_csv(path, index=False)
    with pytest.raises(
        GenloomError, match=r"one document only \(row 1\), .* table of several rows"
    ):
        ingest(of_table(path), 0)
    table[:0].to_csv(path, index=False)
    assert "has no row whose text and label are there" in complaint(of_table(path))
    path.write_bytes(b"")
    assert "t.csv is empty" in complaint(of_table(path))
    path.write_bytes(b"kind,words\na,caf\xe9\n")
    assert "the byte 0xe9 at position 16 (line 2)" in complaint(of_table(path))
    path.write_text('words\n"never closed\n')
    assert "cannot be read as CSV (" in complaint(of_table(path))
    path.write_text("text,label\nHello, you,a\nHello,b\n")
    assert "has more cells than its header: put quotes" in complaint(of_table(path))
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    assert "suffix '.xlsx', which does not say" in complaint(of_table(tmp_path / "t.xlsx"))
    (tmp_path / "t.parquet").write_bytes(b"words")
    assert "cannot be read as PARQUET (" in complaint(of_table(tmp_path / "t.parquet"))
    table.to_parquet(tmp_path / "t.parquet")
    said = complaint(of_table(tmp_path / "t.parquet", text_column="number"))
    assert "The column 'number' of" in said
    assert "holds int64 values, not text" in said
    assert "does not exist or is not a file: set text.table" in complaint(of_table(tmp_path))


# --- check --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"source": "pydoc"}, f"no text source 'pydoc': set .* {', '.join(SOURCES)}"),
        ({}, "no text source None"),
        ({"source": ["pydocs"]}, r"no text source \['pydocs'\]"),
        ({"source": "pydocs", "length": 63}, r"text\.length is 63, but .* from 64 to 4096"),
        ({"source": "pydocs", "length": 4097}, r"text\.length is 4097"),
        ({"source": "pydocs", "length": None}, r"text\.length is None"),
        ({"source": "pydocs", "length": True}, r"text\.length is True"),
        ({"source": "pydocs", "vocabulary": 299}, r"vocabulary is 299, .* from 300 to 32000"),
        ({"source": "pydocs", "vocabulary": 1e3}, r"vocabulary is 1000\.0"),
        ({"source": "pydocs", "limit": 0}, r"text\.limit is 0, but .* above 0"),
        ({"source": "pydocs", "limit": "9"}, r"text\.limit is '9'"),
        ({"source": "pydocs", "encoding_errors": "ignore"}, "is 'ignore', .* strict or replace"),
        ({"source": "pydocs", "raw_folder": 1}, r"text\.raw_folder is 1, but"),
        ({"source": "pydocs", "split": {"test": 1.5}}, r"split\.test is 1\.5"),
        ({"source": "shakespeare", "split": {"validation": 0.95, "test": 0.01}}, "sum to 1.05"),
        ({"source": "file"}, r"source file needs text\.file, which is None: .* a text file"),
        ({"source": "folder", "folder": ""}, r"source folder needs text\.folder, which is ''"),
        ({"source": "table", "table": 3}, r"source table needs text\.table, which is 3"),
        ({"source": "file", "file": "no/such.txt"}, "file no/such.txt does not exist"),
        ({"source": "folder", "folder": "no/such"}, "folder no/such does not exist"),
        ({"source": "table", "table": "t.csv"}, r"needs text\.text_column, which is None"),
        ({"source": "table", "table": "t.csv", "text_column": -1}, r"text_column, which is -1"),
        (
            {"source": "table", "table": "t.csv", "text_column": "a", "label_column": False},
            r"text\.label_column, which is False",
        ),
        ({"source": "table", "table": "no.csv", "text_column": "a"}, r"table no\.csv does not"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], sentence: str) -> None:
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError, match=sentence):
            use(parameters)


def test_good_parameters() -> None:
    check({"source": "pydocs", "file": None, "folder": None, "table": None, "limit": None})
    check({"source": "shakespeare", "length": 64, "vocabulary": 32000, "split": {"test": 0.3}})


def test_importing_is_cheap() -> None:
    code = "import genloom.domains.text"
    heavy = "{'torch', 'pandas', 'numpy', 'tokenizers', 'sklearn', 'pooch', 'pyarrow'}"
    code += f"; import sys; print(sorted({heavy} & set(sys.modules)))"
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=paths
    )
    assert done.stdout.strip() == "[]", done.stderr
