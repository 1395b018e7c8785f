"""Molecules as rows of tokens: of SMILES, of SELFIES, or characters as they are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from genloom.domains.molecules.notations import (
    bond_limits,
    selfies_of,
    smiles_of,
    symbols,
    tokens,
)
from genloom.errors import GenloomError
from genloom.tokens import END, PAD

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

UNKNOWN = "?"  # no token of SMILES, so a text with it is no molecule
CHARACTERS = [chr(code) for code in range(128)]


@dataclass(frozen=True)
class Rows:
    """Turns SMILES texts into rows of token numbers and back.

    Attributes:
        form: ``smiles``, ``selfies`` or ``characters``.
        length: Tokens of a row, ``END`` and ``PAD`` included.
        first: The smallest number of content.
        words: What each token of content stands for.
    """

    form: str
    length: int
    first: int
    words: list[str]

    def encode(self, contents: Sequence[str]) -> Tensor:
        """Rows ``[n, length]`` int64: content, ``END``, ``PAD``; cut where it is too long."""
        import numpy as np
        import torch

        rows = np.full((len(contents), self.length), PAD, np.int64)
        with self._limits():
            for row, content in zip(rows, contents, strict=True):
                ended = [*self.numbers(content), END][: self.length]
                row[: len(ended)] = ended
        return torch.from_numpy(rows)

    def decode(self, x: Tensor) -> list[str]:
        """The SMILES text of each row, up to its first ``END`` or ``PAD``.

        Args:
            x: ``[n, any length]`` whole numbers; label tokens say nothing.

        Raises:
            GenloomError: The shape is another one, or a number is outside the vocabulary.
        """
        import numpy as np

        if x.ndim != 2:
            raise GenloomError(
                f"A tensor of the shape {list(x.shape)} cannot be decoded to molecules: "
                "the codec needs rows of tokens, [n, length]."
            )
        rows = self._checked(x)
        stops = (rows == END) | (rows == PAD)
        ends = np.where(stops.any(1), stops.argmax(1), rows.shape[1])
        with self._limits():
            return [self._text(row[:end]) for row, end in zip(rows, ends, strict=True)]

    def text(self, numbers: Tensor) -> str:
        """The SMILES text of tokens in a row, ``[t]`` whole numbers.

        Raises:
            GenloomError: A number is outside the vocabulary.
        """
        return self._text(self._checked(numbers))

    def numbers(self, content: str) -> list[int]:
        """The numbers of a SMILES text's tokens, all content."""
        number, unknown = self._number, self._number[UNKNOWN]
        return [number.get(token, unknown) for token in self._tokens(content)]

    def unknown(self, content: str) -> list[str]:
        """The tokens of a SMILES text that the training split has not."""
        return [t for t in self._tokens(content) if t not in self._number or t == UNKNOWN]

    def holds(self, content: str) -> bool:
        """Whether a SMILES text comes back from its row."""
        return len(self._tokens(content)) < self.length and not self.unknown(content)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=self.first)}

    def _limits(self) -> AbstractContextManager[object]:
        """What to read or write many molecules within."""
        return bond_limits() if self.form == "selfies" else nullcontext()

    def _tokens(self, content: str) -> list[str]:
        if self.form == "characters":
            return list(content)
        if self.form == "smiles":
            return tokens(content)
        written = selfies_of(content)
        return [UNKNOWN] * len(tokens(content)) if written is None else symbols(written)

    def _text(self, numbers: np.ndarray) -> str:
        content = (numbers[numbers >= self.first] - self.first).tolist()
        found = [self.words[number] for number in content]
        if self.form != "selfies":
            return "".join(found)
        return UNKNOWN if UNKNOWN in found else smiles_of("".join(found))

    def _checked(self, x: Tensor) -> np.ndarray:
        size = self.first + len(self.words)
        if x.numel() and not (x.min() >= 0 and x.max() < size):
            raise GenloomError(
                f"Tokens from {x.min().item()} to {x.max().item()} cannot be decoded to molecules: "
                f"the molecule codec of the form {self.form} has the numbers 0 to {size - 1}."
            )
        return x.detach().cpu().long().numpy()
