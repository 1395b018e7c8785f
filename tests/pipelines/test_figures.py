"""Pictures that every domain has."""

import contextlib
import io
import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genloom.io import PictureDataset
from genloom.pipelines import figures


def rendered(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def history(*metrics: str) -> pd.DataFrame:
    steps = range(10, 210, 10)
    rows = [(step, metric, math.exp(-step / 50)) for metric in metrics for step in steps]
    return pd.DataFrame(rows, columns=["step", "metric", "value"])


def lift_metrics(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    lifts = [
        {"subject": "cnn", "role": "predictor", "recipe": recipe, "metric": "accuracy_lift"}
        | {"value": value, "low": low, "high": high, "n": 3}
        for recipe, value, low, high in rows
    ]
    scores = [
        {"subject": "cnn", "role": "predictor", "recipe": recipe, "metric": "recipe_accuracy"}
        | {"value": 0.9, "low": math.nan, "high": math.nan, "n": 449}
        for recipe in ["none", "none@10", *(row[0] for row in rows)]
    ]
    generators = [
        {"subject": name, "role": "generator", "recipe": "none", "metric": "coverage", "value": 0.9}
        for name in ("gan", "kde")
    ]
    return pd.DataFrame(lifts + scores + generators)


ROWS = [
    ("classical", 0.01, 0.005, 0.015),
    ("gan", -0.03, -0.04, -0.02),
    ("kde", 0.001, -0.002, 0.004),
    ("real+gan", 0.02, math.nan, math.nan),
    ("real+gan@10", 0.05, 0.01, 0.09),
]


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3)])
def test_every_logged_quantity_has_a_panel(count, rows):
    names = [f"metric_{n}" for n in range(count)]
    figure = figures.training_curves(history(*names), title="gan")
    assert [axes.get_title(loc="left") for axes in figure.axes] == names
    assert len({axes.get_subplotspec().rowspan.start for axes in figure.axes}) == rows


def test_values_that_span_decades_stand_on_a_logarithmic_scale():
    steep = pd.DataFrame({"step": [1, 2], "metric": ["loss"] * 2, "value": [1000.0, 0.1]})
    flat = pd.DataFrame({"step": [1, 2], "metric": ["loss"] * 2, "value": [-1.0, 0.1]})
    scales = [figures.training_curves(h, title="x").axes[0].get_yscale() for h in (steep, flat)]
    assert scales == ["log", "linear"]


def test_an_empty_history_says_so():
    figure = figures.training_curves(history(), title="svc")
    assert "nothing was logged" in " ".join(text.get_text() for text in figure.texts)


def test_a_confusion_matrix_counts_true_against_predicted():
    codec = SimpleNamespace(classes=["a", "b", "c"])
    predictions = pd.DataFrame({"label": list("aabb"), "predicted": list("abbb")})
    figure = figures.confusion(codec, predictions, title="cnn")
    assert figure.get_suptitle() == "cnn: 3 of 4 right"
    (axes,) = figure.axes
    counts = {tuple(map(int, text.get_position())): text.get_text() for text in axes.texts}
    assert counts == {(0, 0): "1", (1, 0): "1", (1, 1): "2"}  # (predicted, true)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    image = np.asarray(axes.images[0].get_array())
    blue, orange = image[1, 1], image[0, 1]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]


@pytest.mark.parametrize("classes", [1, 30, 100])
def test_a_confusion_matrix_of_any_size_and_names_can_be_drawn(classes):
    names = [f"${n}_{{ <long & odd name>" for n in range(classes)]
    codec = SimpleNamespace(classes=names)
    predictions = pd.DataFrame({"label": names, "predicted": names[::-1]})
    figure = figures.confusion(codec, predictions, title="cnn")
    assert len(rendered(figure)) > 1000
    assert max(figure.get_size_inches()) < 10
    assert len(figure.axes[0].get_xticklabels()) <= figures.NAMES_UP_TO


def test_a_domains_own_picture_gets_a_seed_of_its_own_that_stays(monkeypatch):
    # The real one comes with lightning, which takes seconds to import.
    base = SimpleNamespace(reproducible=lambda seed, threads: contextlib.nullcontext())
    monkeypatch.setitem(sys.modules, "genloom.networks.base", base)
    drawn = []

    def draw(samples, codec, generator, *, seed, title):
        drawn.append((samples, codec, generator, seed, title))
        return len(drawn)

    generator = SimpleNamespace(block={"network": "gan"})
    for project_seed in (0, 0, 1):
        figures.picture("samples", "codec", generator, project_seed, draw=draw, title="gan")
    assert drawn[0] == drawn[1]
    assert drawn[0][:3] == ("samples", "codec", generator)
    assert drawn[0][3] != drawn[2][3]
    assert drawn[0][4] == "gan"


def test_the_lift_has_a_panel_per_arm_and_a_row_per_recipe():
    figure = figures.lift(lift_metrics(*ROWS), floors=["kde"])
    full, low = figure.axes
    assert [full.get_title(loc="left"), low.get_title(loc="left")] == [
        "Full data (none: 0.900)",
        "Low data: 10 labels per class (none: 0.900)",
    ]
    names = [label.get_text() for label in full.get_yticklabels()]
    assert names == ["classical", "real+gan", "gan", "kde"]
    assert [label.get_text() for label in low.get_yticklabels()] == ["real+gan"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][:3] == [
        *("no generator", "samples of a floor", "samples of a network"),
    ]


def test_the_lift_says_who_loses_and_leaves_open_what_is_not_clear():
    full = figures.lift(lift_metrics(*ROWS), floors=["kde"]).axes[0]
    said = [text.get_text() for text in full.texts]
    assert said == ["+1.00  helps", "+2.00", "\u22123.00  loses", "+0.10"]
    hollow = [
        line.get_markerfacecolor() == "white" for line in full.lines if line.get_marker() != "None"
    ]
    assert hollow == [False, True, False, True]


def test_without_low_data_there_is_one_panel_and_without_recipes_a_sentence():
    assert len(figures.lift(lift_metrics(*ROWS[:2])).axes) == 1
    none = figures.lift(lift_metrics())
    assert not none.axes
    assert "no recipe" in " ".join(text.get_text() for text in none.texts)


def test_equal_data_gives_equal_bytes_through_the_dataset(tmp_path):
    codec = SimpleNamespace(classes=["a", "b"])
    predictions = pd.DataFrame({"label": ["a", "b"], "predicted": ["a", "a"]})
    draw = [
        lambda: figures.lift(lift_metrics(*ROWS), floors=["kde"]),
        lambda: figures.training_curves(history("loss", "kl"), title="vae"),
        lambda: figures.confusion(codec, predictions, title="cnn"),
    ]
    for number, make in enumerate(draw):
        found = []
        for run in range(2):
            dataset = PictureDataset(filepath=str(tmp_path / f"{number}" / f"{run}.png"))
            dataset.save(make())
            found.append(dataset.load())
        assert found[0] == found[1]
        assert found[0].startswith(b"\x89PNG")
        assert b"Software" not in found[0]
    assert not list(tmp_path.rglob(".partial*"))


def test_importing_the_module_imports_nothing_heavy():
    code = (
        "import sys, genloom.pipelines.figures, genloom.pipelines.reporting;"
        "import genloom.domains.images.figures;"
        "print([m for m in ('pandas', 'matplotlib', 'torch', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
