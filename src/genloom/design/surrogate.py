"""What a molecule may score, guessed from those that were scored: a call saved is a call to spend.

Tripp, Simm and Hernández-Lobato, *A fresh look at de novo molecular design benchmarks* (2021, ELLIS
Machine Learning for Molecules workshop): on few calls, a genetic search whose children are screened
by a cheap model of the scores beats one that scores them all.
"""

from collections.abc import Sequence

import numpy as np
import torch
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from torch import Tensor

__all__ = ["Surrogate"]

BITS, MOST = 2048, 4  # a surrounding that occurs more often counts as so many
RIDGE = 1.0


class Surrogate:
    """Ridge regression of scores on how often each circular surrounding occurs in a molecule.

    Surroundings are those of Morgan fingerprints of radius 2, folded to 2,048 places.
    """

    def __init__(self) -> None:
        size = BITS + 1  # and one that is always there
        # Products of the counts of two, summed over molecules, and the ridge.
        self._squares = RIDGE * torch.eye(size, dtype=torch.float64)
        self._products = torch.zeros(size, dtype=torch.float64)
        self._weights: Tensor | None = None
        self._unread: list[tuple[Sequence[str], Sequence[float]]] = []
        self._morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)

    def learn(self, molecules: Sequence[str], scores: Sequence[float]) -> None:
        """Add scored molecules, given as SMILES, to those that it knows."""
        if molecules:
            # They are read when a choice rests on them: never, where none is asked for.
            self._unread.append((tuple(molecules), tuple(scores)))
            self._weights = None

    def likeliest(self, molecules: Sequence[str], count: int) -> list[str]:
        """So many of some molecules, those first that it expects to score best."""
        if len(molecules) <= count:
            return list(molecules)
        expected = self._counts(molecules) @ self._fitted()
        order = expected.sort(descending=True, stable=True).indices[:count]
        return [molecules[place] for place in order.tolist()]

    def _fitted(self) -> Tensor:
        """What each count is worth by all that was learnt, ``[2049]``."""
        while self._unread:
            molecules, scores = self._unread.pop(0)
            counts = self._counts(molecules)
            self._squares += counts.T @ counts
            self._products += counts.T @ torch.tensor(scores, dtype=torch.float64)
        if self._weights is None:
            factor = torch.linalg.cholesky(self._squares)
            self._weights = torch.cholesky_solve(self._products[:, None], factor)[:, 0]
        return self._weights

    def _counts(self, molecules: Sequence[str]) -> Tensor:
        """``[n, 2049]``."""
        found = [
            self._morgan.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(text)) for text in molecules
        ]
        counts = torch.from_numpy(np.stack(found).astype(np.float64)).clamp(max=MOST)
        return torch.cat([counts, counts.new_ones(len(counts), 1)], dim=1)
