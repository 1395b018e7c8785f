"""Real molecules that made ones are held against: described once, and kept as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from genloom.metrics.molecules import chemnet
from genloom.metrics.molecules.properties import DESCRIPTORS, PROPERTIES
from genloom.metrics.molecules.records import Records, records
from genloom.metrics.molecules.sharing import one_thread

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from genloom.metrics.molecules.sharing import Spread

__all__ = ["ALL_BUT_FILTERS", "Reference", "describe", "is_described", "known", "plain"]

#: What is needed of a reference set: real molecules are not asked whether they pass filters.
ALL_BUT_FILTERS = ("shape", "properties", "descriptors")

_BYTES = {"fingerprints": np.uint8, "wide": np.uint8, "chemnet": np.float32}  # a row is one cell
_NUMBERS = {"properties": PROPERTIES, "descriptors": DESCRIPTORS}  # a number is one cell
_TEXTS = ("smiles", "fragments", "scaffolds", "flat")
_FLOATS = {*PROPERTIES, *DESCRIPTORS}
_PREFIX = "known_"  # before the names of all columns, as samples have columns of their own


class Reference(NamedTuple):
    """What is known of a reference set: its ``Records``, and the moments of ChemNet's features."""

    records: Records
    moments: chemnet.Moments | None


@one_thread()
def describe(
    smiles: Sequence[str], parts: tuple[str, ...] = ALL_BUT_FILTERS, *, spread: Spread = map
) -> pd.DataFrame:
    """What the metrics need of a set of real molecules, as a table.

    Args:
        smiles: Of the molecules.
        parts: Some of ``records.EVERYTHING``.
        spread: See ``sharing``; the table does not depend on it.

    Returns:
        A row per text, in order; its columns, all beginning with ``known_``, are the attributes of
        ``Records`` and ``chemnet``, the 512 features as bytes. Cells of what is no molecule, and of
        parts that were not asked for, are empty.
    """
    import pandas as pd

    found = records(smiles, parts, spread=spread)
    features = chemnet.activations(found.smiles, spread=spread)
    columns: dict[str, list[Any]] = {name: getattr(found, name) for name in _TEXTS}
    arrays: dict[str, NDArray[Any]] = {
        "fingerprints": found.fingerprints,
        "wide": found.wide,
        "chemnet": features,
    }
    columns |= {name: [row.tobytes() for row in array] for name, array in arrays.items()}
    for part, names in _NUMBERS.items():
        columns |= dict(zip(names, getattr(found, part).T.tolist(), strict=True))
    valid = np.flatnonzero(found.valid)
    table = {
        _PREFIX + name: pd.Series(cells, valid, dtype=float if name in _FLOATS else object)
        for name, cells in columns.items()
        if len(cells) == len(valid)
    }
    return pd.DataFrame(table, index=range(len(smiles)))


def _own(table: pd.DataFrame) -> list[str]:
    """The columns of a table that are of ``describe``."""
    return [name for name in map(str, table) if name.startswith(_PREFIX)]


def is_described(table: pd.DataFrame, parts: tuple[str, ...] = ALL_BUT_FILTERS) -> bool:
    """Whether a table has in every row what ``describe`` says, of these parts at least."""
    needed = ["smiles", "chemnet"]
    needed += ["fingerprints", "fragments"] if "shape" in parts else []
    needed += ["wide", "flat"] if "descriptors" in parts else []
    needed += [name for part in parts for name in _NUMBERS.get(part, ())]
    columns = [_PREFIX + name for name in needed]
    return set(columns) <= set(table) and bool(table[columns].notna().all(axis=None))


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """A table without the columns of ``describe``."""
    return table.drop(columns=_own(table))


def known(table: pd.DataFrame) -> Reference:
    """What a table of ``describe`` says, perhaps one that has been written and read again."""
    rows = table[_own(table)].rename(columns=lambda name: str(name).removeprefix(_PREFIX))
    rows = rows[rows["smiles"].notna()]
    rows = rows.dropna(axis=1, how="all") if len(rows) else rows[[]]
    columns: dict[str, Any] = {name: rows[name].tolist() for name in _TEXTS if name in rows}
    if "fragments" in columns:
        columns["fragments"] = [list(cell) for cell in columns["fragments"]]
        # An empty cell says that there are fewer than two rings, as may an empty column.
        scaffolds = columns.get("scaffolds", [None] * len(rows))
        columns["scaffolds"] = [cell if isinstance(cell, str) else None for cell in scaffolds]
    arrays: dict[str, Any] = {
        name: _array(rows[name], kind) for name, kind in _BYTES.items() if name in rows
    }
    features = arrays.pop("chemnet", np.zeros((0, 0), dtype=np.float32))
    for part, names in _NUMBERS.items():
        if set(names) <= set(rows):
            columns[part] = rows[list(names)].to_numpy(dtype=np.float64)
    valid = table[_PREFIX + "smiles"].notna().to_numpy(dtype=bool)
    return Reference(Records(valid, **columns, **arrays), chemnet.moments(features))


def _array(cells: pd.Series[Any], kind: Any) -> NDArray[Any]:
    """Cells of bytes as the rows of an array."""
    return np.frombuffer(b"".join(cells), dtype=kind).reshape(len(cells), -1)
