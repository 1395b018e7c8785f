"""Classical augmentation: small changes to the words of a text that leave its label alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Lt

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


def classical_moves(
    x: Tensor,
    *,
    codec: Any,
    seed: int,
    copies: Annotated[int, Ge(1)] = 4,
    share: Annotated[float, Gt(0), Lt(1)] = 0.1,
) -> Tensor:
    """Make copies of texts with some words swapped, left out or said twice.

    Each copy gets one of the three, drawn at random. Words are what stands between white space,
    which stays as it is; a text of a single word has nothing to move and stays, too. What no
    longer fits is cut. The method is EDA (Wei and Zou, 2019, arXiv 1901.11196) without its
    synonyms, which would need a thesaurus: its insertion takes a word of the same text instead.

    Args:
        x: Rows of tokens, ``[n, length]`` int64.
        codec: Wrote ``x``.
        seed: Other seeds draw other changes.
        copies: How many copies of each text.
        share: About this share of a text's words is touched, one at least.

    Returns:
        ``[copies * n, length]`` int64 on ``x``'s device: the first copy of every text, then the
        second of every text, and so on.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    texts = codec.decode(x)
    moved = [_moved(text, share, random) for _ in range(copies) for text in texts]
    return codec.encode(pd.DataFrame({"content": moved})).to(x.device)


def _moved(text: str, share: float, random: np.random.Generator) -> str:
    """One text with one kind of change."""
    # White space before each word, the word, and at the end what is left of white space.
    parts = re.findall(r"(\s*)(\S+)", text)
    tail = text[len(text.rstrip()) :]
    if len(parts) < 2:
        return text
    spaces, words = [list(column) for column in zip(*parts, strict=True)]
    touched = min(max(1, round(share * len(words))), len(words) - 1)
    move = (_swap, _delete, _insert)[random.integers(3)]
    move(spaces, words, touched, random)
    return "".join(space + word for space, word in zip(spaces, words, strict=True)) + tail


def _swap(spaces: list[str], words: list[str], touched: int, random: np.random.Generator) -> None:
    for _ in range(max(1, touched // 2)):  # a swap touches two
        a, b = random.choice(len(words), 2, replace=False)
        words[a], words[b] = words[b], words[a]


def _delete(spaces: list[str], words: list[str], touched: int, random: np.random.Generator) -> None:
    for place in sorted(random.choice(len(words), touched, replace=False), reverse=True):
        del words[place]
        # What stood before the first word stays before the new first one.
        del spaces[place if place else min(1, len(spaces) - 1)]


def _insert(spaces: list[str], words: list[str], touched: int, random: np.random.Generator) -> None:
    for _ in range(touched):
        word = words[random.integers(len(words))]
        place = int(random.integers(len(words) + 1))
        words.insert(place, word)
        # At the start the old first space stays in front.
        spaces.insert(max(1, place), " ")
