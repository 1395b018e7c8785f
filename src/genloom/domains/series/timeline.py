"""Times of rows as even steps: how far apart they are, and where some are missing."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.tables.columns import DATE, NUMBER, Column, infer
from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MONTH = re.compile(r"(\d{4})-(\d{2})")
QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
DAY = 86400.0  # seconds
# A series may lack most of its steps, but beyond so many of them a time is a mistake, such as a
# mistyped year; and memory would not hold the text of each.
MOST_STEPS_PER_ROW, FEW_STEPS = 100, 10_000
# What steps of some lengths, in days, are called; months are counted and not measured.
BY_MONTHS = {"month": (27.5, 31.5, 1), "quarter": (88.5, 92.5, 3), "year": (364.5, 366.5, 12)}
BY_DAYS = {"week": 7.0, "day": 1.0, "hour": 1 / 24}


class Timeline(NamedTuple):
    """Rows in the order of time.

    Attributes:
        order: The rows, earliest first.
        steps: Which step each of them is at, in that order, from 0 on.
        times: Of every step, those without a row among them.
        step: See ``loaders.Recorded``.
    """

    order: list[int]
    steps: list[int]
    times: list[str]
    step: str


def timeline(
    name: str, cells: Sequence[Any], places: Sequence[str], decimal: str = "."
) -> Timeline:
    """Order rows by time, and count the steps between them.

    Args:
        name: Of the column of times.
        cells: What stands in it: dates, months such as ``2024-01``, quarters such as ``2024Q1``, or
            numbers.
        places: Where each row stands, e.g. ``line 7``.
        decimal: What stands before the decimals of a number.

    Raises:
        GenloomError: A cell is empty or no time, forms are mixed, two rows have the same time, or
            the times are not even steps.
    """
    days = [_as_day(cell) for cell in cells]
    column = infer(name, days, places, decimal=decimal, domain="series", needed=True)
    if column.kind not in (DATE, NUMBER) and any(cell is not None for cell in column.cells):
        row = next(row for row, cell in enumerate(column.cells) if cell is not None)
        raise GenloomError(
            f"The column of times {name!r} holds {cells[row]!r} in {places[row]}, but has to hold "
            "dates such as 2024-01-31, months such as 2024-01, quarters such as 2024Q1, or "
            "numbers: set series.time_column to such a column."
        )
    for cell, place in zip(column.cells, places, strict=True):
        if cell is None:
            raise GenloomError(
                f"The column of times {name!r} is empty in {place}: fill it in or leave the row "
                "out."
            )
    values = _values(column)
    order = sorted(range(len(values)), key=lambda row: values[row])
    for one, other in pairwise(order):
        if values[one] == values[other]:
            first, second = sorted((one, other))
            raise GenloomError(
                f"{places[first]} and {places[second]} have the same time {column.cells[one]} in "
                f"the column {name!r}: keep one of them; several series stand side by side, each "
                "in a column of its own."
            )
    if len(order) < 3:
        raise GenloomError(
            f"The column of times {name!r} has {len(order)} rows, from which no step of time can "
            "be told: add some."
        )
    shown = [str(cell) for cell in column.cells]
    return _even(name, [values[row] for row in order], order, shown, places)


def _as_day(cell: Any) -> Any:
    """Months and quarters as their first day; anything else as it is."""
    text = cell.strip() if isinstance(cell, str) else ""
    if match := MONTH.fullmatch(text):
        return f"{match[1]}-{match[2]}-01"
    if match := QUARTER.fullmatch(text):
        return f"{match[1]}-{3 * int(match[2]) - 2:02}-01"
    return cell


def _values(column: Column) -> list[Any]:
    if column.kind == NUMBER:
        return [float(cell) for cell in column.cells]
    return [datetime.fromisoformat(cell) for cell in column.cells]


def _even(
    name: str, values: list[Any], order: list[int], shown: list[str], places: Sequence[str]
) -> Timeline:
    step, count, back = _stepper(values)
    counted = [count(value) for value in values]
    gaps = [other - one for one, other in pairwise(counted)]
    odd = [row for row, gap in enumerate(gaps) if abs(gap - round(gap)) > 1e-3 or round(gap) < 1]
    if counted[-1] > MOST_STEPS_PER_ROW * len(counted) + FEW_STEPS:
        odd = [gaps.index(max(gaps))]
    if odd:
        one, other = order[odd[0]], order[odd[0] + 1]
        each = "even steps" if step == "step" else f"a {step} apart"
        raise GenloomError(
            f"The times in the column {name!r} are mostly {each}, but {shown[one]} in "
            f"{places[one]} and {shown[other]} in {places[other]} are {gaps[odd[0]]:.4g} times as "
            "far apart: mend these times, or bring the series to even steps."
        )
    steps = [round(number) for number in counted]
    known = {number: shown[row] for number, row in zip(steps, order, strict=True)}
    times = [known.get(number) or back(number) for number in range(steps[-1] + 1)]
    return Timeline(order, steps, times, step)


def _stepper(
    values: list[Any],
) -> tuple[str, Callable[[Any], float], Callable[[int], str]]:
    """What a step is called, which step a time is at, and the time of a step as text."""
    first = values[0]
    if isinstance(first, float):
        size = _median([b - a for a, b in pairwise(values)])
        return "step", lambda v: (v - first) / size, lambda n: f"{round(first + n * size, 9):.12g}"
    days = _median([(b - a).total_seconds() / DAY for a, b in pairwise(values)])
    whole = all(v.time() == time.min for v in values)
    for step, (low, high, months) in BY_MONTHS.items():
        if low <= days <= high:
            return step, partial(_months, first, months), partial(_later, first, months)
    if whole and days == 1 and all(v.weekday() < 5 for v in values):
        return "workday", lambda v: _workdays(v) - _workdays(first), lambda n: _workday(first, n)

    def time_of(number: int) -> str:
        then = first + timedelta(days=days * number)
        return str(then.date().isoformat() if whole else then.isoformat())

    step = next((name for name, size in BY_DAYS.items() if abs(days / size - 1) < 1e-6), "step")
    return step, lambda v: (v - first).total_seconds() / DAY / days, time_of


def _median(gaps: list[float]) -> float:
    return sorted(gaps)[len(gaps) // 2]


def _months(first: datetime, each: int, day: datetime) -> float:
    return (day.year * 12 + day.month - first.year * 12 - first.month) / each


def _later(first: datetime, each: int, number: int) -> str:
    years, month = divmod(first.month - 1 + number * each, 12)
    year, month = first.year + years, month + 1
    return datetime(year, month, min(first.day, monthrange(year, month)[1])).date().isoformat()


def _workdays(day: datetime) -> float:
    """Days since a Monday, Saturdays and Sundays left out."""
    weeks, rest = divmod((day - datetime(1900, 1, 1)).days, 7)
    return 5.0 * weeks + rest


def _workday(first: datetime, number: int) -> str:
    weeks, rest = divmod(int(_workdays(first)) + number, 5)
    return (datetime(1900, 1, 1) + timedelta(days=7 * weeks + rest)).date().isoformat()
