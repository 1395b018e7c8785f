"""Files of molecules are read whatever wrote them; what cannot be read is one sentence."""

import hashlib
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from genloom.domains.molecules import files
from genloom.domains.molecules.files import Row, bbbp, esol, nci, read_smiles, read_table
from genloom.errors import GenloomError


def test_nci_is_where_rdkit_keeps_it() -> None:
    rows = list(read_smiles(nci()))
    assert len(rows) == 4999
    assert rows[0] == Row(1, "CC1=CC(=O)C=CC1=O")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_lines(tmp_path: Path, end: bytes, start: bytes) -> None:
    path = tmp_path / "m.smi"
    lines = [b"canonical_smiles name", b"", b"CCO ethanol", b" CN\tmethyl amine", b"  ", b"CC"]
    path.write_bytes(start + end.join(lines))
    assert list(read_smiles(path)) == [Row(3, "CCO"), Row(4, "CN"), Row(6, "CC")]
    path.write_bytes(start + end.join(lines[2:]) + end)
    assert list(read_smiles(path)) == [Row(1, "CCO"), Row(2, "CN"), Row(4, "CC")]


def test_names_need_not_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "m.smi").write_bytes(b"CCO caf\xe9ine\nC\xe9\n")
    assert list(read_smiles(tmp_path / "m.smi")) == [Row(1, "CCO"), Row(2, "C\ufffd")]


def test_lines_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "m.smi"
    path.write_text("CCO\n" * 200_000)
    rows = read_smiles(path)
    assert [row.where for row in islice(rows, 3)] == [1, 2, 3]
    assert sum(1 for _ in rows) == 199_997


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "wide.smi").write_bytes("CCO\n".encode("utf-16"))
    (tmp_path / "m.smi.gz").write_bytes(b"\x1f\x8b\x08")
    for name, sentence in {
        "wide.smi": r"wide\.smi is UTF-16 text, so save it as UTF-8",
        "m.smi.gz": r"m\.smi\.gz is compressed, so unpack it",
        "none.smi": r"none\.smi does not exist or is not a file: set molecules\.file",
    }.items():
        with pytest.raises(GenloomError, match=sentence):
            list(read_smiles(tmp_path / name))


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {"name": ["NA", 'so "called", x', None], "smiles": ["CCO ", "CN", None], "y": [0.5, 1, 2]}
    )


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".CSV"])
def test_tables(table: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    if suffix == ".parquet":
        table.to_parquet(path)
    elif suffix == ".tsv":
        path.write_bytes(b"name\tsmiles\ty\r\nNA\tCCO\t0.5\r\na\tCN\t1.0\r\n\t\t2.0\r\n")
    else:
        table.to_csv(path, index=False, lineterminator="\r\n")
    rows = list(read_table(path, "smiles", "y").rows())
    assert rows == [Row(1, "CCO", "0.5"), Row(2, "CN", "1.0"), Row(3, "", "2.0")]
    assert read_table(path, "smiles").targets is None
    assert read_table(path, "smiles", "name").targets[0] == "NA"  # type: ignore[index]


def test_table_without_header_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,CCO,1\nb,CN,2\n")
    rows = list(read_table(tmp_path / "t.csv", 1, 2).rows())
    assert rows == [Row(1, "CCO", "1"), Row(2, "CN", "2")]


def test_wrong_tables(table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"

    def complaint(column: str | int = "smiles", target: Any = None, of: Path = path) -> str:
        with pytest.raises(GenloomError) as error:
            read_table(of, column, target)
        assert "\n" not in error.value.message
        return error.value.message

    table.to_csv(path, index=False)
    said = complaint("SMILES")
    assert "has no column 'SMILES': set molecules.smiles_column to one of its columns" in said
    assert "('name', 'smiles', 'y')" in said
    assert "set molecules.target_column to one of its columns" in complaint(target="z")
    assert "has no column 7" in complaint(7)
    table.to_parquet(tmp_path / "t.parquet")
    assert "('name', 'smiles', 'y')" in complaint("mol", of=tmp_path / "t.parquet")
    path.write_bytes(b"")
    assert "t.csv is empty" in complaint()
    path.write_text("smiles,y\n")
    assert "column 'smiles' of" in complaint()
    path.write_text('smiles\n"never closed\n')
    assert "cannot be read as CSV (" in complaint()
    path.write_bytes(b"smiles,y\nCCO,caf\xe9\n")
    assert "is not UTF-8: save it" in complaint(target="y")
    assert list(read_table(path, "smiles").texts) == ["CCO"], "nobody reads that column"
    (tmp_path / "t.parquet").write_bytes(b"smiles")
    assert "cannot be read as PARQUET (" in complaint(of=tmp_path / "t.parquet")
    (tmp_path / "t.smi").write_text("CCO")
    assert "or set molecules.source to file" in complaint(of=tmp_path / "t.smi")
    assert "does not exist or is not a file" in complaint(of=tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("rows", "line", "cells"),
    [
        ("CCN,b, with comma,2\nCC,a,1\n", 2, 4),
        ('CC,"of, two\nlines",1\n\nCCN,b, with comma,2\n', 5, 4),
        ("CC,a,1\nCCN,2\n", 3, 2),
    ],
)
def test_a_row_whose_cells_stand_in_wrong_columns(
    tmp_path: Path, rows: str, line: int, cells: int
) -> None:
    (tmp_path / "t.csv").write_text("smiles,note,y\n" + rows)
    with pytest.raises(GenloomError, match=f"^Line {line} of .* has {cells} cells where 3 are"):
        read_table(tmp_path / "t.csv", "smiles", "y")


def test_moleculenet_from_a_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "moleculenet"
    folder.mkdir()
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path))

    def put(name: str, text: str) -> str:
        (folder / name).write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()

    digest = put(
        "delaney-processed.csv",
        "smiles,measured log solubility in mols per litre\nCCO ,-1.5\n",
    )
    monkeypatch.setattr(files, "ESOL_SHA256", digest)
    assert list(esol(tmp_path / "raw").rows()) == [Row(1, "CCO", "-1.5")]

    long = put("BBBP.csv", "num,name,p_np,smiles\n1,x,1,CCO\n")
    monkeypatch.setattr(files, "BBBP_SHA256", long)
    assert list(bbbp(tmp_path / "raw").rows()) == [Row(1, "CCO", "1")]
    short = put("BBBP.csv", "BBBP,smiles\n0,CN\n")
    with pytest.raises(GenloomError, match="does not have the SHA-256"):
        bbbp(tmp_path / "raw")
    monkeypatch.setattr(files, "BBBP_SHORT_SHA256", short)
    assert list(bbbp(tmp_path / "raw").rows()) == [Row(1, "CN", "0")]
    assert not (tmp_path / "raw").exists()
