"""Pictures of mappers: what survives a code, a cleaning, and how far strange samples stand out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genloom.fitted import Fitted
from genloom.pipelines import map_figures
from genloom.pipelines import mapping as verb
from genloom.pipelines.figures import BLUE, FAINT, INK, LINE, ORANGE, PLAIN, start_figure, tidy
from genloom.seeds import derive_seed
from genloom.tasks import abnormal_classes, is_abnormal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

SHOWN = 10  # samples in a picture
CLASSES_SHOWN = 12  # classes that have a colour of their own


def picture(
    samples: "pd.DataFrame",
    mapper: Fitted,
    mapping: dict[str, Any],
    seed: int,
    *,
    draw: Callable[..., "Figure"],
    title: str,
) -> "Figure":
    """A picture of a fitted mapper.

    Args:
        samples: The domain's samples.
        mapper: The fitted mapper.
        mapping: The domain's ``mapping``.
        seed: The project's seed.
        draw: What draws it: ``draw(samples, mapper, mapping, *, seed, title)``.
        title: The mapper's name.
    """
    return draw(samples, mapper, mapping, seed=derive_seed(seed, "picture"), title=title)


def reconstructions(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """Test samples and what comes out of their codes; of vectors, how well each column survives."""
    x = mapper.encode(samples[samples["split"] == "test"])
    restored = mapper.member.reconstruct(x)
    name = f"{title}: from {x[0].numel()} numbers to {mapper.member.code_size} and back"
    if x.ndim == 4:
        return _strips({"sample": x[:SHOWN], "back": restored[:SHOWN]}, name)
    left = ((x - restored) ** 2).mean(0) / x.var(0, correction=0).clamp_min(1e-9)
    kept = (1 - left).flatten().sort(descending=True).values.numpy()
    figure = start_figure(5.6, 3.4, name)
    axes = tidy(figure.add_subplot())
    axes.bar(range(1, len(kept) + 1), kept, color=BLUE)
    axes.set_ylim(min(0, float(kept.min())), 1)
    axes.set_xlabel("column, the best kept first", fontsize=9, color=FAINT)
    axes.set_ylabel("explained variance", fontsize=9, color=FAINT)
    return figure


def latent(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """The codes of test samples in the plane of their two main directions, a colour per class."""
    from sklearn.decomposition import PCA

    test = samples[samples["split"] == "test"]
    codes = mapper.member.embed(mapper.encode(test)).numpy()
    if codes.shape[1] > 2:
        codes = PCA(2, svd_solver="full").fit_transform(codes)
    figure = start_figure(5.6, 4.6, f"{title}: codes of the test samples")
    axes = tidy(figure.add_subplot())
    labels = test["label"].astype(str).to_numpy()
    _scatter(axes, codes, labels, [str(name) for name in mapper.own_codec.classes])
    return figure


def denoised(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """The first test samples, with each noise at its strongest, and what is made of them."""
    from genloom.noise import add_noise

    x = mapper.encode(samples[samples["split"] == "test"])[:SHOWN]
    rows: dict[str, Tensor] = {"clean": x}
    for kind, level in dict(verb.noises(mapping)).items():
        noisy = add_noise(x, kind, level, seed=derive_seed(seed, kind))
        name = kind.replace("_", " ")
        rows[f"{name} {level}"], rows[f"{name}\nrestored"] = (
            noisy,
            mapper.member.reconstruct(noisy),
        )
    if x.ndim == 4:
        return _strips(rows, f"{title}: with noise, and restored")
    figure = start_figure(7.8, 3.4, f"{title}: with noise, and restored")
    axes = tidy(figure.add_subplot())
    for number, (name, row) in enumerate(rows.items()):
        colour = INK if number == 0 else (ORANGE, BLUE)[(number - 1) % 2]
        axes.plot(row[0].flatten().numpy(), color=colour, label=name, linewidth=1.2)
    axes.legend(frameon=False, fontsize=8)
    return figure


def scores(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], *, seed: int, title: str
) -> "Figure":
    """How the scores of normal and of abnormal test samples are spread, and the ROC curve."""
    import numpy as np
    from sklearn.metrics import roc_curve

    test = verb.to_be_told_apart(samples)
    strange = abnormal_classes(samples, mapping)
    truths = is_abnormal(test, strange)
    found = mapper.member.anomaly_score(mapper.encode(test)).numpy()
    area = verb.ranking_area(found, truths)
    figure = start_figure(7.8, 3.4, f"{title}: AUROC {area:.3f}")
    left, right = (tidy(figure.add_subplot(1, 2, place)) for place in (1, 2))
    positive = found.min() > 0 and found.max() > 50 * found.min()
    values = np.log10(found) if positive else found
    bins = np.linspace(values.min(), values.max() + 1e-9, 30).tolist()
    names = ", ".join(strange)
    for part, colour, name in ((~truths, BLUE, "normal"), (truths, ORANGE, f"abnormal: {names}")):
        left.hist(values[part], bins=bins, color=colour, alpha=0.6, label=name, density=True)
    unit = ", powers of ten" if positive else ""
    left.set_xlabel(f"anomaly score{unit}", fontsize=9, color=FAINT)
    left.legend(frameon=False, fontsize=8)
    if truths.any() and not truths.all():
        wrong, right_ones, _ = roc_curve(truths, found)
        right.plot(wrong, right_ones, color=BLUE, linewidth=1.6)
    right.plot([0, 1], [0, 1], color=LINE, linewidth=1)
    right.set_xlabel("share of normal samples flagged", fontsize=9, color=FAINT)
    right.set_ylabel("share of abnormal samples flagged", fontsize=9, color=FAINT)
    return figure


def _strips(rows: "dict[str, Tensor]", title: str) -> "Figure":
    """Rows of pictures ``[n, channels, height, width]`` in [-1, 1], each with its name."""
    import numpy as np

    columns = max(len(row) for row in rows.values())
    figure = start_figure(1.2 + 0.66 * columns, 0.5 + 0.7 * len(rows), title)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for axes_row, (name, row) in zip(grid, rows.items(), strict=True):
        for axes in axes_row:
            axes.axis("off")
        for axes, x in zip(axes_row, row, strict=False):
            pixels = ((x.clamp(-1, 1) + 1) / 2).permute(1, 2, 0).numpy()
            shown = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
            axes.imshow(shown, interpolation="nearest")
        axes_row[0].text(
            -0.15,
            0.5,
            name,
            ha="right",
            va="center",
            fontsize=8,
            color=INK,
            transform=axes_row[0].transAxes,
            **PLAIN,
        )
    return figure


def _scatter(axes: "Axes", points: Any, labels: Any, classes: list[str]) -> None:
    from matplotlib import colormaps

    colours = colormaps["tab20" if len(classes) > 10 else "tab10"]
    for number, name in enumerate(classes[:CLASSES_SHOWN]):
        own = labels == name
        axes.scatter(
            points[own, 0], points[own, 1], s=9, color=colours(number), label=name, linewidths=0
        )
    rest = ~(labels[:, None] == classes[:CLASSES_SHOWN]).any(axis=1)
    if rest.any():
        axes.scatter(
            points[rest, 0], points[rest, 1], s=6, color=LINE, label="others", linewidths=0
        )
    legend = axes.legend(
        frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1), markerscale=2
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


PICTURES: dict[str, dict[str, Callable[..., "Figure"]]] = {
    "compress": {"reconstructions": reconstructions, "latent": latent},
    "denoise": {"denoised": denoised},
    "detect": {"scores": scores},
    "map": {
        "label_map": map_figures.label_map,
        "u_matrix": map_figures.u_matrix,
        "hit_map": map_figures.hit_map,
        "clusters": map_figures.clusters,
        "component_planes": map_figures.component_planes,
    },
}
CAPTIONS = {
    "reconstructions": "What survives the way through the code: test samples and what comes back "
    "or, of columns, the share of each one's variance.",
    "latent": "Test samples where their codes lie, seen along the two directions in which the "
    "codes spread most. No label was used to place them.",
    "denoised": "The first test samples as they are, with noise, and restored.",
    "scores": "A detector saw normal samples alone. The further apart the two colours, the better "
    "its scores tell what it never saw.",
    "label_map": "Each unit in the colour of the label that most of its training samples carry. "
    "Labels took no part in ordering the map.",
    "u_matrix": "How far the prototypes of neighbouring units are apart: dark ridges part regions.",
    "hit_map": "How many training samples lie at each unit.",
    "clusters": "The units in as many clusters as there are labels, by their prototypes alone.",
    "component_planes": "What the units stand for: a plane for every column or, of pictures and "
    "curves, the prototypes themselves.",
}
