"""What the stage writer makes of a pipeline, or why it refuses it."""

from functools import partial, update_wrapper

import pytest
from kedro.pipeline import Node, Pipeline

from genloom.errors import GenloomError
from genloom.reproduction.parameters import Parameters
from genloom.reproduction.stages import Loom

CATALOG = {
    "{name}.file": {"type": "text.TextDataset", "filepath": "data/{name}.txt"},
    "{name}.clock": {
        "type": "text.TextDataset",
        "filepath": "data/{name}.clock",
        "metadata": {"dvc": False},
    },
}
PARAMETERS = """
seed: 0
hardware: {threads: 1, progress: true}
images: {folder: null, gan: {network: gan, steps: 2}}
"""


def step(*inputs, **named):
    return "".join([*inputs, *named.values()])


def bound(**constants):
    return update_wrapper(partial(step, **constants), step)


def node(inputs, outputs, namespace, function=step):
    return Node(function, inputs, outputs, name="step", namespace=namespace)


@pytest.fixture
def stages(tmp_path):
    """The stages of some nodes, in a project without code of its own."""
    (tmp_path / "parameters.yml").write_text(PARAMETERS)

    def stages(*nodes, catalog=CATALOG):
        loom = Loom(
            Pipeline(list(nodes)),
            catalog,
            root=tmp_path,
            base=tmp_path,
            code=tmp_path / "src",
            package="genloom",
        )
        return loom.stages()

    return stages


def test_a_stage_is_a_namespace_and_clocks_are_none_of_its_business(stages):
    found = stages(
        node(None, ["a.file", "a.clock"], "images.gan"),
        Node(step, "a.file", "b.file", name="other", namespace="images.gan"),
        node("b.file", "report.file", "report"),
        node("a.clock", "clocks.clock", "images.timings"),
    )
    assert list(found) == ["images-gan", "report"]
    assert found["images-gan"]["outs"] == ["data/a.txt", "data/b.txt"]
    assert "deps" not in found["images-gan"]
    assert found["report"]["deps"] == ["data/b.txt"]
    assert found["report"]["cmd"].startswith("kedro run --env base --namespaces report  #")


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        (
            [node(None, "a.clock", "one"), node("a.clock", "b.file", "two")],
            "Namespace 'two' reads 'a.clock', which is marked `dvc: false`",
        ),
        (
            [node(None, "memory", "one"), node("memory", "b.file", "two")],
            "reads 'memory', which is no file in the catalog",
        ),
        ([Node(step, None, "a.file", name="alone")], "Node 'alone' has no namespace"),
        (
            [node(None, "a.file", "images"), node("a.file", "b.file", "images.gan")],
            "Namespace 'images.gan' lies inside 'images'",
        ),
        ([node("params:images.vae", "a.file", "one")], "the parameter 'images.vae', which no"),
    ],
)
def test_what_no_stage_can_stand_for_is_refused(stages, nodes, sentence):
    with pytest.raises(GenloomError, match=sentence):
        stages(*nodes)


def test_the_command_changes_with_wiring_constants_and_catalog(stages):
    reader = {"x": "a.file", "y": "b.file"}
    swapped = {"y": "a.file", "x": "b.file"}
    indented = CATALOG | {
        "{name}.file": CATALOG["{name}.file"] | {"load_args": {"encoding": "latin-1"}}
    }
    noted = CATALOG | {"{name}.file": CATALOG["{name}.file"] | {"metadata": {"mlflow": "artifact"}}}
    plain = stages(node(reader, "c.file", "n"))
    assert plain == stages(node(reader, "c.file", "n"), catalog=noted)
    others = [
        stages(node(swapped, "c.file", "n")),
        stages(node(reader, "c.file", "n"), catalog=indented),
        stages(node(reader, "c.file", "n", bound(title="gan"))),
        stages(node(reader, "c.file", "n", bound(title="vae"))),
        stages(node(reader, "c.file", "n", bound(draw=step))),
    ]
    commands = [found["n"]["cmd"] for found in [plain, *others]]
    assert len(set(commands)) == len(commands)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("seed", ["seed"]),
        ("hardware", ["hardware.threads"]),  # a progress bar changes no result
        ("images.gan", ["images.gan"]),
        ("images.folder", ["images.folder"]),
    ],
)
def test_parameters_are_listed_key_by_key(stages, name, keys):
    found = stages(node(f"params:{name}", "a.file", "n"))
    assert found["n"]["params"] == [{"parameters.yml": keys}]


def test_all_parameters_at_once_are_all_keys(stages):
    found = stages(node("parameters", "a.file", "n"))
    assert found["n"]["params"] == [{"parameters.yml": ["hardware.threads", "images", "seed"]}]


def test_a_persons_own_folder_is_a_dependency(tmp_path):
    (tmp_path / "parameters.yml").write_text("a: {folder: pictures}\nb: {folder: /far/away}\n")
    parameters = Parameters(tmp_path, tmp_path)
    assert list(parameters.own_data(["a.folder", "b.folder"])) == ["pictures", "/far/away"]


def test_networks_are_found_at_any_depth(tmp_path):
    (tmp_path / "parameters.yml").write_text("a: {predictor: {network: cnn}, network: gan}\n")
    assert Parameters(tmp_path, tmp_path).networks(["a"]) == ["gan", "cnn"]
