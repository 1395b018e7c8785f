"""Contents of samples read back: the known values of windows, and where they begin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class Contents(NamedTuple):
    """Some windows.

    Attributes:
        values: ``[n, steps]`` float64.
        series: Name of each one's series; "" where the content names none.
        starts: The step of each one's first value, ``[n]`` int64; 0 where it is not known.
    """

    values: NDArray[Any]
    series: list[str]
    starts: NDArray[Any]


def read_contents(contents: Iterable[Any], *, steps: int | None = None) -> Contents:
    """Read what ``windows.as_text`` wrote.

    Args:
        contents: JSON texts.
        steps: How many values each has to have; by default as many as the first.

    Raises:
        GenloomError: A content is no window, or has another number of values.
    """
    import numpy as np

    windows = [_window(content, number) for number, content in enumerate(contents)]
    for number, window in enumerate(windows):
        steps = len(window["values"]) if steps is None else steps
        if len(window["values"]) != steps:
            raise GenloomError(
                f"The content in row {number} has {len(window['values'])} values, but forecasts "
                f"are made from {steps}: give the last {steps} known ones."
            )
    values = np.array([window["values"] for window in windows], dtype=np.float64)
    values = values.reshape(len(windows), steps or 0)
    if not np.isfinite(values).all():
        number = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise GenloomError(
            f"The content in row {number} holds a value that is not a finite number: mend it."
        )
    starts = np.array([window.get("start", 0) for window in windows], dtype=np.int64)
    return Contents(values, [str(window.get("series", "")) for window in windows], starts)


def _window(content: Any, number: int) -> dict[str, Any]:
    try:
        window = json.loads(content)
    except (TypeError, ValueError) as error:
        raise GenloomError(
            f"The content in row {number} is not the JSON text of a window of a series, such as "
            '{"values": [1.0, 2.0]}.'
        ) from error
    values = window.get("values") if isinstance(window, dict) else None
    if not isinstance(values, list) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    ):
        raise GenloomError(
            f"The content in row {number} has no list of numbers called values: write it like "
            '{"values": [1.0, 2.0]}.'
        )
    return dict(window)
