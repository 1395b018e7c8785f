"""Pictures of what depth, width and first weights do."""

from typing import TYPE_CHECKING, Any

from genloom.pipelines import figures
from genloom.pipelines.fundamentals_pictures.style import (
    COLOURS,
    LABEL,
    MARKERS,
    SMALLEST,
    headed,
    legend,
    no_ticks,
    of_measure,
    paper_to,
    title,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def initialisations(results: "pd.DataFrame", history: "pd.DataFrame", settings: Any) -> "Figure":
    """What the first weights do to learning, the deeper a network is the more.

    Args:
        results: What ``Architecture`` gave: a row per network.
        history: Its curves.
        settings: Its parameters.
    """
    width, deepest = settings["width"], max(settings["depths"])
    starts = list(settings["initialisations"])
    figure = figures.start_figure(10.2, 3.7, f"What first weights do: {width} units in each layer")
    left, middle, right = (figures.tidy(axes) for axes in figure.subplots(1, 3))
    own = results[results["width"] == width]
    gone: list[str] = []
    for place, start in enumerate(starts):
        colour, marker = COLOURS[place], MARKERS[place]
        curve = history[history["metric"] == f"validation_loss/{deepest}x{width}/{start}"]
        # Two that never learn lie on each other: dashes let both be seen.
        style: Any = (0, (4, 4)) if start == "small_normal" else "-"
        left.plot(curve["step"], curve["value"], color=colour, linewidth=1.8, linestyle=style)
        band: dict[str, Any] = {"color": colour, "alpha": 0.15, "linewidth": 0}
        left.fill_between(curve["step"], curve["low"], curve["high"], **band)
        part = own[own["initialisation"] == start].groupby("depth")
        dots: dict[str, Any] = {
            "color": colour,
            "marker": marker,
            "markersize": 5,
            "linewidth": 1.4,
        }
        accuracy = part["test_accuracy"].mean()
        middle.plot(accuracy.index, accuracy, **dots)
        gradient = part["first_gradient"].mean()
        if gradient.max() == 0:
            gone.append(title(start))
        else:
            right.plot(gradient.index, gradient.clip(lower=SMALLEST), **dots)
    headed(left, f"Validation loss, {deepest} layers")
    left.set_xlabel("step", **LABEL)
    left.set_ylim(0, 1.1 * history.loc[of_measure(history, "validation_loss"), "value"].max())
    headed(middle, "Test accuracy in the end")
    middle.set_ylim(0, 1.02)
    headed(right, "First layer's gradient, before learning")
    right.set_yscale("log")
    if gone:
        note = f"{', '.join(gone)}: 0"
        right.text(0.04, 0.05, note, transform=right.transAxes, **LABEL)
    for axes in (middle, right):
        axes.set_xscale("log")
        axes.set_xticks(settings["depths"], [str(depth) for depth in settings["depths"]])
        axes.xaxis.set_minor_locator(no_ticks())
        axes.set_xlabel("hidden layers", **LABEL)
    legend(figure, dict(zip(map(title, starts), COLOURS, strict=False)), MARKERS)
    return figure


def shapes(results: "pd.DataFrame", settings: Any) -> "Figure":
    """Accuracy and loss in the end of networks of every depth and width.

    Args:
        results: What ``Architecture`` gave: a row per network.
        settings: Its parameters.
    """
    start = settings["initialisations"][-1]
    own = results[results["initialisation"] == start]
    figure = figures.start_figure(
        10.2,
        1.5 + 0.56 * own["depth"].nunique(),
        f"Depth and width, after {settings['steps']:,} steps ({title(start)} initialisation)",
    )
    left, right = (figures.tidy(axes) for axes in figure.subplots(1, 2))
    place: dict[str, Any] = {"index": "depth", "columns": "width"}
    numbers = own.pivot_table(values="parameters", **place).astype(int)
    accuracy = own.pivot_table(values="test_accuracy", **place)
    loss = own.pivot_table(values="validation_loss", **place)
    _shape_map(left, accuracy, numbers, "Test accuracy", figures.GREEN)
    _shape_map(right, loss, numbers, "Validation loss", figures.RED)
    return figure


def _shape_map(
    axes: "Axes", table: "pd.DataFrame", numbers: "pd.DataFrame", heading: str, colour: str
) -> None:
    import numpy as np

    values = table.to_numpy()
    axes.imshow(values, cmap=paper_to(colour), aspect="auto", vmin=0)
    dark = 0.75 * values.max()
    for (row, column), value in np.ndenumerate(values):
        ink = "white" if value > dark else figures.INK
        axes.text(column, row - 0.12, f"{value:.3f}", ha="center", va="center", color=ink, size=9)
        count = f"{numbers.to_numpy()[row, column]:,}"
        axes.text(column, row + 0.27, count, ha="center", va="center", color=ink, size=6.5)
    axes.set_xticks(range(len(table.columns)), [str(width) for width in table.columns])
    axes.set_yticks(range(len(table)), [str(depth) for depth in table.index])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("units in each hidden layer", **LABEL)
    axes.set_ylabel("hidden layers", **LABEL)
    heading = f"{heading} (small: numbers that are learned)"
    headed(axes, heading)


def signals(history: "pd.DataFrame", settings: Any) -> "Figure":
    """What passes through a deep network before it has learned, forwards and backwards.

    Args:
        history: The curves that ``Architecture`` gave.
        settings: Its parameters.
    """
    starts, activations = list(settings["initialisations"]), list(settings["signals"])
    depth = max(settings["depths"])
    heading = f"Signals in an untrained network of {depth} hidden layers"
    figure = figures.start_figure(10.2, 2.6 * 2 + 0.9, heading)
    kinds = {"spread": "spread of activations", "gradient": "length of the gradient"}
    grid = figure.subplots(2, max(1, len(activations)), squeeze=False, sharex=True)
    gone: set[str] = set()
    for (kind, label), row in zip(kinds.items(), grid, strict=True):
        for activation, axes in zip(activations, row, strict=False):
            figures.tidy(axes)
            for place, start in enumerate(starts):
                part = history[history["metric"] == f"{kind}/{activation}/{start}"]
                if part["value"].max() <= SMALLEST:
                    gone.add(start)
                    continue
                value = part["value"].clip(lower=SMALLEST)
                axes.plot(part["step"], value, color=COLOURS[place], linewidth=1.6)
            axes.set_yscale("log")
            axes.set_ylim(SMALLEST, 50)
            headed(axes, f"{title(activation)}: {label}")
    for axes in grid[-1]:
        axes.set_xlabel("hidden layer, counted from the inputs", **LABEL)
    names = [f"{title(s)} (0 everywhere)" if s in gone else title(s) for s in starts]
    legend(figure, dict(zip(names, COLOURS, strict=False)), "")
    return figure
