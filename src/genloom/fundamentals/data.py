"""What an experiment learns from, and what it gives back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from genloom.metrics.table import summarise_draws
from genloom.networks.fnn import Standardised

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Data", "Found", "Part", "curve", "history", "measured"]

TINY = 1e-30  # what a vanished gradient counts as, where its logarithm is taken


class Part(NamedTuple):
    """The samples of a split.

    Attributes:
        x: ``[n, d]`` float32, in standard deviations from the training samples' mean.
        y: ``[n]``, classes as int64, or numbers as float32 in standard deviations as well.
    """

    x: Tensor
    y: Tensor


class Data(NamedTuple):
    """Samples by split.

    Attributes:
        train: The samples that networks learn from.
        validation: Those that learning rates are chosen by.
        test: Those that are only measured.
        classes: What they are called; none for numbers.
        names: What each column is called; none where columns have no names.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        x: Tensor,
        y: Tensor,
        splits: Sequence[str],
        *,
        classes: Sequence[str] = (),
        names: Sequence[str] = (),
    ) -> Data:
        """Part samples by split, in standard deviations of the training split.

        Args:
            x: ``[n, *shape]``.
            y: ``[n]`` classes, or numbers in their own unit.
            splits: ``train``, ``validation`` or ``test``, ``n`` of them.
            classes: What they are called; none for numbers.
            names: Of the columns of ``x``, flattened.
        """
        rows = {
            name: torch.tensor([place for place, split in enumerate(splits) if split == name])
            for name in ("train", "validation", "test")
        }
        inputs = Standardised(math.prod(x.shape[1:]))
        inputs.observe(x[rows["train"]])
        flat = inputs(x)
        if not classes:
            known = y[rows["train"]].double()
            y = ((y - known.mean()) / known.std(correction=0)).float()
        train, validation, test = (Part(flat[place], y[place]) for place in rows.values())
        return cls(train, validation, test, tuple(classes), tuple(names))


class Found(NamedTuple):
    """What an experiment found.

    Attributes:
        results: A row for everything that was computed; the columns are the experiment's own.
        history: Curves: ``step, metric, value, low, high``. The ends of the 95 % interval over
            repeats are missing where there is one.
        metrics: Rows of the metrics table, but for who measured.
    """

    results: pd.DataFrame
    history: pd.DataFrame
    metrics: list[dict[str, Any]]


def measured(metric: str, values: Sequence[float], **others: Any) -> dict[str, Any]:
    """A row of a mean over repeats, with its 95 % t interval.

    Args:
        metric: Its name.
        values: One number per repeat.
        others: Further columns.
    """
    mean, low, high = summarise_draws(values)
    return {"metric": metric, "value": mean, "low": low, "high": high, **others}


def curve(
    metric: str, steps: Sequence[int], values: Tensor, *, by_ratio: bool = False
) -> list[dict[str, Any]]:
    """Rows of a history: the mean over repeats at each step, with its 95 % t interval.

    Args:
        metric: Its name.
        steps: Of the points.
        values: ``[points, repeats]``.
        by_ratio: Whether the mean is the geometric one, for what differs by powers of ten.
    """
    rows = []
    for step, own in zip(steps, values.double(), strict=True):
        row = measured(metric, (own.clamp(min=TINY).log() if by_ratio else own).tolist())
        if by_ratio:
            row |= {key: math.exp(row[key]) for key in ("value", "low", "high")}
        rows.append({"step": step, **row})
    return rows


def history(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The curves of an experiment as one table."""
    import pandas as pd

    return pd.DataFrame(rows, columns=["step", "metric", "value", "low", "high"])
