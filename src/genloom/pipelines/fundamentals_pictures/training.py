"""Pictures of activations and optimisers: curves, learning rates, gradients."""

import math
from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures
from genloom.pipelines.fundamentals_pictures.style import (
    COLOURS,
    LABEL,
    MARKERS,
    SMALLEST,
    legend,
    named,
    panels_of,
    plain_numbers,
    title,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2)  # of losses


def curves(history: "pd.DataFrame") -> "Figure":
    """Validation loss by step: a panel per activation, a line per optimiser.

    Args:
        history: The curves that ``Training`` gave.
    """
    found = named(history, "validation_loss", ["activation", "optimiser"])
    optimisers = list(dict.fromkeys(found["optimiser"]))
    heading = "Validation loss as networks learn, each at its own best learning rate"
    figure, panels = panels_of(list(dict.fromkeys(found["activation"])), heading)
    lowest = 0.8 * found["value"].min()
    for activation, axes in panels.items():
        for optimiser, colour in zip(optimisers, COLOURS, strict=False):
            own = found["activation"].eq(activation) & found["optimiser"].eq(optimiser)
            part = found[own].sort_values("step", kind="stable")
            axes.plot(part["step"], part["value"], color=colour, linewidth=1.5)
            band = part["low"].clip(lower=lowest), part["high"]
            axes.fill_between(part["step"], *band, color=colour, alpha=0.15, linewidth=0)
        axes.set_yscale("log")
        axes.set_ylim(lowest, 1.15 * found["value"].max())
        axes.set_xlabel("step", **LABEL)
        plain_numbers(axes, TICKS)
    legend(figure, dict(zip(map(title, optimisers), COLOURS, strict=False)), "")
    return figure


def rates(results: "pd.DataFrame") -> "Figure":
    """Validation loss in the end by learning rate: what is chosen, and how much depends on it.

    Args:
        results: What ``Training`` gave: a row per network.
    """
    keys = ["activation", "optimiser", "rate", "chosen"]
    means = results.groupby(keys, sort=False)["validation_loss"].mean().reset_index()
    optimisers = list(dict.fromkeys(means["optimiser"]))
    heading = "Validation loss in the end, by learning rate (filled: chosen)"
    figure, panels = panels_of(list(dict.fromkeys(means["activation"])), heading)
    chance = 2.6  # a little above the loss of ten classes guessed at random
    lowest = 0.8 * means["validation_loss"].min()
    for activation, axes in panels.items():
        for place, optimiser in enumerate(optimisers):
            own = means["activation"].eq(activation) & means["optimiser"].eq(optimiser)
            part = means[own].sort_values("rate", kind="stable")
            loss = part["validation_loss"].fillna(chance).clip(upper=chance)
            colour, marker = COLOURS[place], MARKERS[place]
            shown: dict[str, Any] = {
                "color": colour,
                "marker": marker,
                "markersize": 5,
                "linewidth": 1.3,
            }
            axes.plot(part["rate"], loss, markerfacecolor="white", **shown)
            best = part["chosen"].to_numpy()
            axes.plot(part["rate"][best], loss[best], **shown)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(lowest, 1.12 * chance)
        axes.set_xlabel("learning rate", **LABEL)
        plain_numbers(axes, TICKS)
    legend(figure, dict(zip(map(title, optimisers), COLOURS, strict=False)), MARKERS)
    return figure


def gradients(history: "pd.DataFrame") -> "Figure":
    """The length of every layer's gradient at every step, a small map per pair.

    Args:
        history: The curves that ``Training`` gave.
    """
    import numpy as np

    keys = ["activation", "optimiser", "layer"]
    found = named(history, "gradient_norm", keys)
    found["layer"] = found["layer"].str.removeprefix("layer_").astype(int)
    found["value"] = np.log10(found["value"].clip(lower=SMALLEST))
    activations = list(dict.fromkeys(found["activation"]))
    optimisers = list(dict.fromkeys(found["optimiser"]))
    rows, columns = len(activations), len(optimisers)
    figure = figures.start_figure(
        10.2, 1.12 * rows + 1.2, "Length of each layer's gradient while networks learn"
    )
    grid = figure.subplots(rows, columns, squeeze=False)
    first, last = int(found["step"].min()), int(found["step"].max())
    low, high = max(-6.0, math.floor(found["value"].min())), found["value"].max()
    for row, activation in enumerate(activations):
        for column, optimiser in enumerate(optimisers):
            own = found["activation"].eq(activation) & found["optimiser"].eq(optimiser)
            table = found[own].pivot(index="layer", columns="step", values="value")
            axes = figures.tidy(grid[row, column])
            shown = axes.imshow(
                table.to_numpy(),
                cmap="viridis",
                vmin=low,
                vmax=high,
                aspect="auto",
                extent=(first, last, len(table) + 0.5, 0.5),
                interpolation="nearest",
            )
            axes.set_yticks(table.index if column == 0 else [])
            axes.set_xticks([first, last] if row == rows - 1 else [])
            axes.tick_params(length=0, labelsize=7.5)
            axes.spines[:].set_visible(False)
            if row == 0:
                axes.set_title(title(optimiser), fontsize=9.5, color=figures.INK)
            if column == 0:
                axes.set_ylabel(f"{title(activation)}\nlayer", fontsize=8.5, color=figures.INK)
            if row == rows - 1:
                axes.set_xlabel("step", **LABEL)
    bar = figure.colorbar(shown, ax=grid, fraction=0.03, pad=0.015, extend="min")
    ticks = range(int(low), math.floor(high) + 1)
    bar.set_ticks(list(ticks), labels=[f"$10^{{{tick}}}$" for tick in ticks])
    bar.ax.tick_params(labelsize=8, color=figures.LINE)
    bar.outline.set_visible(False)
    return figure
