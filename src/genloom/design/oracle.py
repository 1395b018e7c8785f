"""A scorer with a budget: how a search asks for scores, and what it has found so far."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from genloom.design.components import read
from genloom.design.scoring import Objective, benchmark_score
from genloom.errors import GenloomError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Exhausted", "Oracle"]

_STEREO = re.compile(r"[@/\\]|\[\d")  # the marks of stereochemistry and isotopes


class Exhausted(GenloomError):
    """A search asked for the score of a new molecule when its budget was used up."""


class Oracle:
    """Scores molecules, and lets a search see no more of them than its budget allows.

    A molecule costs one call the first time that its score is asked for; every other spelling of
    it, and its stereoisomers (which no objective tells apart), are answered from memory. Text that
    is no molecule scores 0, costs nothing and is only counted.

    Args:
        objective: What molecules are scored by.
        budget: How many different molecules may be scored, at least 1.

    Raises:
        GenloomError: The budget is below 1.
    """

    def __init__(self, objective: Objective, budget: int) -> None:
        if budget < 1:
            raise GenloomError(
                f"A search needs a budget of at least 1 scored molecule, but got {budget}."
            )
        self.objective = objective
        self.budget = budget
        self.unreadable = 0
        """How many of the texts were no molecule."""
        self._scores: dict[str, float] = {}  # by canonical SMILES without stereochemistry
        self._found: list[tuple[str, float]] = []  # in the order of calls
        self._seen: dict[str, str] = {}  # a text's canonical SMILES

    def __call__(self, smiles: Iterable[str]) -> list[float]:
        """The scores of molecules.

        Args:
            smiles: Texts as a generator gives them.

        Returns:
            One score in [0, 1] for each.

        Raises:
            Exhausted: A new molecule came up with no call left. Those before it are scored and
                stand in the trace; a search that looks at ``left`` first, or stops here, misses
                none of them.
        """
        return [self._score(text) for text in smiles]

    def _score(self, text: str) -> float:
        if text in self._seen:
            return self._scores[self._seen[text]]
        molecule = read(text)
        if molecule is None:
            self.unreadable += 1
            return 0.0
        from rdkit.Chem import MolToSmiles

        canonical = MolToSmiles(molecule)
        marked = _STEREO.search(canonical)
        key = MolToSmiles(molecule, isomericSmiles=False) if marked else canonical
        if key not in self._scores:
            if not self.left:
                raise Exhausted(
                    f"All {self.budget} molecules that the budget allows have been scored by "
                    f"'{self.objective.name}': stop here, or give a larger budget."
                )
            self._scores[key] = self.objective.score_molecule(molecule)
            self._found.append((canonical, self._scores[key]))
        self._seen[text] = key
        return self._scores[key]

    @property
    def left(self) -> int:
        """How many new molecules may still be scored."""
        return self.budget - len(self._found)

    def trace(self) -> DataFrame:
        """What was scored: ``call`` (from 1), ``smiles`` (canonical), ``score``, in this order."""
        import pandas as pd

        return pd.DataFrame(
            {
                "call": pd.Series(range(1, len(self._found) + 1), dtype="int64"),
                "smiles": pd.Series([text for text, _ in self._found], dtype="object"),
                "score": pd.Series([score for _, score in self._found], dtype="float64"),
            }
        )

    def top(self, k: int) -> DataFrame:
        """The best ``k`` rows of the trace, best first, the earlier first among equals."""
        best = self.trace().sort_values("score", ascending=False, kind="stable")
        return best.head(k).reset_index(drop=True)

    def benchmark_score(self) -> float:
        """The suite's score of the best molecules found, in [0, 1]."""
        return benchmark_score([score for _, score in self._found], self.objective.top)
