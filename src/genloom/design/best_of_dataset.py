"""The best of the data: what anybody has who merely scores the molecules that there are.

Brown et al., *GuacaMol: benchmarking models for de novo molecular design* (2019, J. Chem. Inf.
Model. 59, 1096) hold every method against it. Whatever designs molecules should find better ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genloom.design.oracle import Oracle

__all__ = ["BestOfDataset"]


@dataclass(frozen=True)
class BestOfDataset:
    """Scores the molecules that there are; ``run`` gives it as many calls as that takes."""

    def design(self, oracle: Oracle, start: Sequence[str], **_: Any) -> None:
        """Score molecules in the order given, as far as the oracle's calls reach."""
        oracle(list(start)[: oracle.left])
