"""Pictures of how far backpropagation and finite differences are apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures
from genloom.pipelines.fundamentals_pictures.style import (
    COLOURS,
    LABEL,
    headed,
    legend,
    paper_to,
    title,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def check(results: "pd.DataFrame", settings: Any) -> "Figure":
    """How far backpropagation and finite differences are apart: by layer, and by difference.

    Args:
        results: What ``Gradients`` gave: ``source, activation, precision, exponent, layer, error``.
        settings: Its parameters.
    """
    sources = list(dict.fromkeys(results["source"]))
    activations = list(dict.fromkeys(results["activation"]))
    figure = figures.start_figure(
        10.2,
        2.75 * len(sources) + 0.9,
        "Gradients by backpropagation against finite differences: relative error",
    )
    grid = figure.add_gridspec(len(sources), 2, width_ratios=(1.15, 1))
    for row, source in enumerate(sources):
        own = results[results["source"] == source]
        exact = (own["precision"] == "float64") & (own["exponent"] == settings["checked"])
        layers = own[exact & (own["layer"] > 0)]
        table = layers.pivot(index="layer", columns="activation", values="error")[activations]
        axes = figures.tidy(figure.add_subplot(grid[row, 0]))
        _error_map(axes, table, title(source), settings["checked"])
        axes = figures.tidy(figure.add_subplot(grid[row, 1]))
        _error_curves(axes, own[own["layer"] == 0], activations, title(source))
    colours = dict(zip(map(title, activations), COLOURS, strict=False))
    legend(figure, colours, "", more={"float64": "-", "float32": "--"})
    return figure


def _error_map(axes: "Axes", table: "pd.DataFrame", source: str, exponent: int) -> None:
    import numpy as np

    values = table.to_numpy()
    shown = np.log10(np.maximum(values, 1e-16))
    axes.imshow(shown, cmap=paper_to(figures.BLUE), vmin=-12, vmax=-4, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        axes.text(column, row, f"{value:.0e}", ha="center", va="center", fontsize=8)
    names = [title(name) for name in table.columns]
    axes.set_xticks(range(len(names)), names, fontsize=8.5)
    axes.set_yticks(range(len(table)), [f"layer {layer}" for layer in table.index], fontsize=8.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    headed(axes, f"{source}: h = 1e-{exponent}, float64")


def _error_curves(
    axes: "Axes", own: "pd.DataFrame", activations: Sequence[str], source: str
) -> None:
    """Error by difference: too large is not a derivative, too small is lost in rounding."""
    for activation, colour in zip(activations, COLOURS, strict=False):
        for precision, style in (("float64", "-"), ("float32", "--")):
            part = own[(own["activation"] == activation) & (own["precision"] == precision)]
            part = part.sort_values("exponent", kind="stable")
            error = part["error"].clip(lower=1e-16)
            axes.plot(10.0 ** -part["exponent"], error, style, color=colour, linewidth=1.3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.invert_xaxis()
    axes.set_xlabel("difference h that a weight is moved by", **LABEL)
    headed(axes, f"{source}: all layers, by h")
