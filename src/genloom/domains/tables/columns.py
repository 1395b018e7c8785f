"""Columns of a table: what kind each is, told from its cells, and its values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from genloom.errors import GenloomError

NUMBER, CATEGORY, BOOLEAN, DATE = "number", "category", "boolean", "date"
KINDS = (NUMBER, CATEGORY, BOOLEAN, DATE)
# Cells that stand for a missing value, in small letters.
MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})
TRUTH = ({"true": True, "false": False}, {"yes": True, "no": False})
MOSTLY = 0.9  # from this share of numbers or dates on, another cell is a mistake
NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA_NUMERAL = re.compile(r"[+-]?\d+,\d+")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}(:\d{2})?)?")
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", DAY_FIRST, MONTH_FIRST, "%d-%m-%Y")
TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?")
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


def infer(
    name: str,
    cells: Sequence[Any],
    places: Sequence[str],
    *,
    categorical: bool = False,
    decimal: str = ".",
    domain: str = "tables",
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

    Raises:
        GenloomError: A cell is infinite, is no number or date where nearly all others are, or the
            dates are not in one form.

    >>> infer("age", ["41", "?", "8"], ["line 2", "line 3", "line 4"]).cells
    [41, None, 8]
    """
    if all(isinstance(cell, str) for cell in cells):
        # Few of a file's cells are different, so each of those is looked at once.
        plain = {cell: _plain(name, cell, "", domain) for cell in set(cells)}
        values = [plain[cell] for cell in cells]
    else:
        values = [
            _plain(name, cell, place, domain) for cell, place in zip(cells, places, strict=True)
        ]
    present = [value for value in values if value is not None]
    if categorical:
        return Column(name, CATEGORY, _mapped(values, _name))
    if all(isinstance(value, bool) for value in present):
        return Column(name, BOOLEAN if present else CATEGORY, values)
    if all(isinstance(value, datetime) for value in present):
        return Column(name, DATE, _iso(values))
    if not any(isinstance(value, str | bool | datetime) for value in present):
        return Column(name, NUMBER, _numbers(name, values, places))
    return _of_text(name, _mapped(values, _name), places, decimal, domain)


def _of_text(
    name: str, texts: list[str | None], places: Sequence[str], decimal: str, domain: str
) -> Column:
    """What a column of text holds."""
    way_out = f"{domain}.{'categories' if domain == 'tables' else 'leave_out'}"
    named = [text for text in texts if text is not None]
    different = {text.lower() for text in named}
    for truth in TRUTH:
        if different <= truth.keys():
            known = [None if text is None else truth[text.lower()] for text in texts]
            return Column(name, BOOLEAN, known)
    if decimal != ".":
        texts = _mapped(texts, lambda text: _with_point(text, decimal))
    if _is_mostly(name, texts, places, _is_numeral, "numbers", way_out):
        return Column(name, NUMBER, _numbers(name, _mapped(texts, float), places))
    if all(COMMA_NUMERAL.fullmatch(text) for text in named):
        raise GenloomError(
            f"The column {name!r} holds numbers with a decimal comma, such as {named[0]!r} in "
            f"{places[texts.index(named[0])]}: set {domain}.decimal to ','."
        )
    if _is_mostly(name, texts, places, _is_date_like, "dates", way_out):
        return Column(name, DATE, _dates(name, texts, places, way_out))
    return Column(name, CATEGORY, texts)


def _plain(name: str, cell: Any, place: str, domain: str) -> Any:
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
            f"number, a text, a date or a truth value: put the column into {domain}.leave_out."
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


def _is_date_like(text: str) -> bool:
    return bool(DATE_LIKE.fullmatch(text))


def _is_mostly(
    name: str,
    texts: Sequence[str | None],
    places: Sequence[str],
    fits: Callable[[str], bool],
    kinds: str,
    way_out: str,
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
            f"cell or leave it empty, or put the column into {way_out}."
        )
    return False


def _numbers(name: str, values: Sequence[Any], places: Sequence[str]) -> list[Any]:
    """Numbers as int where all of them are whole, else as float."""
    for value, place in zip(values, places, strict=True):
        if value is not None and not math.isfinite(value):
            raise GenloomError(
                f"The column {name!r} holds an infinite number in {place}: replace it by a finite "
                "one or leave the cell empty."
            )
    whole = all(v is None or (float(v).is_integer() and abs(v) < LARGEST_WHOLE) for v in values)
    return _mapped(values, int if whole else float)


def _dates(
    name: str, texts: Sequence[str | None], places: Sequence[str], way_out: str
) -> list[str | None]:
    """Dates of one form as ISO text."""
    forms, shown = [*DAYS, *TIMES], ""
    for text, place in zip(texts, places, strict=True):
        if text is None:
            continue
        own = [form for form in (*DAYS, *TIMES) if _read(text, form)]
        if not own:
            raise GenloomError(
                f"The column {name!r} holds dates, but {place} has {text!r}, which is not a date: "
                f"mend the cell or leave it empty, or put the column into {way_out}."
            )
        left = [form for form in forms if form in own]
        if not left:
            raise GenloomError(
                f"The column {name!r} holds dates in mixed forms: {shown} and {place} has {text!r};"
                " write all of them as 2024-01-31."
            )
        if len(left) < len(forms):
            shown = f"{place} has {text!r}"
        forms = left
    if {DAY_FIRST, MONTH_FIRST} <= set(forms):
        raise GenloomError(
            f"The column {name!r} holds dates of which nothing says whether the day or the month "
            f"comes first ({shown}): write them as 2024-01-31."
        )
    return _iso(_mapped(texts, lambda text: _read(text, forms[0])))


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _iso(values: Sequence[datetime | None]) -> list[str | None]:
    days = all(v is None or (v.hour, v.minute, v.second) == (0, 0, 0) for v in values)
    form = "%Y-%m-%d" if days else "%Y-%m-%dT%H:%M:%S"
    # strftime would write the year 31 as "31" on some systems.
    return _mapped(values, lambda v: v.strftime(form).rjust(len("2024-01-31"), "0"))
