"""Generated molecules beside the most similar ones that were learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.molecules.drawings import (
    MARGIN,
    WIDTH,
    Cell,
    Row,
    parsed,
    place_axes,
    sheet,
)
from genloom.domains.molecules.likeness import fingerprints, nearest, shared_atoms
from genloom.domains.molecules.shown import shown, spread
from genloom.domains.text.style import BLUE, INK, NOTE, ORANGE, empty, tidy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RELATED = 200  # samples whose nearest relatives are looked for
MOST_TRAIN = 20_000  # molecules of the training split among which they are
PAIRS = 8


def relatives(
    samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str
) -> Figure:
    """Generated molecules beside the nearest of the training split, from near to far.

    Args:
        samples: The domain's samples; of a training split of more than 20,000 molecules, as many
            at even distances are compared.
        codec: Not needed: a generator has its own.
        generator: A fitted generator; 200 samples of it are compared, and eight of them shown.
        seed: Of what is drawn.
        title: The generator's name.
    """
    heading = f"{title}: the nearest molecules of the training split"
    two = shown(samples, generator, RELATED, seed=seed)
    train = samples[samples["split"] == "train"]
    texts = spread(list(train["content"]), MOST_TRAIN)
    known = [(text, molecule) for text in texts if (molecule := parsed(text)) is not None]
    if two is None or not known:
        return empty(heading, "there are no molecules in the training or the test split")
    if not two.made:
        return empty(heading, "none of what it generated is a molecule")
    prints = fingerprints([molecule for _, molecule in known])
    _, to_real = nearest(fingerprints(two.real), prints)
    found, similarity = nearest(fingerprints(two.made), prints)
    order = similarity.argsort(kind="stable")[::-1]
    cells: list[Cell] = []
    for place in spread(list(order), PAIRS):
        text, molecule = known[found[place]]
        same = two.texts[place] == text
        ours, theirs = shared_atoms(two.made[place], molecule)
        says = "a copy of it" if same else f"similarity {similarity[place]:.2f}"
        cells.append(Cell(two.texts[place], (says,), ours))
        cells.append(Cell(text, ("",), theirs))
    rows = [Row(cells[start : start + 4]) for start in range(0, len(cells), 4)]
    headings = {0: "generated", 1: "its nearest in training"}
    headings |= {column + 2: heading for column, heading in headings.items()}
    room = 122.0
    figure = sheet(heading, rows, columns=4, headings=headings, gaps=[2], above=room)
    among = f"{len(known):,}" + (f" of {len(train):,}" if len(known) < len(train) else "")
    axes = place_axes(figure, MARGIN + 30, 34, WIDTH - 2 * MARGIN - 34, room - 38)
    _similarities(axes, to_real, similarity, among)
    return figure


def _similarities(axes: Axes, real: np.ndarray, made: np.ndarray, among: str) -> None:
    """How near both kinds of molecules are to the training split."""
    import numpy as np

    tidy(axes)
    bins = np.linspace(0, 1, 26)
    for numbers, colour, name in ((real, BLUE, "real, test split"), (made, ORANGE, "generated")):
        share = 100 * np.histogram(np.minimum(numbers, 0.9999), bins)[0] / len(numbers)
        if colour == BLUE:
            axes.stairs(share, bins, fill=True, color=colour, alpha=0.16)
        label = f"{name}: {np.mean(numbers):.2f} on average"
        axes.stairs(share, bins, color=colour, linewidth=1.6, label=label)
    axes.set_xlim(0, 1)
    axes.set_ylabel("molecules, %", **NOTE)
    axes.set_xlabel(f"similarity to the nearest of {among} training molecules", **NOTE)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=INK, loc="upper left")
