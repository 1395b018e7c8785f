"""The units of a map as they are drawn: squares, or hexagons that stand on a corner."""

from typing import TYPE_CHECKING, Any

from genloom.fitted import Fitted
from genloom.pipelines.figures import INK, PLAIN, start_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TEXTS_UP_TO = 400  # units; of more, numbers and names in them would be unreadable


class UnitGrid:
    """Where cells, borders and texts of a map go in a figure.

    Args:
        positions: Where the units sit, ``[units, 2]``, direct neighbours at distance 1.
    """

    def __init__(self, positions: "NDArray[Any]") -> None:
        import numpy as np

        self.positions = positions
        rows = np.unique(positions[:, 1].round(4))
        self.hexagonal = len(rows) > 1 and rows[1] < 0.99
        corners = 6 if self.hexagonal else 4
        turns = 2 * np.pi * (np.arange(corners) + 0.5) / corners
        radius = 3**-0.5 if self.hexagonal else 2**-0.5
        self.outline = radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        self.size = np.ptp(positions, axis=0) + 1.2  # with half a unit around, and a little more
        self.inches = min(0.46, 8 / self.size.max()) if self.size.max() > 6 else 0.8  # of a unit

    @classmethod
    def of(cls, mapper: Fitted) -> "UnitGrid | None":
        """The grid of a fitted map, or None where there is none, as in k-means."""
        where = mapper.member.positions
        return None if where is None else cls(where.numpy())

    def figure(self, title: str, more: float = 0.0, least: float = 1.4) -> tuple["Figure", "Axes"]:
        """A figure with room for the cells and ``more`` inches beside them, ``least`` inches high
        below the title."""
        width = max(self.inches * self.size[0] + more + 0.3, 0.4 + 0.085 * len(title))
        figure = start_figure(width, max(self.inches * self.size[1], least) + 0.7, title)
        return figure, self.prepare(figure.add_subplot())

    def prepare(self, axes: "Axes") -> "Axes":
        """Axes that show all cells, first row on top, and nothing else."""
        middle = (self.positions.max(axis=0) + self.positions.min(axis=0)) / 2
        low, high = middle - self.size / 2, middle + self.size / 2
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(high[1], low[1])
        axes.set_aspect("equal")
        axes.set_axis_off()
        return axes

    def cells(self, axes: "Axes", colours: Any) -> Any:
        """A cell for every unit, in one colour or one each."""
        from matplotlib.collections import PolyCollection

        corners = list(self.positions[:, None] + self.outline)
        cells = PolyCollection(corners, facecolors=colours, edgecolors="white", linewidths=0.6)
        axes.add_collection(cells)
        return cells

    def pairs(self) -> "NDArray[Any]":
        """Units whose cells share a side, each two once, ``[pairs, 2]``."""
        import numpy as np

        apart = np.linalg.norm(self.positions[:, None] - self.positions, axis=2)
        return np.argwhere(np.triu((apart > 0) & (apart < 1.1)))

    def draw_borders(self, axes: "Axes", pairs: "NDArray[Any]", colours: Any, width: float) -> None:
        """A line along the side that each two cells share, ``width`` points wide."""
        import numpy as np
        from matplotlib.collections import LineCollection

        one, other = self.positions[pairs[:, 0]], self.positions[pairs[:, 1]]
        half = (other - one)[:, ::-1] * np.array([-1, 1])
        half = half * (0.5 * 3**-0.5 if self.hexagonal else 0.5)
        middle = (one + other) / 2
        lines = list(np.stack([middle - half, middle + half], axis=1))
        axes.add_collection(LineCollection(lines, colors=colours, linewidths=width))

    def write(self, axes: "Axes", texts: list[str], colours: Any = INK) -> None:
        """A short text in every cell, if there are few enough."""
        import numpy as np

        if len(texts) > TEXTS_UP_TO:
            return
        small = 8 if len(texts) <= 150 and max(map(len, texts)) <= 3 else 5.5
        inks = np.broadcast_to(colours, len(texts))
        for (x, y), text, ink in zip(self.positions, texts, inks, strict=True):
            axes.text(x, y, text, ha="center", va="center", fontsize=small, color=ink, **PLAIN)
