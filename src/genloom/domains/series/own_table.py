"""A person's own table with a column of times, as series at even steps."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.series.loaders import Recorded
from genloom.domains.series.timeline import timeline
from genloom.domains.tables.columns import NUMBER, infer
from genloom.domains.tables.files import (
    WITHOUT_HEADER,
    Cells,
    Rejects,
    check_rejects,
    listed,
    read,
)
from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

logger = logging.getLogger(__name__)


def load_table(block: Mapping[str, Any]) -> tuple[Recorded, Rejects]:
    """Read the series of a table.

    Args:
        block: ``table``, ``time_column``, ``target_column``, ``leave_out``, ``encoding``,
            ``separator``, ``decimal`` and ``most_rejects``; what ``ingest`` says of them.

    Returns:
        The series in the order of time, NaN where there is no value; and rows that cannot be read
        and columns that hold no numbers.

    Raises:
        GenloomError: The file or too many of its rows cannot be read, a column is missing or is
            not what it has to be, or the times are no even steps.
    """
    path, asked = block["table"], block["target_column"]
    cells = read(
        Path(path),
        headerless=isinstance(block["time_column"], int),
        encoding=block["encoding"],
        separator=block["separator"],
        domain="series",
    )
    time = _named(path, cells.names, block["time_column"], "time_column")
    several = asked if isinstance(asked, list | tuple) else [asked]
    targets = [_named(path, cells.names, n, "target_column") for n in several if n is not None]
    for name in block["leave_out"]:
        _named(path, cells.names, name, "leave_out")
    if time in targets:
        raise GenloomError(
            f"series.target_column names the column of times {time!r}: take another."
        )
    rejects: Rejects = list(cells.rejects)
    rows = len(cells.places) + len(rejects)
    check_rejects(path, rejects, rows, block["most_rejects"], "series")
    found: dict[str, list[Any]] = {}
    for name in targets or [n for n in cells.names if n != time and n not in block["leave_out"]]:
        if (numbers := _numbers(path, cells, name, block["decimal"], bool(targets))) is not None:
            found[name] = numbers
        else:
            rejects.append(("", name, "holds no numbers"))
            logger.warning("The column %r of %s holds no numbers, so it is left out.", name, path)
    if not found:
        raise GenloomError(
            f"The table {path} has no column of numbers beside the times {time!r}: add one to "
            "forecast."
        )
    return _recorded(path, cells, time, found, block["decimal"]), rejects


def _recorded(
    path: str | Path, cells: Cells, time: str, found: Mapping[str, Sequence[Any]], decimal: str
) -> Recorded:
    import numpy as np

    line = timeline(time, cells.columns[cells.names.index(time)], cells.places, decimal)
    if line.order != sorted(line.order):
        logger.warning("The rows of %s are not in the order of %r; they were sorted.", path, time)
    places = [""] * len(line.times)
    for row, step in zip(line.order, line.steps, strict=True):
        places[step] = cells.places[row]
    columns = {}
    for name, values in found.items():
        column = np.full(len(line.times), np.nan)
        column[line.steps] = [np.nan if values[row] is None else values[row] for row in line.order]
        columns[name] = column
    logger.info(
        "%s has %d series of %d steps (%s) from %s to %s: %s.",
        *(path, len(columns), len(line.times), line.step, line.times[0], line.times[-1]),
        listed(list(columns)),
    )
    return Recorded(columns, line.times, line.step, places)


def _named(path: str | Path, names: Sequence[str], asked: str | int, key: str) -> str:
    if isinstance(asked, int):
        if not 0 <= asked < len(names):
            raise GenloomError(
                f"series.{key} is {asked}, but the table {path} has the columns 0 to "
                f"{len(names) - 1}."
            )
        return names[asked]
    if asked not in names:
        looks_like_a_row = any(
            name.replace(".", "").replace("-", "").replace(":", "").isdecimal() for name in names
        )
        hint = (
            f"; its first line looks like a row, so if it has no header, {WITHOUT_HEADER['series']}"
            if looks_like_a_row
            else ""
        )
        raise GenloomError(
            f"The table {path} has no column {asked!r}: set series.{key} to one of "
            f"{listed(names)}{hint}."
        )
    return asked


def _numbers(
    path: str | Path, cells: Cells, name: str, decimal: str, asked: bool
) -> list[Any] | None:
    """A column's numbers; None where it holds something else and nobody asked for it."""
    column = infer(
        name,
        cells.columns[cells.names.index(name)],
        cells.places,
        decimal=decimal,
        domain="series",
        needed=asked,
    )
    if column.kind == NUMBER:
        return column.cells
    there = [row for row, cell in enumerate(column.cells) if cell is not None]
    if not asked:
        return None
    if not there:
        raise GenloomError(
            f"The column {name!r} of {path} is empty in every row: set series.target_column to a "
            "column of numbers."
        )
    row = there[0]
    raise GenloomError(
        f"The column {name!r} of {path} holds {column.cells[row]!r} in {cells.places[row]}, but a "
        "series is made of numbers: set series.target_column to a column of numbers."
    )
