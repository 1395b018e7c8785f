"""Pictures of a map of samples: where clusters part, what lies where, and what units stand for.

Each takes ``(samples, mapper, mapping, *, seed, title)``, as all pictures of mappers do. Toroidal
maps are drawn as if cut open: units at opposite borders are neighbours there.
"""

from typing import TYPE_CHECKING, Any

from genloom.fitted import Fitted
from genloom.pipelines.figures import BLUE, FAINT, INK, LINE, PLAIN, empty, short, start_figure
from genloom.pipelines.unit_grid import UnitGrid

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

DPI = 144  # of saved pictures; prototypes that are pictures are laid out in its whole pixels
PICTURE, GUTTER, ACROSS = 52, 4, 1500  # pixels: of a prototype, between two, of all at most
PLANES, PER_ROW = 30, 6  # columns that have a plane
NAMED = 20  # classes that have a colour of their own in the legend
PALE, DARK = "#f2f5f9", "#1d3557"


def u_matrix(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """How far neighbours' prototypes are from each other: units by the mean, borders by the two.

    Ultsch and Siemon, Kohonen's self organizing feature maps for exploratory data analysis (1990).
    """
    import numpy as np
    from matplotlib.colors import Normalize

    from genloom import grids

    grid = UnitGrid.of(mapper)
    if grid is None:
        return _no_map(title)
    prototypes = mapper.member.prototypes
    means = grids.u_matrix(prototypes, mapper.member.distances).numpy()
    pairs = grid.pairs()
    flat = prototypes.flatten(1).numpy()
    apart = np.linalg.norm(flat[pairs[:, 0]] - flat[pairs[:, 1]], axis=1)
    both = np.concatenate([means, apart])
    scale = Normalize(both.min(), max(both.max(), both.min() + 1e-9))
    colours = _depths()
    figure, axes = grid.figure(f"{title}: U-matrix", more=0.9)
    cells = grid.cells(axes, colours(scale(means)))
    grid.draw_borders(axes, pairs, colours(scale(apart)), 16 * grid.inches)
    cells.set(cmap=colours, norm=scale)
    bar = figure.colorbar(cells, ax=axes, shrink=0.7, pad=0.02)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(labelsize=8, labelcolor=INK, color=LINE)
    bar.set_label("distance between prototypes", fontsize=8.5, color=FAINT)
    return figure


def hit_map(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """How many training samples lie at each unit: the darker, the more."""
    import numpy as np

    grid = UnitGrid.of(mapper)
    if grid is None:
        return _no_map(title)
    hits = np.bincount(_places(samples, mapper, "train"), minlength=len(grid.positions))
    bare = int((hits == 0).sum())
    figure, axes = grid.figure(
        f"{title}: {int(hits.sum()):,} training samples, {bare} of {len(hits)} units without"
    )
    depth = np.sqrt(hits / max(1, hits.max()))
    grid.cells(axes, _depths()(depth))
    texts = [str(number) if number else "" for number in hits]
    grid.write(axes, texts, np.where(depth > 0.5, "white", INK))
    return figure


def component_planes(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """What the units stand for: a plane for each named column, or each prototype in its place."""
    grid = UnitGrid.of(mapper)
    if grid is None:
        return _no_map(title)
    prototypes = mapper.member.prototypes.numpy()
    names = list(getattr(mapper.own_codec, "names", None) or [])
    if prototypes.ndim == 4:
        return _pictures(grid, prototypes, f"{title}: prototypes")
    if len(names) == prototypes.shape[1]:
        return _planes(grid, prototypes, names, title)
    return _curves(grid, prototypes, f"{title}: prototypes")


def label_map(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """The most frequent label of each unit's training samples; the paler, the more mixed."""
    import numpy as np

    from genloom.metrics import maps

    grid = UnitGrid.of(mapper)
    if grid is None:
        return _no_map(title)
    units, labels = _places(samples, mapper, "train"), _labels(samples, mapper, "train")
    label = maps.unit_labels(units, labels, mapper.member.prototypes)
    hits = np.bincount(units, minlength=len(label))
    own = np.bincount(units[labels == label[units]], minlength=len(label))
    places, known = _places(samples, mapper, "test"), _labels(samples, mapper, "test")
    accuracy = maps.label_map_accuracy(label, places, known)
    figure, axes = grid.figure(
        f"{title}: labels, right for {accuracy:.1%} of test samples",
        more=1.6,
        least=0.19 * len(mapper.classes[:NAMED]),
    )
    colours = _colours(len(mapper.classes))[label]
    colours[:, 3] = np.where(hits > 0, 0.15 + 0.75 * own / np.maximum(hits, 1), 0.0)
    grid.cells(axes, colours)
    grid.write(axes, [_brief(mapper.classes[number]) for number in label])
    _legend(axes, mapper.classes, _colours(len(mapper.classes)))
    return figure


def clusters(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """As many clusters of the map as there are classes, found without labels; labels written in."""
    from genloom.metrics import maps

    grid = UnitGrid.of(mapper)
    if grid is None:
        return _no_map(title)
    prototypes, count = mapper.member.prototypes, len(mapper.classes)
    units, labels = _places(samples, mapper, "train"), _labels(samples, mapper, "train")
    cluster = maps.unit_clusters(prototypes, units, count)
    label = maps.unit_labels(units, labels, prototypes)
    places, known = _places(samples, mapper, "test"), _labels(samples, mapper, "test")
    agreement = maps.adjusted_rand(cluster[places], known)
    found = int(cluster.max()) + 1
    figure, axes = grid.figure(
        f"{title}: {found} clusters of the map, adjusted Rand index {agreement:.2f}"
    )
    colours = _colours(found)[cluster]
    colours[:, 3] = 0.55
    grid.cells(axes, colours)
    pairs = grid.pairs()
    parted = pairs[cluster[pairs[:, 0]] != cluster[pairs[:, 1]]]
    grid.draw_borders(axes, parted, INK, 1.6)
    grid.write(axes, [_brief(mapper.classes[number]) for number in label])
    return figure


def _planes(grid: UnitGrid, prototypes: "NDArray[Any]", names: list[str], title: str) -> "Figure":
    """A small map for every column, coloured by its value in the prototypes."""
    from matplotlib import colormaps

    shown = names[:PLANES]
    per_row = min(PER_ROW, len(shown))
    lines = -(-len(shown) // per_row)
    note = "" if len(shown) == len(names) else f" (first {len(shown)} of {len(names)})"
    high = 1.6 * grid.size[1] / grid.size[0]
    figure = start_figure(
        max(1.6 * per_row, 4.2), (high + 0.36) * lines + 0.5, f"{title}: component planes{note}"
    )
    for place, name in enumerate(shown):
        axes = grid.prepare(figure.add_subplot(lines, per_row, place + 1))
        values = prototypes[:, place]
        low, top = float(values.min()), float(values.max())
        grid.cells(axes, colormaps["cividis"]((values - low) / max(top - low, 1e-9)))
        axes.set_title(
            f"{short(name, 22)}\n{low:.1f} to {top:.1f}", fontsize=7, color=INK, loc="left", **PLAIN
        )
    return figure


def _pictures(grid: UnitGrid, prototypes: "NDArray[Any]", title: str) -> "Figure":
    """Prototypes that are pictures, each where its unit sits, enlarged by a whole factor."""
    import numpy as np

    _, high, wide = prototypes.shape[1:]
    room = min(PICTURE, ACROSS / grid.size.max())
    times = max(1, round(room / max(high, wide)))
    step = times * max(high, wide) + GUTTER
    # Pictures are square, so that rows of a hexagonal grid lie further apart than they are.
    row = np.unique(grid.positions[:, 1].round(4), return_inverse=True)[1]
    column = np.rint(grid.positions[:, 0] * step).astype(int)
    corner = np.stack([column, row * step], axis=1)
    canvas = np.ones((corner[:, 1].max() + step, corner[:, 0].max() + step, 3), np.float32)
    for picture, (left, top) in zip(prototypes, corner, strict=True):
        pixels = (picture.clip(-1, 1).transpose(1, 2, 0) + 1) / 2
        large = pixels.repeat(times, axis=0).repeat(times, axis=1)
        canvas[top : top + high * times, left : left + wide * times] = large
    height, width = canvas.shape[:2]
    around = 24
    full = width + 2 * around, height + 2 * around + 40
    figure = start_figure(full[0] / DPI, full[1] / DPI, title)
    figure.set_layout_engine("none")  # it would not keep whole pixels
    axes = figure.add_axes((around / full[0], around / full[1], width / full[0], height / full[1]))
    axes.imshow(canvas, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    return figure


def _curves(grid: UnitGrid, prototypes: "NDArray[Any]", title: str) -> "Figure":
    """Prototypes whose numbers have no names, such as windows of a series, as lines."""
    import numpy as np

    figure, axes = grid.figure(title)
    grid.cells(axes, PALE)
    low, high = prototypes.min(), prototypes.max()
    right = np.linspace(-0.36, 0.36, prototypes.shape[1])
    up = 0.3 - 0.6 * (prototypes - low) / max(high - low, 1e-9)
    for (x, y), line in zip(grid.positions, up, strict=True):
        axes.plot(x + right, y + line, color=BLUE, linewidth=0.9)
    return figure


def _places(samples: "pd.DataFrame", mapper: Fitted, split: str) -> "NDArray[Any]":
    found: NDArray[Any] = mapper.member.place(
        mapper.encode(samples[samples["split"] == split])
    ).numpy()
    return found


def _labels(samples: "pd.DataFrame", mapper: Fitted, split: str) -> "NDArray[Any]":
    found: NDArray[Any] = mapper.encode_labels(samples[samples["split"] == split]).numpy()
    return found


def _brief(name: str) -> str:
    """As much of a class's name as a cell has room for."""
    return " ".join(name.split())[:4]


def _colours(count: int) -> "NDArray[Any]":
    """A colour for each of some classes, ``[count, 4]``; beyond twenty they come again."""
    import numpy as np
    from matplotlib import colormaps

    colours = colormaps["tab10" if count <= 10 else "tab20"]
    return np.array([colours(number % colours.N) for number in range(count)])


def _depths() -> Any:
    """A colour map from pale to dark."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("depths", [PALE, DARK])


def _legend(axes: "Axes", classes: list[str], colours: "NDArray[Any]") -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=tuple(colour), label=short(name))
        for name, colour in zip(classes[:NAMED], colours, strict=False)
    ]
    legend = axes.legend(
        handles=handles, frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1)
    )
    for text in legend.get_texts():
        text.set(color=INK, parse_math=False)


def _no_map(title: str) -> "Figure":
    return empty(start_figure(4.6, 1.4, title), "its units have no place on a map")
