"""The pipeline of fundamentals: its nodes, its checks, its tables, pictures and page."""

from copy import deepcopy

import pandas as pd
import pytest
import yaml
from omegaconf import OmegaConf

from genloom.errors import GenloomError
from genloom.pipeline_registry import BASE, register_pipelines
from genloom.pipelines import comparison, fundamentals, fundamentals_report
from genloom.pipelines import fundamentals_findings as findings
from genloom.pipelines.fundamentals_pictures import style


def block_of(environment):
    files = [BASE, BASE.parent / environment] if environment != "base" else [BASE]
    read = [OmegaConf.load(folder / "parameters_fundamentals.yml") for folder in files]
    return OmegaConf.to_container(OmegaConf.merge(*read))[fundamentals.NAME]


BLOCK, SMOKE = block_of("base"), block_of("smoke")
BLOCKS = {fundamentals.NAME: BLOCK}


@pytest.fixture(scope="module")
def samples():
    return {
        source: fundamentals.ingest(BLOCK["split"], 0, read=domain.ingest, source=source)
        for source, domain in fundamentals.SOURCES.items()
    }


@pytest.fixture(scope="module")
def made(samples):
    """What each experiment gives with a small budget: results, history, metrics, timings."""
    return {name: fit(name, samples) for name in fundamentals.EXPERIMENTS}


def fit(name, samples, seed=0):
    find, sources = fundamentals.EXPERIMENTS[name]
    return fundamentals.fit(
        SMOKE[name],
        seed,
        find=find,
        codecs={source: fundamentals.SOURCES[source].fit_codec for source in sources},
        name=name,
        **{source: samples[source] for source in sources},
    )


@pytest.fixture(scope="module")
def metrics(made):
    return comparison.join_metrics(**{name: tables[2] for name, tables in made.items()})


def test_every_experiment_is_a_namespace():
    pipeline = register_pipelines()[fundamentals.NAME]
    places = {node.namespace for node in pipeline.nodes}
    own = ["data", "boundaries", "gradients", "training", "architecture", "summary", "timings"]
    assert places == {f"fundamentals.{name}" for name in own} | {"report"}
    assert all(name.startswith("params:") for name in pipeline.inputs())
    default = register_pipelines()["__default__"]
    assert not [node for node in default.nodes if "fundamentals" in node.name]


def test_data_is_split_as_the_domains_do(samples):
    assert {name: len(table) for name, table in samples.items()} == {
        "breast_cancer": 569,
        "diabetes": 442,
        "digits": 1797,
    }
    for table in samples.values():
        shares = table["split"].value_counts(normalize=True)
        assert shares["validation"] == pytest.approx(0.2, abs=0.01)
        assert shares["test"] == pytest.approx(0.25, abs=0.01)


def test_tables_are_tidy_and_clocks_stand_apart(made, metrics):
    for name, (results, history, own, timings) in made.items():
        assert len(results) > 0
        assert list(history.columns) == ["step", "metric", "value", "low", "high"]
        assert history["value"].notna().all()
        # MLflow keeps metrics by name, and points of curves by name and step.
        assert not own["metric"].duplicated().any()
        assert not history.duplicated(["metric", "step"]).any()
        assert set(own["subject"]) == {name}
        assert timings["metric"].tolist() == ["fit_seconds"]
    assert metrics["value"].notna().all()
    assert not metrics["metric"].str.contains("seconds").any()


@pytest.mark.parametrize("name", list(fundamentals.EXPERIMENTS))
def test_the_same_seed_gives_the_same_tables(name, samples, made):
    for again, before in zip(fit(name, samples)[:3], made[name][:3], strict=True):
        pd.testing.assert_frame_equal(again, before)
    assert not fit(name, samples, seed=1)[1].equals(made[name][1])


def drawn(name, made):
    have = {"results": made[name][0], "history": made[name][1], "settings": SMOKE[name]}
    return {
        picture: draw(**{key: have[key] for key in wanted})
        for picture, (draw, wanted) in fundamentals.PICTURES[name].items()
    }


def test_pictures_of_boundaries_have_a_panel_per_step_and_model(made):
    figure = drawn("boundaries", made)["learning"]
    headings = [axes.get_title("left").split("\n")[0] for axes in figure.axes]
    expected = ["step 0", "step 3", "step 10", "logistic regression", "RBF network"]
    assert headings == [*expected, "The network's loss"]
    figure.canvas.draw()


def test_pictures_of_gradients_have_a_map_and_curves_per_source(made):
    figure = drawn("gradients", made)["check"]
    assert len(figure.axes) == 4
    rows, columns = figure.axes[0].images[0].get_array().shape
    assert (rows, columns) == (SMOKE["gradients"]["layers"] + 1, 2)
    assert len(figure.axes[1].lines) == 4  # two activations in two precisions
    figure.canvas.draw()


def test_pictures_of_training_have_a_panel_per_activation(made):
    pictures = drawn("training", made)
    for name in ("curves", "rates"):
        shown = [axes.get_title("left") for axes in pictures[name].axes]
        assert shown == ["ReLU", "sigmoid"]
        pictures[name].canvas.draw()
    assert all(len(axes.lines) == 5 for axes in pictures["curves"].axes)
    maps = [axes for axes in pictures["gradients"].axes if axes.images]
    assert len(maps) == 2 * 5
    assert maps[0].images[0].get_array().shape == (3, 4)  # layers, points
    pictures["gradients"].canvas.draw()


def test_pictures_of_architecture_can_be_drawn(made):
    pictures = drawn("architecture", made)
    left, right = pictures["shapes"].axes
    assert left.images[0].get_array().shape == right.images[0].get_array().shape == (2, 2)
    assert len(pictures["initialisations"].axes) == 3
    assert [len(axes.lines) for axes in pictures["signals"].axes] == [3] * 4  # zeros are gone
    for figure in pictures.values():
        figure.canvas.draw()


def test_the_section_has_every_picture_with_what_was_found(made, metrics):
    pictures = {
        f"{name}.{picture}": f"{name}.{picture}".encode()
        for name, shown in fundamentals.PICTURES.items()
        for picture in shown
    }
    section = fundamentals_report.make_section(
        metrics,
        **{name: SMOKE[name] for name in fundamentals.EXPERIMENTS},
        boundaries_history=made["boundaries"][1],
        gradients_results=made["gradients"][0],
        training_results=made["training"][0],
        training_history=made["training"][1],
        architecture_history=made["architecture"][1],
        **pictures,
    )
    assert section.startswith('<section class="domain" id="fundamentals">')
    assert section.count("data:image/png;base64,") == len(pictures) == 8
    found = metrics.set_index("metric")["value"]
    for metric in ("test_accuracy/logistic", "test_loss/relu/muon", "test_accuracy/sigmoid/adam"):
        assert f"{found[metric]:.3f}" in section
    assert {name for name, _ in fundamentals_report.LESSONS.items()} == set(fundamentals.PICTURES)


def history_of(test_losses):
    rows = []
    for step, loss in enumerate(test_losses):
        values = {"loss/test": loss, "loss/train": 1 / (step + 1), "accuracy/test": 0.5 + step / 10}
        rows += [{"step": step, "metric": name, "value": value} for name, value in values.items()]
    return pd.DataFrame(rows)


def test_sentences_about_boundaries_by_hand():
    values = {"test_accuracy/logistic": 0.65, "test_accuracy/rbf": 0.7, "test_accuracy/fnn": 0.8}
    said = findings.of_boundaries(values, history_of([1.0, 0.5, 0.25, 1.0]))
    assert "begins at 0.500, gets there at step 2 and ends at 0.800" in said[0]
    assert "lowest at step 2 (0.250) and 4.0 times as high at step 3" in said[1]
    said = findings.of_boundaries(values | {"test_accuracy/logistic": 0.99}, history_of([1.0, 0.5]))
    assert "never gets there" in said[0]
    assert said[1] == "Its test loss is lowest at step 1: it was not trained too long."


def test_sentences_about_training_by_hand():
    values = {
        "test_loss/relu/sgd": 0.5,
        "test_loss/relu/adam": 0.1,
        "test_loss/sigmoid/sgd": 2.3,
        "test_loss/sigmoid/adam": 0.2,
        "test_accuracy/relu/adam": 0.97,
    }
    said = findings.of_curves(values)
    assert said == [
        "ReLU with Adam has the lowest test loss, 0.100, with an accuracy of 0.970. By their mean "
        "test loss over all activations the optimisers are Adam (0.150) and SGD (1.400).",
        "sigmoid with SGD has hardly learned anything; guessing would cost 2.30.",
    ]
    rates = [("sgd", 0.1, 2.3, False), ("sgd", 1.0, 0.4, True)]
    rates += [("adam", 0.1, 0.2, False), ("adam", 0.2, 0.1, True), ("adam", 0.3, 0.3, False)]
    columns = ["optimiser", "rate", "validation_loss", "chosen"]
    table = pd.DataFrame(rates, columns=columns).assign(activation="relu")
    said = findings.of_rates(table)
    assert said[0].endswith("networks learn at 100% with Adam and at 50% with SGD.")
    assert said[1].startswith("The rate that was chosen is the first or the last of its list for R")
    assert "ReLU with SGD (1)" in said[1]
    assert "Adam" not in said[1]


def test_sentences_about_signals_by_hand():
    rows = [
        {"metric": f"spread/relu/{start}", "step": step, "value": value}
        for start, ends in {"zeros": (0, 0), "xavier": (1, 0.01), "he": (1, 0.8)}.items()
        for step, value in enumerate(ends, start=1)
    ]
    settings = {"signals": ["relu"], "initialisations": ["zeros", "xavier", "he"]}
    said = findings.of_signals(pd.DataFrame(rows), settings)
    assert said == [
        "With ReLU, the last hidden layer spreads so many times as far as the first: 0.01 with "
        "Xavier and 0.8 with He; He stays level."
    ]


def test_names_are_written_as_people_write_them():
    assert [style.title(name) for name in ("relu", "adamw", "he", "odd_name")] == [
        *("ReLU", "AdamW", "He", "odd name")
    ]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("boundary", {}, "fundamentals has no 'boundary'; there are: architecture, boundaries, gr"),
        ("split", {"test": 2}, "split.test is 2, but has to be between 0 and 1"),
        ("training", 3, "fundamentals.training is 3, but has to hold parameters by name"),
        ("training.step", 3, "fundamentals.training has no parameter 'step'; Training takes: act"),
        ("training.steps", "3", "fundamentals.training.steps is '3': input should be a valid int"),
        ("training.rates", {"adam": [0.1], "sgd": []}, "fundamentals.training.rates.sgd is"),
        ("training.rates", {"lion": [0.1]}, "fundamentals.training.rates"),
        ("training.rates", {"adam": [1], "sgd": [1, 2]}, "has 1 for adam, 2 for sgd: give every"),
        ("boundaries.columns", ["one"], "fundamentals.boundaries.columns is"),
        ("gradients.activations", ["relu", "rleu"], "fundamentals.gradients.activations.1 is 'rl"),
        ("architecture.lr", 0, "fundamentals.architecture.lr is 0: input should be greater than 0"),
        ("architecture.depths", [], "fundamentals.architecture.depths is"),
    ],
)
def test_mistakes_are_named(path, value, sentence):
    block = deepcopy(BLOCK)
    *folders, last = path.split(".")
    place = block
    for key in folders:
        place = place[key]
    place[last] = value
    with pytest.raises(GenloomError) as error:
        fundamentals.check_fundamentals(block, BLOCKS)
    assert sentence in error.value.message


@pytest.mark.parametrize("environment", ["base", "smoke", "full"])
def test_every_environment_passes(environment):
    fundamentals.check_fundamentals(block_of(environment), BLOCKS)


def test_the_parameters_name_every_argument_of_a_lesson():
    """What a reader would change stands in the file; only the fineness of pictures does not."""
    quiet = {"points", "cells"}
    text = (BASE / "parameters_fundamentals.yml").read_text()
    block = yaml.safe_load(text)[fundamentals.NAME]
    for name, (find, _) in fundamentals.EXPERIMENTS.items():
        assert set(find().__dataclass_fields__) - quiet == set(block[name])
