"""The pipeline ``molecule_design``: molecules that do well by an objective, by several methods.

It is no domain: it starts from what the domain ``molecules`` has made, its samples and a language
model of them. Every method is a namespace (``molecule_design.genetic``), for the reasons that
members are, see ``weaving``.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from genloom.errors import GenloomError
from genloom.metrics.table import metrics_table
from genloom.pipelines import comparison, design_report
from genloom.pipelines.loom import Bound

if TYPE_CHECKING:
    import pandas as pd

    from genloom.fitted import Fitted

NAME, DOMAIN = "molecule_design", "molecules"
KEYS = {"prior", "objectives", "budget", "methods"}

Wanted = Sequence[str | Mapping[str, Any]]  # objectives as the parameters say them


def create_design(block: dict[str, Any]) -> Pipeline:
    """Weave the pipeline.

    Args:
        block: The block ``molecule_design`` of the ``conf/base`` parameters: its methods say which
            nodes there are.
    """
    nodes = []
    for name, arguments in block["methods"].items():
        nodes += method(name, arguments or {}, block["prior"])
    return Pipeline(nodes + comparison_of(list(block["methods"])), tags=NAME)


def method(name: str, arguments: dict[str, Any], prior: str) -> list[Node]:
    from genloom.design.run import kind_of

    place = f"{NAME}.{name}"
    aims = {"objectives": f"params:{NAME}.objectives", "budget": f"params:{NAME}.budget"}
    seed = {"seed": "params:seed"}
    inputs = {"samples": f"{DOMAIN}.samples", "arguments": f"params:{NAME}.methods.{name}"}
    kind = kind_of(name, arguments)
    if kind == "reinforcement":
        inputs |= {"prior": f"{DOMAIN}.{prior}.fitted", "hardware": "params:hardware"}
    designed = {"designed": f"{place}.samples"}
    outputs = [f"{place}.samples", f"{place}.fit_timings"]
    searches = kind != "best_of_dataset"
    return [
        _node(design, inputs | aims | seed, outputs, name, method=name),
        _node(measure, designed | aims | seed, f"{place}.metrics", name, method=name, own=searches),
        _node(
            design_report.best_molecules,
            designed | {"objectives": aims["objectives"]},
            f"{place}.best.png",
            name,
            title=name,
        ),
    ]


def comparison_of(names: list[str]) -> list[Node]:
    place, metrics = "comparison", {"metrics": f"{NAME}.metrics"}
    aims = {"objectives": f"params:{NAME}.objectives", "budget": f"params:{NAME}.budget"}
    curves = f"{NAME}.{place}.curves.png"
    best = {f"{name}.best": f"{NAME}.{name}.best.png" for name in names}
    timings = {name: f"{NAME}.{name}.fit_timings" for name in names}
    return [
        _node(
            comparison.join_metrics,
            {name: f"{NAME}.{name}.metrics" for name in names},
            metrics["metrics"],
            place,
        ),
        _node(comparison.summarise_scores, metrics, f"{NAME}.scores", place),
        _node(
            design_report.curves, {n: f"{NAME}.{n}.samples" for n in names} | aims, curves, place
        ),
        _node(
            design_report.make_section,
            metrics | aims | {"curves": curves} | best,
            f"{NAME}_section",
            place,
        ),
        # Clocks never give the same number twice: a namespace that DVC leaves alone.
        _node(comparison.join_timings, timings, f"{NAME}.timings", "timings"),
    ]


def design(
    samples: "pd.DataFrame",
    objectives: Wanted,
    budget: int,
    arguments: dict[str, Any] | None,
    seed: int,
    hardware: dict[str, Any] | None = None,
    prior: "Fitted | None" = None,
    *,
    method: str,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Let one method design molecules for every objective.

    Args:
        samples: The samples of the domain ``molecules``; those of the training split are the start.
        objectives: Names of objectives, or properties that are wanted.
        budget: Calls of the oracle per objective.
        arguments: The method's own parameters.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``; its threads count.
        prior: The language model that reinforcement begins with.
        method: What the method is called.

    Returns:
        All molecules that were scored (``objective, call, content, score``), and the timings.
    """
    from genloom.design.run import run_method

    start = samples.loc[samples["split"] == "train", "content"].tolist()
    designed, seconds = run_method(
        method,
        arguments,
        objectives,
        start,
        budget=budget,
        seed=seed,
        prior=prior,
        threads=(hardware or {}).get("threads", 1),
    )
    row = {"domain": NAME, "subject": method, "role": "generator", "seed": seed}
    rows = [row | {"metric": "fit_seconds", "value": sum(seconds.values())}]
    for name, value in seconds.items():
        one = {"metric": f"fit_seconds/{name}", "recipe": name, "value": value, "better": "lower"}
        rows.append(row | one)
    return designed, metrics_table(rows)


def measure(
    designed: "pd.DataFrame", objectives: Wanted, budget: int, seed: int, *, method: str, own: bool
) -> "pd.DataFrame":
    """Measure what a method found: for every objective, and as a mean over all.

    Args:
        designed: What ``design`` gave.
        objectives: Names of objectives, or properties that are wanted.
        budget: Calls of the oracle per objective.
        seed: The project's seed.
        method: What the method is called.
        own: Whether it searches, so that it matters after how many calls it has found something.

    Returns:
        The tidy metrics table. A metric is called ``<measure>/<objective>``, and the objective
        stands in ``recipe``, too; the mean over all objectives is called ``<measure>`` alone.
    """
    from genloom.design import run
    from genloom.design.objectives import objective

    row: dict[str, Any] = {"domain": NAME, "subject": method, "role": "generator"}
    row |= {"split": "designed", "seed": seed}
    rows, by_measure = [], dict[str, list[float]]()
    for wanted in objectives:
        goal = objective(wanted)
        trace = designed[designed["objective"] == goal.name]
        for name, value in run.measure(trace, goal, budget if own else None).items():
            by_measure.setdefault(name, []).append(value)
            one = {"metric": f"{name}/{goal.name}", "recipe": goal.name, "n": len(trace)}
            rows.append(row | one | {"value": value, "better": run.MEASURES[name][0]})
    for name, values in by_measure.items():
        mean = {"metric": name, "value": sum(values) / len(values), "n": len(values)}
        rows.append(row | mean | {"better": run.MEASURES[name][0]})
    return metrics_table(rows)


def check_design(block: dict[str, Any], blocks: dict[str, dict[str, Any]]) -> None:
    """Refuse wrong parameters of the pipeline, before anything runs.

    Args:
        block: The block ``molecule_design`` as the run sees it.
        blocks: All blocks of the base environment: its own says what methods there are, that of the
            domain ``molecules`` what generators.

    Raises:
        GenloomError: For an unknown key, method, objective or argument, a wrong type or range, or
            what says which steps there are and so is set in ``conf/base``.
    """
    from genloom import members
    from genloom.design.objectives import objective
    from genloom.design.run import kind_of, method_class

    base = blocks[NAME]
    priors = members.names_by_role(blocks.get(DOMAIN, {}), "generator")
    for key in block:
        if key not in KEYS:
            raise GenloomError(f"{NAME} has no '{key}'; there are: {', '.join(sorted(KEYS))}.")
    members.require_mapping(f"{NAME}.methods", block["methods"])
    budget, objectives = block["budget"], block["objectives"]
    if not isinstance(budget, int) or isinstance(budget, bool) or budget < 1:
        raise GenloomError(
            f"{NAME}.budget is {budget!r}, but has to be a whole number of at least 1."
        )
    if not isinstance(objectives, list) or not objectives:
        raise GenloomError(f"{NAME}.objectives is {objectives!r}, but has to be a list of some.")
    names = [objective(wanted).name for wanted in objectives]
    for name in names:
        if names.count(name) > 1:
            raise GenloomError(f"{NAME}.objectives has '{name}' more than once: leave one out.")
    if block["prior"] != base["prior"] or block["prior"] not in priors:
        raise GenloomError(
            f"{NAME}.prior is '{block['prior']}', but has to stay '{base['prior']}', a generator "
            f"of {DOMAIN}: it is set in conf/base, because it says which steps need it."
        )
    if list(block["methods"]) != list(base["methods"]):
        raise GenloomError(
            f"{NAME}.methods are {', '.join(block['methods'])}, but have to stay "
            f"{', '.join(base['methods'])}: they are set in conf/base, because they say which "
            "steps there are."
        )
    for name, arguments in block["methods"].items():
        place = f"{NAME}.methods.{name}"
        members.require_mapping(place, arguments or {})
        kind = kind_of(name, arguments)
        if kind != kind_of(name, base["methods"][name]):
            raise GenloomError(f"{place}.method is '{kind}', but is set in conf/base.")
        own = {key: value for key, value in (arguments or {}).items() if key != "method"}
        members.check_arguments(place, method_class(kind), own)


def _node(
    function: Callable[..., Any],
    inputs: dict[str, str],
    outputs: str | list[str],
    place: str,
    /,
    **constants: Any,
) -> Node:
    bound = update_wrapper(Bound(function, **constants), function) if constants else function
    with warnings.catch_warnings():
        # Kedro advises against dots in names that are not of the node's own namespace; these are
        # those of the domain that it begins with.
        warnings.filterwarnings("ignore", message="One or more dataset names contain")
        return Node(
            bound,
            inputs=inputs,
            outputs=outputs,
            name=function.__name__,
            namespace=f"{NAME}.{place}",
        )
