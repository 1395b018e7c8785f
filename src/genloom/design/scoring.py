"""An objective: what a designed molecule is scored by, and how a whole set of them is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from genloom.design.components import Measured, Part, read
from genloom.design.shapes import arithmetic_mean, geometric_mean
from genloom.errors import GenloomError

__all__ = ["Objective", "benchmark_score"]


@dataclass(frozen=True)
class Objective:
    """What a molecule is scored by.

    It is plain data: it can be compared, and sent to worker processes.

    Args:
        name: Its name in configuration and tables.
        title: Its name in figures and sentences.
        parts: What it asks, each scored in [0, 1].
        mean: From the parts' scores to one.
        top: How many of the best molecules a benchmark's score is averaged over.
        start: Molecules that a search is meant to begin with, as SMILES.
        known: What the best score is, as far as that is known.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    mean: Callable[[Iterable[float]], float] = geometric_mean
    top: tuple[int, ...] = (1, 10, 100)
    start: tuple[str, ...] = ()
    known: str = ""

    def score(self, smiles: str) -> float:
        """The score of a molecule.

        Args:
            smiles: Any spelling of it; stereochemistry makes no difference.

        Returns:
            A number in [0, 1]; 0 for what is no SMILES of a molecule.
        """
        molecule = read(smiles)
        return 0.0 if molecule is None else self.score_molecule(molecule)

    def score_molecule(self, molecule: Any) -> float:
        """The score of an RDKit molecule that has been read from SMILES."""
        measured = Measured(molecule)
        return self.mean(part(measured) for part in self.parts)


def benchmark_score(scores: Sequence[float], top: Sequence[int] = (1, 10, 100)) -> float:
    """One number for a set of designed molecules: the mean over its best few, for several "few".

    Brown et al. (2019), "GuacaMol: Benchmarking Models for de Novo Molecular Design", average
    most tasks over the best molecule, the best 10 and the best 100, with the same weight each. So
    does this; molecules that are missing count as 0.

    Args:
        scores: One for each different molecule, in any order.
        top: How many of the best each mean is over.

    Returns:
        A number in [0, 1].

    Raises:
        GenloomError: There is no mean to take, or one over no molecule.

    >>> benchmark_score([1.0, 0.5], top=(1, 2, 4))
    0.7083333333333334
    """
    if not top or min(top) < 1:
        raise GenloomError(
            f"A benchmark's score is a mean over the best molecules, but top is {list(top)}: "
            "give at least one count, each 1 or more, such as [1, 10, 100]."
        )
    best = sorted(scores, reverse=True)
    return arithmetic_mean(math.fsum(best[:count]) / count for count in top)
