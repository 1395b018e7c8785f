"""The pipeline of design: its nodes, its checks, its tables, and the page that it makes."""

from copy import deepcopy

import pandas as pd
import pytest
import yaml

from genloom.errors import GenloomError
from genloom.pipeline_registry import BASE, register_pipelines
from genloom.pipelines import design, design_report

BLOCK = yaml.safe_load((BASE / "parameters_molecule_design.yml").read_text())[design.NAME]
BLOCKS = {
    design.NAME: BLOCK,
    "molecules": {name: {"role": "generator"} for name in ("gpt", "lstm")},
}
GOALS = ["celecoxib_rediscovery", {"logp": 2.5}]
SMILES = ["CCO", "c1ccccc1C", "CC(=O)Nc1ccc(O)cc1", "CCCCCCCC", "OCCN", "CCCCc1ccccc1"]


@pytest.fixture(scope="module")
def samples():
    return pd.DataFrame(
        {"content": [*SMILES, "CCCCCCCCCCCO"], "split": ["train"] * 6 + ["test"], "label": "a"}
    )


@pytest.fixture(scope="module")
def designed(samples):
    """What the best of the data and the genetic search found, with their timings."""
    return {
        name: design.design(samples, GOALS, 30, arguments, 0, method=name)
        for name, arguments in [
            ("best_of_dataset", {}),
            ("genetic", {"population": 6, "offspring": 8}),
        ]
    }


@pytest.fixture(scope="module")
def metrics(designed):
    tables = [
        design.measure(found, GOALS, 30, 0, method=name, own=name != "best_of_dataset")
        for name, (found, _) in designed.items()
    ]
    return pd.concat(tables, ignore_index=True)


def test_every_method_is_a_namespace():
    pipeline = register_pipelines()[design.NAME]
    places = {node.namespace for node in pipeline.nodes}
    assert places == {f"{design.NAME}.{name}" for name in BLOCK["methods"]} | {
        *(f"{design.NAME}.comparison", f"{design.NAME}.timings", "report")
    }
    outside = {name for name in pipeline.inputs() if not name.startswith("params:")}
    assert outside == {"molecules.samples", f"molecules.{BLOCK['prior']}.fitted"}


def test_only_reinforcement_needs_the_prior():
    nodes = {
        node.namespace: node
        for node in design.create_design(BLOCK).nodes
        if node._func_name == "design"
    }
    readers = {place for place, node in nodes.items() if "molecules.gpt.fitted" in node.inputs}
    assert readers == {
        f"{design.NAME}.reinforcement",
        f"{design.NAME}.reinforcement_genetic",
    }


def test_only_training_molecules_are_the_start(designed, samples):
    found, _ = designed["best_of_dataset"]
    assert set(found["content"]) == {*SMILES[:1], "Cc1ccccc1", *SMILES[2:4], "NCCO", SMILES[5]}


def test_tables_say_what_was_measured(designed, metrics):
    assert len(designed["genetic"][0]) == 60
    row = metrics.set_index(["subject", "metric"]).loc["genetic"]
    scores = [row.loc[f"benchmark_score/{name}", "value"] for name in [*GOALS[:1], "logp_2.5"]]
    assert row.loc["benchmark_score", "value"] == pytest.approx(sum(scores) / 2)
    assert row.loc["top_1/logp_2.5", "recipe"] == "logp_2.5"
    assert row.loc["calls", "value"] == 30
    assert "auc_top_10" in row.index
    best = metrics[metrics["subject"] == "best_of_dataset"]
    assert not best["metric"].str.startswith("auc").any()
    # MLflow keeps metrics by name: none may stand twice.
    assert not metrics.duplicated(["subject", "metric"]).any()


def test_clocks_have_a_table_of_their_own(designed, metrics):
    timings = designed["genetic"][1]
    assert set(timings["metric"]) == {
        *("fit_seconds", "fit_seconds/celecoxib_rediscovery", "fit_seconds/logp_2.5")
    }
    assert not metrics["metric"].str.startswith("fit_seconds").any()


def test_the_same_seed_gives_the_same_table(samples, designed):
    arguments = {"population": 6, "offspring": 8}
    again, _ = design.design(samples, GOALS, 30, arguments, 0, method="genetic")
    pd.testing.assert_frame_equal(again, designed["genetic"][0])
    other, _ = design.design(samples, GOALS, 30, arguments, 1, method="genetic")
    assert not other.equals(again)


def test_pictures_have_a_panel_or_row_per_objective(designed):
    tables = {name: found for name, (found, _) in designed.items()}
    figure = design_report.curves(GOALS, 30, **tables)
    assert [axes.get_title("left") for axes in figure.axes] == [
        "Celecoxib rediscovery",
        "logP near 2.5",
    ]
    assert all(len(axes.lines) == 2 for axes in figure.axes)
    design_report.best_molecules(tables["genetic"], GOALS, title="genetic").canvas.draw()


def test_the_section_says_who_is_best(metrics):
    section = design_report.make_section(metrics, GOALS, 30, b"png", **{"genetic.best": b"png"})
    best = metrics[metrics["metric"] == "benchmark_score"].set_index("subject")["value"]
    assert section.startswith("<section")
    assert "logP near 2.5" in section
    assert f"{best['genetic']:.3f}" in section
    said = "genetic found the best" if best["genetic"] > best.iloc[0] else "No method found better"
    assert said in section
    published = section[section.index("molecule_design-published") :]
    assert "<td>0.505</td><td>1.000</td><td>0.732</td>" in published
    alone = design_report.make_section(metrics, GOALS[1:], 30, b"png")
    assert "molecule_design-published" not in alone


def test_sentences_by_hand():
    found = {
        ("a", "benchmark_score"): 0.6,
        ("best_of_dataset", "benchmark_score"): 0.4,
        ("a", "benchmark_score/x"): 0.9,
        ("a", "benchmark_score/y"): 0.3,
        ("best_of_dataset", "benchmark_score/x"): 0.4,
        ("best_of_dataset", "benchmark_score/y"): 0.4,
    }
    said = design_report._sentence(found, ["best_of_dataset", "a"], ["x", "y"])
    assert said == (
        "On the mean, a found the best molecules (0.600); those that the data has reach 0.400. It "
        "is ahead of the data on 1 of 2 objectives."
    )
    found["a", "benchmark_score"] = 0.3
    said = design_report._sentence(found, ["best_of_dataset", "a"], ["x", "y"])
    assert said == "No method found better molecules than the data has (0.400)."


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("budgets", 3, "molecule_design has no 'budgets'; there are: budget, methods"),
        ("budget", 0, "molecule_design.budget is 0, but has to be a whole number of at least 1"),
        ("budget", True, "molecule_design.budget is True"),
        ("objectives", [], "molecule_design.objectives is \\[\\], but has to be a list"),
        ("objectives", ["celecoxib"], "There is no objective called 'celecoxib'"),
        ("objectives", ["deco_hop", "deco_hop"], "objectives has 'deco_hop' more than once"),
        ("prior", "lstm", "molecule_design.prior is 'lstm', but has to stay 'gpt'"),
        ("methods", 3, "molecule_design.methods is 3, but has to hold parameters by name"),
        ("methods", {}, "but have to stay best_of_dataset, genetic, reinforcement"),
        ("methods.genetic.popluation", 3, "genetic has no parameter 'popluation'; Genetic takes"),
        ("methods.genetic.population", "3", "molecule_design.methods.genetic.population is '3'"),
        ("methods.genetic.mutation", 1.5, "molecule_design.methods.genetic.mutation is 1.5"),
        ("methods.genetic.method", "reinforcement", "genetic.method is 'reinforcement', but is"),
    ],
)
def test_mistakes_are_named(path, value, sentence):
    block = deepcopy(BLOCK)
    *folders, last = path.split(".")
    place = block
    for key in folders:
        place = place[key]
    place[last] = value
    with pytest.raises(GenloomError, match=sentence):
        design.check_design(block, BLOCKS)


@pytest.mark.parametrize("environment", ["base", "smoke", "full"])
def test_every_environment_passes(environment):
    from omegaconf import OmegaConf

    path = BASE.parent / environment / "parameters_molecule_design.yml"
    merged = OmegaConf.merge({design.NAME: BLOCK}, OmegaConf.load(path))
    block = OmegaConf.to_container(merged)[design.NAME]
    design.check_design(block, BLOCKS)
