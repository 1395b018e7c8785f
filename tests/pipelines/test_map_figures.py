"""Pictures of maps: what they say, on rectangular and hexagonal grids."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.collections import LineCollection, PolyCollection
from PIL import Image
from sklearn.datasets import load_digits

from genloom import members
from genloom.domains import images, tables
from genloom.domains.codecs import codec_to_dict
from genloom.domains.tables.codec import TableCodec
from genloom.fitted import Fitted
from genloom.metrics import maps
from genloom.pipelines import map_figures, unit_grid

DRAWN = [
    *(map_figures.u_matrix, map_figures.hit_map, map_figures.component_planes),
    *(map_figures.label_map, map_figures.clusters),
]
SPLITS = np.array(["train", "train", "train", "validation", "test"])
FORMS = [
    {"rows": 4, "columns": 5},
    {"rows": 4, "columns": 4, "grid": "hexagonal", "toroidal": True},
    {"rows": 1, "columns": 6},
    {"rows": 25, "columns": 20},
]


class Nameless(TableCodec):
    """A codec of vectors that does not say what their numbers are."""

    names = None


def picture(pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray((pixels * 15.9).astype(np.uint8)).save(buffer, format="png")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def digits() -> pd.DataFrame:
    found = load_digits()
    content = [picture(pixels) for pixels in found.images[:300]]
    label = [f"$no_{digit}" for digit in found.target[:300]]  # a dollar sign is no formula
    return pd.DataFrame({"content": content, "label": label, "split": SPLITS[np.arange(300) % 5]})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(0)
    label = np.array(["left", "right"])[np.arange(200) % 2]
    values = random.normal(size=(200, 32)) + 4 * (np.arange(200) % 2)[:, None]
    names = [f"column {place}" for place in range(32)]
    content = [pd.Series(dict(zip(names, row, strict=True))).to_json() for row in values]
    return pd.DataFrame({"content": content, "label": label, "split": SPLITS[np.arange(200) % 5]})


def fit(samples, codec, network="self_organizing_map", **more) -> Fitted:
    block = {"role": "mapper", "task": "map", "network": network, **more}
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    train = samples[samples["split"] == "train"]
    member.fit(codec.encode(train), codec.encode_labels(train), seed=0)
    how = {"shape": codec.shape, "classes": list(codec.classes), "codec": codec_to_dict(codec)}
    return Fitted(member=member, block=block, seed=0, data_digest="", **how)


def png(figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def draw(picture, samples, mapper):
    return picture(samples, mapper, {}, seed=0, title="som")


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def cells(axes) -> PolyCollection:
    return next(part for part in axes.collections if isinstance(part, PolyCollection))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_picture_can_be_drawn_and_has_the_same_bytes_again(digits, form):
    mapper = fit(digits, images.fit_codec(digits), **form)
    for picture in DRAWN:
        figures = [draw(picture, digits, mapper) for _ in range(2)]
        first, again = map(png, figures)
        assert first == again
        assert len(first) > 1000
        assert figures[0].get_suptitle().startswith("som: ")


def test_cells_are_squares_or_hexagons(digits):
    for grid, corners in (("rectangular", 4), ("hexagonal", 6)):
        mapper = fit(digits, images.fit_codec(digits), rows=3, columns=4, grid=grid)
        (axes, *_) = draw(map_figures.hit_map, digits, mapper).axes
        outlines = cells(axes).get_paths()
        assert len(outlines) == 12
        assert len(outlines[0].vertices) == corners + 1  # back to the first
        middle = [path.vertices[:-1].mean(axis=0) for path in outlines]
        assert np.allclose(middle, mapper.member.positions.numpy(), atol=1e-6)


def test_hits_are_counts_of_training_samples(digits):
    mapper = fit(digits, images.fit_codec(digits), rows=4, columns=5)
    figure = draw(map_figures.hit_map, digits, mapper)
    train = digits[digits["split"] == "train"]
    hits = np.bincount(mapper.member.place(mapper.encode(train)), minlength=20)
    assert texts(figure) == [str(count) if count else "" for count in hits]
    bare = int((hits == 0).sum())
    assert figure.get_suptitle() == f"som: 180 training samples, {bare} of 20 units without"
    dark = cells(figure.axes[0]).get_facecolor()[:, :3].sum(axis=1)
    assert (np.diff(dark[np.argsort(hits, kind="stable")]) <= 1e-9).all()


def test_many_units_have_no_texts(digits):
    mapper = fit(digits, images.fit_codec(digits), rows=25, columns=20)
    assert unit_grid.TEXTS_UP_TO < 25 * 20
    assert texts(draw(map_figures.hit_map, digits, mapper)) == []


def test_labels_are_those_of_training_samples_and_held_against_the_test_split(digits):
    mapper = fit(digits, images.fit_codec(digits), rows=6, columns=6)
    figure = draw(map_figures.label_map, digits, mapper)
    parts = {split: digits[digits["split"] == split] for split in ("train", "test")}
    places = {split: mapper.member.place(mapper.encode(part)) for split, part in parts.items()}
    known = {split: mapper.encode_labels(part) for split, part in parts.items()}
    label = maps.unit_labels(places["train"], known["train"], mapper.member.prototypes)
    share = maps.label_map_accuracy(label, places["test"], known["test"])
    assert figure.get_suptitle() == f"som: labels, right for {share:.1%} of test samples"
    assert texts(figure) == ["$no_" for _ in label]
    (legend,) = [axes.get_legend() for axes in figure.axes]
    assert [text.get_text() for text in legend.get_texts()] == mapper.classes
    colours = cells(figure.axes[0]).get_facecolor()[:, :3]
    for number in set(label.tolist()):
        assert len(np.unique(colours[label == number].round(4), axis=0)) == 1


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
def test_lines_part_the_clusters_and_nothing_else(digits, grid):
    mapper = fit(digits, images.fit_codec(digits), rows=6, columns=5, grid=grid)
    figure = draw(map_figures.clusters, digits, mapper)
    train = digits[digits["split"] == "train"]
    units = mapper.member.place(mapper.encode(train))
    cluster = maps.unit_clusters(mapper.member.prototypes, units, 10)
    (axes, *_) = figure.axes
    (lines,) = [part for part in axes.collections if isinstance(part, LineCollection)]
    where, drawn = mapper.member.positions.numpy(), 0
    for line in lines.get_segments():
        # The two cells that a side belongs to are the nearest to its middle.
        one, other = np.argsort(np.linalg.norm(where - line.mean(axis=0), axis=1))[:2]
        assert cluster[one] != cluster[other]
        length = 1 if grid == "rectangular" else 3**-0.5
        assert np.linalg.norm(line[1] - line[0]) == pytest.approx(length, abs=1e-4)
        drawn += 1
    apart = np.linalg.norm(where[:, None] - where, axis=2)
    sides = np.argwhere(np.triu((apart > 0) & (apart < 1.1)))
    assert drawn == (cluster[sides[:, 0]] != cluster[sides[:, 1]]).sum()


def test_the_u_matrix_is_darkest_where_neighbours_are_most_unlike(rows):
    mapper = fit(rows, tables.fit_codec(rows), rows=3, columns=8)
    figure = draw(map_figures.u_matrix, rows, mapper)
    heights = mapper.member.u_matrix().numpy()
    light = cells(figure.axes[0]).get_facecolor()[:, :3].sum(axis=1)
    assert light.argmin() == heights.argmax()
    assert (np.diff(light[np.argsort(heights)]) <= 1e-9).all()


def test_prototypes_that_are_pictures_stand_in_their_places(digits):
    mapper = fit(digits, images.fit_codec(digits), rows=3, columns=4)
    (axes,) = draw(map_figures.component_planes, digits, mapper).axes
    canvas = np.asarray(axes.images[0].get_array())
    step = canvas.shape[0] // 3
    times = round((step - map_figures.GUTTER) / 8)
    tile = canvas[step : step + 8 * times : times, 2 * step : 2 * step + 8 * times : times, 0]
    assert np.allclose(tile, (mapper.member.prototypes[6, 0].clamp(-1, 1).numpy() + 1) / 2)


def test_columns_have_a_plane_each_by_name(rows):
    mapper = fit(rows, tables.fit_codec(rows), rows=3, columns=4)
    figure = draw(map_figures.component_planes, rows, mapper)
    assert figure.get_suptitle() == "som: component planes (first 30 of 32)"
    titles = [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes]
    assert titles == [f"column {place}" for place in range(30)]
    light = cells(figure.axes[4]).get_facecolor()[:, :3].sum(axis=1)
    assert light.max() == light[mapper.member.prototypes[:, 4].argmax()]
    assert light.min() == light[mapper.member.prototypes[:, 4].argmin()]


def test_numbers_without_names_are_curves(rows):
    mapper = fit(rows, tables.fit_codec(rows), rows=3, columns=4)
    vars(mapper)["own_codec"] = Nameless.from_dict(tables.fit_codec(rows).to_dict())
    (axes,) = draw(map_figures.component_planes, rows, mapper).axes
    assert len(axes.lines) == 12
    assert len(axes.lines[0].get_xdata()) == 32
    heights = -torch.tensor(np.array([line.get_ydata() for line in axes.lines]))
    heights += mapper.member.positions[:, 1:]
    flat = mapper.member.prototypes
    assert torch.corrcoef(torch.stack([heights.flatten(), flat.flatten()]))[0, 1] > 0.999


def test_k_means_has_no_map_and_says_so(digits):
    mapper = fit(digits, images.fit_codec(digits), network="kmeans", units=9)
    for picture in DRAWN:
        figure = draw(picture, digits, mapper)
        assert "no place on a map" in " ".join(text.get_text() for text in figure.texts)
        assert len(png(figure)) > 500
