"""Columns of a table: what kind each is, told from its cells, and its values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from genloom.domains.tables.dates import as_iso, is_date_like, read_dates
from genloom.errors import GenloomError

NUMBER, CATEGORY, BOOLEAN, DATE = "number", "category", "boolean", "date"
KINDS = (NUMBER, CATEGORY, BOOLEAN, DATE)
# Cells that stand for a missing value, in small letters.
MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})
TRUTH = ({"true": True, "false": False}, {"yes": True, "no": False})
MOSTLY = 0.9  # from this share of numbers or dates on, another cell is a mistake
SOME = 0.1  # from this share of dates on, other cells may be dates in words
NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA_NUMERAL = re.compile(r"[+-]?\d+,\d+")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
LARGEST = 1e30  # far beyond it there are no numbers of single precision
LARGEST_WHOLE = 2**53  # beyond it, not every whole number has a float of its own


@dataclass(frozen=True)
class Column:
    """One column as plain values.

    Attributes:
        name: As the header says.
        kind: One of ``KINDS``.
        cells: A value per row: int (of a column of whole numbers), float, str, bool, or a date as
            ISO text such as ``2024-01-31``; None where it is missing.
    """

    name: str
    kind: str
    cells: list[Any]

    def take(self, rows: Sequence[int]) -> Column:
        """The same column with these rows alone."""
        return Column(self.name, self.kind, [self.cells[row] for row in rows])


class _WaysOut(NamedTuple):
    """What a person can do about cells that do not fit.

    Attributes:
        cell: With a single one, instead of mending it.
        cells: With many, instead of mending them.
        kind: With one that is no plain value.
    """

    cell: str
    cells: str
    kind: str


def _ways_out(domain: str, needed: bool) -> _WaysOut:
    if needed:
        row = "leave the row out"
        return _WaysOut(row, "leave the other rows out", f"mend the cell or {row}")
    column = f"put the column into {domain}"
    named = f"{column}.{'categories' if domain == 'tables' else 'leave_out'}"
    return _WaysOut(f"leave it empty, or {named}", named, f"{column}.leave_out")


def infer(
    name: str,
    cells: Sequence[Any],
    places: Sequence[str],
    *,
    categorical: bool = False,
    decimal: str = ".",
    domain: str = "tables",
    needed: bool = False,
) -> Column:
    """Tell a column's kind from its cells.

    Text is a number, a date or a truth value only where all cells that are not missing are.

    Args:
        name: The column's name.
        cells: Text as it stood in a file, or values that have a type already.
        places: Where each row stands, e.g. ``line 7``, for the sentences.
        categorical: Take the cells as names of categories, even if they look like numbers.
        decimal: What stands before the decimals of a number.
        domain: Whose parameters the sentences name; of ``tables`` a column may be categories.
        needed: Nobody can do without the column or its cells, so the sentences advise against it.

    Raises:
        GenloomError: A cell is infinite or nearly so, is no number or date where nearly all others
            are, or the dates are not in one form.

    >>> infer("age", ["41", "?", "8"], ["line 2", "line 3", "line 4"]).cells
    [41, None, 8]
    """
    ways_out = _ways_out(domain, needed)
    if all(isinstance(cell, str) for cell in cells):
        # Few of a file's cells are different, so each of those is looked at once.
        plain = {cell: _plain(name, cell, "", ways_out) for cell in set(cells)}
        values = [plain[cell] for cell in cells]
    else:
        values = [
            _plain(name, cell, place, ways_out) for cell, place in zip(cells, places, strict=True)
        ]
    present = [value for value in values if value is not None]
    if categorical:
        return Column(name, CATEGORY, _mapped(values, _name))
    if all(isinstance(value, bool) for value in present):
        return Column(name, BOOLEAN if present else CATEGORY, values)
    if all(isinstance(value, datetime) for value in present):
        return Column(name, DATE, as_iso(values))
    if not any(isinstance(value, str | bool | datetime) for value in present):
        return Column(name, NUMBER, _numbers(name, values, places, ways_out))
    return _of_text(name, _mapped(values, _name), places, decimal, domain, ways_out)


def _of_text(
    name: str,
    texts: list[str | None],
    places: Sequence[str],
    decimal: str,
    domain: str,
    ways_out: _WaysOut,
) -> Column:
    """What a column of text holds."""
    named = [text for text in texts if text is not None]
    different = {text.lower() for text in named}
    for truth in TRUTH:
        if different <= truth.keys():
            known = [None if text is None else truth[text.lower()] for text in texts]
            return Column(name, BOOLEAN, known)
    if decimal != ".":
        texts = _mapped(texts, lambda text: _with_point(text, decimal))
    if _is_mostly(name, texts, places, _is_numeral, "numbers", ways_out):
        return Column(name, NUMBER, _numbers(name, _mapped(texts, float), places, ways_out))
    if all(COMMA_NUMERAL.fullmatch(text) for text in named):
        raise GenloomError(
            f"The column {name!r} holds numbers with a decimal comma, such as {named[0]!r} in "
            f"{places[texts.index(named[0])]}: set {domain}.decimal to ','."
        )
    if _is_mostly(name, texts, places, is_date_like, "dates", ways_out):
        return Column(name, DATE, read_dates(name, texts, places, ways_out.cell))
    _check_few_dates(name, texts, places, ways_out)
    return Column(name, CATEGORY, texts)


def _plain(name: str, cell: Any, place: str, ways_out: _WaysOut) -> Any:
    """A cell as int, float, str, bool, datetime or None."""
    if getattr(cell, "ndim", None) == 0:  # a number of numpy
        cell = cell.item()
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, str):
        text = " ".join(cell.split())
        return None if text.lower() in MISSING else text
    if isinstance(cell, date):  # a datetime, too
        if not isinstance(cell, datetime):
            return datetime(cell.year, cell.month, cell.day)
        return cell.replace(tzinfo=None)
    if isinstance(cell, bool | int | float):
        return cell
    try:
        return float(cell)  # decimals of Parquet
    except (TypeError, ValueError):
        raise GenloomError(
            f"The column {name!r} holds a {type(cell).__name__} in {place}, but a cell has to be a "
            f"number, a text, a date or a truth value: {ways_out.kind}."
        ) from None


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _mapped(values: Sequence[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else change(value) for value in values]


def _with_point(text: str, decimal: str) -> str:
    changed = text.replace(decimal, ".")
    return changed if NUMERAL.fullmatch(changed) else text


def _is_numeral(text: str) -> bool:
    return bool(NUMERAL.fullmatch(text) or INFINITE.fullmatch(text))


def _is_mostly(
    name: str,
    texts: Sequence[str | None],
    places: Sequence[str],
    fits: Callable[[str], bool],
    kinds: str,
    ways_out: _WaysOut,
) -> bool:
    """Whether all cells are of a kind; where nearly all are, the first that is not is a mistake."""
    fit = {text: fits(text) for text in set(texts) if text is not None}
    if all(fit.values()):
        return True
    rows = [row for row, text in enumerate(texts) if text is not None]
    if sum(fit[texts[row] or ""] for row in rows) >= MOSTLY * len(rows):
        row = next(row for row in rows if not fits(texts[row] or ""))
        raise GenloomError(
            f"The column {name!r} holds {kinds}, but {places[row]} has {texts[row]!r}: mend the "
            f"cell or {ways_out.cell}."
        )
    return False


def _check_few_dates(
    name: str, texts: Sequence[str | None], places: Sequence[str], ways_out: _WaysOut
) -> None:
    """Refuse a column that is neither dates nor names: most likely, some dates are in words."""
    there = [(text, place) for text, place in zip(texts, places, strict=True) if text is not None]
    dates = [cell for cell in there if is_date_like(cell[0])]
    if len(dates) >= SOME * len(there):
        shown, where = dates[0]
        odd, place = next(cell for cell in there if not is_date_like(cell[0]))
        raise GenloomError(
            f"The column {name!r} holds dates, such as {shown!r} in {where}, but not in every row: "
            f"{place} has {odd!r}; write all dates in one form, such as 2024-01-31, or "
            f"{ways_out.cells}."
        )


def _numbers(
    name: str, values: Sequence[Any], places: Sequence[str], ways_out: _WaysOut
) -> list[Any]:
    """Numbers as int where all of them are whole, else as float."""
    for value, place in zip(values, places, strict=True):
        if value is not None and abs(value) > LARGEST:
            what = "an infinite number" if abs(value) == math.inf else f"the number {value:g}"
            raise GenloomError(
                f"The column {name!r} holds {what} in {place}, but numbers can go up to "
                f"{LARGEST:g} only: mend the cell or {ways_out.cell}."
            )
    whole = all(v is None or (float(v).is_integer() and abs(v) < LARGEST_WHOLE) for v in values)
    return _mapped(values, int if whole else float)
