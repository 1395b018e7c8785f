"""Molecules on a page: in rows and columns, with what is to be said of each below.

Pages are figures whose axes count points of print.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.molecules.outlines import draw, parsed
from genloom.domains.text.style import CUT, FAINT, INK, LINE, MONO, readable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 561.6  # of a page
MARGIN, GAP, TOP = 9.0, 10.0, 54.0
HIGH = 62.0  # of a molecule's place
NOTE_HIGH = 10.0  # of a line below it
PADDING = 7.0  # above and below a row
BOX = "#f5f6f8"


class Cell(NamedTuple):
    """A molecule, or what was written in its place, and what is said of it.

    Attributes:
        smiles: What to draw; nothing is drawn of an empty one, and what is no molecule is shown as
            it was written.
        notes: Lines below it.
        highlight: Numbers of its atoms, as RDKit counts those of ``smiles``, that are tinted.
        remark: Stands in the place of a molecule.
        tint: The colour of the notes.
    """

    smiles: str = ""
    notes: tuple[str, ...] = ()
    highlight: Collection[int] = ()
    remark: str = ""
    tint: str = FAINT


class Row(NamedTuple):
    """A row of a sheet; its name stands above it."""

    cells: Sequence[Cell]
    name: str = ""


def molecule_grid(
    smiles: Sequence[str], captions: Sequence[str], *, columns: int = 5, title: str
) -> Figure:
    """Molecules in rows, each with its caption.

    Args:
        smiles: What to draw, from left to right and down; what is no molecule is shown as text.
        captions: As many; each may have several lines.
        columns: Molecules in a row.
        title: Stands above all.

    Returns:
        A figure as high as it needs to be.
    """
    cells = [
        Cell(text, tuple(caption.split("\n")) if caption else ())
        for text, caption in zip(smiles, captions, strict=True)
    ]
    rows = [Row(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return sheet(title, rows, columns=columns)


def sheet(
    title: str,
    rows: Sequence[Row],
    *,
    columns: int,
    headings: Mapping[int, str] = MappingProxyType({}),
    gaps: Collection[int] = (),
    high: float = HIGH,
    above: float = 0.0,
    nothing: str = "there is no molecule to show",
) -> Figure:
    """A page of molecules in rows and columns.

    Args:
        title: Stands above all.
        rows: From the top; a row may have fewer cells than there are columns.
        columns: How many cells fit beside each other.
        headings: What stands above the columns, by the number of the first that it is above.
        gaps: Columns before which there is a gap.
        high: How high a molecule's place is, in points.
        above: Room for something else between title and rows, in points.
        nothing: What is said if there are no rows.

    Returns:
        A figure as high as its rows need; its first axes count points from the top left.
    """
    heights = [_row_height(row, high) for row in rows]
    top = (TOP if headings else TOP - 20) + above
    figure, axes = blank_page(title, top + (sum(heights) if rows else 40) + MARGIN / 2)
    lefts, wide = columns_of_page(columns, gaps)
    for column, heading in headings.items():
        write(axes, lefts[column], top - 9, heading, size=8.5)
    if not rows:
        write(axes, MARGIN, top + 20, nothing, size=10)
    for row, height in zip(rows, heights, strict=True):
        axes.plot([MARGIN, WIDTH - MARGIN], [top, top], color=LINE, linewidth=0.7)
        start = top + PADDING
        if row.name:
            name = short(row.name, 80)
            write(axes, MARGIN, start + 8, name, size=8.5, color=INK, fontweight="bold")
            start += 14
        for left, cell in zip(lefts, row.cells, strict=False):
            draw_cell(axes, cell, left, start, wide, high)
        top += height
    return figure


def blank_page(title: str, height: float) -> tuple[Figure, Axes]:
    """A page of some points' height with a title, and axes that count its points from the top."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    write(axes, MARGIN, 21, title, size=11.5, color=INK)
    return figure, axes


def place_axes(figure: Figure, x: float, y: float, wide: float, high: float) -> Axes:
    """Axes on a page, with their left upper corner at ``(x, y)``; all in points."""
    whole = 72 * figure.get_size_inches()[1]
    return figure.add_axes((x / WIDTH, 1 - (y + high) / whole, wide / WIDTH, high / whole))


def columns_of_page(columns: int, gaps: Collection[int] = ()) -> tuple[list[float], float]:
    """Where the columns of a page begin, and how wide each is."""
    wide = (WIDTH - 2 * MARGIN - GAP * (columns - 1 + len(gaps))) / columns
    lefts = [
        MARGIN + place * (wide + GAP) + GAP * sum(gap <= place for gap in gaps)
        for place in range(columns)
    ]
    return lefts, wide


def write(
    axes: Axes, x: float, y: float, text: str, *, size: float, color: str = FAINT, **more: Any
) -> None:
    """A line of text with its foot at ``y``."""
    plain: dict[str, Any] = {"parse_math": False, "va": "baseline"}
    axes.text(x, y, readable(text), fontsize=size, color=color, **plain | more)


def draw_cell(axes: Axes, cell: Cell, x: float, y: float, wide: float, high: float) -> None:
    """A cell with its left upper corner at ``(x, y)``; its notes are below ``y + high``."""
    molecule = parsed(cell.smiles) if cell.smiles else None
    middle = x + wide / 2
    if molecule is not None:
        draw(axes, molecule, cell.highlight, (x, y, wide, high))
    elif cell.smiles or cell.remark:
        _box(axes, cell.smiles or cell.remark, (x, y, wide, high), mono=bool(cell.smiles))
    for line, note in enumerate(cell.notes):
        foot = y + high + (line + 0.85) * NOTE_HIGH
        write(axes, middle, foot, note, size=7.5, color=cell.tint, ha="center")


def _row_height(row: Row, high: float) -> float:
    notes = max((len(cell.notes) for cell in row.cells), default=0)
    return (14 if row.name else 0) + high + NOTE_HIGH * notes + 2 * PADDING


def _box(axes: Axes, text: str, place: tuple[float, float, float, float], *, mono: bool) -> None:
    """A box with the start of a text that is no molecule, or with a remark."""
    from matplotlib.patches import Rectangle

    x, y, wide, high = place
    size = 6.5
    advance, leading = size * (0.602 if mono else 0.56), 9.0
    inset = 4.0
    columns = max(1, int((wide - 4 * inset) / advance))
    most = max(1, int((high - 4 * inset) / leading))
    lines = _cut(readable(text), columns, most, wrap=not mono)
    high_box = leading * len(lines) + 2 * inset
    top = y + (high - high_box) / 2
    axes.add_patch(
        Rectangle(
            (x + inset, top), wide - 2 * inset, high_box, facecolor=BOX, edgecolor=LINE, lw=0.7
        )
    )
    family = {"family": MONO} if mono else {}
    for number, line in enumerate(lines):
        foot = top + inset + (number + 0.75) * leading
        write(axes, x + wide / 2, foot, line, size=size, color=INK, ha="center", **family)


def _cut(text: str, columns: int, most: int, *, wrap: bool) -> list[str]:
    """The first lines of a text; SMILES are cut anywhere, remarks between words."""
    text = " ".join(text.split())
    if wrap:
        lines = textwrap.wrap(text, columns)
    else:
        lines = [text[start : start + columns] for start in range(0, len(text), columns)]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: columns - 1] + CUT]
    return lines
