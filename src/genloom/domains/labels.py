"""Labels and targets as numbers, the same in the codec of every domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from genloom.domains.codecs import natural
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


def classes_in(train: pd.DataFrame) -> list[str]:
    """The labels of training samples, sorted as a person would: ``"2"`` before ``"10"``."""
    return sorted(train["label"].dropna().unique(), key=natural)


class Labels:
    """What a codec inherits to turn labels into numbers and back.

    Attributes:
        called: What sentences call the codec.
        classes: The labels, as ``classes_in`` sorts them; ``[""]`` for unlabelled samples.

    >>> class PetCodec(Labels):
    ...     called, classes = "pet codec", ["cat", "dog"]
    >>> PetCodec().decode_labels([1, 0])
    ['dog', 'cat']
    """

    called: ClassVar[str]
    classes: list[str]

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
                    f"The label {label!r} is unknown to the {self.called}: "
                    f"the training split has {self._names}."
                )
        return torch.tensor([number[label] for label in labels], dtype=torch.int64)

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
                    f"There is no class number {place}: the {self.called} knows "
                    f"0 to {len(self.classes) - 1} ({self._names})."
                )
            names.append(self.classes[place])
        return names

    @property
    def _names(self) -> str:
        return ", ".join(map(repr, self.classes))


class Bands(Labels):
    """The same where samples may have a number to predict, and labels are then bands of it.

    Attributes, besides those of ``Labels``:
        edges: The numbers between the bands, ascending; empty where the labels are no bands.
    """

    edges: list[float]

    def encode_targets(self, samples: pd.DataFrame) -> Tensor:
        """The numbers to predict, in their own unit.

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
                "The samples have no numbers to predict: name a column of numbers by "
                "target_column, or take a network that gives classes."
            )
        return torch.tensor(samples["target"].tolist(), dtype=torch.float32)

    def classes_of(self, numbers: Tensor) -> Tensor:
        """The band that each number lies in; one at an edge is in the upper band.

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
                f"Numbers have no class: {self._names} are not bands of the training split's "
                "targets."
            )
        edges = torch.tensor(self.edges, dtype=torch.float64)
        return torch.bucketize(numbers.detach().cpu().double(), edges, right=True)
