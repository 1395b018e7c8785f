"""A map of chemical space: like molecules near each other, real and generated in one map.

van der Maaten and Hinton, Visualizing data using t-SNE (2008), JMLR 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.molecules.drawings import (
    GAP,
    MARGIN,
    WIDTH,
    Cell,
    blank_page,
    draw_cell,
    place_axes,
    write,
)
from genloom.domains.molecules.likeness import as_numbers, distances, fingerprints
from genloom.domains.molecules.shown import shown
from genloom.domains.text.style import BLUE, INK, LINE, ORANGE, empty

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

MOST = 400  # molecules of each kind
FEWEST = 8  # of both kinds together that make a map
REGIONS = 6  # that are numbered, with a molecule of each kind drawn beside the map
PERPLEXITY, ITERATIONS = 30, 750
SIDE = 376.0  # of the map, in points
TOP = 62.0


def space(samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str) -> Figure:
    """A map of real and generated molecules by their Morgan fingerprints.

    Args:
        samples: The domain's samples; at most 400 molecules of the test split are shown.
        codec: Not needed: a generator has its own.
        generator: A fitted generator, which draws as many of the same classes.
        seed: Of what is drawn and of the map.
        title: The generator's name.
    """
    heading = f"{title}: a map of real and generated molecules"
    two = shown(samples, generator, MOST, seed=seed)
    if two is None:
        return empty(heading, "there are no molecules in the test split")
    if len(two.real) + len(two.made) < FEWEST:
        return empty(heading, f"a map needs {FEWEST} molecules or more")
    molecules = [*two.real, *two.made]
    points, regions = mapped(fingerprints(molecules), seed)
    real = len(two.real)

    high = TOP + SIDE + MARGIN
    figure, page = blank_page(heading, high)
    axes = place_axes(figure, MARGIN, TOP, SIDE, SIDE)
    axes.set(xticks=[], yticks=[], xlim=(-1.07, 1.07), ylim=(-1.07, 1.07), facecolor="#fafbfc")
    axes.spines[:].set_color(LINE)
    dots: dict[str, Any] = {"s": 15, "linewidths": 0.4, "edgecolors": "white"}
    # Neither kind shall hide the other: in turns, as far as there are both.
    order = sorted(range(len(points)), key=lambda row: row if row < real else row - real + 0.5)
    colours = [BLUE if row < real else ORANGE for row in order]
    x, y = points[order].T
    axes.scatter(x, y, c=colours, alpha=0.8, **dots)
    write(page, MARGIN, TOP - 17, f"{real} real ones of the test split", size=8.5, color=BLUE)
    generated = f"{len(two.made)} generated, of {two.drawn} that were drawn"
    write(page, MARGIN + 165, TOP - 17, generated, size=8.5, color=ORANGE)
    _legend_of_regions(page, axes, points, regions, real, molecules)
    return figure


def mapped(prints: list[Any], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Where fingerprints are on a map, and in which of its regions.

    Distances are one minus Tanimoto similarity. The map starts from the two directions in which
    the fingerprints vary most, so that what is far apart stays so.

    Args:
        prints: RDKit's bit vectors, at least eight.
        seed: Of the map.

    Returns:
        Points ``[n, 2]`` from -1 to 1, and the number of the region of each, ``[n]``; regions are
        counted from the top of the map.
    """
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    bits = as_numbers(prints)
    # The order of sums, and with it every digit, would depend on the number of threads.
    with threadpool_limits(limits=1):
        rows, sizes, _ = np.linalg.svd(bits - bits.mean(axis=0), full_matrices=False)
        start = rows[:, :2] * sizes[:2]
        start *= 1e-4 / max(1e-12, start[:, 0].std())
        tsne = TSNE(
            metric="precomputed",
            init=start,
            perplexity=min(PERPLEXITY, (len(prints) - 1) / 3),
            learning_rate="auto",
            random_state=seed % 2**32,
            max_iter=ITERATIONS,
            n_jobs=1,
        )
        points = tsne.fit_transform(distances(prints)).astype(np.float64)
        points -= (points.max(axis=0) + points.min(axis=0)) / 2
        points /= np.maximum(1e-12, np.abs(points).max(axis=0))
        most = min(REGIONS, len(prints) // 4, len(np.unique(points, axis=0)))
        found = KMeans(most, n_init=4, random_state=seed % 2**32)
        regions = found.fit_predict(points)
    rank = np.argsort(np.argsort(-found.cluster_centers_[:, 1], kind="stable"), kind="stable")
    return points, rank[regions]


def _legend_of_regions(
    page: Any, axes: Any, points: np.ndarray, regions: np.ndarray, real: int, molecules: list[Any]
) -> None:
    """Numbers on the map, and beside it a real and a generated molecule from where each is."""
    import numpy as np
    from rdkit import Chem

    count = int(regions.max()) + 1
    left = MARGIN + SIDE + 2 * GAP
    wide = (WIDTH - MARGIN - left - GAP) / 2
    step = SIDE / REGIONS
    write(page, left, TOP - 17, "nearest to each number", size=8.5)
    for number in range(count):
        inside = np.flatnonzero(regions == number)
        centre = points[inside].mean(axis=0)
        mark: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5, "color": INK}
        ring = {"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": INK, "lw": 0.9}
        axes.text(*centre, str(number + 1), bbox=ring, fontweight="bold", **mark)
        top = TOP + number * step
        page.plot([left, WIDTH - MARGIN], [top, top], color=LINE, linewidth=0.7)
        write(page, left, top + 10, str(number + 1), size=8.5, color=INK, fontweight="bold")
        kinds = ((inside[inside < real], "no real one"), (inside[inside >= real], "none generated"))
        for side, (some, nothing) in enumerate(kinds):
            cell = Cell(remark=nothing)
            if len(some):
                far = np.linalg.norm(points[some] - centre, axis=1)
                cell = Cell(Chem.MolToSmiles(molecules[some[far.argmin()]]))
            draw_cell(page, cell, left + side * (wide + GAP), top + 4, wide, step - 8)
        for side, (name, tint) in enumerate((("real", BLUE), ("generated", ORANGE))):
            if number == 0:
                write(page, left + side * (wide + GAP) + 14, top - 4, name, size=8, color=tint)
