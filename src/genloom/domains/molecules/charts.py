"""All generators of molecules in one picture: what they write, and how near it is to real ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from genloom.domains.text.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    LINE,
    NOTE,
    ORANGE,
    PLAIN,
    empty,
    short,
    start_figure,
    tidy,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Shares of the samples: what each is called, its colour and its marker.
SHARES = {
    "validity": ("are molecules", BLUE, "o"),
    "uniqueness_1k": ("of these, differ from each other", GREEN, "s"),
    "novelty": ("of these, are not in the training split", ORANGE, "D"),
}
DISTANCE = "fcd"
CEILING = "real"
Found = dict[str, dict[str, float]]


def trade_off(
    metrics: pd.DataFrame, histories: Mapping[str, pd.DataFrame], *, floors: Collection[str]
) -> Figure:
    """What generators write, and how far it is from real molecules: a row per generator.

    What is easy to have without the other stands side by side: copies of the training split are
    valid and near to real molecules but not new, and random changes are new but far from them.

    Args:
        metrics: The domain's joined metrics; of these ``validity``, ``uniqueness_1k``,
            ``novelty`` and ``fcd``.
        histories: Not needed.
        floors: The names of the floors.
    """
    heading = "Valid, different, new: and how near to real molecules?"
    found = _of_generators(metrics)
    ceiling = found.pop(CEILING, {}).get(DISTANCE, math.nan)
    if not found:
        return empty(heading, "no generator has validity, uniqueness, novelty or an FCD")
    names = sorted(found, key=lambda name: (_last(found[name].get(DISTANCE)), name))
    figure = start_figure(1.9 + 0.34 * len(names), heading)
    left, right = (tidy(axes) for axes in figure.subplots(1, 2, width_ratios=(1.25, 1)))
    for row, name in enumerate(names):
        _shares_of(left, row, found[name])
        _bar(right, row, found[name].get(DISTANCE), floor=name in floors)
    for axes in (left, right):
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    shown = [short(name, 22) for name in names]
    left.set_yticks(range(len(names)), shown, fontsize=9, **PLAIN)
    for label, name in zip(left.get_yticklabels(), names, strict=True):
        label.set_color(FAINT if name in floors else INK)
    left.set_xlim(-2, 102)
    left.set_xlabel("share of the samples, %", **NOTE)
    left.grid(axis="x", color=LINE, linewidth=0.6)
    left.set_axisbelow(True)
    right.set_yticks([])
    _scale(right, ceiling, found)
    _legend(figure)
    return figure


def _of_generators(metrics: pd.DataFrame) -> Found:
    """What is needed of each generator, ``name -> metric -> value``, without what is undefined."""
    wanted = metrics["metric"].isin([*SHARES, DISTANCE])
    rows = metrics[wanted & (metrics["recipe"] == "none")].dropna(subset="value")
    found: Found = {}
    means = rows.groupby(["subject", "metric"], as_index=False)["value"].mean()
    for name, metric, value in zip(*(means[column] for column in means.columns), strict=True):
        found.setdefault(str(name), {})[str(metric)] = float(value)
    return found


def _last(distance: float | None) -> float:
    return math.inf if distance is None else distance


def _shares_of(axes: Axes, row: int, own: Mapping[str, float]) -> None:
    known = {name: 100 * own[name] for name in SHARES if name in own}
    if known:
        ends = [min(known.values()), max(known.values())]
        axes.plot(ends, [row, row], color=LINE, linewidth=2.2, zorder=1, solid_capstyle="round")
    # Where shares are the same, all of them are seen: the first is the largest.
    for place, (name, value) in enumerate(known.items()):
        _, colour, marker = SHARES[name]
        axes.plot(
            [value],
            [row],
            marker,
            color=colour,
            markersize=(9.5, 6.5, 4.5)[list(SHARES).index(name)],
            markeredgecolor="white",
            markeredgewidth=0.7,
            zorder=2 + place,
            clip_on=False,
        )


def _bar(axes: Axes, row: int, distance: float | None, *, floor: bool) -> None:
    if distance is None:
        axes.text(
            0, row, " not measured", va="center", fontsize=8.5, color=FAINT, backgroundcolor="white"
        )
        return
    axes.barh([row], [distance], height=0.56, color=FAINT if floor else BLUE, alpha=0.75)
    shown = f"{distance:.2f}" if distance < 10 else f"{distance:.1f}"
    axes.annotate(
        shown,
        (distance, row),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=INK,
    )


def _scale(axes: Axes, ceiling: float, found: Found) -> None:
    """The axis of distances, with the one that real molecules have."""
    known = [own[DISTANCE] for own in found.values() if DISTANCE in own]
    axes.set_xlim(0, 1.18 * max([*known, 1e-9 if math.isnan(ceiling) else ceiling]) or 1.0)
    axes.set_xlabel("Fréchet ChemNet distance, lower is nearer", **NOTE)
    if not math.isnan(ceiling):
        axes.axvline(ceiling, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        where: dict[str, Any] = {"xycoords": ("data", "axes fraction")}
        says = f"real training molecules: {ceiling:.2f}"
        axes.annotate(
            says,
            (ceiling, 1.0),
            xytext=(3, 3),
            textcoords="offset points",
            fontsize=8,
            color=INK,
            **where,
        )


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=colour, marker=marker, linewidth=0, label=name, markersize=6)
        for name, colour, marker in SHARES.values()
    ]
    handles += [Patch(color=BLUE, alpha=0.75, label="network"), Patch(color=FAINT, label="floor")]
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=5,
        frameon=False,
        fontsize=8.5,
        labelcolor=INK,
        columnspacing=1.2,
        handletextpad=0.4,
    )
