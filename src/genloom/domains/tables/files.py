"""A person's own table: CSV, TSV or Parquet, read into cells as they stand."""

from __future__ import annotations

import codecs
import csv
import io
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from genloom.errors import GenloomError

SUFFIXES = (".csv", ".tsv", ".parquet")
SEPARATORS = (",", ";", "\t", "|")
LONGEST_CELL = 2**20  # characters
SHOWN = 12  # names in a sentence
# What a person without a header has to set, so that the first line counts as a row.
WITHOUT_HEADER = {
    "tables": "set tables.target_column to the column's number, counted from 0",
    "series": "set series.time_column to the column's number, counted from 0, and "
    "series.target_column likewise",
}
Rejects = list[tuple[str, str, str]]  # where, which column, why

logger = logging.getLogger(__name__)


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
    rejects: Rejects


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
            column, a column has no name or that of another, or no row can be read.
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
        cells = _parquet(path)
    else:
        sign = "\t" if separator is None and suffix == ".tsv" else separator
        cells = _delimited(path, headerless, encoding, sign, domain)
    if not cells.places:
        raise GenloomError(f"The table {path} has no rows below its header: add some.")
    return cells


def check_rejects(
    path: str | Path, rejects: Rejects, rows: int, most: float, domain: str = "tables"
) -> None:
    """See to it that not too many rows are set aside.

    Args:
        path: The file, for the sentence.
        rejects: The rows that are.
        rows: How many there are, these among them.
        most: The share of them that may be.
        domain: Whose parameter the sentence names.

    Raises:
        GenloomError: There are more.
    """
    if len(rejects) > most * rows:
        place, column, reason = rejects[0]
        where = f"{place}, column {column!r}," if column else place
        raise GenloomError(
            f"{len(rejects)} of the {rows} rows of {path} cannot be used, the first of them: "
            f"{where} {reason}. Mend them, or raise {domain}.most_rejects."
        )


def listed(names: Sequence[str]) -> str:
    """Columns' names in a sentence: short ones, and not too many.

    >>> listed(["age", "sick"])
    'age, sick'
    """
    shown = [name if len(name) <= 40 else f"{name[:37]}..." for name in names[:SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _delimited(
    path: Path, headerless: bool, encoding: str, separator: str | None, domain: str
) -> Cells:
    text = _decoded(path, encoding, domain)
    lines = _lines(path, text, separator or _likeliest(text), domain)
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
        _check_names(path, names, f"; if the file has no header, {WITHOUT_HEADER[domain]}")
        kept = []
    ragged = []
    for place, row in lines:
        if len(row) == width:
            kept.append((place, row))
        else:
            ragged.append((place, len(row)))
    if ragged:
        _tell_ragged(path, width, ragged, len(kept))
    columns = [[row[number] for _, row in kept] for number in range(width)]
    rejects = [
        (place, "", f"has {cells} cells where {width} are needed") for place, cells in ragged
    ]
    return Cells(names, columns, [place for place, _ in kept], rejects)


def _tell_ragged(path: Path, width: int, ragged: list[tuple[str, int]], whole: int) -> None:
    """Rows of another width than the first line are left out, but not silently."""
    place, cells = ragged[0]
    if not whole:
        raise GenloomError(
            f"None of the {len(ragged)} rows of {path} has the {width} cells of its first line; "
            f"{place} has {cells}: mend the header or the rows."
        )
    logger.warning(
        "%d of the %d rows of %s are left out: they do not have the %d cells of its first line; "
        "the first of them, %s, has %d.",
        *(len(ragged), len(ragged) + whole, path, width, place, cells),
    )


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


def _check_names(path: Path, names: list[str], no_header: str = "") -> None:
    for number, name in enumerate(names):
        if not name:
            raise GenloomError(
                f"Column {number + 1} of the table {path} has no name: give it one in the header"
                f"{no_header}."
            )
        if name in names[:number]:
            raise GenloomError(
                f"The table {path} has two columns of the name {name!r}: rename one of them"
                f"{no_header}."
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
