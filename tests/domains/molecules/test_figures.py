"""Pages of molecules, curves of their properties, their relatives, and a chart of generators."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.collections import PathCollection
from matplotlib.text import Text

from genloom.domains.molecules import charts, drawings, figures, likeness, outlines, shown

CHAINS = ["C" * n + end for n in range(1, 9) for end in ("O", "N", "Cl", "c1ccccc1")]
WRITTEN = ["CCO", "c1ccccc1C(=O)O", "C1CC(", "", "CCN(CC)CC", "CC(C)(C)(C)(C)C"]


def rendered(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60, metadata={"Software": None})
    return buffer.getvalue()


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def drawn(figure) -> int:
    """How many molecules a page shows."""
    return len(figure.axes[0].findobj(PathCollection))


def table(classes=("high", "low"), contents=CHAINS) -> pd.DataFrame:
    splits = ["train", "train", "test", "train", "test"]
    rows = [
        (text, classes[place % len(classes)], splits[place % 5])
        for place, text in enumerate(contents)
    ]
    return pd.DataFrame(rows, columns=["content", "label", "split"])


class Writer:
    """A generator that writes the same texts again and again, and its codec."""

    def __init__(self, written: list[str]) -> None:
        self.written, self.asked = written, []
        self.member = self.own_codec = self

    def encode_labels(self, samples: pd.DataFrame) -> torch.Tensor:
        return torch.tensor([["high", "low"].index(label) for label in samples["label"]])

    def sample(self, n: int, *, labels: torch.Tensor, seed: int) -> list[int]:
        self.asked.append((n, labels.tolist(), seed))
        return list(range(n))

    def decode(self, rows: list[int]) -> list[str]:
        return [self.written[row % len(self.written)] for row in rows]


def picture(name: str, written=WRITTEN, samples=None):
    samples = table() if samples is None else samples
    return figures.FIGURES[name](samples, None, Writer(list(written)), seed=3, title="lstm")


# ------------------------------------------------------------------ every picture
@pytest.mark.parametrize("name", ["properties", "nearest"])
def test_equal_data_gives_equal_bytes(name):
    first, second = (rendered(picture(name)) for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", figures.FIGURES)
def test_without_test_molecules_or_valid_samples_a_sentence_says_so(name):
    samples = table()
    none = picture(name, samples=samples[samples["split"] == "train"])
    assert any("there are no molecules in the" in text for text in texts(none))
    if name != "space":
        assert any("none of what it generated" in text for text in texts(picture(name, ["C1C"])))


def test_every_picture_has_a_caption():
    shown = {"gallery", *figures.FIGURES, *figures.FIGURES_ON_REQUEST, *figures.CHARTS}
    assert set(figures.CAPTIONS) == shown


def test_importing_the_module_imports_nothing_heavy():
    code = (
        "import sys, genloom.domains.molecules.figures;"
        "heavy = ('pandas', 'matplotlib', 'torch', 'rdkit', 'sklearn', 'scipy');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_samples_are_drawn_of_the_classes_of_the_real_molecules():
    samples, writer = table(), Writer(WRITTEN)
    two = shown.shown(samples, writer, 10, seed=7)
    test = samples[samples["split"] == "test"]
    kept = test.iloc[shown.spread(range(len(test)), 10)]
    assert writer.asked == [(10, writer.encode_labels(kept).tolist(), 7)]
    assert (len(two.real), two.drawn) == (10, 10)
    # What is no molecule is left out, and spelt as RDKit spells it.
    assert two.texts == ["CCO", "O=C(O)c1ccccc1", "CCN(CC)CC", "CCO", "O=C(O)c1ccccc1"]


# ------------------------------------------------------------------ drawings
def test_molecules_are_drawn_and_other_texts_boxed():
    figure = drawings.molecule_grid(
        ["CCO", "C1CC(", "", "c1ccncc1"], ["one", "two", "", "a\nb"], columns=3, title="$x$"
    )
    assert drawn(figure) == 2
    assert texts(figure) == ["$x$", "one", "C1CC(", "two", "a", "b"]
    assert rendered(figure) == rendered(
        drawings.molecule_grid(
            ["CCO", "C1CC(", "", "c1ccncc1"], ["one", "two", "", "a\nb"], columns=3, title="$x$"
        )
    )
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())


def test_a_grid_is_as_high_as_its_rows_and_notes():
    def height(count: int, caption: str) -> float:
        figure = drawings.molecule_grid(["C"] * count, [caption] * count, columns=2, title="x")
        return figure.get_size_inches()[1]

    assert height(3, "a") > height(2, "a") == height(1, "a") > height(1, "")
    assert height(1, "a\nb") > height(1, "a")


def test_no_molecules_make_a_sentence_and_uneven_captions_an_error():
    assert "there is no molecule to show" in texts(drawings.molecule_grid([], [], title="x"))
    with pytest.raises(ValueError, match="shorter"):
        drawings.molecule_grid(["C"], [], title="x")


def test_shapes_stay_inside_their_place():
    molecule = drawings.parsed("CC(=O)Nc1ccc(O)cc1[N+](C)(C)CCCCCCCCCC")
    shapes = list(outlines._shapes(molecule, (0, 1), 80, 60))
    assert {kind for kind, _ in shapes} == {"path", "ellipse"}
    points = np.concatenate([outlines._path(s["d"]).vertices for k, s in shapes if k == "path"])
    assert points.min() >= 0
    assert (points.max(axis=0) <= np.array([80, 60]) * outlines.FINE).all()


def test_long_texts_are_cut_and_remarks_wrapped():
    assert drawings._cut("C" * 25, 10, 2, wrap=False) == ["C" * 10, "C" * 9 + "…"]
    assert drawings._cut("nothing of this class", 10, 4, wrap=True) == ["nothing of", "this class"]


# ------------------------------------------------------------------ gallery
def test_a_gallery_has_real_and_generated_molecules_of_every_class():
    samples = table()
    synthetic = pd.DataFrame({"content": WRITTEN, "label": ["low"] * 6})
    figure = figures.gallery(samples, synthetic, title="lstm")
    said = texts(figure)
    assert said[:3] == [
        *("lstm: real beside generated", "real, training split", "generated by lstm"),
    ]
    assert "nothing of this class" in " ".join(said)
    assert said.count("no molecule") == 3
    assert "C1CC(" in said
    assert "an empty text" in said
    train = samples[samples["split"] == "train"]
    real = sum(min(9, count) for count in train["label"].value_counts())
    assert drawn(figure) == real + 3
    assert "logP -0.0  QED 0.41" in said  # ethanol
    assert rendered(figure) == rendered(figures.gallery(samples, synthetic, title="lstm"))


def test_of_many_classes_the_largest_six_are_shown_and_said():
    names = [f"c{n}" for n in range(8)]
    samples = table(names).assign(split="train")
    figure = figures.gallery(samples, samples[:0], title="lstm")
    assert texts(figure)[0] == "lstm: real beside generated (the 6 largest of 8 classes)"
    assert [text for text in texts(figure) if text in names] == names[:6]


# ------------------------------------------------------------------ properties, relatives
def test_properties_compare_medians_of_real_and_generated_molecules():
    figure = picture("properties")
    test = table().query("split == 'test'")["content"]
    real = shown.values([drawings.parsed(text) for text in test])
    made = shown.values(
        [drawings.parsed(WRITTEN[n % 6]) for n in range(len(test)) if n % 6 in (0, 1, 4)]
    )
    assert len(figure.axes) == 4
    for axes, name in zip(figure.axes, shown.PANELS, strict=True):
        medians = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "^"]
        assert medians == [np.median(real[name]), np.median(made[name])]
    (legend,) = figure.legends
    says = [text.get_text() for text in legend.get_texts()]
    assert says[:2] == ["real, test split: 12", "generated: 6 molecules of 12 drawn"]


def test_equal_molecules_are_a_line_instead_of_a_curve():
    assert figures._density(np.full(5, 2.0), np.linspace(0, 4, 8)) is None
    assert rendered(picture("properties", ["CCO"]))


def test_the_nearest_are_shown_from_near_to_far_with_copies_named():
    samples = table()
    train = list(samples.query("split == 'train'")["content"])
    figure = picture("nearest", [train[0], "CCCCCCCCCCN", "OC1CCCC1O"], samples)
    said = texts(figure)
    similarities = [float(text.split()[1]) for text in said if text.startswith("similarity 0")]
    assert "a copy of it" in said
    assert similarities == sorted(similarities, reverse=True)
    assert drawn(figure) == 16
    assert f"similarity to the nearest of {len(train)} training molecules" in said


def test_likeness_finds_the_first_of_the_most_similar():
    molecules = [drawings.parsed(text) for text in ("CCO", "c1ccccc1", "CCO", "CCCO")]
    prints = likeness.fingerprints(molecules)
    found, similarity = likeness.nearest(prints[2:], prints[:2])
    assert found.tolist() == [0, 0]
    assert similarity[0] == 1 > similarity[1] > 0
    apart = likeness.distances(prints)
    assert np.diag(apart).tolist() == [0, 0, 0, 0]
    assert apart[3, 0] == pytest.approx(1 - similarity[1])


def test_shared_atoms_are_those_with_the_same_surroundings():
    acid, amide = (drawings.parsed(text) for text in ("OC(=O)c1ccccc1", "NC(=O)c1ccccc1"))
    ours, theirs = likeness.shared_atoms(acid, amide)
    assert ours == theirs  # the ring and what is bound to it, spelt alike
    assert {3, 4, 5, 6, 7, 8} <= set(ours)
    assert 0 not in ours
    assert likeness.shared_atoms(acid, drawings.parsed("CCCC")) == ((), ())
    assert likeness.shared_atoms(acid, acid)[0] == tuple(range(9))


# ------------------------------------------------------------------ the chart
def metrics(**generators: dict[str, float]) -> pd.DataFrame:
    rows = [
        {"subject": name, "recipe": "none", "metric": metric, "value": value}
        for name, own in generators.items()
        for metric, value in own.items()
    ]
    return pd.DataFrame(rows, columns=["subject", "recipe", "metric", "value"])


def test_generators_stand_in_the_order_of_their_distance():
    found = metrics(
        far={"validity": 0.5, "novelty": 1.0, "fcd": 9.0},
        none={"validity": 0.1, "fcd": float("nan")},
        near={"validity": 0.9, "uniqueness_1k": 0.8, "fcd": 2.5},
        real={"validity": 1.0, "novelty": 0.0, "fcd": 1.25},
    )
    figure = charts.trade_off(found, {}, floors=["far"])
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["near", "far", "none"]
    dots = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in left.lines
        if len(line.get_xdata()) == 1
    ]
    assert dots == [(90, 0), (80, 0), (50, 1), (100, 1), (10, 2)]
    assert [bar.get_width() for bar in right.patches] == [2.5, 9.0]
    said = texts(figure)
    assert {"2.50", "9.00", "real training molecules: 1.25", " not measured"} <= set(said)
    assert rendered(figure)


def test_without_generators_a_sentence_says_so():
    nobody = charts.trade_off(metrics(real={"fcd": 1.0}), {}, floors=[])
    assert any("no generator has" in text for text in texts(nobody))
    assert rendered(charts.trade_off(metrics(a={"validity": 1.0}), {}, floors=[]))
