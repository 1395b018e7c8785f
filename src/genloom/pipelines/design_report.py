"""What a person sees of ``molecule_design``: curves, the best molecules, a part of the report."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures, reporting

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLOURS = (figures.BLUE, figures.ORANGE, figures.GREEN, figures.RED, "#7d4fa3", "#8a6d1d")
SHOWN = 5  # best molecules per objective
MOST_ROWS = 6  # objectives whose molecules are drawn

Wanted = Sequence[str | Mapping[str, Any]]


def curves(objectives: Wanted, budget: int, **methods: "pd.DataFrame") -> "Figure":
    """How good the best 10 molecules are after so many calls, a panel per objective.

    Args:
        objectives: Names of objectives, or properties that are wanted.
        budget: Calls of the oracle per objective.
        methods: What each method scored: ``objective, call, content, score``. One that scored more
            than the budget is no search, and its end is drawn as a line across.
    """
    from genloom.design.objectives import objective
    from genloom.design.run import curve

    columns = min(3, len(objectives))
    rows = math.ceil(len(objectives) / columns)
    figure = figures.start_figure(
        9.4, 2.7 * rows + 0.9, "Mean score of the best 10 molecules, by calls"
    )
    for place, wanted in enumerate(objectives, start=1):
        goal = objective(wanted)
        axes = figures.tidy(figure.add_subplot(rows, columns, place))
        axes.set_title(goal.title, fontsize=9, color=figures.INK, loc="left", **figures.PLAIN)
        for number, (name, designed) in enumerate(methods.items()):
            colour = COLOURS[number % len(COLOURS)]
            scores = designed.loc[designed["objective"] == goal.name, "score"].tolist()
            if name == "best_of_dataset":
                height = curve(scores, max(1, len(scores)))[1][-1]
                axes.axhline(height, color=colour, linewidth=1.2, linestyle="--", label=name)
            else:
                axes.plot(*curve(scores, budget), color=colour, linewidth=1.6, label=name)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, budget)
        axes.set_xlabel("molecules scored", fontsize=8.5, color=figures.FAINT)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False, fontsize=8.5)
    return figure


def best_molecules(designed: "pd.DataFrame", objectives: Wanted, *, title: str) -> "Figure":
    """The best molecules of a method for each of the first objectives, with their scores.

    Args:
        designed: What the method scored: ``objective, call, content, score``.
        objectives: Names of objectives, or properties that are wanted.
        title: The method's name.
    """
    from genloom.design.objectives import objective
    from genloom.domains.molecules.drawings import molecule_grid

    smiles, captions = [], []
    for wanted in objectives[:MOST_ROWS]:
        goal = objective(wanted)
        own = designed[designed["objective"] == goal.name]
        best = own.sort_values("score", ascending=False, kind="stable").head(SHOWN)
        for place, (content, score) in enumerate(zip(best["content"], best["score"], strict=True)):
            smiles.append(content)
            captions.append(f"{goal.title if not place else ''}\n{score:.3f}".strip("\n"))
        missing = SHOWN - len(best)
        smiles += [""] * missing
        captions += [""] * missing
    return molecule_grid(smiles, captions, columns=SHOWN, title=f"{title}: best molecules")


def make_section(
    metrics: "pd.DataFrame",
    objectives: Wanted,
    budget: int,
    curves: bytes,
    **best: bytes,
) -> str:
    """The section of the report.

    Args:
        metrics: The joined metrics of all methods.
        objectives: Names of objectives, or properties that are wanted.
        budget: Calls of the oracle per objective.
        curves: The picture of the curves, as PNG bytes.
        best: The pictures of the best molecules, by ``<method>.best``.

    Returns:
        A ``<section>`` of HTML without anything outside of it.
    """
    from genloom.design.objectives import objective
    from genloom.design.published import METHODS, published
    from genloom.design.run import MEASURES

    goals = [objective(wanted) for wanted in objectives]
    methods = list(dict.fromkeys(metrics["subject"].astype(str)))
    places = zip(metrics["subject"].astype(str), metrics["metric"].astype(str), strict=True)
    found = dict(zip(places, metrics["value"].astype(float).tolist(), strict=True))
    rows = [
        (goal.title, _cells([found[name, f"benchmark_score/{goal.name}"] for name in methods]))
        for goal in goals
    ]
    mean = _cells([found[name, "benchmark_score"] for name in methods])
    others = [
        (measure.replace("_", " "), [_written(found.get((name, measure))) for name in methods])
        for measure in MEASURES
        if measure != "benchmark_score"
    ]
    return reporting.render(
        "design.html.jinja",
        goals=len(goals),
        budget=budget,
        methods=methods,
        sentence=_sentence(found, methods, [goal.name for goal in goals]),
        rows=rows,
        mean=mean,
        publishers=METHODS,
        published=[
            (goal.title, [_written(scores[name]) for name in METHODS])
            for goal in goals
            if (scores := published(goal.name))
        ],
        others=others,
        glossary={name.replace("_", " "): text for name, (_, text) in MEASURES.items()},
        curves=reporting.data_uri(curves),
        best={
            name.removesuffix(".best"): reporting.data_uri(picture)
            for name, picture in best.items()
        },
    )


def _sentence(
    found: Mapping[tuple[str, str], float], methods: Sequence[str], goals: Sequence[str]
) -> str:
    """Who found the best molecules, and whether the data had better ones already."""
    first = max(methods, key=lambda name: found[name, "benchmark_score"])
    text = f"On the mean, {first} found the best molecules ({found[first, 'benchmark_score']:.3f})"
    floor = "best_of_dataset"
    if floor not in methods or len(methods) == 1:
        return f"{text}."
    if first == floor:
        score = found[first, "benchmark_score"]
        return f"No method found better molecules than the data has ({score:.3f})."
    ahead = sum(
        found[first, f"benchmark_score/{goal}"] > found[floor, f"benchmark_score/{goal}"]
        for goal in goals
    )
    return (
        f"{text}; those that the data has reach {found[floor, 'benchmark_score']:.3f}. It is ahead "
        f"of the data on {ahead} of {len(goals)} objectives."
    )


def _cells(values: Sequence[float]) -> list[tuple[str, bool]]:
    """Numbers as text, and whether each is the largest."""
    return [(_written(value), value == max(values)) for value in values]


def _written(value: float | None) -> str:
    if value is None or math.isnan(value):
        return reporting.DASH
    return f"{value:,.0f}" if value > 1 else f"{value:.3f}"
