"""One molecule on a page, in lines that are sharp in every size.

RDKit says where lines and the outlines of letters are, and matplotlib draws them, so that a picture
needs no font of RDKit's. Bonds have one length, unless a molecule is too large for its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from genloom.domains.text.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

BOND = 11.0  # the length of a bond where there is room
FINE = 8  # RDKit's units per point
HIGHLIGHT = "#cfe3f6"
# Elements by number, in colours that are as dark as the page's own.
PALETTE = {
    6: INK, 1: INK, 7: "#2f6fb3", 8: "#b3362f", 9: "#3c7d4f", 17: "#3c7d4f", 35: "#8a4b24",
    53: "#6b3f8f", 16: "#96740e", 15: "#c8641b", 5: "#b06a5a", 14: "#7a6a50", 34: "#96740e",
}  # fmt: skip
SHAPE = re.compile(r"<(path|ellipse) ([^>]*)/>")
ATTRIBUTE = re.compile(r"([\w-]+)='([^']*)'")
COMMAND = re.compile(r"([MLQCZ])([^MLQCZ]*)")


def parsed(smiles: str) -> Any:
    """The molecule that a SMILES says, or none; RDKit's complaints are not shown."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return molecule if molecule is not None and molecule.GetNumAtoms() else None


def draw(
    axes: Axes,
    molecule: Any,
    highlight: Collection[int],
    place: tuple[float, float, float, float],
) -> None:
    """Draw a molecule.

    Args:
        axes: A page whose axes count points from the top left.
        molecule: One of RDKit's.
        highlight: Numbers of the atoms that are tinted, and with them the bonds between them.
        place: Left, top, width and height of its place, in points.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.transforms import Affine2D

    x, y, wide, high = place
    paths, fills, lines, widths = [], [], [], []
    for kind, said in _shapes(molecule, tuple(sorted(highlight)), round(wide), round(high)):
        width = float(said.get("stroke-width", "0px").removesuffix("px")) / FINE
        paths.append(_ellipse(said) if kind == "ellipse" else _path(said["d"]))
        fills.append(said.get("fill", "none"))
        lines.append(said.get("stroke", "none") if width else "none")
        widths.append(width)
    drawn = PathCollection(
        paths,
        facecolors=fills,
        edgecolors=lines,
        linewidths=widths,
        capstyle="round",
        joinstyle="round",
        transform=Affine2D().scale(1 / FINE).translate(x, y) + axes.transData,
    )
    drawn.set_snap(False)  # or letters would lose their upright strokes
    axes.add_collection(drawn, autolim=False)


def _shapes(
    molecule: Any, highlight: tuple[int, ...], wide: int, high: int
) -> Iterable[tuple[str, dict[str, str]]]:
    """What RDKit draws, shape by shape: its kind, and its attributes and style by name."""
    for kind, attributes in SHAPE.findall(_svg(molecule, highlight, wide, high)):
        said = dict(ATTRIBUTE.findall(attributes))
        style = (part.partition(":") for part in said.pop("style", "").split(";") if part)
        yield kind, said | {name.strip(): value.strip() for name, _, value in style}


def _svg(molecule: Any, highlight: tuple[int, ...], wide: int, high: int) -> str:
    from matplotlib.colors import to_rgb
    from rdkit.Chem import rdDepictor
    from rdkit.Chem.Draw import rdMolDraw2D

    drawing = rdMolDraw2D.MolDraw2DSVG(wide * FINE, high * FINE)
    options: Any = drawing.drawOptions()
    options.clearBackground = options.includeMetadata = False
    options.updateAtomPalette({number: to_rgb(colour) for number, colour in PALETTE.items()})
    options.setHighlightColour(to_rgb(HIGHLIGHT))
    options.standardColoursForHighlightedAtoms = True
    options.fixedBondLength = BOND * FINE
    options.bondLineWidth = 0.75 * FINE
    options.scaleBondWidth = False
    options.highlightBondWidthMultiplier = 7
    options.minFontSize, options.maxFontSize = int(5.2 * FINE), int(6.6 * FINE)
    options.padding = 0.03
    try:
        shown = rdMolDraw2D.PrepareMolForDrawing(molecule)
    except (ValueError, RuntimeError):  # what RDKit says of rings that it cannot kekulize
        shown = rdMolDraw2D.PrepareMolForDrawing(molecule, kekulize=False)
    rdDepictor.NormalizeDepiction(shown)
    rdDepictor.StraightenDepiction(shown)
    inside = set(highlight)
    bonds = [
        bond.GetIdx()
        for bond in shown.GetBonds()
        if bond.GetBeginAtomIdx() in inside and bond.GetEndAtomIdx() in inside
    ]
    drawing.DrawMolecule(shown, highlightAtoms=list(highlight), highlightBonds=bonds)
    drawing.FinishDrawing()
    text: str = drawing.GetDrawingText()
    return text


def _path(commands: str) -> Path:
    """A path of SVG."""
    from matplotlib.path import Path

    kinds = {"M": Path.MOVETO, "L": Path.LINETO, "Q": Path.CURVE3, "C": Path.CURVE4}
    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    for name, numbers in COMMAND.findall(commands):
        flat = [float(number) for number in numbers.replace(",", " ").split()]
        points = list(zip(flat[::2], flat[1::2], strict=True)) or [vertices[-1]]
        vertices += points
        codes += [kinds.get(name, Path.CLOSEPOLY)] * len(points)
    return Path(vertices, codes)


def _ellipse(said: dict[str, str]) -> Path:
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    x, y, wide, high = (float(said[name]) for name in ("cx", "cy", "rx", "ry"))
    return Affine2D().scale(wide, high).translate(x, y).transform_path(Path.unit_circle())
