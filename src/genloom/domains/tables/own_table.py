"""From cells to columns: what each column is, which are of use, and which rows have a target."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genloom.domains.tables.columns import CATEGORY, DATE, KINDS, NUMBER, Column, infer
from genloom.domains.tables.files import (
    WITHOUT_HEADER,
    Cells,
    Rejects,
    check_rejects,
    listed,
)
from genloom.domains.tables.loaders import Source
from genloom.errors import GenloomError

logger = logging.getLogger(__name__)


def typed(
    path: str | Path, cells: Cells, block: Mapping[str, Any], *, splits: Sequence[str] | None = None
) -> tuple[Source, Rejects]:
    """Tell the columns' kinds and leave out what says nothing.

    Args:
        path: The file, for the sentences.
        cells: What stands in it.
        block: ``target_column``, ``categories``, ``leave_out``, ``attributes``, ``decimal``,
            ``most_categories`` and ``most_rejects``.
        splits: The source's own split of each row.

    Returns:
        The table, and what was set aside: rows without a target, and columns whose cells are all
        missing or all equal.

    Raises:
        GenloomError: The target is missing or constant, a column that is named is not there, a
            cell is not what its column is, a column has too many categories, or too many rows are
            unreadable.
    """
    target = _target_name(path, cells.names, block["target_column"])
    for key in ("categories", "leave_out", "attributes"):
        for name in block[key] or ():
            if name not in cells.names:
                raise GenloomError(
                    f"tables.{key} names the column {name!r}, which {path} does not have: it has "
                    f"{listed(cells.names)}."
                )
    if target in block["leave_out"]:
        raise GenloomError(f"tables.leave_out names the target {target!r}: take it out of there.")
    columns = {
        name: infer(
            name,
            column,
            cells.places,
            categorical=name in block["categories"],
            decimal=block["decimal"],
        )
        for name, column in zip(cells.names, cells.columns, strict=True)
        if name not in block["leave_out"]
    }
    rejects: Rejects = list(cells.rejects)
    there = [row for row, cell in enumerate(columns[target].cells) if cell is not None]
    gone = set(range(len(cells.places))) - set(there)
    rejects += [(cells.places[row], target, "has no value of the target") for row in sorted(gone)]
    check_rejects(path, rejects, len(cells.places) + len(cells.rejects), block["most_rejects"])
    kept = {name: column.take(there) for name, column in columns.items()}
    _check_target(path, kept[target])
    attributes = tuple(block["attributes"] or ())
    for name in list(kept):
        why = "" if name == target else _useless(kept[name])
        if why:
            rejects.append(("", name, why))
            logger.warning("The column %r of %s %s, so it is left out.", name, path, why)
            del kept[name]
        elif name != target:
            _check_categories(path, kept[name], block["most_categories"])
    if len(kept) < 2:
        raise GenloomError(
            f"The table {path} has no column beside the target {target!r} whose cells differ: "
            "add one to predict it from."
        )
    _show(path, kept, len(there))
    given = list(splits) if splits is not None else ["train"] * len(cells.places)
    return (
        Source(
            list(kept.values()),
            target,
            tuple(name for name in attributes if name in kept),
            [given[row] for row in there],
            [cells.places[row] for row in there],
        ),
        rejects,
    )


def _target_name(path: str | Path, names: Sequence[str], target: str | int) -> str:
    if isinstance(target, int):
        if not 0 <= target < len(names):
            raise GenloomError(
                f"tables.target_column is {target}, but the table {path} has the columns 0 to "
                f"{len(names) - 1}."
            )
        return names[target]
    if target not in names:
        headerless = any(name.replace(".", "").replace("-", "").isdecimal() for name in names)
        hint = (
            f"; its first line looks like a row, so if it has no header, {WITHOUT_HEADER['tables']}"
            if headerless
            else ""
        )
        raise GenloomError(
            f"The table {path} has no column {target!r} to predict: set tables.target_column to "
            f"one of {listed(names)}{hint}."
        )
    return target


def _check_target(path: str | Path, target: Column) -> None:
    if target.kind == DATE:
        raise GenloomError(
            f"The target {target.name!r} of {path} holds dates, but has to hold classes or "
            "numbers: add a column of numbers, for example of days."
        )
    different = set(target.cells)
    if len(different) < 2:
        value = repr(next(iter(different))) if different else "nothing"
        raise GenloomError(
            f"The target {target.name!r} of {path} holds {value} in every row, so there is nothing "
            "to predict: set tables.target_column to another column."
        )


def _useless(column: Column) -> str:
    different = set(column.cells)
    if different == {None}:
        return "is missing in every row"
    return "holds the same in every row" if len(different) == 1 else ""


def _check_categories(path: str | Path, column: Column, most: int) -> None:
    different = len(set(column.cells) - {None})
    if column.kind == CATEGORY and different > most:
        raise GenloomError(
            f"The column {column.name!r} of {path} holds {different:,} different texts, more than "
            f"the {most} of tables.most_categories: if they are names or numbers of the rows, put "
            "the column into tables.leave_out."
        )


def _show(path: str | Path, columns: Mapping[str, Column], rows: int) -> None:
    """Tell the reader of the log what the columns were taken for."""
    parts = []
    for kind in KINDS:
        names = [
            f"{name} ({len(set(column.cells) - {None})})" if kind == CATEGORY else name
            for name, column in columns.items()
            if column.kind == kind
        ]
        if names:
            plural = {NUMBER: "numbers", CATEGORY: "categories", DATE: "dates"}
            parts.append(f"{plural.get(kind, 'truth values')}: {listed(names)}")
    gaps = sum(None in column.cells for column in columns.values())
    parts.append(f"columns with missing cells: {gaps}")
    logger.info("%s has %d rows. %s.", path, rows, "; ".join(parts))
