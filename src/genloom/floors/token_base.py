"""What floors over tokens share: rows stay whole numbers, and text becomes counts of n-grams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import Floor
from genloom.tokens import first_content

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["TokenFloor", "count_ngrams"]

# Characters from here on are neither white space, which scikit-learn would merge, nor
# surrogates, which cannot be encoded.
_FIRST_CHARACTER = 0x10000


class TokenFloor(Floor):
    """A floor over rows of tokens (``genloom.tokens`` has their layout).

    Args:
        shape: ``(length, vocabulary)``.
        classes: How many classes the labels have.
    """

    takes = ("tokens",)

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(shape, classes)
        self.length, self.vocabulary = self.shape

    def _rows(self, x: Tensor) -> NDArray[Any]:
        if x.ndim != 2 or x.shape[1] != self.length:
            raise GenloomError(
                f"{type(self).__name__} was built for rows of {self.length} tokens, but got "
                f"samples of shape {tuple(x.shape[1:])}."
            )
        return self._tokens(x).numpy()

    def _tokens(self, tokens: Tensor) -> Tensor:
        """Tokens of any shape as int64 on the CPU, all of them in the vocabulary."""
        if tokens.is_floating_point() or tokens.is_complex() or tokens.dtype == torch.bool:
            raise GenloomError(
                f"{type(self).__name__} takes tokens, which are whole numbers (int64), but got "
                f"{tokens.dtype}."
            )
        numbers = tokens.detach().cpu().to(torch.int64)
        if numbers.numel() and (numbers.min() < 0 or numbers.max() >= self.vocabulary):
            raise GenloomError(
                f"{type(self).__name__} knows tokens from 0 to {self.vocabulary - 1}, but got "
                f"{int(numbers.min())} to {int(numbers.max())}."
            )
        return numbers


def count_ngrams(
    rows: NDArray[Any], *, classes: int, longest: int, features: int
) -> csr_matrix[Any]:
    """Count the n-grams of each row's content, hashed into a fixed number of columns.

    Args:
        rows: ``[n, length]`` int64.
        classes: How many classes there are, which says where content begins among the tokens;
            control tokens are not counted.
        longest: N-grams of 1 to so many tokens.
        features: How many columns; n-grams that meet in one are counted together
            (Weinberger et al. 2009, arXiv:0902.2206).

    Returns:
        ``[n, features]`` float64, sparse.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    texts = [
        "".join(map(chr, row[row >= first_content(classes)] + _FIRST_CHARACTER)) for row in rows
    ]
    return HashingVectorizer(
        analyzer="char",
        ngram_range=(1, longest),
        n_features=features,
        lowercase=False,
        norm=None,
        alternate_sign=False,
    ).transform(texts)
