"""Dates and times of day in text: whether a cell is one, and all of a column in one form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time

from genloom.errors import GenloomError

DATE_LIKE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
FRACTION = re.compile(r"(?<=:\d{2})[.,](\d+)")  # of a second
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", DAY_FIRST, MONTH_FIRST, "%d-%m-%Y")
TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
FORMS = (*DAYS, *TIMES, *(f"{form}%z" for form in TIMES))
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{6})?)?")  # as ``as_iso`` writes them


def is_date_like(text: str) -> bool:
    """Whether a text is written like a date, be it one of the calendar or not."""
    return bool(DATE_LIKE.fullmatch(text))


def read_dates(
    name: str, texts: Sequence[str | None], places: Sequence[str], way_out: str
) -> list[str | None]:
    """Dates of one form as ISO text.

    Of times with an offset from UTC, that of their own clock is kept where all have the same offset
    or all are midnight; else they become UTC.

    Args:
        name: The column's name.
        texts: What stands in it.
        places: Where each row stands, e.g. ``line 7``.
        way_out: What to do with a cell that is no date instead of mending it.

    Raises:
        GenloomError: A text is no date, or has another form than those before it.

    >>> read_dates("seen", ["2024-01-31T12:00Z", None], ["line 2", "line 3"], "leave it empty")
    ['2024-01-31T12:00:00', None]
    """
    first: dict[str, str] = {}
    for text, place in zip(texts, places, strict=True):
        if text is not None:
            first.setdefault(text, place)
    form = _common_form(name, first, way_out)
    found = {text: when for text in first if (when := _read(text, form))}
    if len({when.utcoffset() for when in found.values()}) > 1 and any(
        when.time() != time.min for when in found.values()
    ):
        found = {text: _in_utc(when) for text, when in found.items()}
    own = {text: when.replace(tzinfo=None) for text, when in found.items()}
    return as_iso([None if text is None else own[text] for text in texts])


def as_iso(values: Sequence[datetime | None]) -> list[str | None]:
    """Dates as text: with the time of day where one of them has any, and so with fractions.

    >>> as_iso([datetime(2024, 1, 31), None])
    ['2024-01-31', None]
    """
    there = [value for value in values if value is not None]
    if all(value.time() == time.min for value in there):
        return [None if value is None else value.date().isoformat() for value in values]
    finest = "microseconds" if any(value.microsecond for value in there) else "seconds"
    return [None if value is None else value.isoformat(timespec=finest) for value in values]


def _common_form(name: str, first: dict[str, str], way_out: str) -> str:
    """The form of all texts; ``first`` says where each stands."""
    forms, shown = list(FORMS), ""
    for text, place in first.items():
        left = [form for form in forms if _read(text, form)]
        if not left:
            if not any(_read(text, form) for form in FORMS):
                raise GenloomError(
                    f"The column {name!r} holds dates, but {place} has {text!r}, which is not a "
                    f"date: mend the cell or {way_out}."
                )
            raise GenloomError(
                f"The column {name!r} holds dates in mixed forms: {shown} and {place} has {text!r};"
                " write all of them in one form, such as 2024-01-31 or 2024-01-31T12:00:00."
            )
        if len(left) < len(forms):
            shown = f"{place} has {text!r}"
        forms = left
    if {DAY_FIRST, MONTH_FIRST} <= set(forms):
        raise GenloomError(
            f"The column {name!r} holds dates of which nothing says whether the day or the month "
            f"comes first ({shown}): write them as 2024-01-31."
        )
    return forms[0]


def _in_utc(when: datetime) -> datetime:
    try:
        return when.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999, which mean "never", stay there
        return when


def _read(text: str, form: str) -> datetime | None:
    fraction = FRACTION.search(text)  # strptime knows no more than six digits of it
    try:
        when = datetime.strptime(FRACTION.sub("", text), form)
    except ValueError:
        return None
    return when.replace(microsecond=int(f"{fraction[1]:0<6}"[:6])) if fraction else when
