"""What forecasts look like on a page: fans from some origins, and errors step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = 6
KNOWN = 3  # horizons that are shown of what was known
INK, FAINT, LINE = "#1c2430", "#5b6675", "#d5dae1"
BLUE, ORANGE = "#2f6fb3", "#c8641b"
PLAIN: dict[str, Any] = {"parse_math": False}  # a dollar sign in a user's text is no formula

CAPTIONS = {
    "forecasts": "What was known, what came, and the forecast with intervals that should hold 20, "
    "40, 60 and 80 % of what comes, from origins spread evenly over the test split.",
    "horizon": "How errors grow from step to step, in units of the seasonal naive forecast's error "
    "in training, and how often the interval that should hold 80 % of what comes did.",
}


def forecasts(samples: pd.DataFrame, predictions: pd.DataFrame, *, title: str) -> Figure:
    """Fans of quantiles from some origins of the test split, with what came.

    Args:
        samples: The domain's samples, for what was known.
        predictions: As ``pipelines.forecasting.judge_forecasts`` gives them.
        title: The predictor's name.
    """
    import numpy as np

    test = samples[samples["split"] == "test"].reset_index(drop=True)
    steps = int(predictions["step"].max())
    shown = np.unique(np.linspace(0, len(test) - 1, PANELS).round().astype(int))
    figure = _figure(11, 5.4, f"{title}: forecasts")
    for place, row in enumerate(shown):
        axes = figure.add_subplot(2, PANELS // 2, place + 1)
        known = json.loads(test["content"].iloc[row])["values"][-KNOWN * steps :]
        part = predictions.iloc[row * steps : (row + 1) * steps]
        _fan(axes, known, part)
        several = samples["series"].nunique() > 1
        name = f"{test['series'].iloc[row]}, " if several else ""
        _titled(axes, f"{name}known up to {test['time'].iloc[row]}")
    handles = [
        figure.axes[0].plot([], [], color=colour, linewidth=width, label=word)[0]
        for colour, width, word in ((INK, 1.2, "known, then what came"), (BLUE, 2, "forecast"))
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=2, frameon=False, fontsize=8.5)
    return figure


def horizon(samples: pd.DataFrame, predictions: pd.DataFrame, *, title: str) -> Figure:
    """Scaled error and coverage of the 80 % interval, step by step.

    Args:
        samples: Not needed.
        predictions: As ``pipelines.forecasting.judge_forecasts`` gives them.
        title: The predictor's name.
    """
    from matplotlib.ticker import MaxNLocator

    table = predictions.assign(
        error=(predictions["target"] - predictions["q0.5"]).abs() / predictions["scale"],
        held=predictions["target"].between(predictions["q0.1"], predictions["q0.9"]),
    )
    by_step = table.groupby("step")
    figure = _figure(7.8, 2.9, f"{title}: step by step")
    left, right = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)
    error = by_step["error"]
    steps = error.mean().index.to_numpy()
    left.fill_between(steps, error.quantile(0.25), error.quantile(0.75), color=BLUE, alpha=0.2)
    left.plot(steps, error.mean(), color=BLUE, marker="o", markersize=3)
    left.axhline(1, color=ORANGE, linewidth=1, linestyle=":")
    _titled(left, "scaled error: mean, and the middle half")
    right.axhline(0.8, color=ORANGE, linewidth=1, linestyle=":")
    right.plot(steps, by_step["held"].mean(), color=BLUE, marker="o", markersize=3)
    right.set_ylim(0, 1.03)
    _titled(right, "share of what came within the 80 % interval")
    for axes in (left, right):
        axes.set_xlabel("step", fontsize=8.5, color=FAINT)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    left.set_ylim(bottom=0)
    return figure


PREDICTED: dict[str, Callable[..., Any]] = {"forecasts": forecasts, "horizon": horizon}


def _fan(axes: Axes, known: list[float], part: pd.DataFrame) -> None:
    steps = part["step"].to_numpy() - 1
    columns = [name for name in part.columns if name.startswith("q")]
    for low, high in zip(columns, reversed(columns), strict=True):
        if float(low[1:]) < 0.5:
            axes.fill_between(steps, part[low], part[high], color=BLUE, alpha=0.16, linewidth=0)
    axes.plot(steps, part["q0.5"], color=BLUE, linewidth=1.8)
    came = [*known, *part["target"]]
    axes.plot(range(-len(known), len(part)), came, color=INK, linewidth=1.1)
    axes.axvline(-0.5, color=LINE, linewidth=1)


def _titled(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=8.5, color=FAINT, loc="left", **PLAIN)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(labelsize=7.5, labelcolor=FAINT, color=LINE)


def _figure(width: float, height: float, title: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.06, h_pad=0.06)
    text = figure.suptitle(title, fontsize=11.5, color=INK, x=0.06 / width, ha="left")
    text.set_parse_math(False)
    return figure
