"""Walks through a smooth latent in the direction in which a property rises.

Gómez-Bombarelli et al., Automatic chemical design using a data-driven continuous representation of
molecules (2018), arXiv 1610.02415.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.molecules.drawings import MARGIN, WIDTH, Cell, Row, parsed, place_axes, sheet
from genloom.domains.molecules.likeness import fingerprints
from genloom.domains.molecules.shown import INVALID, notes, spread
from genloom.domains.molecules.targets import logp as logp_of
from genloom.domains.text.style import BLUE, FAINT, GREEN, INK, NOTE, ORANGE, empty, tidy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

LEARNT = 2_000  # training molecules whose property a linear model learns
JUDGED = 400  # test molecules that it is judged on
STARTS = 32  # walks that are averaged over
PATHS = 4  # of them that are shown
FAR = (-3, -2, -1, 0, 1, 2, 3)  # where a walk is decoded, in standard deviations
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of the linear model; validation chooses
ROOM = 160.0  # for the curves, in points


class Line(NamedTuple):
    """A linear model of a property in the latent, and the way up.

    Attributes:
        step: One step in which the property rises, ``[latent]``; steps have the length 1 if
            latents of training molecules have the standard deviation 1 in all directions.
        aside: A step of the same length in a random direction.
        slope: How much the property rises in a step, as the model has it.
        r2: How much it explains of test molecules.
    """

    step: Tensor
    aside: Tensor
    slope: float
    r2: float


class Walks(NamedTuple):
    """What was found on walks in one direction, each ``[starts, steps]``; NaN: no molecule."""

    texts: list[list[str]]
    logp: np.ndarray
    similarity: np.ndarray


def property_gradient(
    samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str
) -> Figure:
    """Walks from test molecules in the direction in which logP rises, and what becomes of them.

    A linear model learns logP from the latents of training molecules; its gradient is the
    direction. Walks in a random direction say what comes of moving alone.

    Args:
        samples: The domain's samples.
        codec: Not needed: a generator has its own.
        generator: A fitted network that can ``encode`` and ``decode``.
        seed: Of the random direction.
        title: The generator's name.
    """
    heading = f"{title}: along the direction in which logP rises"
    train, test = (_some_of(samples, *part) for part in (("train", LEARNT), ("test", JUDGED)))
    if len(train) < 3 or len(test) < 2:
        return empty(heading, "there are too few molecules to learn a direction from")
    line = _line(generator, train, test, seed)
    if line is None:
        return empty(heading, "all latents or all logP are the same, so there is no direction")
    starts = test.iloc[spread(range(len(test)), STARTS)]
    along, aside = (_walks(generator, starts, step) for step in (line.step, line.aside))

    shown = spread(range(len(starts)), PATHS)
    rows = [Row([_start(starts["content"].iloc[row]), *_path(along, row)]) for row in shown]
    headings = {0: "real"} | {place + 1: _signed(step) for place, step in enumerate(FAR)}
    figure = sheet(
        heading, rows, columns=len(FAR) + 1, headings=headings, gaps=[1], high=50, above=ROOM
    )
    half = (WIDTH - 2 * MARGIN) / 2
    left = place_axes(figure, MARGIN + 22, 56, half - 44, ROOM - 62)
    right = place_axes(figure, MARGIN + half + 28, 56, half - 32, ROOM - 62)
    _change_panel(left, along, aside, line)
    _price_panel(right, along, aside)
    return figure


def _start(text: str) -> Cell:
    return Cell(text, (notes(parsed(text))[0], ""), tint=BLUE)


def _path(walks: Walks, row: int) -> list[Cell]:
    """What a walk comes by, with its logP and how alike it is to the start."""
    cells = []
    ways = (walks.texts[row], walks.logp[row], walks.similarity[row])
    for text, logp, alike in zip(*ways, strict=True):
        valid = parsed(text) is not None
        says = (f"logP {logp:.1f}", f"alike {alike:.2f}") if valid else (INVALID, "")
        cells.append(Cell(text, says, remark="an empty text", tint=FAINT if valid else ORANGE))
    return cells


def _signed(step: int) -> str:
    return "0" if step == 0 else f"{step:+d}".replace("-", "\N{MINUS SIGN}")


def _some_of(samples: pd.DataFrame, split: str, most: int) -> pd.DataFrame:
    """Molecules of a split at even distances, with their logP."""
    part = samples[samples["split"] == split]
    part = part.iloc[spread(range(len(part)), most)]
    found = [parsed(text) for text in part["content"]]
    part = part.loc[[molecule is not None for molecule in found]]
    return part.assign(logp=[logp_of(m) for m in found if m is not None])


def _line(generator: Any, train: pd.DataFrame, test: pd.DataFrame, seed: int) -> Line | None:
    """A ridge regression of logP on latents, fitted to training and judged on test molecules.

    The gradient is taken where all directions of the latent vary alike. Otherwise it would lead
    where no molecule is: into directions that vary so little that weights for them are large.
    """
    import torch
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import r2_score
    from threadpoolctl import threadpool_limits

    known, unseen = (_latents(generator, part).double() for part in (train, test))
    random = torch.randn(known.shape[1], generator=torch.Generator().manual_seed(seed)).double()
    with threadpool_limits(limits=1):
        model = RidgeCV(alphas=PENALTIES).fit(known.numpy(), train["logp"])
        r2 = float(r2_score(test["logp"], model.predict(unseen.numpy())))
        weights = torch.from_numpy(model.coef_)
        around = known.T.cov()
        step = around @ weights
        slope = float((weights @ step).clamp(min=0).sqrt())  # the deviation of what it predicts
        if slope < 1e-9:
            return None
        values, vectors = torch.linalg.eigh(around)
        aside = vectors @ (values.clamp(min=0).sqrt() * random / random.norm())
    return Line((step / slope).float(), aside.float(), slope, r2)


def _latents(generator: Any, part: pd.DataFrame) -> Tensor:
    z: Tensor = generator.member.encode(generator.encode(part), generator.encode_labels(part))
    return z


def _walks(generator: Any, starts: pd.DataFrame, step: Tensor) -> Walks:
    """Decode what is on straight lines through the latents of molecules, labels kept."""
    import numpy as np
    import torch
    from rdkit.DataStructs import TanimotoSimilarity

    own, member = generator.own_codec, generator.member
    far = torch.tensor(FAR)
    z = _latents(generator, starts)[:, None] + far[None, :, None] * step
    y = generator.encode_labels(starts).repeat_interleave(len(far))
    found = own.decode(member.decode(z.flatten(0, 1), y))
    texts = [found[row * len(far) : (row + 1) * len(far)] for row in range(len(starts))]
    logp, similarity = np.full((2, len(starts), len(far)), np.nan)
    prints = fingerprints([parsed(text) for text in starts["content"]])
    for row, print_ in enumerate(prints):
        for column, text in enumerate(texts[row]):
            molecule = parsed(text)
            if molecule is not None:
                logp[row, column] = logp_of(molecule)
                own_print = fingerprints([molecule])[0]
                similarity[row, column] = TanimotoSimilarity(print_, own_print)
    return Walks(texts, logp, similarity)


def _change_panel(axes: Axes, along: Walks, aside: Walks, line: Line) -> None:
    """How much logP changes on the walks, and what the linear model expects."""
    import numpy as np

    tidy(axes)
    steps = np.array(FAR)
    expected: dict[str, Any] = {"color": FAINT, "linewidth": 1, "linestyle": (0, (4, 3))}
    axes.plot(steps, line.slope * steps, label="as the linear model expects", **expected)
    for walks, colour, name in (
        (aside, ORANGE, "in a random direction"),
        (along, BLUE, "where logP rises"),
    ):
        # Of every walk against its own start, which differ more than a walk can change.
        change = walks.logp - walks.logp[:, [FAR.index(0)]]
        mean = _means(change)
        count = np.maximum(1, np.isfinite(change).sum(axis=0) - 1)
        doubt = np.sqrt(_means((change - mean) ** 2) / count)
        axes.fill_between(steps, mean - doubt, mean + doubt, color=colour, alpha=0.18, linewidth=0)
        axes.plot(steps, mean, color=colour, linewidth=1.8, marker="o", markersize=4, label=name)
    says = f"mean change of logP (linear model: R² {line.r2:.2f} on test)"
    axes.set_title(says, loc="left", **NOTE)
    _finish(axes, steps)
    axes.legend(frameon=False, fontsize=8, labelcolor=INK, loc="upper left")


def _price_panel(axes: Axes, along: Walks, aside: Walks) -> None:
    """How many are still molecules, and how alike they are to where they come from."""
    import numpy as np

    tidy(axes)
    steps = np.array(FAR)
    for walks, dash in ((aside, (0, (1, 1.5))), (along, "-")):
        valid = np.isfinite(walks.logp).mean(axis=0)
        style: dict[str, Any] = {"linestyle": dash, "linewidth": 1.8}
        names = ("are molecules", "similarity to the start") if dash == "-" else (None, None)
        axes.plot(steps, valid, color=GREEN, label=names[0], **style)
        axes.plot(steps, _means(walks.similarity), color=INK, label=names[1], **style)
    axes.set_ylim(0, 1.04)
    axes.set_title("what it costs (dotted: random direction)", loc="left", **NOTE)
    _finish(axes, steps)
    axes.legend(frameon=False, fontsize=8, labelcolor=INK, loc="lower left")


def _finish(axes: Axes, steps: np.ndarray) -> None:
    axes.set_xticks(steps, [_signed(step) for step in steps])
    axes.set_xlabel("steps of one standard deviation of the latents", **NOTE)


def _means(numbers: np.ndarray) -> np.ndarray:
    """Means of columns over what is known; NaN where nothing is."""
    import numpy as np

    known = np.isfinite(numbers)
    count = known.sum(axis=0)
    total = np.where(known, numbers, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
