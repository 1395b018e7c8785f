"""From a measured number to a score in [0, 1], and from several scores to one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "AtLeast",
    "AtMost",
    "Near",
    "Rising",
    "Shape",
    "arithmetic_mean",
    "geometric_mean",
]


class Shape(Protocol):
    """How good a measured number is, in [0, 1]."""

    def __call__(self, value: float, /) -> float:
        """The score of a number."""
        ...


@dataclass(frozen=True)
class Near:
    """A bell: 1 at ``target``, ``exp(-1/2)`` one ``width`` beside it.

    >>> Near(2.5, 0.5)(2.5)
    1.0
    """

    target: float
    width: float

    def __call__(self, value: float) -> float:
        """The score of a number."""
        return math.exp(-0.5 * ((value - self.target) / self.width) ** 2)


@dataclass(frozen=True)
class AtLeast:
    """1 from ``bound`` on, below it the left half of a bell of this ``width``.

    >>> AtLeast(0.8, 0.1)(0.95)
    1.0
    """

    bound: float
    width: float

    def __call__(self, value: float) -> float:
        """The score of a number."""
        return Near(self.bound, self.width)(min(value, self.bound))


@dataclass(frozen=True)
class AtMost:
    """1 up to ``bound``, above it the right half of a bell of this ``width``.

    >>> AtMost(4.0, 1.0)(-1.0)
    1.0
    """

    bound: float
    width: float

    def __call__(self, value: float) -> float:
        """The score of a number."""
        return Near(self.bound, self.width)(max(value, self.bound))


@dataclass(frozen=True)
class Rising:
    """A straight line from 0 at 0 to 1 at ``full``, flat beyond both.

    >>> Rising(0.8)(0.4)
    0.5
    """

    full: float = 1.0

    def __call__(self, value: float) -> float:
        """The score of a number."""
        return min(max(value / self.full, 0.0), 1.0)


def arithmetic_mean(scores: Iterable[float]) -> float:
    """The sum over the count: a part that is missed costs its share.

    >>> arithmetic_mean([0.0, 1.0])
    0.5
    """
    found = list(scores)
    return sum(found) / len(found)


def geometric_mean(scores: Iterable[float]) -> float:
    """The root of the product: a part that is missed costs everything.

    What follows a 0 is not asked for, so costly parts are best put last.

    >>> geometric_mean([0.25, 1.0])
    0.5
    """
    product, count = 1.0, 0
    for score in scores:
        if score == 0:
            return 0.0
        product *= score
        count += 1
    return float(product ** (1 / count))
