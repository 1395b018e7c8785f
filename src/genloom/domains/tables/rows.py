"""Rows of a table as text: the content of a sample, and columns read back from contents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from genloom.domains.tables.columns import BOOLEAN, CATEGORY, DATE, NUMBER, Column
from genloom.domains.tables.dates import ISO
from genloom.errors import GenloomError


def to_contents(columns: Sequence[Column]) -> list[str]:
    """Each row as the JSON text of its values by the columns' names, in the columns' order.

    >>> to_contents([Column("age", "number", [41]), Column("smokes", "boolean", [None])])
    ['{"age": 41, "smokes": null}']
    """
    names = [column.name for column in columns]
    return [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        for row in zip(*(column.cells for column in columns), strict=True)
    ]


def from_contents(contents: Sequence[str]) -> list[Column]:
    """Columns of rows that ``to_contents`` wrote, with their kinds.

    Texts are dates where all of a column are written like ``2024-01-31``.

    Raises:
        GenloomError: There is no row, a content is no row of a table, or rows have other columns
            than the first.
    """
    if not len(contents):
        raise GenloomError("There are no rows, so nothing can be said of their columns.")
    rows = [_row(content, number) for number, content in enumerate(contents)]
    names = list(rows[0])
    for number, row in enumerate(rows):
        if list(row) != names:
            raise GenloomError(
                f"The content in row {number} has the columns {', '.join(row)}, but the first has "
                f"{', '.join(names)}: ingest the source again."
            )
    columns = []
    for name in names:
        cells = [row[name] for row in rows]
        columns.append(Column(name, _kind(cells), cells))
    return columns


def cells_of(contents: Sequence[str], names: Sequence[str]) -> list[list[Any]]:
    """The cells of these columns, a list for each, whatever other columns the rows have.

    Raises:
        GenloomError: A content is no row of a table, or lacks a column.
    """
    rows = [_row(content, number) for number, content in enumerate(contents)]
    for number, row in enumerate(rows):
        for name in names:
            if name not in row:
                raise GenloomError(
                    f"The content in row {number} has no column {name!r}: it needs "
                    f"{', '.join(names)}; write null for a value that is missing."
                )
    return [[row[name] for row in rows] for name in names]


def _row(content: Any, number: int) -> dict[str, Any]:
    try:
        row = json.loads(content)
    except (TypeError, ValueError) as error:
        raise GenloomError(
            f"The content in row {number} is not the JSON text of a row of a table: ingest the "
            "source again."
        ) from error
    if not isinstance(row, dict):
        raise GenloomError(
            f"The content in row {number} is not a row of a table, with a value for each column's "
            "name: ingest the source again."
        )
    return row


def _kind(cells: Sequence[Any]) -> str:
    present = [cell for cell in cells if cell is not None]
    if present and all(isinstance(cell, bool) for cell in present):
        return BOOLEAN
    if present and all(isinstance(cell, int | float) for cell in present):
        return NUMBER
    if present and all(isinstance(cell, str) and ISO.fullmatch(cell) for cell in present):
        return DATE
    return CATEGORY
