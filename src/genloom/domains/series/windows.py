"""Windows of series: what is known at an origin and what came then, split by time.

An origin is the first step that is forecast. Training windows end before the validation part of the
series begins, those of validation before the test part: no step that is forecast in one split is
forecast, or known, in an earlier one. A test window may well be forecast from steps of the
training part, which were known by then (rolling-origin evaluation; Tashman 2000).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from genloom.domains.series.loaders import Recorded

FEWEST = 6  # windows of a split, so that something can be said of it


class Window(NamedTuple):
    """One window.

    Attributes:
        series: Name of the series.
        origin: The first step that is forecast.
        split: ``train``, ``validation`` or ``test``.
    """

    series: str
    origin: int
    split: str


class Plan(NamedTuple):
    """How windows are cut.

    Attributes:
        context: Steps that are known.
        horizon: Steps that are forecast.
        season: Steps after which a series begins anew.
        validation: The first step of the validation part.
        test: The first step of the test part.
    """

    context: int
    horizon: int
    season: int
    validation: int
    test: int


def plan(
    steps: int, context: int, horizon: int, season: float, shares: Mapping[str, float]
) -> Plan:
    """Where the parts of series of some length begin."""
    test = round(steps * (1 - shares["test"]))
    return Plan(
        context, horizon, max(1, round(season)), test - round(steps * shares["validation"]), test
    )


def bridged(recorded: Recorded, longest: int) -> dict[str, NDArray[Any]]:
    """Series without gaps: straight lines across those that are short enough.

    What is missing at either end of a series stays so.

    Raises:
        GenloomError: A gap is longer than ``longest``.
    """
    import numpy as np

    found = {}
    for name, values in recorded.columns.items():
        there = np.flatnonzero(np.isfinite(values))
        gaps = np.diff(there) - 1
        if gaps.size and gaps.max() > longest:
            before = int(np.argmax(gaps > longest))
            first, missing = int(there[before]) + 1, int(gaps[before])
            where = f"from {recorded.times[first]} on"
            if recorded.places[first - 1]:
                where += f", after {recorded.places[first - 1]}"
            raise GenloomError(
                f"The series {name!r} lacks {missing} value{'s' if missing > 1 else ''} {where}: "
                f"fill the gap, or set series.longest_gap to {int(gaps.max())} to draw straight "
                "lines across gaps of up to so many."
            )
        filled = np.array(values, dtype=np.float64)
        if there.size:
            inner = np.arange(there[0], there[-1] + 1)
            filled[inner] = np.interp(inner, there, values[there])
        found[name] = filled
    return found


def scale_of(name: str, values: NDArray[Any], parts: Plan) -> float:
    """The mean absolute error of the seasonal naive forecast within the training part.

    It is what errors are divided by (Hyndman and Koehler 2006). Where a series repeats itself
    exactly after each season, that of the last value counts.

    Raises:
        GenloomError: The training part of the series is constant, or empty.
    """
    import numpy as np

    known = values[: parts.validation]
    known = known[np.isfinite(known)]
    if not known.size or known.min() == known.max():
        what = f"holds {known[0]:g} in every row" if known.size else "has no value"
        raise GenloomError(
            f"The series {name!r} {what} of its training part, the first {parts.validation} steps: "
            "leave its column out, or make the other shares (series.split) smaller."
        )
    for lag in (parts.season, 1):
        errors = np.abs(known[lag:] - known[:-lag]) if lag < known.size else known[:0]
        if errors.size and errors.mean() > 0:
            return float(errors.mean())
    raise AssertionError("a series that is not constant has two values that differ")


def windows(
    series: Mapping[str, NDArray[Any]], parts: Plan, *, origins: int, limit: int
) -> list[Window]:
    """Every window of every series, or evenly spread ones of too many.

    Args:
        series: Values by name, NaN only at the ends.
        parts: How to cut.
        origins: At most so many of each series in the validation and in the test split.
        limit: At most so many to train with, of all series together.

    Raises:
        GenloomError: A series is too short for enough training or test windows.
    """
    import numpy as np

    ends = {
        "train": (0, parts.validation),
        "validation": (parts.validation, parts.test),
        "test": (parts.test, len(next(iter(series.values())))),
    }
    most = {"train": max(FEWEST, limit // len(series)), "validation": origins, "test": origins}
    found = []
    for name, values in series.items():
        there = np.flatnonzero(np.isfinite(values))
        first, last = (int(there[0]), int(there[-1]) + 1) if there.size else (0, 0)
        for split, (start, end) in ends.items():
            earliest = max(start, first + parts.context)
            every = np.arange(earliest, min(end, last) - parts.horizon + 1)
            if len(every) < FEWEST and split != "validation":
                _refuse_short(name, split, len(every), end - start, last - first, parts)
            stride = -(-len(every) // most[split]) or 1
            # Counted from the end, so that the latest window is always among them.
            kept = every[::-1][::stride][::-1]
            found += [Window(name, int(origin), split) for origin in kept]
    return found


def as_text(series: str, start: int, values: NDArray[Any]) -> str:
    """The content of a sample: which series, its first step, and the values that are known."""
    return json.dumps({"series": series, "start": start, "values": values.tolist()})


def _refuse_short(name: str, split: str, there: int, steps: int, length: int, parts: Plan) -> None:
    raise GenloomError(
        f"The series {name!r} has {length} steps, of which {steps} are the {split} part: that "
        f"makes {there} windows of series.context {parts.context} and series.horizon "
        f"{parts.horizon}, but {FEWEST} are needed; lower one of the two, change series.split, or "
        "give a longer series."
    )
