"""What is measured of rows: whether columns, and pairs of them, are as in real rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.tables.columns import DATE, NUMBER, Column
from genloom.domains.tables.rows import cells_of, from_contents
from genloom.domains.tables.scales import Scale, in_days
from genloom.metrics.table import Measure
from genloom.metrics.tables import (
    Mixed,
    column_pairs,
    column_shapes,
    detection_auroc,
    violations,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

METRICS: dict[str, Measure] = {
    "column_shapes": Measure(
        "higher",
        "column shapes",
        "How alike each column's distribution is in generated and real rows, 0 to 1, the mean over "
        "columns; it does not see how columns belong together.",
    ),
    "column_pairs": Measure(
        "higher",
        "column pairs",
        "How alike any two columns vary together in generated and real rows, 0 to 1, the label "
        "counted as a column, too.",
    ),
    "detection_auroc": Measure(
        "lower",
        "detection AUROC",
        "How well a logistic regression tells generated from real rows: 0.5 where it cannot, 1 "
        "where it always can. It sees means of columns, and little of how they belong together.",
    ),
    "constraint_violations": Measure(
        "lower",
        "constraint violations",
        "Share of rows with a number outside the training rows' range, a broken number where all "
        "are whole, or a category that no training row has; unseen real rows have some, too.",
    ),
}


def own_metrics(
    generated: pd.DataFrame, references: pd.DataFrame, train: pd.DataFrame
) -> dict[str, float]:
    """Likeness of columns and pairs, detection, and cells that cannot be.

    Args:
        generated: Columns ``content`` and ``label``: the samples that are judged.
        references: The same of real samples, which they are held against.
        train: The same of what the generator was fitted on.

    Returns:
        ``column_shapes``, ``column_pairs``, ``detection_auroc`` and ``constraint_violations``, as
        ``genloom.metrics.tables`` says.

    Raises:
        GenloomError: There are no generated samples or no references.
    """
    import numpy as np

    known = from_contents(train["content"].tolist())
    made, real, own = mixed([generated, references, train], known)
    scales = [Scale.fit(column) for column in known]
    vectors = [
        np.concatenate(
            [
                scale.encode(_fitting(scale, cells), normal=False)
                for scale, cells in zip(scales, _cells(side, known), strict=True)
            ],
            axis=1,
        )
        for side in (references, generated)
    ]
    return {
        "column_shapes": column_shapes(real, made),
        "column_pairs": column_pairs(real, made),
        "detection_auroc": detection_auroc(*vectors),
        "constraint_violations": violations(made, own),
    }


def mixed(tables: Sequence[pd.DataFrame], known: Sequence[Column]) -> list[Mixed]:
    """Tables of samples as numbers and codes that mean the same in all of them.

    Args:
        tables: Columns ``content`` and ``label``, which becomes the last column of codes.
        known: The columns of the training rows; dates become numbers of days.
    """
    import numpy as np

    numeric = [place for place, column in enumerate(known) if column.kind in (NUMBER, DATE)]
    named = [place for place in range(len(known)) if place not in numeric]
    cells = [_cells(table, known) for table in tables]
    codes: list[list[NDArray[Any]]] = [_coded([own[place] for own in cells]) for place in named] + [
        _coded([table["label"].tolist() for table in tables])
    ]
    found = []
    for number, (table, own) in enumerate(zip(tables, cells, strict=True)):
        numbers = np.full((len(table), len(numeric)), np.nan)
        for column, place in enumerate(numeric):
            numbers[:, column] = _numbers(known[place].kind, own[place])
        found.append(Mixed(numbers, np.stack([each[number] for each in codes], axis=1)))
    return found


def _cells(samples: pd.DataFrame, known: Sequence[Column]) -> list[list[Any]]:
    return cells_of(samples["content"].tolist(), [column.name for column in known])


def _fitting(scale: Scale, cells: Sequence[Any]) -> list[Any]:
    """Cells of the scale's kind; what is of another counts as missing."""
    return [cell if scale.takes(cell) else None for cell in cells]


def _numbers(kind: str, cells: Sequence[Any]) -> NDArray[Any]:
    import numpy as np

    return np.array([np.nan if (v := in_days(kind, cell)) is None else v for cell in cells])


def _coded(columns: Sequence[Sequence[Any]]) -> list[NDArray[Any]]:
    """Cells of several tables as codes, the same for the same cell; 0 for a missing one."""
    import numpy as np

    place: dict[str, int] = {}
    for column in columns:
        for cell in column:
            if cell is not None:
                place.setdefault(str(cell), len(place) + 1)
    return [
        np.array([0 if cell is None else place[str(cell)] for cell in column], dtype=np.int64)
        for column in columns
    ]
