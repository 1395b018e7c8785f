"""Between text and rows of tokens: bytes as they are, or pieces of words learned from the text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from genloom.domains.labels import Labels, classes_in
from genloom.errors import GenloomError
from genloom.tokens import END, PAD, first_content

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from tokenizers import Tokenizer
    from torch import Tensor

KINDS = ("bytes", "bpe")


@dataclass(frozen=True)
class TextCodec(Labels):
    """Turns texts into rows of token numbers and back, and labels into numbers.

    Of the kind ``bytes`` a token of content is a byte of UTF-8. Of the kind ``bpe`` it is a run of
    bytes that byte-pair encoding (Sennrich et al., 2016, arXiv 1508.07909) found to be frequent
    in the training split; it loses nothing either, since every single byte is such a run, too.

    Attributes:
        length: Tokens of a row, ``END`` and ``PAD`` included.
        classes: The labels, sorted as a person would: ``"2"`` before ``"10"``; ``[""]`` for
            unlabelled text.
        kind: ``bytes`` or ``bpe``.
        tokenizer: The learned runs as the JSON of the library ``tokenizers``.
    """

    called = "text codec"

    length: int
    classes: list[str]
    kind: str
    tokenizer: str = field(repr=False)

    @classmethod
    def fit(cls, samples: pd.DataFrame, *, length: int = 512, vocabulary: int = 1024) -> TextCodec:
        """Read the labels and learn the runs of bytes from the training samples.

        Args:
            samples: Columns ``content``, ``label`` and ``split``; only ``train`` is read.
            length: Tokens of a row.
            vocabulary: How many runs to learn, 256 single bytes included; fewer if the text has
                no more that stand there twice.

        Returns:
            A codec of the kind ``bytes``; ``of("bpe")`` is the other one.

        Raises:
            GenloomError: There are no training samples.
        """
        train = samples[samples["split"] == "train"]
        if train.empty:
            raise GenloomError("There are no training samples, so no text codec can be fitted.")
        return cls(length, classes_in(train), "bytes", _learned(train["content"], vocabulary))

    def of(self, kind: str) -> TextCodec:
        """The same codec with tokens of another kind.

        Raises:
            GenloomError: There is no such kind.
        """
        if kind not in KINDS:
            raise GenloomError(f"There is no text codec {kind!r}: use one of {', '.join(KINDS)}.")
        return replace(self, kind=kind)

    @property
    def shape(self) -> tuple[int, int]:
        """``(length, vocabulary)``; the vocabulary counts the control tokens, too."""
        return self.length, self._first + len(self._runs)

    def encode(self, samples: pd.DataFrame) -> Tensor:
        """Turn texts into rows of tokens.

        Args:
            samples: Column ``content``.

        Returns:
            ``[n, length]`` int64: content, ``END``, ``PAD``. What is too long is cut and has no
            ``END``.

        Raises:
            GenloomError: A content is not text.
        """
        import numpy as np
        import torch

        contents = samples["content"].tolist()
        for row, content in enumerate(contents):
            if not isinstance(content, str):
                raise GenloomError(
                    f"The content in row {row} is not text: ingest the source again."
                )
        rows = np.full((len(contents), self.length), PAD, np.int64)
        for row, numbers in enumerate(self._numbers(contents)):
            ended = np.append(numbers, END)[: self.length]
            rows[row, : len(ended)] = ended
        return torch.from_numpy(rows)

    def decode(self, x: Tensor) -> list[str]:
        """Turn rows of tokens into texts.

        Args:
            x: ``[n, any length]`` whole numbers. A row is read up to its first ``END`` or ``PAD``;
                label tokens say nothing.

        Returns:
            ``n`` texts; bytes that are not UTF-8 become U+FFFD.

        Raises:
            GenloomError: A number is outside the vocabulary.
        """
        import numpy as np

        if x.ndim != 2:
            raise GenloomError(
                f"A tensor of the shape {list(x.shape)} cannot be decoded to texts: "
                "the codec needs rows of tokens, [n, length]."
            )
        rows = self._checked(x)
        stops = (rows == END) | (rows == PAD)
        ends = np.where(stops.any(1), stops.argmax(1), rows.shape[1])
        return [self._text(row[:end]) for row, end in zip(rows, ends, strict=True)]

    def encode_text(self, text: str) -> Tensor:
        """The tokens of a text of any length, without ``END``: ``[t]`` int64."""
        import torch

        return torch.from_numpy(next(self._numbers([text])))

    def decode_text(self, tokens: Tensor | list[int]) -> str:
        """The text of tokens in a row, ``[t]`` whole numbers; control tokens say nothing.

        Raises:
            GenloomError: A number is outside the vocabulary.
        """
        import torch

        return self._text(self._checked(torch.as_tensor(tokens)))

    def to_dict(self) -> dict[str, Any]:
        """All there is to the codec, ready for JSON."""
        return {
            "kind": self.kind,
            "length": self.length,
            "classes": list(self.classes),
            "tokenizer": self.tokenizer,
        }

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> TextCodec:
        """Build the codec again from what ``to_dict`` returned."""
        return cls(d["length"], list(d["classes"]), d["kind"], d["tokenizer"])

    @property
    def _first(self) -> int:
        return first_content(len(self.classes))

    @cached_property
    def _bpe(self) -> Tokenizer:
        return _library().Tokenizer.from_str(self.tokenizer)

    @cached_property
    def _runs(self) -> list[bytes]:
        """What each token of content stands for."""
        if self.kind == "bytes":
            return [bytes([byte]) for byte in range(256)]
        byte_of = _bytes_by_character()
        names = sorted(self._bpe.get_vocab().items(), key=lambda entry: entry[1])
        return [bytes(byte_of[character] for character in name) for name, _ in names]

    def _numbers(self, texts: list[str]) -> Iterator[np.ndarray]:
        """Per text the numbers of its tokens, all content."""
        import numpy as np

        # Half a surrogate pair, which Python's strings can hold, has no bytes in UTF-8.
        contents = [text.encode(errors="replace") for text in texts]
        if self.kind == "bytes":
            tokens = (np.frombuffer(content, np.uint8) for content in contents)
        else:
            encoded = self._bpe.encode_batch([content.decode() for content in contents])
            tokens = (np.array(encoding.ids, np.int64) for encoding in encoded)
        return (self._first + numbers.astype(np.int64) for numbers in tokens)

    def _text(self, tokens: np.ndarray) -> str:
        runs, content = self._runs, tokens[tokens >= self._first] - self._first
        return b"".join([runs[token] for token in content.tolist()]).decode(errors="replace")

    def _checked(self, x: Tensor) -> np.ndarray:
        size = self.shape[1]
        if x.numel() and not (x.min() >= 0 and x.max() < size):
            raise GenloomError(
                f"Tokens from {x.min().item()} to {x.max().item()} cannot be decoded to text: "
                f"the text codec of the kind {self.kind} has the numbers 0 to {size - 1}."
            )
        return x.detach().cpu().long().numpy()


def fit_codec(samples: pd.DataFrame, *, length: int = 512, vocabulary: int = 1024) -> TextCodec:
    """Fit the text codec on the training samples (node function)."""
    return TextCodec.fit(samples, length=length, vocabulary=vocabulary)


def _library() -> ModuleType:
    """The library ``tokenizers``, kept to one thread: how many a run takes is the user's say."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import tokenizers

    return tokenizers


def _learned(contents: Iterable[str], vocabulary: int) -> str:
    """Byte-pair encoding that loses nothing, learned from texts, as JSON."""
    library = _library()
    level = library.pre_tokenizers.ByteLevel
    tokenizer = library.Tokenizer(library.models.BPE())
    # Runs never reach across words: the space before a word belongs to it.
    tokenizer.pre_tokenizer = level(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        initial_alphabet=sorted(level.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(contents, trainer)
    return tokenizer.to_str()


def _bytes_by_character() -> dict[str, int]:
    """The byte behind each of the 256 characters in which byte-level BPE writes its runs.

    Printable characters of Latin-1 stand for their own code; the other bytes have, in ascending
    order, the characters from number 256 on.
    """
    alphabet = sorted(_library().pre_tokenizers.ByteLevel.alphabet())
    own = {character: ord(character) for character in alphabet if ord(character) < 256}
    rest = sorted(set(range(256)) - set(own.values()))
    return own | dict(zip(alphabet[len(own) :], rest, strict=True))
