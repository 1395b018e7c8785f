"""How each column of a table becomes numbers of about the same size, and back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from genloom.domains.codecs import natural
from genloom.domains.tables.columns import BOOLEAN, CATEGORY, DATE, NUMBER, Column
from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KNOTS = 128  # of a column's distribution that are kept
FINEST = 8  # decimals; numbers with more are not rounded
START = datetime(1970, 1, 1)
DAY = 86400.0  # seconds


@dataclass(frozen=True)
class Scale:
    """What the training split says of one column.

    Attributes:
        name: The column's.
        kind: The column's.
        gaps: Whether cells are missing; there is a number more then, 1 where one is.
        categories: Of a category, sorted as a person would.
        low: The smallest number; of dates, days since 1970 as all else here.
        high: The largest.
        mean: Of the numbers.
        deviation: Their standard deviation, 1 where they are all equal.
        decimals: How many decimals they have; None for more than eight.
        whole: Whether they are whole; of dates, whether they have no time of day.
        knots: Numbers in ascending order, each with the shares of all between which it lies:
            ``[value, from, to]``.
    """

    name: str
    kind: str
    gaps: bool
    categories: list[str]
    low: float
    high: float
    mean: float
    deviation: float
    decimals: int | None
    whole: bool
    knots: list[list[float]]

    @classmethod
    def fit(cls, column: Column) -> Scale:
        """Look at a column of the training split."""
        import numpy as np

        present = [cell for cell in column.cells if cell is not None]
        gaps = len(present) < len(column.cells)
        if column.kind in (BOOLEAN, CATEGORY):
            names = sorted(set(present), key=natural) if column.kind == CATEGORY else []
            return cls(column.name, column.kind, gaps, names, 0, 1, 0, 1, 0, True, [])
        numbers = np.array(_as_numbers(column.name, column.kind, present))
        if column.kind == DATE:
            whole, decimals = bool((numbers == numbers.round()).all()), None
        else:
            whole = all(isinstance(cell, int) for cell in present)
            decimals = next(
                (d for d in range(FINEST + 1) if (numbers.round(d) == numbers).all()), None
            )
        low, high = float(numbers.min()), float(numbers.max())
        return cls(
            column.name,
            column.kind,
            gaps,
            [],
            low,
            high,
            float(numbers.mean()),
            float(numbers.std()) if low < high else 1.0,
            decimals,
            whole,
            _knots(numbers),
        )

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> Scale:
        """Build the scale again from what ``to_dict`` returned."""
        return cls(**d)

    def to_dict(self) -> dict[str, Any]:
        """All there is to the scale, ready for JSON."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @property
    def width(self) -> int:
        """How many numbers a cell becomes."""
        return (len(self.categories) if self.kind == CATEGORY else 1) + self.gaps

    def takes(self, cell: Any) -> bool:
        """Whether a cell is missing or of the column's kind."""
        return cell is None or self.kind == CATEGORY or in_days(self.kind, cell) is not None

    def encode(self, cells: Sequence[Any], *, normal: bool) -> NDArray[Any]:
        """Cells as numbers.

        Args:
            cells: ``n`` values or None. A category that the training split does not have is none
                of its categories; a missing number is the mean, or with ``normal`` the median.
            normal: Whether numbers are brought to a normal distribution by their rank, or else to
                mean 0 and deviation 1.

        Returns:
            ``[n, width]`` float64.

        Raises:
            GenloomError: A cell is not what the column holds.
        """
        import numpy as np

        out = np.zeros((len(cells), self.width))
        missing = np.array([cell is None for cell in cells], dtype=bool)
        if self.gaps:
            out[:, -1] = missing
        if self.kind == CATEGORY:
            place = {name: number for number, name in enumerate(self.categories)}
            for row, cell in enumerate(cells):
                if cell in place:
                    out[row, place[cell]] = 1
            return out
        present = [cell for cell in cells if cell is not None]
        numbers = np.array(_as_numbers(self.name, self.kind, present), dtype=np.float64)
        if self.kind != BOOLEAN:
            numbers = self._normal(numbers) if normal else (numbers - self.mean) / self.deviation
        out[~missing, 0] = numbers
        return out

    def decode(self, numbers: NDArray[Any], *, normal: bool) -> list[Any]:
        """Numbers as cells, each within the range of the training split and as fine as there.

        Args:
            numbers: ``[n, width]``.
            normal: As they were encoded.
        """
        import numpy as np

        if self.kind == CATEGORY:
            choices = [*self.categories, None] if self.gaps else self.categories
            return [choices[place] for place in numbers.argmax(axis=1)]
        first = numbers[:, 0]
        missing = numbers[:, -1] > 0.5 if self.gaps else np.zeros(len(first), dtype=bool)
        if self.kind == BOOLEAN:
            cells: list[Any] = (first > 0.5).tolist()
        else:
            values = self._from_normal(first) if normal else first * self.deviation + self.mean
            values = values.clip(self.low, self.high)
            cells = self._as_cells(values)
        return [None if gap else cell for cell, gap in zip(cells, missing, strict=True)]

    def _as_cells(self, values: NDArray[Any]) -> list[Any]:
        if self.kind == DATE:
            return [_date(value, self.whole) for value in values.tolist()]
        if self.whole:
            return [int(value) for value in values.round()]
        rounded = values if self.decimals is None else values.round(self.decimals)
        cells: list[float] = rounded.clip(self.low, self.high).tolist()
        return cells

    def _normal(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Each number's place in a normal distribution: of knots, the middle of their share."""
        import numpy as np
        from scipy.special import ndtri

        value, start, end = np.array(self.knots).T
        shares = np.stack([start, end], axis=1).ravel()
        # Each knot twice: from the end of the share of one to the start of that of the next.
        between = np.interp(numbers, np.repeat(value, 2), shares)
        place = np.searchsorted(value, numbers).clip(max=len(value) - 1)
        middle = (start + end)[place] / 2
        return np.asarray(ndtri(np.where(value[place] == numbers, middle, between)))

    def _from_normal(self, numbers: NDArray[Any]) -> NDArray[Any]:
        import numpy as np
        from scipy.special import ndtr

        value, start, end = np.array(self.knots).T
        # A number that stands there often is meant by all of its share.
        shares = np.stack([start, end], axis=1).ravel()
        return np.interp(ndtr(numbers), shares, np.repeat(value, 2))


def in_days(kind: str, cell: Any) -> float | None:
    """A cell as a number, a date as its days since 1970; None where it is not of that kind."""
    if kind == DATE and isinstance(cell, str):
        try:
            return (datetime.fromisoformat(cell) - START).total_seconds() / DAY
        except (TypeError, ValueError):
            return None
    if kind == NUMBER and isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    return float(cell) if kind == BOOLEAN and isinstance(cell, bool) else None


def _as_numbers(name: str, kind: str, cells: Sequence[Any]) -> list[float]:
    numbers = []
    for cell in cells:
        number = in_days(kind, cell)
        if number is None:
            raise GenloomError(
                f"The column {name!r} holds {cell!r} where the codec was fitted to {kind} values: "
                "ingest the source again, or fit again."
            )
        numbers.append(number)
    return numbers


def _date(days: float, whole: bool) -> str:
    if whole:
        return (START + timedelta(days=round(days))).date().isoformat()
    return (START + timedelta(seconds=round(days * DAY))).isoformat()


def _knots(numbers: NDArray[Any]) -> list[list[float]]:
    """Some of the different numbers with the shares of all between which each lies."""
    import numpy as np

    values, counts = np.unique(numbers, return_counts=True)
    ends = counts.cumsum()
    starts = ends - counts
    # A number that stands there once has a single point, so that between it and the next one
    # others are made; from a half of a sample on either side.
    shares = np.stack([starts + 0.5, ends - 0.5], axis=1) / len(numbers)
    kept = np.unique(np.linspace(0, len(values) - 1, KNOTS).round().astype(int))
    often = np.flatnonzero(counts > len(numbers) / KNOTS)
    kept = np.union1d(kept, often)
    return np.column_stack([values[kept], shares[kept]]).tolist()
