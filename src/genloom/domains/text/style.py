"""What the pictures of text share: colours, and characters that can be drawn."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, LINE = "#1c2430", "#5b6675", "#d5dae1"
BLUE, ORANGE, GREEN, RED = "#2f6fb3", "#c8641b", "#3c7d4f", "#b3362f"
MONO = "DejaVu Sans Mono"  # comes with matplotlib
MISSING = "\N{WHITE SQUARE}"  # stands for what cannot be shown
CUT = "…"
PLAIN: dict[str, Any] = {"parse_math": False}  # a dollar sign in a user's text is no formula
NOTE: dict[str, Any] = {"fontsize": 9, "color": FAINT}
WIDTH = 7.8  # inches


def start_figure(height: float, title: str) -> Figure:
    """An empty figure with a title, ``height`` inches high."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.11, h_pad=0.09)
    shown = readable(title)
    text = figure.suptitle(shown, fontsize=11.5, color=INK, x=0.11 / WIDTH, ha="left")
    text.set_parse_math(False)
    return figure


def tidy(axes: Axes) -> Axes:
    """Axes without a box around them."""
    axes.set_facecolor("white")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(labelsize=8.5, labelcolor=INK, color=LINE)
    return axes


def empty(title: str, sentence: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    figure = start_figure(1.6, title)
    figure.text(0.5, 0.4, sentence, ha="center", color=FAINT, fontsize=10)
    return figure


def readable(text: str) -> str:
    """A text of characters that the font has, each as wide as the next; line breaks stay.

    >>> readable("a\\tb\\x00c")
    'a    b□c'
    """
    known = _known_characters()
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).replace("\t", "    ")
    shown = []
    for character in text:
        kind = unicodedata.category(character)
        if character == "\n" or (kind[0] in "LNPS" and ord(character) in known):
            shown.append(character)
        else:
            shown.append(" " if kind == "Zs" else MISSING)
    return "".join(shown)


@lru_cache
def _known_characters() -> frozenset[int]:
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont(MONO)).get_charmap())


def short(name: str, longest: int = 14) -> str:
    """A name in one line that fits beside a picture."""
    plain = readable(" ".join(name.split()))
    return plain if len(plain) <= longest else plain[: longest - 1] + CUT
