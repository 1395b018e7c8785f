"""A person's own table: CSV, TSV or Parquet, read into cells as they stand."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from genloom.errors import GenloomError

SUFFIXES = (".csv", ".tsv", ".parquet")
SEPARATORS = (",", ";", "\t", "|")
LONGEST_CELL = 2**20  # characters


class Cells(NamedTuple):
    """A table before anything is known of its columns.

    Attributes:
        names: Of the columns.
        columns: The cells of each, ``[columns][rows]``.
        places: Where each row stands, e.g. ``line 7``.
        rejects: ``(place, column, reason)`` of rows that cannot be read.
    """

    names: list[str]
    columns: list[list[Any]]
    places: list[str]
    rejects: list[tuple[str, str, str]]


def read(
    path: Path,
    *,
    headerless: bool = False,
    encoding: str = "utf-8",
    separator: str | None = None,
    domain: str = "tables",
) -> Cells:
    """Read a table's cells.

    Args:
        path: CSV, TSV or Parquet, told by the suffix.
        headerless: The first line of a CSV or TSV is a row; columns are called ``column 0`` and so
            on.
        encoding: Of a CSV or TSV.
        separator: Between its cells; None for the tab of a TSV, and for the one of comma,
            semicolon, tab and bar that cuts the first line of a CSV into most cells.
        domain: Whose parameters the sentences name.

    Raises:
        GenloomError: The file is missing, damaged or empty, is in another encoding, has a single
            column, or a column has no name or that of another.
    """
    if not path.is_file():
        raise GenloomError(
            f"The table {path} does not exist or is not a file: set {domain}.table to a "
            f"{', '.join(SUFFIXES)} file."
        )
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise GenloomError(
            f"The table {path} has the suffix {path.suffix!r}, which does not say how to read it: "
            f"save it as one of {', '.join(SUFFIXES)}."
        )
    if suffix == ".parquet":
        return _parquet(path)
    text = _decoded(path, encoding, domain)
    if separator is None:
        separator = "\t" if suffix == ".tsv" else _likeliest(text)
    lines = _lines(path, text, separator, domain)
    first = next(lines, None)
    if first is None:
        raise GenloomError(f"The table {path} is empty: set {domain}.table to one with rows.")
    width = len(first[1])
    if width < 2:
        raise GenloomError(
            f"The table {path} has one column only ({first[1][0][:40]!r} in {first[0]}): if its "
            f"cells are separated by another sign, set {domain}.separator to it."
        )
    if headerless:
        names = [f"column {number}" for number in range(width)]
        kept = [first]
    else:
        names = [name.strip() for name in first[1]]
        _check_names(path, names)
        kept = []
    rejects = []
    for place, row in lines:
        if len(row) == width:
            kept.append((place, row))
        else:
            rejects.append((place, "", f"has {len(row)} cells where {width} are needed"))
    columns = [[row[number] for _, row in kept] for number in range(width)]
    return Cells(names, columns, [place for place, _ in kept], rejects)


def _parquet(path: Path) -> Cells:
    import pandas as pd
    import pyarrow

    try:
        table = pd.read_parquet(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1].removesuffix(".")
        raise GenloomError(
            f"The table {path} cannot be read as PARQUET ({reason}): save it again in that format, "
            "or give it the suffix of the format that it has."
        ) from error
    names = [str(name).strip() for name in table.columns]
    _check_names(path, names)
    columns = []
    for number in range(len(names)):
        column = table.iloc[:, number]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        missing = column.isna().tolist()
        columns.append(
            [None if gap else cell for cell, gap in zip(column.tolist(), missing, strict=True)]
        )
    return Cells(names, columns, [f"row {number + 1}" for number in range(len(table))], [])


def _check_names(path: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        if not name:
            raise GenloomError(
                f"Column {number + 1} of the table {path} has no name: give it one in the header."
            )
        if name in names[:number]:
            raise GenloomError(
                f"The table {path} has two columns of the name {name!r}: rename one of them."
            )


def _decoded(path: Path, encoding: str, domain: str) -> str:
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and "16" not in encoding:
        raise GenloomError(
            f"{path} is written in UTF-16: save it as UTF-8, or set {domain}.encoding to utf-16."
        )
    known = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        return data.decode(known)
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, at) + 1
        raise GenloomError(
            f"{path} is not in the encoding {encoding}: the byte 0x{data[at]:02x} in line {line} "
            f"is not part of a character; save it as UTF-8, or set {domain}.encoding, for example "
            "to cp1252."
        ) from error


def _likeliest(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))


def _lines(path: Path, text: str, separator: str, domain: str) -> Iterator[tuple[str, list[str]]]:
    """Where each row begins, and its cells; empty lines do not count."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        line = 1
        for row in rows:
            if any(cell.strip() for cell in row):
                yield f"line {line}", row
            line = rows.line_num + 1
    except csv.Error as error:
        raise GenloomError(
            f"The table {path} cannot be read from line {line} on ({error}): look for a quotation "
            f"mark that does not end, or another separator ({domain}.separator)."
        ) from error
    finally:
        csv.field_size_limit(before)
