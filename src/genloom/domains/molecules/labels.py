"""Labels of molecules as numbers, and which label a number to predict has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


@dataclass(frozen=True)
class Labels:
    """Turns labels and targets of molecules into numbers.

    Attributes:
        classes: The labels, sorted as a person would; ``[""]`` for unlabelled molecules.
        edges: The numbers between the bands of the target that ``classes`` are, ascending; empty
            where they are no bands.
    """

    classes: list[str]
    edges: list[float]

    def encode_labels(self, samples: pd.DataFrame) -> Tensor:
        """Turn labels into their places in ``classes``.

        Args:
            samples: Column ``label``.

        Returns:
            ``[n]`` int64.

        Raises:
            GenloomError: A label is not one of ``classes``.
        """
        import torch

        number = {name: place for place, name in enumerate(self.classes)}
        labels = samples["label"].tolist()
        for label in labels:
            if label not in number:
                raise GenloomError(
                    f"The label {label!r} is unknown to the molecule codec: "
                    f"the training split has {', '.join(map(repr, self.classes))}."
                )
        return torch.tensor([number[label] for label in labels], dtype=torch.int64)

    def encode_targets(self, samples: pd.DataFrame) -> Tensor:
        """The numbers to predict.

        Args:
            samples: Column ``target``.

        Returns:
            ``[n]`` float32.

        Raises:
            GenloomError: The samples have no such column.
        """
        import torch

        if "target" not in samples:
            raise GenloomError(
                "The samples have no numbers to predict: name their column by target_column."
            )
        return torch.tensor(samples["target"].tolist(), dtype=torch.float32)

    def classes_of(self, numbers: Tensor) -> Tensor:
        """The band that each number lies in.

        Args:
            numbers: ``[n]``, e.g. predicted targets.

        Returns:
            ``[n]`` int64, places in ``classes``.

        Raises:
            GenloomError: The classes are not bands of the targets.
        """
        import torch

        if len(self.edges) != len(self.classes) - 1:
            raise GenloomError(
                f"Numbers have no class: {', '.join(map(repr, self.classes))} are not bands of the "
                "training split's targets."
            )
        edges = torch.tensor(self.edges, dtype=torch.float64)
        return torch.bucketize(numbers.detach().cpu().double(), edges, right=True)

    def decode_labels(self, y: Tensor | list[int]) -> list[str]:
        """Turn places in ``classes`` into labels.

        Args:
            y: ``[n]`` whole numbers.

        Raises:
            GenloomError: A number has no label.
        """
        names = []
        for place in map(int, y):
            if not 0 <= place < len(self.classes):
                raise GenloomError(
                    f"There is no class number {place}: the molecule codec knows "
                    f"0 to {len(self.classes) - 1} ({', '.join(map(repr, self.classes))})."
                )
            names.append(self.classes[place])
        return names


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
