"""What molecules are labelled by: numbers of a column or computed ones, and bands of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from rdkit.Chem import Mol

FEW = 10  # so many different numbers are classes, more are numbers to predict
MANY = 50  # different texts, from which on they are no classes
MOSTLY = 0.9  # the share of a column's cells that are numbers in a column of numbers
LONGEST_NAME = 24
EVEN = 0.9  # how much of its share of the values a band keeps when its edges are rounded


def logp(mol: Mol) -> float:
    """Octanol-water partition (Wildman and Crippen, 1999, J. Chem. Inf. Comput. Sci. 39:868)."""
    from rdkit.Chem import rdMolDescriptors

    return float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0])


def qed(mol: Mol) -> float:
    """Drug-likeness from 0 to 1 (Bickerton et al., 2012, Nature Chemistry 4:90)."""
    from rdkit.Chem import QED

    return float(QED.qed(mol))


def weight(mol: Mol) -> float:
    """Molecular weight in daltons."""
    from rdkit.Chem import rdMolDescriptors

    return float(rdMolDescriptors.Properties(["amw"]).ComputeProperties(mol)[0])


def sa(mol: Mol) -> float:
    """How hard to make, from 1, easy, to 10 (Ertl and Schuffenhauer, 2009, J. Cheminform. 1:8)."""
    from rdkit.Contrib.SA_Score import sascorer

    return float(sascorer.calculateScore(mol))


PROPERTIES: dict[str, Callable[[Any], float]] = {
    "logp": logp,
    "qed": qed,
    "weight": weight,
    "sa": sa,
}


@dataclass(frozen=True)
class Targets:
    """How the cells of a target column are read.

    Attributes:
        numeric: As numbers to predict; otherwise as classes.
        whole: The classes are whole numbers, so that ``1.0`` is ``1``.
    """

    numeric: bool
    whole: bool

    @classmethod
    def of(cls, cells: Sequence[str], column: str | int, table: object) -> Targets:
        """Look at a column: more than ten different numbers are to be predicted.

        Args:
            cells: As text, ``""`` where there is nothing.
            column: Its name, for the sentences.
            table: Where it stands, for the sentences.

        Raises:
            GenloomError: It is empty, holds one value, or neither numbers nor a few classes.
        """
        different = {cell for cell in cells if cell}
        numbers = {number for cell in different if (number := _number(cell)) is not None}
        mostly = sum(_number(cell) is not None for cell in cells) >= MOSTLY * sum(map(bool, cells))
        numeric = mostly and len(numbers) > FEW
        whole = len(numbers) > 0 and all(_is_whole(cell) for cell in different)
        classes = {_whole(cell) for cell in different} if whole else different
        if not different:
            raise GenloomError(
                f"The column {column!r} of {table} is empty: set molecules.target_column to "
                "another column, or to null."
            )
        if len(classes) == 1:
            raise GenloomError(
                f"The column {column!r} of {table} holds one value only ({next(iter(different))!r})"
                ": set molecules.target_column to another column, or to null."
            )
        if not numeric and len(classes) > MANY:
            raise GenloomError(
                f"The column {column!r} of {table} holds {len(classes)} different values that are "
                f"neither numbers nor up to {MANY} classes: set molecules.target_column to another "
                "column, or to null."
            )
        return cls(numeric, whole)

    def read(self, cell: str) -> float | str | None:
        """The number or the class that a cell says; None if it says none."""
        if self.numeric:
            return _number(cell)
        return (_whole(cell) if self.whole else cell) or None


def band_edges(values: Sequence[float], bands: int) -> tuple[float, ...]:
    """Cut numbers into bands that hold about as many of them each.

    The edges are rounded as far as that leaves the bands about as even, so that names can say
    them exactly. Where many values are equal, there are fewer bands.

    Args:
        values: Those of the training split.
        bands: How many, at least 2.

    Returns:
        Up to ``bands - 1`` ascending edges. A band holds what is at or above its lower edge and
        below its upper one, and none is empty; no edges if all values are equal.

    >>> band_edges([0.12, 0.58, 1.13, 1.61, 2.44, 3.82], 3)
    (1.0, 2.0)
    """
    import numpy as np

    numbers = np.asarray(values, dtype=float)
    ranks = np.arange(1, bands) / bands
    exact = np.unique(np.quantile(numbers, ranks, method="higher"))
    exact = exact[exact > numbers.min()]
    if len(exact) == 0:
        # Most values are the lowest, but not all of them.
        exact = np.unique(numbers)[1:2]
        if len(exact) == 0:
            return ()
    sizes = _sizes(numbers, exact)
    size = np.abs(numbers).max()
    for digits in range(-max(0, math.floor(math.log10(size or 1))), 12):
        rounded = np.round(exact, digits) + 0.0  # no negative zero
        if len(np.unique(rounded)) < len(exact):
            continue
        if (_sizes(numbers, rounded) >= EVEN * sizes).all():
            return tuple(rounded.tolist())
    return tuple(exact.tolist())


def band_names(name: str, edges: Sequence[float]) -> list[str]:
    """Call bands by their number, so that they sort, and by their range.

    >>> band_names("logp", (1.3, 2.9))
    ['logp 1: below 1.3', 'logp 2: 1.3 to 2.9', 'logp 3: above 2.9']
    """
    said = [f"{edge:.12g}" for edge in edges]
    ranges = [f"below {said[0]}"]
    ranges += [f"{low} to {high}" for low, high in pairwise(said)]
    ranges += [f"above {said[-1]}"]
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3].rstrip()}..."
    return [f"{short} {number}: {range_}" for number, range_ in enumerate(ranges, start=1)]


def bands_of(values: Sequence[float], edges: Sequence[float]) -> np.ndarray:
    """The number of each value's band, from 0: ``[n]`` int64; a value at an edge is above it."""
    import numpy as np

    return np.searchsorted(np.asarray(edges), np.asarray(values, dtype=float), side="right")


def edges_between(train: pd.DataFrame, classes: list[str]) -> list[float]:
    """The numbers half-way between bands of ``target``; none where the labels are no bands."""
    if "target" not in train:
        return []
    bands = train.groupby("label")["target"]
    lows, highs = (found.loc[classes].tolist() for found in (bands.min(), bands.max()))
    between = list(zip(highs, lows[1:], strict=False))
    if not all(high < low for high, low in between):
        return []
    return [(high + low) / 2 for high, low in between]


def _sizes(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.bincount(bands_of(values.tolist(), edges.tolist()), minlength=len(edges) + 1)


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_whole(cell: str) -> bool:
    number = _number(cell)
    return number is not None and number.is_integer()


def _whole(cell: str) -> str:
    return str(int(float(cell))) if cell else ""
