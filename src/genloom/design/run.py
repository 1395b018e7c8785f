"""Every method on every objective: what is found, how good it is, and how long it took."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genloom.design.objectives import Objective, benchmark_score, objective
from genloom.design.oracle import Oracle
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

    from genloom.fitted import Fitted

METHODS = ("best_of_dataset", "genetic", "reinforcement")
BEST = 100  # molecules that the last measures are about
STEP = 100  # calls between two points of a curve

# What is measured on each objective, and what that says.
MEASURES = {
    "benchmark_score": ("higher", "The suite's score: a mean over the best few molecules found."),
    "top_1": ("higher", "The best molecule's score."),
    "top_10": ("higher", "The mean score of the best 10."),
    "top_100": ("higher", "The mean score of the best 100."),
    "auc_top_10": ("higher", "The mean of top 10 over all calls: who finds good ones early."),
    "calls": ("lower", "Different molecules that were scored."),
    "diversity": ("higher", "One less the mean similarity of two of the best 100."),
    "passing_filters": ("higher", "The share of the best 100 with no group that chemists avoid."),
}


def method_class(name: str) -> Any:
    """The class behind a method's name; its fields are the method's parameters.

    Raises:
        GenloomError: When there is no such method.
    """
    if name == "best_of_dataset":
        from genloom.design.best_of_dataset import BestOfDataset

        return BestOfDataset
    if name == "genetic":
        from genloom.design.genetic import Genetic

        return Genetic
    if name == "reinforcement":
        from genloom.design.reinforcement import Reinforcement

        return Reinforcement
    raise GenloomError(f"There is no design method '{name}'; there are: {', '.join(METHODS)}.")


def kind_of(name: str, block: Mapping[str, Any] | None) -> str:
    """Which of ``METHODS`` a block of parameters is about: ``method``, or else its own name."""
    return str((block or {}).get("method", name))


def run_method(
    name: str,
    block: Mapping[str, Any] | None,
    objectives: Sequence[str | Mapping[str, Any]],
    start: Sequence[str],
    *,
    budget: int,
    seed: int,
    prior: "Fitted | None" = None,
    threads: int = 1,
) -> tuple["pd.DataFrame", dict[str, float]]:
    """Let a method design molecules for some objectives, one after another.

    Args:
        name: What the method is called here.
        block: Its parameters; ``method`` says which of ``METHODS`` it is, where its name does not.
        objectives: Names of objectives, or properties that are wanted.
        start: The molecules that there are, as SMILES.
        budget: Calls of the oracle per objective. The best of the dataset is no search: it has as
            many as there are molecules.
        seed: Each objective gets its own from it.
        prior: The language model that reinforcement begins with.
        threads: Processor threads of reinforcement.

    Returns:
        All molecules that were scored, with the columns ``objective``, ``call`` (from 1),
        ``content`` (SMILES) and ``score``; and the seconds that each objective took.

    Raises:
        GenloomError: There is nothing to start with, or no such method or objective.
    """
    import pandas as pd

    if not len(start):
        raise GenloomError("There are no training molecules to design others from.")
    kind = kind_of(name, block)
    arguments = {key: value for key, value in (block or {}).items() if key != "method"}
    method = method_class(kind)(**arguments)
    tables, seconds = [], {}
    for wanted in objectives:
        goal = objective(wanted)
        oracle = Oracle(goal, len(start) if kind == "best_of_dataset" else budget)
        begun = time.perf_counter()
        own_seed = derive_seed(seed, "design", name, goal.name)
        method.design(oracle, start, seed=own_seed, prior=prior, threads=threads)
        seconds[goal.name] = time.perf_counter() - begun
        trace = oracle.trace().rename(columns={"smiles": "content"})
        trace.insert(0, "objective", goal.name)
        tables.append(trace)
        logging.getLogger(__name__).info(
            "%s on %s: %.3f after %d calls and %.0f s",
            name,
            goal.name,
            benchmark_score(trace["score"].tolist(), goal.top),
            len(trace),
            seconds[goal.name],
        )
    return pd.concat(tables, ignore_index=True), seconds


def measure(trace: "pd.DataFrame", goal: Objective, budget: int | None) -> dict[str, float]:
    """What ``MEASURES`` says of the molecules that were scored for one objective.

    Args:
        trace: Columns ``content`` and ``score``, in the order of calls.
        goal: The objective.
        budget: Calls that there were to spend; None for what spent none, e.g. the best of the data:
            its order says nothing, so it has no curve to take an area of.
    """
    from genloom.design.diversity import internal_diversity, share_passing

    scores = trace["score"].tolist()
    best = trace.sort_values("score", ascending=False, kind="stable").head(BEST)["content"].tolist()
    return {
        "benchmark_score": benchmark_score(scores, goal.top),
        "top_1": benchmark_score(scores, (1,)),
        "top_10": benchmark_score(scores, (10,)),
        "top_100": benchmark_score(scores, (100,)),
        **({} if budget is None else {"auc_top_10": area(scores, budget)}),
        "calls": float(len(scores)),
        "diversity": internal_diversity(best),
        "passing_filters": share_passing(best),
    }


def area(scores: Sequence[float], budget: int) -> float:
    """The mean over all calls of the mean score of the best 10 so far.

    A search that stops early keeps what it has for the rest of its calls. Gao et al., *Sample
    efficiency matters: a benchmark for practical molecular optimization* (2022, arXiv 2206.12411).
    """
    places, heights = curve(scores, budget)
    pairs = zip(places, heights, strict=True)
    total, (at, height) = 0.0, next(pairs)
    for place, higher in pairs:
        total += (place - at) * (height + higher) / 2
        at, height = place, higher
    return total / budget


def curve(scores: Sequence[float], budget: int) -> tuple[list[int], list[float]]:
    """The mean score of the best 10 so far, every 100 calls from 0 to the budget."""
    places = [*range(0, budget, STEP), budget]
    return places, [benchmark_score(scores[:place], (10,)) if place else 0.0 for place in places]
