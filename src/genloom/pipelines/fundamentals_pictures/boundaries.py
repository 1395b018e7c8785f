"""Pictures of decision boundaries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures
from genloom.pipelines.fundamentals_pictures.style import (
    LABEL,
    headed,
    legend,
    no_ticks,
    plain_numbers,
    title,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def learning(results: "pd.DataFrame", history: "pd.DataFrame", settings: Any) -> "Figure":
    """A network's decision boundary as it learns, its curves, and two other models.

    Args:
        results: What ``Boundaries`` gave: ``model, step, split, x, y, label, probability``.
        history: Its curves.
        settings: Its parameters, for the names of the axes.
    """
    steps = sorted(results.loc[results["model"] == "fnn", "step"].unique())
    columns = max(4, len(steps))
    names = settings.get("columns") or ["first component", "second component"]
    figure = figures.start_figure(
        2.25 * columns, 5.4, "One network as it learns, and two other models of the same data"
    )
    grid = figure.add_gridspec(2, columns)
    panels = [("fnn", step, grid[0, place]) for place, step in enumerate(steps)]
    panels += [("logistic", steps[-1], grid[1, -2]), ("rbf", steps[-1], grid[1, -1])]
    for model, step, place in panels:
        axes = figures.tidy(figure.add_subplot(place))
        own = results[(results["model"] == model) & (results["step"] == step)]
        heading = f"step {step:,}" if model == "fnn" else title(model)
        _boundary(axes, own, heading)
        axes.set_xlabel(names[0].replace("_", " "), **LABEL)
        if place.colspan.start == 0:
            axes.set_ylabel(names[1].replace("_", " "), **LABEL)
    _losses(figures.tidy(figure.add_subplot(grid[1, : columns - 2])), history, steps)
    classes = sorted(results["label"].dropna().unique())
    legend(figure, dict(zip(classes, (figures.BLUE, figures.ORANGE), strict=False)), "o")
    return figure


def _boundary(axes: "Axes", own: "pd.DataFrame", heading: str) -> None:
    """How sure a model is at every place, where it changes its mind, and the training samples."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list(
        "classes", [figures.BLUE, "#ffffff", figures.ORANGE]
    )
    grid = own[own["split"] == "grid"]
    wide, high = grid["x"].nunique(), grid["y"].nunique()
    x, y, sure = (grid[c].to_numpy().reshape(high, wide) for c in ("x", "y", "probability"))
    levels = [place / 20 for place in range(21)]
    axes.contourf(x, y, sure, levels=levels, cmap=colours, alpha=0.62, vmin=0, vmax=1)
    if sure.min() < 0.5 < sure.max():
        axes.contour(x, y, sure, levels=[0.5], colors=[figures.INK], linewidths=1.3)
    classes = sorted(own["label"].dropna().unique())
    right = {}
    for split in ("train", "test"):
        part = own[own["split"] == split]
        guessed = part["probability"] > 0.5
        right[split] = float((guessed == (part["label"] == classes[-1])).mean())
    shown = own[own["split"] == "train"]
    for name, colour in zip(classes, (figures.BLUE, figures.ORANGE), strict=False):
        part = shown[shown["label"] == name]
        axes.scatter(part["x"], part["y"], s=7, color=colour, linewidths=0.3, edgecolors="white")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    headed(axes, f"{heading}\ntrain {right['train']:.3f}, test {right['test']:.3f}")


def _losses(axes: "Axes", history: "pd.DataFrame", steps: Sequence[int]) -> None:
    """Training and test loss by step; the steps of the panels are marked."""
    for split, colour in (("train", figures.GREEN), ("test", figures.RED)):
        part = history[history["metric"] == f"loss/{split}"]
        x = part["step"] + 1  # a logarithmic axis has no 0
        axes.plot(x, part["value"], color=colour, linewidth=1.7, label=split)
        axes.annotate(
            split,
            (x.iloc[-1], part["value"].iloc[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            va="center",
        )
    for step in steps:
        axes.axvline(step + 1, color=figures.LINE, linewidth=1, zorder=0)
    axes.set_xscale("log")
    axes.set_yscale("log")
    plain_numbers(axes, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1])
    axes.set_xticks([step + 1 for step in steps], [f"{step:,}" for step in steps])
    axes.xaxis.set_minor_locator(no_ticks())
    axes.set_xlabel("step; lines mark the panels above", **LABEL)
    headed(axes, "The network's loss")
