"""What can be wrong with the parameters of tables, found before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from genloom.domains.split import check_shares
from genloom.domains.tables.file_checking import FILE_DEFAULTS, check_file_parameters, refuse
from genloom.domains.tables.files import SUFFIXES

SOURCES = ("breast_cancer", "diabetes", "wine", "adult", "table")
TASKS = ("classes", "number")
MOST_BANDS = 20
DEFAULTS: dict[str, Any] = {
    "task": None,
    "bands": 3,
    "categories": [],
    "leave_out": [],
    "attributes": None,
    **FILE_DEFAULTS,
    "most_categories": 100,
    "limit": None,
    "raw_folder": "data/01_raw",
}


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``tables`` before anything runs.

    Args:
        parameters: The whole block of the domain; what ``ingest`` says of it.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    block = DEFAULTS | parameters
    source = block.get("source")
    if source not in SOURCES:
        _refuse("source", source, f"has to be one of {', '.join(SOURCES)}")
    if block["task"] is not None and block["task"] not in TASKS:
        _refuse("task", block["task"], f"has to be one of {', '.join(TASKS)}, or null")
    _check_whole("bands", block["bands"], 2, MOST_BANDS)
    _check_whole("most_categories", block["most_categories"], 2, None)
    if block["limit"] is not None:
        _check_whole("limit", block["limit"], 1, None)
    for key in ("categories", "leave_out", "attributes"):
        names = block[key]
        if names is None and key == "attributes":
            continue
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            _refuse(key, names, "has to be a list of columns' names")
    check_file_parameters(block, "tables")
    if not isinstance(block["raw_folder"], str | Path) or not str(block["raw_folder"]):
        _refuse("raw_folder", block["raw_folder"], "has to be the path of a folder")
    check_shares(block.get("split"))
    if source == "table":
        _check_table(block)


def _check_table(block: dict[str, Any]) -> None:
    path, target = block.get("table"), block.get("target_column")
    if not isinstance(path, str | Path) or not str(path):
        _refuse("table", path, f"has to be the path of a {', '.join(SUFFIXES)} file")
    if isinstance(target, bool) or not isinstance(target, str | int) or target == "":
        _refuse(
            "target_column",
            target,
            "has to be the name of the column to predict, or its number, counted from 0, in a file "
            "without a header",
        )


def _check_whole(key: str, value: object, lowest: int, highest: int | None) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= lowest
    if not whole or (highest is not None and isinstance(value, int) and value > highest):
        upper = "" if highest is None else f" to {highest}"
        _refuse(key, value, f"has to be a whole number from {lowest}{upper or ' on'}")


def _refuse(key: str, value: object, needed: str) -> NoReturn:
    refuse("tables", key, value, needed)
