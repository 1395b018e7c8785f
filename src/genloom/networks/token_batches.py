"""What a language model learns from, a batch at a time: windows of a stream, or whole samples."""

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from genloom.tokens import END, FIRST_LABEL, lengths

__all__ = ["each_by_itself", "spread", "trimmed", "whole_rows", "windows"]

SORTED_TOGETHER = 20  # batches whose rows are sorted by length, so that they need little padding


def windows(
    text: Tensor, length: int, *, steps: int, batch_size: int, seed: int, before: int = 0
) -> DataLoader[Any]:
    """Batches of windows at random places of a text: ``steps`` times ``[batch, length + 1]``.

    With ``before``, each has so many tokens more, which come before it.
    """
    random = torch.Generator().manual_seed(seed)
    starts = torch.randint(len(text) - length - before, (steps * batch_size,), generator=random)
    return DataLoader(
        text.unfold(0, before + length + 1, 1),  # type: ignore[arg-type]  # a batch at a time
        sampler=starts.split(batch_size),
        batch_size=None,
    )


def whole_rows(rows: Tensor, *, steps: int, batch_size: int, seed: int) -> DataLoader[Any]:
    """Batches of whole rows of about the same length: ``steps`` times ``[batch, t]``.

    Every row comes once before any comes again. A batch is as wide as its longest row.

    Args:
        rows: ``[n, t]`` int64, ``PAD`` to a row's end.
        steps: How many batches.
        batch_size: Rows per batch; fewer in the last of every round through the rows.
        seed: Of the order.
    """
    random = torch.Generator().manual_seed(seed)
    counted = lengths(rows)
    batches: list[Tensor] = []
    while len(batches) < steps:
        parts: list[Tensor] = []
        for some in torch.randperm(len(rows), generator=random).split(SORTED_TOGETHER * batch_size):
            parts += some[counted[some].argsort(stable=True)].split(batch_size)
        batches += [parts[place] for place in torch.randperm(len(parts), generator=random)]
    return DataLoader(_Trimmed(rows), sampler=batches[:steps], batch_size=None)


def each_by_itself(x: Tensor, y: Tensor) -> Tensor:
    """Rows as a model that draws one sees them: ``END``, label, content, ``END``, ``PAD``.

    Args:
        x: Rows ``[n, length]`` int64.
        y: Labels ``[n]`` int64.

    Returns:
        ``[n, length + 2]`` int64.
    """
    return torch.cat([torch.full_like(y, END)[:, None], (FIRST_LABEL + y)[:, None], x], dim=1)


def trimmed(rows: Tensor) -> Tensor:
    """Rows without the columns in which all are ``PAD``."""
    return rows[:, : int(lengths(rows).max())]


def spread(rows: Tensor, count: int) -> Tensor:
    """At most ``count`` rows, evenly from first to last."""
    return rows[torch.linspace(0, len(rows) - 1, min(count, len(rows))).long()]


class _Trimmed(Dataset[Tensor]):
    """Rows that are fetched a batch at a time, each batch without needless columns."""

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows

    def __getitem__(self, places: Tensor) -> Tensor:
        return trimmed(self.rows[places])
