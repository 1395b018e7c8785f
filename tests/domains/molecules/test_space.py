"""Maps of molecules: like ones near each other, the same map from the same seed."""

import io

import numpy as np
import pandas as pd
import torch
from matplotlib.text import Text
from threadpoolctl import threadpool_limits

from genloom.domains.molecules.drawings import parsed
from genloom.domains.molecules.likeness import as_numbers, fingerprints
from genloom.domains.molecules.space import mapped, space

ACIDS = ["C" * n + "C(=O)O" for n in range(1, 13)]
RINGS = ["c1ccccc1" + "C" * n + "N" for n in range(12)]


class Writer:
    def __init__(self, written: list[str]) -> None:
        self.written = written
        self.member = self.own_codec = self

    def encode_labels(self, samples: pd.DataFrame) -> torch.Tensor:
        return torch.zeros(len(samples), dtype=torch.int64)

    def sample(self, n: int, *, labels: torch.Tensor, seed: int) -> range:
        return range(n)

    def decode(self, rows: range) -> list[str]:
        return [self.written[row % len(self.written)] for row in rows]


def drawn(written: list[str], real: list[str] = ACIDS, seed: int = 0):
    samples = pd.DataFrame({"content": real, "label": "", "split": "test"})
    return space(samples, None, Writer(written), seed=seed, title="gpt")


def rendered(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60, metadata={"Software": None})
    return buffer.getvalue()


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def prints() -> list:
    return fingerprints([parsed(text) for text in ACIDS + RINGS])


def test_like_molecules_are_near_each_other():
    points, regions = mapped(prints(), seed=1)
    assert points.shape == (24, 2)
    assert np.abs(points).max(axis=0).tolist() == [1, 1]
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    same = (apart.argmin(axis=1) < 12) == (np.arange(24) < 12)
    assert same.mean() > 0.9
    assert set(regions) == set(range(6))
    heights = [points[regions == number, 1].mean() for number in range(6)]
    assert heights == sorted(heights, reverse=True)


def test_equal_molecules_have_one_place_and_as_few_as_eight_a_map():
    points, regions = mapped(prints()[:1] * 8, seed=0)
    assert np.isfinite(points).all()
    assert len(regions) == 8


def test_a_map_does_not_depend_on_the_number_of_threads():
    found = []
    for threads in (1, 3):
        with threadpool_limits(limits=threads):
            found.append(mapped(prints(), seed=5)[0].tobytes())
    assert found[0] == found[1]


def test_a_picture_shows_both_kinds_and_a_molecule_of_each_region():
    figure = drawn([*RINGS, "C1CC("])
    page, axes = figure.axes
    (dots,) = axes.collections
    said = texts(figure)
    assert len(dots.get_offsets()) == 24
    assert "12 real ones of the test split" in said
    assert "12 generated, of 12 that were drawn" in said
    numbers = [text.get_text() for text in axes.texts]
    assert numbers == list("123456")
    missing = said.count("no real one") + said.count("none generated")
    assert len(page.collections) + missing == 12
    assert rendered(figure) == rendered(drawn([*RINGS, "C1CC("]))


def test_too_few_molecules_make_no_map():
    said = texts(drawn(["C1CC("], ACIDS[:5]))
    assert "a map needs 8 molecules or more" in said


def test_fingerprints_become_zeros_and_ones():
    rows = as_numbers(prints()[:2])
    assert rows.sum(axis=1).tolist() == [one.GetNumOnBits() for one in prints()[:2]]
    assert set(np.unique(rows)) == {0.0, 1.0}
