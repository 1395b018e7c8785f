"""Files with molecules: SMILES a line, or a table with a column of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.download import MIRROR, fetch
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")
MOLECULENET = "https://deepchemdata.s3-us-west-1.amazonaws.com/datasets"
ESOL_SHA256 = "8c06a76f0c6487d29ab0f903e6a7a7139f189ab3c1178f159c8be8964602f189"
BBBP_SHA256 = "d07a38487aeac5cee5508413e468043ef3097451d2a112701c2d60be9ec6b662"
# Mirrors also hold the same rows with two columns only, of which ``BBBP`` is the class.
BBBP_SHORT_SHA256 = "34c10e0f0b15dbc178c3ce4ad9774decc6a202776a31763f5a899309c97497ee"
HEADERS = ("smiles", "structure", "molecule")
STARTS = {  # what other files begin with
    b"\xff\xfe": "UTF-16 text, so save it as UTF-8",
    b"\xfe\xff": "UTF-16 text, so save it as UTF-8",
    b"\x1f\x8b": "compressed, so unpack it",
    b"PK": "compressed or a spreadsheet, so unpack it or save it as text",
}


class Row(NamedTuple):
    """A row of a file.

    Attributes:
        where: Its line, or its row in a table, counted from 1.
        text: The SMILES as it stands.
        target: The target's cell as text, ``""`` if there is none.
    """

    where: int
    text: str
    target: str = ""


class Table(NamedTuple):
    """The columns of a table that count, cells as text, ``""`` for a missing one."""

    texts: Sequence[str]
    targets: Sequence[str] | None

    def rows(self) -> Iterator[Row]:
        """Its rows in order."""
        for number, text in enumerate(self.texts):
            yield Row(number + 1, text, self.targets[number] if self.targets is not None else "")


def nci() -> Path:
    """Where RDKit keeps the first 5,000 molecules of the open NCI database.

    Raises:
        GenloomError: This RDKit came without its data.
    """
    from rdkit import RDConfig

    path = Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi"
    if not path.is_file():
        raise GenloomError(
            f"This RDKit came without its data ({path} is missing): install it with pip, or set "
            "molecules.source to another source."
        )
    return path


def esol(folder: str | Path) -> Table:
    """Measured solubility in water of 1,128 molecules, log mol/l (Delaney, 2004; MoleculeNet)."""
    name = "delaney-processed.csv"
    path = fetch("moleculenet", name, f"{MOLECULENET}/{name}", ESOL_SHA256, folder)
    return read_table(path, "smiles", "measured log solubility in mols per litre")


def bbbp(folder: str | Path) -> Table:
    """Whether 2,050 molecules pass the blood-brain barrier (Martins et al., 2012; MoleculeNet)."""
    import pooch

    mirror = os.environ.get(MIRROR)
    if mirror and (mirrored := Path(mirror) / "moleculenet" / "BBBP.csv").is_file():
        short = pooch.file_hash(str(mirrored), alg="sha256") == BBBP_SHORT_SHA256
        if short:
            return read_table(mirrored, "smiles", "BBBP")
    path = fetch("moleculenet", "BBBP.csv", f"{MOLECULENET}/BBBP.csv", BBBP_SHA256, folder)
    return read_table(path, "smiles", "p_np")


def read_smiles(path: Path) -> Iterator[Row]:
    """The molecules of a file with a SMILES per line, read as they are asked for.

    A name may follow behind white space. Blank lines and a header line do not count; line ends
    are whatever they are. What is not UTF-8 can only be part of a name, or of a SMILES that
    cannot be read.

    Args:
        path: The file.

    Yields:
        Its rows, numbered by line.

    Raises:
        GenloomError: It is not there, cannot be read, or is no text.
    """
    if not path.is_file():
        raise GenloomError(
            f"The file {path} does not exist or is not a file: set molecules.file to a file with "
            "a SMILES per line."
        )
    try:
        with path.open("rb") as file:
            start = file.read(2)
        if start in STARTS:
            raise GenloomError(f"The file {path} is {STARTS[start]}.")
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            first = True
            for number, line in enumerate(lines, start=1):
                words = line.split(maxsplit=1)
                if not words:
                    continue
                if first and _is_header(words[0]):
                    first = False
                    continue
                first = False
                yield Row(number, words[0])
    except OSError as error:
        raise GenloomError(f"The file {path} cannot be read ({error.strerror}).") from error


def read_table(
    path: Path, smiles_column: str | int, target_column: str | int | None = None
) -> Table:
    """The columns of a table that hold molecules and what is known of them.

    Args:
        path: CSV (commas, quotes), TSV (tabs, no quotes) or Parquet, told by the suffix.
        smiles_column: Its name; in CSV and TSV also its number, counted from 0, which says that
            the file has no header line.
        target_column: Its name or number, None for molecules of which nothing is known.

    Returns:
        Its cells, those of SMILES without white space around them.

    Raises:
        GenloomError: The table is missing, damaged or empty, or a column is not there.
    """
    if not path.is_file():
        raise GenloomError(
            f"The table {path} does not exist or is not a file: set molecules.table to a "
            f"{', '.join(TABLE_SUFFIXES)} file."
        )
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise GenloomError(
            f"The table {path} has the suffix {path.suffix!r}, which does not say how to read it: "
            f"save it as one of {', '.join(TABLE_SUFFIXES)}, or set molecules.source to file if "
            "it has a SMILES per line."
        )
    wanted = {"smiles_column": smiles_column}
    if target_column is not None:
        wanted["target_column"] = target_column
    table = _table(path, wanted)
    texts = [cell.strip() for cell in _cells(table[smiles_column])]
    if not any(texts):
        raise GenloomError(
            f"The column {smiles_column!r} of {path} is empty: set molecules.smiles_column to "
            "the column with SMILES."
        )
    if target_column is None:
        return Table(texts, None)
    return Table(texts, [cell.strip() for cell in _cells(table[target_column])])


def _is_header(word: str) -> bool:
    return any(name in word.lower() for name in HEADERS)


def _table(path: Path, wanted: dict[str, str | int]) -> pd.DataFrame:
    """The wanted columns; no others are held, because tables may be large."""
    import csv

    import pandas as pd
    import pyarrow
    import pyarrow.parquet

    suffix = path.suffix.lower()
    used: list[Any] = list(dict.fromkeys(wanted.values()))
    try:
        if suffix == ".parquet":
            _check_columns(pyarrow.parquet.read_schema(path).names, path, wanted)
            return pd.read_parquet(path, columns=used)
        headerless = any(isinstance(name, int) for name in wanted.values())
        options: dict[str, Any] = {
            "sep": "," if suffix == ".csv" else "\t",
            "header": None if headerless else 0,
            "quoting": csv.QUOTE_MINIMAL if suffix == ".csv" else csv.QUOTE_NONE,
            "index_col": False,
            "dtype": str,
            "encoding": "utf-8-sig",
            # Only labels could be spoilt by it.
            "encoding_errors": "strict" if "target_column" in wanted else "replace",
            # Only an empty cell is missing: "NA" and "null" may be labels.
            "keep_default_na": False,
        }
        columns = pd.read_csv(path, nrows=0, **options).columns
        _check_columns(list(columns), path, wanted)
        table = pd.read_csv(path, usecols=used, **options)
        _refuse_ragged(path, options)
        return table
    except pd.errors.EmptyDataError as error:
        raise GenloomError(
            f"The table {path} is empty: set molecules.table to one with rows."
        ) from error
    except UnicodeDecodeError as error:
        raise GenloomError(f"The table {path} is not UTF-8: save it as UTF-8.") from error
    except (pd.errors.ParserError, csv.Error, pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1].removesuffix(".")
        raise GenloomError(
            f"The table {path} cannot be read as {suffix[1:].upper()} ({reason}): "
            "save it again in that format, or give it the suffix of the format that it has."
        ) from error


def _refuse_ragged(path: Path, options: dict[str, Any]) -> None:
    """Refuse a row with more or fewer cells than the first, whose cells stand in wrong columns.

    Where it is told which columns to read, pandas takes such rows as they are.
    """
    import csv

    text = {"encoding": options["encoding"], "errors": options["encoding_errors"]}
    with path.open(newline="", **text) as file:
        rows = csv.reader(file, delimiter=options["sep"], quoting=options["quoting"])
        width, line = 0, 1
        for row in rows:
            # Blank lines do not count, as they do not for pandas.
            if len(row) > 1 or (row and row[0].strip()):
                width = width or len(row)
                if len(row) != width:
                    raise GenloomError(
                        f"Line {line} of the table {path} has {len(row)} cells where {width} are "
                        "needed: mend it; in CSV a cell with a comma in it needs quotation marks."
                    )
            line = rows.line_num + 1


def _check_columns(columns: Sequence[object], path: Path, wanted: dict[str, str | int]) -> None:
    for parameter, name in wanted.items():
        if name not in columns:
            listed = ", ".join(repr(_short(column)) for column in columns)
            raise GenloomError(
                f"The table {path} has no column {name!r}: set molecules.{parameter} to one of its "
                f"columns ({listed}), or to a column's number, counted from 0, for a CSV or TSV "
                "file without a header line."
            )


def _cells(column: pd.Series) -> list[str]:
    import pandas as pd

    missing = pd.isna(column)
    return ["" if no else str(cell) for cell, no in zip(column, missing, strict=True)]


def _short(column: object) -> object:
    return f"{column[:37]}..." if isinstance(column, str) and len(column) > 40 else column
