"""Pictures that every domain has: training curves, confusion, walks, and the lift of recipes.

Figures are built with matplotlib's objects only, never with pyplot, so that nothing global is
touched and equal data gives equal bytes. Text that comes from a user is never read as a formula.
"""

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from genloom.fitted import Fitted
from genloom.pipelines.findings import Lift, lifts, mean_accuracies, points
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, LINE = "#1c2430", "#5b6675", "#d5dae1"
BLUE, ORANGE, GREEN, RED = "#2f6fb3", "#c8641b", "#3c7d4f", "#b3362f"
PLAIN: dict[str, Any] = {"parse_math": False}

COUNTS_UP_TO = 32  # classes; beyond that, counts in a confusion matrix would be unreadable
NAMES_UP_TO = 40
# How each kind of recipe is drawn: colour, marker, and its name in the legend.
KINDS = {
    "classical": (GREEN, "D", "no generator"),
    "floor": (ORANGE, "s", "samples of a floor"),
    "network": (BLUE, "o", "samples of a network"),
    "predictor": (FAINT, "^", "another predictor"),
}


def training_curves(history: "pd.DataFrame", *, title: str) -> "Figure":
    """What a network logged while it trained, one panel per quantity.

    Args:
        history: Columns ``step``, ``metric``, ``value``.
        title: The network's name.
    """
    import pandas as pd
    from matplotlib.ticker import MaxNLocator

    curves = [
        (str(metric), part.sort_values("step", kind="stable"))
        for metric, part in history.groupby("metric", sort=False)
    ]
    columns = 2 if len(curves) == 4 else min(3, max(1, len(curves)))
    rows = max(1, math.ceil(len(curves) / columns))
    # One width, whatever is in it, so that text has one size in the report.
    figure = start_figure(7.8, 2.5 * rows + 0.5, f"{title}: training")
    if not curves:
        return empty(figure, "nothing was logged while this trained")
    for place, (metric, part) in enumerate(curves, start=1):
        axes = tidy(figure.add_subplot(rows, columns, place))
        values = part["value"].astype(float)
        # Losses that fall by powers of ten show their end only on such a scale.
        if values.min() > 0 and values.max() > 50 * values.min():
            axes.set_yscale("log")
        window = max(1, len(values) // 15)
        smooth = pd.Series(values).rolling(window, center=True, min_periods=1).mean()
        axes.plot(part["step"], values, color=BLUE, alpha=0.3, linewidth=0.9)
        axes.plot(part["step"], smooth, color=BLUE, linewidth=1.7)
        axes.set_title(metric, fontsize=10, color=INK, loc="left", **PLAIN)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.set_xlabel("step", fontsize=8.5, color=FAINT)
    return figure


def confusion(codec: Any, predictions: "pd.DataFrame", *, title: str) -> "Figure":
    """What was predicted of what was true, as classes or as numbers.

    Args:
        codec: The domain's codec, for all classes in their order.
        predictions: Columns ``label`` and ``predicted``, or ``target`` and ``predicted``.
        title: The predictor's name.
    """
    if "target" in predictions:
        return _numbers(predictions, title)
    return _confusion_matrix(codec, predictions, title)


def _numbers(predictions: "pd.DataFrame", title: str) -> "Figure":
    """Predicted against true numbers, with the line on which they would be equal."""
    from genloom.metrics.regression import r2, rmse

    true, guessed = predictions["target"].to_numpy(), predictions["predicted"].to_numpy()
    error, explained = rmse(guessed, true), r2(guessed, true)
    figure = start_figure(4.8, 4.6, f"{title}: RMSE {error:.3f}, R² {explained:.3f}")
    axes = figure.add_subplot()
    ends = [min(true.min(), guessed.min()), max(true.max(), guessed.max())]
    axes.plot(ends, ends, color=ORANGE, linewidth=1)
    axes.scatter(true, guessed, s=10, color=BLUE, alpha=0.5, linewidths=0)
    axes.set_xlabel("true", fontsize=9, color=FAINT)
    axes.set_ylabel("predicted", fontsize=9, color=FAINT)
    return figure


def _confusion_matrix(codec: Any, predictions: "pd.DataFrame", title: str) -> "Figure":
    """Which class was taken for which; what is right in blue, what is wrong in orange."""
    import numpy as np

    classes = [str(name) for name in codec.classes]
    number = {name: place for place, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    pairs = zip(predictions["label"].astype(str), predictions["predicted"].astype(str), strict=True)
    for label, predicted in pairs:
        counts[number[label], number[predicted]] += 1
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    right = np.eye(len(classes), dtype=bool)
    # Errors are rare, so their colour grows faster than that of hits.
    depth = np.where(right, 0.75 * share, np.where(share > 0, 0.2 + 0.8 * np.sqrt(share), 0))
    blue, orange = (np.array(_rgb(colour)) for colour in (BLUE, ORANGE))
    pixels = 1 - depth[..., None] * (1 - np.where(right[..., None], blue, orange))

    size = min(9.0, max(3.6, 1.4 + 0.36 * len(classes)))
    hits = int(counts.trace())
    figure = start_figure(size + 0.2, size, f"{title}: {hits:,} of {int(counts.sum()):,} right")
    axes = figure.add_subplot()
    axes.imshow(pixels, interpolation="nearest")
    small = 8.5 if len(classes) <= 12 else 7 if len(classes) <= 20 else 5.5
    # Of very many classes only some have room for their name.
    places = range(0, len(classes), math.ceil(len(classes) / NAMES_UP_TO))
    names = [short(classes[place]) for place in places]
    turn = 90 if max(map(len, names)) > 2 else 0
    axes.set_xticks(places, names, fontsize=small, color=INK, rotation=turn, **PLAIN)
    axes.set_yticks(places, names, fontsize=small, color=INK, **PLAIN)
    axes.tick_params(length=0)
    axes.set_xlabel("predicted", fontsize=9, color=FAINT)
    axes.set_ylabel("true", fontsize=9, color=FAINT)
    axes.spines[:].set_color(LINE)
    if len(classes) <= COUNTS_UP_TO:
        for row, column in np.argwhere(counts > 0):
            colour = "white" if depth[row, column] > 0.55 else INK
            text = f"{counts[row, column]}"
            axes.text(column, row, text, ha="center", va="center", fontsize=small, color=colour)
    return figure


def picture(
    samples: "pd.DataFrame",
    codec: Any,
    generator: Fitted,
    seed: int,
    *,
    draw: Callable[..., "Figure"],
    title: str,
) -> "Figure":
    """A domain's own picture of a fitted network.

    Args:
        samples: The domain's samples.
        codec: The domain's codec.
        generator: A fitted network.
        seed: The project's seed.
        draw: What draws it.
        title: The generator's name.
    """
    from genloom.networks.base import reproducible

    own_seed = derive_seed(seed, "interpolate", generator.block["network"])
    with reproducible(own_seed, threads=1):
        return draw(samples, codec, generator, seed=own_seed, title=title)


def chart(
    metrics: "pd.DataFrame",
    *,
    draw: Callable[..., "Figure"],
    floors: Collection[str],
    **histories: "pd.DataFrame",
) -> "Figure":
    """A domain's own picture of all its networks at once.

    Args:
        metrics: The domain's joined metrics.
        draw: What draws it.
        floors: The names of the floors.
        histories: The training curves of each network by its name.
    """
    return draw(metrics, histories, floors=floors)


def lift(metrics: "pd.DataFrame", *, floors: Collection[str] = ()) -> "Figure":
    """What every recipe does to accuracy, with its interval: one panel per arm.

    Args:
        metrics: The domain's joined metrics, with ``accuracy_lift`` and ``recipe_accuracy``.
        floors: The generators that are floors, drawn apart from networks.
    """
    found = lifts(metrics, floors)
    arms = list(dict.fromkeys(lift.arm for lift in found))
    # The longest arm says how high the picture is; all arms list their recipes in one order.
    tallest = max([sum(lift.arm == arm for lift in found) for arm in arms], default=1)
    title = "Accuracy against training on the real data alone"
    figure = start_figure(5.9 * max(1, len(arms)), 1.9 + 0.31 * tallest, title)
    if not found:
        return empty(figure, "no recipe was measured")
    accuracies = mean_accuracies(metrics)
    for place, arm in enumerate(arms, start=1):
        axes = tidy(figure.add_subplot(1, len(arms), place))
        _lift_panel(axes, [lift for lift in found if lift.arm == arm])
        baseline = accuracies.get(("none", arm), math.nan)
        name = f"Low data: {arm} labels per class" if arm else "Full data"
        if not math.isnan(baseline):
            name += f" (none: {baseline:.3f})"
        axes.set_title(name, fontsize=10.5, color=INK, loc="left")
    _legend(figure, {lift.kind for lift in found})
    return figure


def _lift_panel(axes: "Axes", found: list[Lift]) -> None:
    """One arm: a row per recipe, its number beside it, losing ones in red."""
    ends = [end for lift in found for end in (lift.low, lift.value, lift.high)]
    known = [100 * end for end in ends if not math.isnan(end)] + [0.0]
    margin = 0.06 * (max(known) - min(known)) or 1.0
    left, right = min(known) - margin, max(known) + margin
    axes.set_xlim(left, right)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.axvspan(left, 0, color=RED, alpha=0.05, linewidth=0)
    axes.axvline(0, color=INK, linewidth=1.1)
    for row, lift in enumerate(found):
        colour, marker, _ = KINDS[lift.kind]
        clear = lift.outcome != "unclear"
        if not math.isnan(lift.low):
            axes.plot([100 * lift.low, 100 * lift.high], [row, row], color=colour, linewidth=1.8)
        axes.plot(
            [100 * lift.value],
            [row],
            marker=marker,
            markersize=6.5,
            color=colour,
            markerfacecolor=colour if clear else "white",
            markeredgewidth=1.5,
        )
        text = points(lift.value)
        weight = "bold" if clear else "normal"
        tint = {"helps": GREEN, "loses": RED}.get(lift.outcome, FAINT)
        text += {"helps": "  helps", "loses": "  loses"}.get(lift.outcome, "")
        axes.annotate(
            text,
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            color=tint,
            fontweight=weight,
            annotation_clip=False,
        )
    names = [short(lift.recipe, 20) for lift in found]
    axes.set_yticks(range(len(found)), names, fontsize=9, color=INK, **PLAIN)
    for row in range(1, len(found)):
        if found[row].group != found[row - 1].group:
            axes.axhline(row - 0.5, color=FAINT, linewidth=0.7, linestyle=(0, (1, 3)))
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("accuracy, percentage points against none", fontsize=9, color=FAINT)


def _legend(figure: "Figure", kinds: set[str]) -> None:
    from matplotlib.lines import Line2D

    drawn = [KINDS[kind] for kind in KINDS if kind in kinds]
    handles = [
        Line2D([], [], color=colour, marker=marker, linewidth=1.8, label=name)
        for colour, marker, name in drawn
    ]
    hollow: dict[str, Any] = {"marker": "o", "markerfacecolor": "white", "linewidth": 0}
    handles.append(
        Line2D([], [], color=FAINT, label="hollow: no clear difference from none", **hollow)
    )
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        labelcolor=INK,
    )


def start_figure(width: float, height: float, title: str) -> "Figure":
    """An empty figure with a title; width and height in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.11, h_pad=0.09)
    text = figure.suptitle(title, fontsize=11.5, color=INK, x=0.11 / width, ha="left")
    text.set_parse_math(False)
    return figure


def tidy(axes: "Axes") -> "Axes":
    """Axes without a box around them."""
    axes.set_facecolor("white")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(labelsize=8.5, labelcolor=INK, color=LINE)
    return axes


def empty(figure: "Figure", sentence: str) -> "Figure":
    """A figure that says why there is nothing to see."""
    figure.text(0.5, 0.4, sentence, ha="center", color=FAINT, fontsize=10)
    return figure


def short(name: str, longest: int = 16) -> str:
    """A name on one line, cut where it is too long."""
    plain = " ".join(name.split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)
