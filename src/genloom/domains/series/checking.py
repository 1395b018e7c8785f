"""What can be wrong with the parameters of series, found before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from genloom.domains.series.faults import FAULTS
from genloom.domains.series.loaders import LOADERS
from genloom.domains.split import check_shares
from genloom.domains.tables.file_checking import FILE_DEFAULTS, check_file_parameters, refuse
from genloom.domains.tables.files import SUFFIXES
from genloom.errors import GenloomError

SOURCES = (*LOADERS, "table")
SHORTEST_CONTEXT = 10  # what exponential smoothing needs to begin with
NEEDED = (0.1, 0.5, 0.9)  # quantiles that the metrics are of
DEFAULTS: dict[str, Any] = {
    "time_column": None,
    "target_column": None,
    "leave_out": [],
    **FILE_DEFAULTS,
    "longest_gap": None,
    "season": None,
    "calendar": None,
    "context": None,
    "horizon": None,
    "quantiles": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    "origins": 100,
    "limit": 5000,
    "faults": {},
}


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``series`` before anything runs.

    Args:
        parameters: The whole block of the domain; what ``ingest`` says of it.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    block = DEFAULTS | parameters
    source = block.get("source")
    if source not in SOURCES:
        _refuse("source", source, f"has to be one of {', '.join(SOURCES)}")
    _check_whole("context", block["context"], SHORTEST_CONTEXT)
    _check_whole("horizon", block["horizon"], 1)
    _check_whole("longest_gap", block["longest_gap"], 0)
    _check_whole("origins", block["origins"], 1)
    _check_whole("limit", block["limit"], 1)
    season = block["season"]
    if season is not None and not (_is_number(season) and season >= 1):
        _refuse("season", season, "has to be a number of steps from 1 on, or null")
    if block["calendar"] not in (None, True, False):
        _refuse("calendar", block["calendar"], "has to be true, false or null")
    _check_quantiles(block["quantiles"])
    names = block["leave_out"]
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        _refuse("leave_out", names, "has to be a list of columns' names")
    check_file_parameters(block, "series")
    _check_faults(block["faults"])
    check_shares(block.get("split"))
    if source == "table":
        _check_table(block)


def _check_quantiles(levels: object) -> None:
    needed = f"has to be a rising list of numbers between 0 and 1 with {_listed(NEEDED)} among them"
    if not isinstance(levels, list | tuple) or not all(_is_number(level) for level in levels):
        _refuse("quantiles", levels, needed)
    rising = all(one < other for one, other in zip([0, *levels], [*levels, 1], strict=True))
    if not rising or not set(NEEDED) <= set(levels):
        _refuse("quantiles", levels, needed)


def _check_faults(faults: object) -> None:
    if not isinstance(faults, dict):
        _refuse("faults", faults, "has to name kinds of faults, each with its strength")
    for kind, strength in faults.items():
        if kind not in FAULTS:
            raise GenloomError(
                f"series.faults has no kind {kind!r}: there are {', '.join(FAULTS)}."
            )
        share = FAULTS[kind].share
        if not _is_number(strength) or strength <= 0 or (share and strength >= 1):
            needed = "between 0 and 1" if share else "above 0"
            _refuse(f"faults.{kind}", strength, f"has to be a number {needed}")


def _check_table(block: dict[str, Any]) -> None:
    path, time, target = block.get("table"), block["time_column"], block["target_column"]
    if not isinstance(path, str | Path) or not str(path):
        _refuse("table", path, f"has to be the path of a {', '.join(SUFFIXES)} file")
    name = "the name of the column {}, or its number, counted from 0, in a file without a header"
    if not _is_name(time):
        _refuse("time_column", time, f"has to be {name.format('of times')}")
    several = target if isinstance(target, list | tuple) else [target]
    if target is not None and not (several and all(_is_name(part) for part in several)):
        _refuse(
            "target_column",
            target,
            f"has to be {name.format('to forecast')}, a list of such, or null for all",
        )
    if isinstance(time, int) != all(isinstance(part, int) for part in several) and target:
        _refuse("target_column", target, "has to be given like series.time_column: by name or not")


def _is_name(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_whole(key: str, value: object, lowest: int) -> None:
    if value is None and key not in ("origins", "limit"):
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
        _refuse(key, value, f"has to be a whole number from {lowest} on")


def _listed(levels: tuple[float, ...]) -> str:
    return ", ".join(map(str, levels))


def _refuse(key: str, value: object, needed: str) -> NoReturn:
    refuse("series", key, value, needed)
