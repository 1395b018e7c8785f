"""The graph genetic algorithm: a population of molecules that crosses, mutates and is thinned out.

Jensen, *A graph-based genetic algorithm and generative model/Monte Carlo tree search for the
exploration of chemical space* (2019, Chem. Sci. 10, 3567). Parents are drawn by rank rather than
by score, so that it does not matter whether an objective tells its best molecules apart by
hundredths or by tenths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from rdkit import rdBase

from genloom.design.crossover import cross
from genloom.design.editing import is_reasonable
from genloom.design.mutations import mutate
from genloom.design.oracle import Oracle

__all__ = ["Genetic"]

_TRIES = 20  # for each child, before fewer are accepted
STALE = 50  # rounds without a new molecule, after which there is nothing left to find


@dataclass(frozen=True)
class Genetic:
    """Spends an oracle's calls on generations of molecules.

    Attributes:
        population: Molecules that live on from one generation to the next: the best so far.
        offspring: Children per generation.
        mutation: Share of the children that are changed after crossing.
        pressure: How much the best are preferred as parents, see ``parents``; the smaller the more.
        most_atoms: Heavy atoms that a child may have.
    """

    population: Annotated[int, Ge(2)] = 100
    offspring: Annotated[int, Ge(1)] = 50
    mutation: Annotated[float, Ge(0), Le(1)] = 0.5
    pressure: Annotated[float, Gt(0)] = 0.01
    most_atoms: Annotated[int, Ge(2)] = 50

    def design(self, oracle: Oracle, start: Sequence[str], *, seed: int, **_: Any) -> None:
        """Search until no call is left, or nothing new is found.

        Args:
            oracle: Scores molecules, counts its calls and keeps them.
            start: Molecules to begin with; ``population`` of them are drawn and scored.
            seed: Seeds everything that is random.
        """
        chance = Random(seed)
        first = chance.sample(list(start), min(self.population, len(start), oracle.left))
        alive = dict(zip(first, oracle(first), strict=True))
        seen, stale = set(alive), 0
        while oracle.left and alive and stale < STALE:
            children = breed(
                alive,
                min(self.offspring, oracle.left),
                chance,
                seen,
                mutation=self.mutation,
                pressure=self.pressure,
                most_atoms=self.most_atoms,
            )
            stale = 0 if children else stale + 1
            seen |= set(children)
            alive |= dict(zip(children, oracle(children), strict=True))
            alive = dict(ranked(alive)[: self.population])


def breed(
    alive: dict[str, float],
    count: int,
    chance: Random,
    seen: set[str],
    *,
    mutation: float,
    pressure: float,
    most_atoms: int,
) -> list[str]:
    """Children of some molecules that were not seen before; fewer than asked for where none are.

    Args:
        alive: Molecules and their scores.
        count: How many children.
        chance: Where the randomness comes from.
        seen: Molecules that no child may be.
        mutation: Share of the children that are changed after crossing.
        pressure: See ``parents``.
        most_atoms: Heavy atoms that a child may have.
    """
    children: dict[str, None] = {}
    with rdBase.BlockLogs():
        for _ in range(_TRIES * count):
            if len(children) == count:
                break
            first, second = parents(alive, 2, chance, pressure=pressure)
            child = cross(first, second, chance) if first != second else first
            if child is not None and (child in (first, second) or chance.random() < mutation):
                child = mutate(child, chance)
            if child is None or child in seen or child in children:
                continue
            if is_reasonable(child, most_atoms):
                children[child] = None
    return list(children)


def parents(alive: dict[str, float], count: int, chance: Random, *, pressure: float) -> list[str]:
    """Draw molecules by rank: the weight of the one at place ``r`` is ``1 / (pressure * n + r)``.

    Args:
        alive: Molecules and their scores; ``n`` of them.
        count: How many to draw, with repetition.
        chance: Where the randomness comes from.
        pressure: Towards 0 almost only the best are drawn, and far above 1 all alike.
    """
    names = [name for name, _ in ranked(alive)]
    weights = [1 / (pressure * len(names) + place) for place in range(1, len(names) + 1)]
    return chance.choices(names, weights, k=count)


def ranked(alive: dict[str, float]) -> list[tuple[str, float]]:
    """Molecules and their scores, the best first; equal ones by name, so that the order is one."""
    return sorted(alive.items(), key=lambda pair: (-pair[1], pair[0]))
