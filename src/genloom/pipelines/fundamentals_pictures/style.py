"""What the pictures of ``fundamentals`` share: colours, names, panels."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (figures.BLUE, figures.ORANGE, figures.GREEN, figures.RED, "#7d4fa3", "#8a6d1d")
MARKERS = ("o", "s", "D", "^", "v", "P")
TITLES = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "sgd": "SGD",
    "momentum": "momentum",
    "adam": "Adam",
    "adamw": "AdamW",
    "muon": "Muon",
    "fnn": "feedforward network",
    "logistic": "logistic regression",
    "rbf": "RBF network",
    "zeros": "zeros",
    "small_normal": "small normal",
    "xavier": "Xavier",
    "he": "He",
    "breast_cancer": "breast cancer, cross-entropy",
    "diabetes": "diabetes, squared error",
}
SMALLEST = 1e-22  # of signals and gradients that are drawn; what is smaller has vanished
LABEL: dict[str, Any] = {"fontsize": 8.5, "color": figures.FAINT}


def title(name: str) -> str:
    """A name as pictures and tables write it."""
    return TITLES.get(name, name.replace("_", " "))


def named(history: "pd.DataFrame", measure: str, keys: list[str]) -> "pd.DataFrame":
    """The curves of one measure, with a column for each part of their names."""
    own = history[of_measure(history, measure)].copy()
    own[keys] = own["metric"].str.split("/", expand=True)[list(range(1, len(keys) + 1))]
    return own


def of_measure(history: "pd.DataFrame", measure: str) -> "pd.Series[bool]":
    return history["metric"].str.startswith(f"{measure}/")


def panels_of(names: Sequence[str], heading: str) -> tuple["Figure", dict[str, "Axes"]]:
    """A panel for each name, three in a row, with one scale."""
    columns = min(3, len(names))
    rows = math.ceil(len(names) / columns)
    figure = figures.start_figure(10.2, 2.55 * rows + 0.9, heading)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True).flatten()
    for axes in grid[len(names) :]:
        axes.set_visible(False)
    panels = {name: figures.tidy(axes) for name, axes in zip(names, grid, strict=False)}
    for name, axes in panels.items():
        headed(axes, title(name))
    return figure, panels


def headed(axes: "Axes", heading: str) -> None:
    """Write what a panel shows above it."""
    axes.set_title(heading, fontsize=9.5, color=figures.INK, loc="left")
    axes.tick_params(which="both", color=figures.LINE)


def plain_numbers(axes: "Axes", ticks: Sequence[float]) -> None:
    """Numbers of a logarithmic scale as one would say them."""
    low, high = axes.get_ylim()
    shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_yticks(shown, [f"{tick:g}" for tick in shown])
    axes.yaxis.set_minor_locator(no_ticks())
    axes.grid(axis="y", color=figures.LINE, linewidth=0.6)
    axes.set_axisbelow(True)


def legend(
    figure: "Figure",
    colours: dict[str, str],
    markers: str | Sequence[str],
    more: dict[str, Any] | None = None,
) -> None:
    """A line of names below the panels; ``more`` are styles of lines by name."""
    from matplotlib.lines import Line2D

    handles = []
    for place, (name, colour) in enumerate(colours.items()):
        marker = markers if isinstance(markers, str) else markers[place]
        line = 0 if marker == "o" and isinstance(markers, str) else 1.8
        shown: dict[str, Any] = {"color": colour, "marker": marker or None, "linewidth": line}
        handles.append(Line2D([], [], label=name, markersize=5, **shown))
    for name, style in (more or {}).items():
        handles.append(Line2D([], [], color=figures.FAINT, linestyle=style, label=name))
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        labelcolor=figures.INK,
    )


def no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def paper_to(colour: str) -> Any:
    """A scale of colours that begins with white."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("paper", ["#ffffff", colour])
