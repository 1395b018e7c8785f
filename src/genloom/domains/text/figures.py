"""What language models look like: pages of text, what goes on inside, and curves of their loss.

Pages of text are laid out in ``pages``, heat maps drawn in ``inside``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.text.inside import inside
from genloom.domains.text.pages import completions, gallery, temperatures
from genloom.domains.text.style import (
    BLUE,
    FAINT,
    GREEN,
    NOTE,
    ORANGE,
    PLAIN,
    RED,
    empty,
    short,
    start_figure,
    tidy,
)
from genloom.tokens import END, stream

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CAPTIONS", "CHARTS", "FIGURES", "gallery"]

WINDOWS = 128  # that the loss by position is averaged over
REACH = 1.3  # a smoothed point averages from its position / 1.3 to its position * 1.3
DASHED = (0, (4, 3))
AFTER = 104  # where the results stand that follow 100 % of a training
# Each curve has a stroke of its own; the dashed one of floors is not among them.
STROKES = [(colour, dash) for dash in ("-", "-.", ":") for colour in (BLUE, ORANGE, GREEN, RED)]


class Reached(NamedTuple):
    """What a subject reached on the test split, and how it is drawn."""

    bits: float
    name: str
    colour: str


def positions(
    samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str
) -> Figure:
    """Whether context helps: the mean loss of a token by its place in a window.

    Args:
        samples: The domain's samples; windows of the test split are read.
        codec: Not needed: a generator has its own.
        generator: A fitted language model.
        seed: Not needed: nothing is drawn.
        title: The generator's name.
    """
    heading = f"{title}: does context help?"
    test = samples[samples["split"] == "test"]
    if test.empty:
        return empty(heading, "there is no test text")
    bits = _bits_by_position(test, generator)  # [windows, t]
    smooth, mean = _smoothed(bits), float(bits.mean())
    curve, doubt = smooth.mean(axis=0), smooth.std(axis=0) / max(1, len(smooth) - 1) ** 0.5
    places = range(1, len(curve) + 1)

    figure = start_figure(3.8, heading)
    axes = tidy(figure.add_subplot())
    axes.fill_between(places, curve - doubt, curve + doubt, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(places, curve, color=BLUE, linewidth=1.9)
    axes.axhline(mean, color=FAINT, linewidth=1, linestyle=DASHED)
    where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    axes.annotate(f"mean {mean:.2f}", (1.01, mean), fontsize=8.5, color=FAINT, **where)
    axes.set_xscale("log", base=2)
    axes.set_xlim(1, max(2, len(curve)))
    axes.xaxis.set_major_formatter(lambda place, _: f"{place:g}")
    axes.set_xlabel("tokens that it sees before the one it predicts", **NOTE)
    axes.set_ylabel("bits per token", **NOTE)
    windows = f"{len(bits)} window{'s' if len(bits) > 1 else ''} of {len(curve)} tokens"
    axes.set_title(
        f"mean over {windows} of the test split, and its standard error", loc="left", **NOTE
    )
    return figure


def _bits_by_position(test: pd.DataFrame, generator: Any) -> np.ndarray:
    import torch

    member = generator.member
    text = stream(generator.encode(test), generator.encode_labels(test))
    text = torch.cat([text.new_tensor([END]), text])[: WINDOWS * member.context + 1]
    member.eval()
    with torch.no_grad():
        nats = member.window_nats(text.to(member.device))
    bits: np.ndarray = nats.double().cpu().numpy() / math.log(2)
    return bits


def _smoothed(bits: np.ndarray) -> np.ndarray:
    """Means over neighbours that reach as far on a logarithmic scale at every position."""
    import numpy as np

    count = bits.shape[1]
    places = range(1, count + 1)
    ends = [(math.ceil(p / REACH), min(count, math.floor(p * REACH))) for p in places]
    return np.stack([bits[:, first - 1 : last].mean(axis=1) for first, last in ends], axis=1)


def losses(
    metrics: pd.DataFrame, histories: Mapping[str, pd.DataFrame], *, floors: Collection[str]
) -> Figure:
    """What each network reached while it trained, beside what the floors reach.

    Losses in nats per token depend on the codec; bits per byte do not. What a nat per token of a
    network is in bits per byte is taken from its metrics of the test split.

    Args:
        metrics: The domain's joined metrics, with ``bits_per_byte`` and ``perplexity``.
        histories: The training curves of each network by its name.
        floors: The names of the floors.
    """
    heading = "Bits per byte of unseen text, while training"
    bits, perplexity = (_of_subjects(metrics, name) for name in ("bits_per_byte", "perplexity"))
    figure = start_figure(4.6, heading)
    axes = tidy(figure.add_subplot())
    reached: list[Reached] = []
    for name, history in histories.items():
        curve = _measured(history)
        if curve.empty or name not in bits or not 1 < perplexity.get(name, 0) < math.inf:
            continue
        colour, dash = STROKES[len(reached) % len(STROKES)]
        ratio = bits[name] / math.log(perplexity[name])
        share = 100 * curve["step"] / max(1, history["step"].max())
        axes.plot(share, curve["value"] * ratio, color=colour, linestyle=dash, linewidth=1.7)
        axes.plot([AFTER], [bits[name]], "o", color=colour, markersize=5, clip_on=False)
        reached.append(Reached(bits[name], name, colour))
    if not reached:
        return empty(heading, "no network has validation losses and metrics to convert them by")
    for name in floors:
        if name in bits:
            axes.axhline(bits[name], color=FAINT, linewidth=1, linestyle=DASHED)
            reached.append(Reached(bits[name], name, FAINT))
    axes.set_xlim(0, AFTER)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("share of a network's training steps, %", **NOTE)
    axes.set_ylabel("bits per byte", **NOTE)
    _name_ends(axes, reached)
    small = (
        "Curves: a few windows of the validation split. Dots, dashed lines of floors, and numbers: "
        "the whole test split."
    )
    figure.supxlabel(small, fontsize=8, color=FAINT)
    return figure


def _measured(history: pd.DataFrame) -> pd.DataFrame:
    """The validation losses of a history, each where it was measured rather than repeated."""
    curve = history[history["metric"] == "validation_loss"].sort_values("step", kind="stable")
    new = curve["value"] != curve["value"].shift()
    last = curve["step"] == curve["step"].max()
    return curve[new | last]


def _of_subjects(metrics: pd.DataFrame, metric: str) -> dict[str, float]:
    """A metric of all who learnt from the full data, by subject."""
    own = metrics[(metrics["metric"] == metric) & (metrics["recipe"] == "none")].dropna(
        subset="value"
    )
    return {
        str(name): float(value) for name, value in own.groupby("subject")["value"].mean().items()
    }


def _name_ends(axes: Axes, reached: list[Reached]) -> None:
    """Write at the right what everyone reached, pushed apart where it would overlap."""
    low, high = axes.get_ylim()
    line = 0.054 * (high - low)  # about the height of one
    ordered = sorted(reached)
    places = [end.bits for end in ordered]
    for _ in range(100):
        for upper in range(1, len(places)):
            overlap = max(0.0, line - (places[upper] - places[upper - 1]))
            places[upper - 1] -= overlap / 2
            places[upper] += overlap / 2
    for end, place in zip(ordered, places, strict=True):
        axes.annotate(
            f"{end.bits:.2f}  {short(end.name, 18)}",
            (AFTER, end.bits),
            (1.045, place),
            textcoords=("axes fraction", "data"),
            arrowprops={"arrowstyle": "-", "color": end.colour, "linewidth": 0.6},
            va="center",
            fontsize=9,
            color=end.colour,
            annotation_clip=False,
            **PLAIN,
        )


FIGURES: dict[str, Callable[..., Any]] = {
    "temperatures": temperatures,
    "completions": completions,
    "positions": positions,
    "inside": inside,
}
CHARTS: dict[str, Callable[..., Any]] = {"losses": losses}
CAPTIONS = {
    "gallery": "Texts of the training split at even distances, and the first that were generated "
    "of each class, none chosen. A box (□) is a character that the font lacks, and � bytes that "
    "are not UTF-8.",
    "temperatures": "A low temperature keeps to what is likeliest and repeats itself; a high one "
    "dares more and makes more mistakes.",
    "completions": "Blue is given: the first words of texts that no training saw. Neither the "
    "texts nor what the generator adds are chosen.",
    "positions": "A curve that falls to the end says that far context helps; one that is soon flat "
    "says that only the nearest tokens count.",
    "inside": "What a network does while it reads a test text: where attention looks, how states "
    "change, or how a mixture shares its trust between the network and the n-gram.",
    "losses": "Losses of networks with different tokens, made comparable; a network that stays "
    "above a floor's line has learnt less than counting or a compressor knows. The steps of a "
    "mixture are the rounds in which its two parts are weighed.",
}
