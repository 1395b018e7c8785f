"""Counts of n-grams in sorted arrays, and the probabilities that Witten and Bell make of them.

Contexts of one length are numbered in sorted order: a context is known by the number of the context
without its oldest token, and by that token. So what followed a context is found by one binary
search per token of it, for many contexts at once; and no two contexts are taken for one another, as
hashes of them might be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genloom.tokens import END

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Level", "adaptive_mixture", "count", "matched", "mixtures", "next_probabilities"]


class Level:
    """What followed the contexts of one length.

    Args:
        contexts: ``[c]`` int64, rising: number of the context without its oldest token, times the
            vocabulary, plus that token. The place of a context in here is its own number.
        grams: ``[g]`` int64, rising: number of a context, times the vocabulary, plus a token that
            followed it.
        counts: ``[g]`` int32, how often it did.
        vocabulary: How many tokens there are.
    """

    def __init__(
        self, contexts: NDArray[Any], grams: NDArray[Any], counts: NDArray[Any], vocabulary: int
    ) -> None:
        self.contexts = contexts
        self.grams = grams
        self.counts = counts
        # Where each context's grams begin; one more entry says where the last one's end.
        self.starts = np.searchsorted(grams, np.arange(len(contexts) + 1) * vocabulary)
        self.tokens = grams % vocabulary
        self.distinct = np.diff(self.starts)
        before = np.concatenate([[0], np.cumsum(counts)])
        # Of Witten and Bell's formula: the denominator, and the share left to shorter contexts.
        self.whole = np.diff(before[self.starts]) + self.distinct
        self.left = self.distinct / self.whole


def count(stream: NDArray[Any], order: int, vocabulary: int) -> list[Level]:
    """Count the n-grams of 1 to ``order`` tokens.

    Args:
        stream: ``[t]`` int64; an ``END`` is taken to stand before it.
        order: The longest n-gram.
        vocabulary: How many tokens there are.

    Returns:
        The levels of contexts of 0 to ``order - 1`` tokens.
    """
    text = np.concatenate([[END], stream])
    following = text[1:]
    contexts, number = np.zeros(1, dtype=np.int64), np.zeros(len(following), dtype=np.int64)
    levels = []
    for k in range(order):
        if k > 1:
            # One more token at the beginning has no full context before it. Were the context
            # filled up with END instead, the beginning of every sample would find the beginning
            # of the first row, and nothing else, behind such a context.
            following, number = following[1:], number[1:]
        if k:
            key = number * vocabulary + text[: len(following)]
            contexts, number = np.unique(key, return_inverse=True)
        grams, counts = np.unique(number * vocabulary + following, return_counts=True)
        levels.append(Level(contexts, grams, counts.astype(np.int32), vocabulary))
    return levels


def mixtures(
    levels: Sequence[Level], stream: NDArray[Any], vocabulary: int
) -> Iterator[NDArray[Any]]:
    """The probability of each token of a stream, by ever longer n-grams.

    Args:
        levels: From ``count``.
        stream: ``[t]`` int64; an ``END`` is taken to stand before it.
        vocabulary: How many tokens there are.

    Yields:
        ``[t]`` float64 for n-grams of 1, 2, ... tokens, each a new array.
    """
    text = np.concatenate([[END], stream])
    p = np.full(len(stream), 1 / vocabulary)
    where, number = np.arange(len(stream)), np.zeros(len(stream), dtype=np.int64)
    for k, level in enumerate(levels):
        if k:
            inside = where + 1 >= k
            where, number = where[inside], number[inside]
            number = _find(level.contexts, number * vocabulary + text[where + 1 - k])
            # A context that never occurred leaves all to the shorter ones, and so will longer ones.
            where, number = where[number >= 0], number[number >= 0]
        gram = _find(level.grams, number * vocabulary + stream[where])
        seen = np.where(gram >= 0, level.counts[gram], 0) / level.whole[number]
        p = p.copy()
        p[where] = seen + level.left[number] * p[where]
        yield p


def adaptive_mixture(
    levels: Sequence[Level], stream: NDArray[Any], vocabulary: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The probability of each token of a stream when its own past is counted, too.

    Every token is predicted from the counts of the levels plus those of the stream up to it, as
    compressors adapt to what they have read.

    Args:
        levels: From ``count``.
        stream: ``[t]`` int64; an ``END`` is taken to stand before it.
        vocabulary: How many tokens there are.

    Returns:
        ``[t]`` float64, and ``[t]`` int64: how long a context was found, in tokens.
    """
    text = np.concatenate([[END], stream])
    p, longest = np.full(len(stream), 1 / vocabulary), np.zeros(len(stream), dtype=np.int64)
    own = np.zeros(len(stream), dtype=np.int64)  # contexts of the stream, numbered
    number = np.zeros(len(stream), dtype=np.int64)  # the same among the levels', -1 where unknown
    for k, level in enumerate(levels):
        where = np.arange(max(0, k - 1), len(stream))
        if k:
            before = text[where + 1 - k]
            own[where] = np.unique(own[where] * vocabulary + before, return_inverse=True)[1]
            known = _find(level.contexts, number[where] * vocabulary + before)
            number[where] = np.where(number[where] >= 0, known, -1)
        gram = _find(level.grams, number[where] * vocabulary + stream[where])
        gram = np.where(number[where] >= 0, gram, -1)
        distinct = _at(level.distinct, number[where])
        total = _at(level.whole, number[where]) - distinct
        seen = _at(level.counts, gram)
        # What the stream itself adds: how often before, and how many continuations new to it.
        keys = own[where] * vocabulary + stream[where]
        again = _earlier(keys)
        new = (again == 0) & (gram < 0)
        distinct = distinct + _sum_before(own[where], new)
        total, seen = total + _earlier(own[where]), seen + again
        found = total > 0
        here, left = where[found], distinct[found]
        p[here] = (seen[found] + left * p[here]) / (total[found] + left)
        longest[here] = k
    return p, longest


def matched(levels: Sequence[Level], context: NDArray[Any], vocabulary: int) -> NDArray[Any]:
    """How many of the latest tokens of each context ``[b, c]`` were counted as one, ``[b]``."""
    longest = np.zeros(len(context), dtype=np.int64)
    where, number = np.arange(len(context)), np.zeros(len(context), dtype=np.int64)
    for k, level in enumerate(levels[1 : context.shape[1] + 1], start=1):
        number = _find(level.contexts, number * vocabulary + context[where, -k])
        where, number = where[number >= 0], number[number >= 0]
        longest[where] = k
    return longest


def _earlier(keys: NDArray[Any]) -> NDArray[Any]:
    """How often each key stands before its place, ``[t]``."""
    return _sum_before(keys, np.ones(len(keys), dtype=np.int64))


def _sum_before(keys: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """The sum of the values that stand before each place under the same key, ``[t]``."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    sums = np.cumsum(values[order]) - values[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    begun = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    result = np.empty(len(keys), dtype=np.int64)
    result[order] = sums - sums[begun]
    return result


def next_probabilities(
    levels: Sequence[Level], context: NDArray[Any], vocabulary: int
) -> NDArray[Any]:
    """The probability of every token after each context.

    Args:
        levels: From ``count``.
        context: ``[b, c]`` int64, the latest token last.
        vocabulary: How many tokens there are.

    Returns:
        ``[b, vocabulary]`` float64.
    """
    # The empty context is the same for all rows.
    p = np.full((1, vocabulary), 1 / vocabulary)
    where, number = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for k, level in enumerate(levels[: context.shape[1] + 1]):
        if k == 1:
            p = p.repeat(len(context), axis=0)
            where = np.arange(len(context))
            number = np.zeros(len(context), dtype=np.int64)
        if k:
            number = _find(level.contexts, number * vocabulary + context[where, -k])
            where, number = where[number >= 0], number[number >= 0]
        p[where] *= level.left[number, None]
        gram, row = _slices(level.starts[number], level.distinct[number])
        p[where[row], level.tokens[gram]] += level.counts[gram] / level.whole[number[row]]
    return p if len(p) == len(context) else p.repeat(len(context), axis=0)


def _find(keys: NDArray[Any], wanted: NDArray[Any]) -> NDArray[Any]:
    """The place of each wanted key among rising ones; -1 where it is not."""
    if not len(keys):
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _at(values: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """Values at some places; 0 where the place is -1."""
    if not len(values):
        return np.zeros(len(places), dtype=np.int64)
    return np.where(places >= 0, values[places], 0)


def _slices(starts: NDArray[Any], sizes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """All places in several slices of one array, and for each the number of its slice."""
    number = np.repeat(np.arange(len(sizes)), sizes)
    inside = np.arange(len(number)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return starts[number] + inside, number
