"""Tracking on a small Kedro project of its own: the real catalog, real floors, a real database."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from genloom.errors import GenloomError
from genloom.hooks import provenance, recording, registration, store, tracking

ROOT = Path(__file__).parents[2]

PYPROJECT = """
[tool.kedro]
package_name = "mini"
project_name = "mini"
kedro_init_version = "1.7.0"
source_dir = "src"
"""

SETTINGS = """
from genloom.hooks.tracking import TrackingHooks

HOOKS = (TrackingHooks(),)
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-viz", "kedro-telemetry")
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft", "mlflow": "soft"},
    "config_patterns": {"mlflow": ["mlflow*"]},
}
"""

PARAMETERS = """
seed: 0
hardware: {threads: 1}
fail: false
long: LONG
images:
  kde: {role: generator, network: kde}
  knn: {role: predictor, network: knn, low_data: {k: 1}}
  recipes: {mixup: {alpha: 0.4}}
""".replace("LONG", "x" * 7000)

NODES = '''
"""A domain of two kinds of tiny pictures."""

import numpy as np
import pandas as pd
import PIL.Image

from genloom.domains import images
from genloom.domains.images.codec import fit_codec
from genloom.domains.images.pictures import to_png
from genloom.errors import GenloomError
from genloom.metrics.table import metrics_table
from genloom.pipelines.fitting import fit_member

CURVE = 1250


def make_samples(seed):
    random = np.random.default_rng(seed)
    rows = []
    for i in range(60):
        dark = random.integers(0, 90, (8, 8)) + 160 * (i % 2)
        content = to_png(PIL.Image.fromarray(dark.astype("uint8")))
        split = ("test", "validation", "train", "train")[i // 2 % 4]
        rows.append({"content": content, "label": "ab"[i % 2], "split": split, "source": "real"})
    return pd.DataFrame(rows)


def fit(samples, codec, block, seed, hardware, long, name):
    fitted, _, timings = fit_member(
        samples, codec, block, seed, hardware,
        domain="images", subject=name, measures=images.MEASURES,
    )
    steps = range(CURVE)
    history = pd.concat(
        pd.DataFrame({"step": steps, "metric": metric, "value": 1.0}) for metric in ("loss", "x y")
    )
    return fitted, history, timings


def evaluate(fitted, fail, name):
    if fail:
        raise GenloomError("the kettle is empty: fill it.")
    common = {"domain": "images", "subject": name, "role": fitted.block["role"]}
    if name == "kde":
        return metrics_table([common | {"metric": "frechet_distance", "value": 2.0}])
    interval = {"low": 0.8, "high": 1.0}
    return metrics_table([common | {"metric": "accuracy", "value": 0.9} | interval])


def recipe(block, name):
    common = {"domain": "images", "subject": "knn", "metric": "recipe_accuracy"}
    values = {(name, 0): 0.5, (name, 1): 0.7, (f"real+{name}@10", 0): 0.25}
    return metrics_table(
        [
            common | {"better": "higher", "recipe": recipe, "value": value, "seed": seed}
            for (recipe, seed), value in values.items()
        ]
    )


def picture(samples):
    from matplotlib.figure import Figure

    return Figure()


def rank(kde, knn):
    rows = [("generator", 0, "real"), ("generator", 1, "kde"), ("predictor", 1, "knn")]
    board = pd.DataFrame(rows, columns=["role", "rank", "subject"])
    return board.assign(domain="images", floor=True)


def report(board):
    return "<p>All is well.</p>"
'''

REGISTRY = """
from functools import partial, update_wrapper

from kedro.pipeline import Node, Pipeline

from mini import nodes


def node(function, inputs, outputs, subject, **constants):
    bound = update_wrapper(partial(function, **constants), function)
    return Node(bound, inputs, outputs, name=function.__name__, namespace=subject)


def register_pipelines():
    found = [
        node(nodes.make_samples, {"seed": "params:seed"}, "images.samples", "images.data"),
        node(nodes.fit_codec, {"samples": "images.samples"}, "images.codec", "images.data"),
        node(nodes.picture, {"samples": "images.samples"}, "images.kde.gallery.png", "images.kde"),
        node(
            nodes.recipe,
            {"block": "params:images.recipes.mixup"},
            "images.mixup.augmentation",
            "images.mixup",
            name="mixup",
        ),
        node(nodes.report, {"board": "images.leaderboard"}, "report", "report"),
        node(
            nodes.rank,
            {"kde": "images.kde.metrics", "knn": "images.knn.metrics"},
            "images.leaderboard",
            "images.leaderboard",
        ),
    ]
    for name in ("kde", "knn"):
        place = f"images.{name}"
        found += [
            node(
                nodes.fit,
                {
                    "samples": "images.samples",
                    "codec": "images.codec",
                    "block": f"params:{place}",
                    "seed": "params:seed",
                    "hardware": "params:hardware",
                    "long": "params:long",
                },
                [f"{place}.fitted", f"{place}.history", f"{place}.fit_timings"],
                place,
                name=name,
            ),
            node(
                nodes.evaluate,
                {"fitted": f"{place}.fitted"}
                | ({"fail": "params:fail"} if name == "kde" else {"fail": "params:seed"}),
                f"{place}.metrics",
                place,
                name=name,
            ),
        ]
    return {"__default__": Pipeline(found)}
"""

# Several sessions in one process, as in a notebook: nothing may leak from one to the next.
DRIVER = """
import json, os, sys
from pathlib import Path

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import ParallelRunner, SequentialRunner

project = Path(sys.argv[1])
bootstrap_project(project)


def run(runner=None, env=None, params=None, **what):
    with KedroSession.create(project, env=env, runtime_params=params) as session:
        try:
            session.run(runner=runner or SequentialRunner(), **what)
        except Exception as error:
            print(type(error).__name__, error)
    assert "GENLOOM_TRACKING" not in os.environ


if __name__ == "__main__":
    run()
    run(params={"fail": True})
    run(ParallelRunner(max_workers=2))
    run(ParallelRunner(max_workers=2), params={"fail": True})
    run(namespaces=["images.knn"])
    run(env="off", namespaces=["images.knn"])
    run(only_missing_outputs=True)
    print("mlflow run stack:", sys.modules["mlflow"].active_run())
"""


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The mini project after seven runs: what they left, and in which folder they were called."""
    project = tmp_path_factory.mktemp("a folder") / "mini"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "src/mini/__init__.py": "",
        "src/mini/settings.py": SETTINGS,
        "src/mini/nodes.py": NODES,
        "src/mini/pipeline_registry.py": REGISTRY,
        "conf/base/parameters.yml": PARAMETERS,
        "conf/off/mlflow.yml": "enabled: false\n",
        "conf/local/.gitkeep": "",
        ".telemetry": "consent: false\n",
        "dvc.lock": "schema: '2.0'\n",
        "driver.py": DRIVER,
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    for name in ("catalog.yml", "mlflow.yml"):
        shutil.copy(ROOT / "conf" / "base" / name, project / "conf" / "base" / name)
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "The mini project")
    done = subprocess.run(
        [sys.executable, project / "driver.py", project],
        cwd=elsewhere,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    uri = f"sqlite:///{project / 'mlflow.db'}"
    client = store.client(uri)
    experiment = client.get_experiment_by_name("genloom")
    runs = client.search_runs([experiment.experiment_id], order_by=["start_time ASC"])
    parents = [run for run in runs if recording.PARENT not in run.data.tags]
    below = {
        parent.info.run_id: {
            run.info.run_name: run
            for run in runs
            if run.data.tags.get(recording.PARENT) == parent.info.run_id
        }
        for parent in parents
    }
    return SimpleNamespace(
        project=project,
        elsewhere=elsewhere,
        uri=uri,
        client=client,
        parents=parents,
        children=[below[parent.info.run_id] for parent in parents],
        log=done.stdout + done.stderr,
    )


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    words = ["git", *who, *arguments]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout


def _environment() -> dict[str, str]:
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    own = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return own | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "MPLBACKEND": "agg",
        "DO_NOT_TRACK": "true",
    }


ALL = {
    "images.data",
    "images.kde",
    "images.knn",
    "images.mixup",
    "images.leaderboard",
    "report",
}


@pytest.mark.parametrize("number", [0, 2], ids=["SequentialRunner", "ParallelRunner"])
def test_a_run_has_a_child_per_namespace(tracked: Any, number: int) -> None:
    parent, children = tracked.parents[number], tracked.children[number]
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "all (base)"
    assert parent.data.tags["kedro.runner"] == ("SequentialRunner", 0, "ParallelRunner")[number]
    assert set(children) == ALL
    assert {run.info.status for run in children.values()} == {"FINISHED"}
    assert all(run.info.end_time >= run.info.start_time for run in children.values())


@pytest.mark.parametrize("number", [0, 2], ids=["SequentialRunner", "ParallelRunner"])
def test_everything_that_the_catalog_names_is_recorded(tracked: Any, number: int) -> None:
    client, children = tracked.client, tracked.children[number]
    knn, kde = children["images.knn"], children["images.kde"]
    assert knn.data.metrics["accuracy"] == 0.9
    assert knn.data.metrics["accuracy_low"] == 0.8
    assert knn.data.metrics["accuracy_high"] == 1.0
    assert "frechet_distance_low" not in kde.data.metrics
    assert kde.data.metrics["fit_seconds"] > 0
    assert children["images.mixup"].data.metrics == pytest.approx(
        {"recipe_accuracy.mixup": 0.6, "recipe_accuracy.real_plus_mixup_at_10": 0.25}
    )
    curve = client.get_metric_history(kde.info.run_id, "training/loss")
    assert sorted(point.step for point in curve) == list(range(1250))
    assert "training/x y" in kde.data.metrics
    files = {file.path for file in client.list_artifacts(kde.info.run_id)}
    assert {"gallery.png", "card.json"} <= files
    on_top = {file.path for file in client.list_artifacts(tracked.parents[number].info.run_id)}
    assert on_top == {"leaderboard.csv", "report.html"}


@pytest.mark.parametrize("number", [0, 2], ids=["SequentialRunner", "ParallelRunner"])
def test_parameters_line_up_across_models(tracked: Any, number: int) -> None:
    params = tracked.children[number]["images.knn"].data.params
    assert params["network"] == "knn"
    assert params["low_data.k"] == "1"
    assert params["k"] == "3", "defaults of the class are part of what was trained"
    assert params["hardware.threads"] == "1"
    assert len(params["long"]) == 6000
    assert tracked.children[number]["images.mixup"].data.params == {"alpha": "0.4"}


@pytest.mark.parametrize("number", [0, 2], ids=["SequentialRunner", "ParallelRunner"])
def test_the_data_is_known_by_its_digest(tracked: Any, number: int) -> None:
    from genloom.fitted import digest

    samples = pd.read_parquet(tracked.project / "data/03_primary/images/samples.parquet")
    children = tracked.children[number]
    for run in (tracked.parents[number], children["images.data"], children["images.knn"]):
        (given,) = run.inputs.dataset_inputs
        assert given.dataset.name == "images.samples"
        assert digest(samples).startswith(given.dataset.digest)
        profile = json.loads(given.dataset.profile)
        assert profile["samples"] == 60
        assert profile["split"]["train"] == 28
    assert not children["images.mixup"].inputs.dataset_inputs


def test_a_run_says_how_to_repeat_it(tracked: Any) -> None:
    tags = tracked.parents[1].data.tags
    assert tags["kedro.command"] == "kedro run --params fail=True"
    assert tags["genloom.version"]
    commit = git(tracked.project, "rev-parse", "HEAD").strip()
    assert tags["git.commit"] == tags["mlflow.source.git.commit"] == commit
    lock = hashlib.sha256((tracked.project / "dvc.lock").read_bytes()).hexdigest()
    assert tags["dvc.lock.sha256"] == lock
    assert tags["dvc.lock.dirty"] == "false"


def test_uncommitted_changes_are_told(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text("a: 1")
    assert "dvc.lock.dirty" not in provenance.run_tags({}, tmp_path), "no repository, no answer"
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "dvc.lock").write_text("a: 2")
    tags = provenance.run_tags({}, tmp_path)
    assert (tags["dvc.lock.dirty"], tags["git.dirty"]) == ("true", "true")
    assert tags["kedro.runner"] == "SequentialRunner"


@pytest.mark.parametrize("number", [1, 3], ids=["SequentialRunner", "ParallelRunner"])
def test_a_node_that_fails_fails_its_run(tracked: Any, number: int) -> None:
    parent, children = tracked.parents[number], tracked.children[number]
    assert parent.info.status == children["images.kde"].info.status == "FAILED"
    for run in (parent, children["images.kde"]):
        assert run.data.tags[tracking.ERROR] == "the kettle is empty: fill it."
    failed = children["images.kde"].data.tags[tracking.FAILED_NODE]
    assert failed == "images.kde.evaluate"
    assert children["images.data"].info.status == "FINISHED", "it was complete before"
    assert "images.leaderboard" not in children, "it never began"


def test_a_slice_has_only_its_own_children(tracked: Any) -> None:
    assert set(tracked.children[4]) == {"images.knn"}
    assert tracked.parents[4].info.run_name == "all: images.knn (base)"
    assert tracked.parents[4].inputs.dataset_inputs, "read, though not made, in this run"


def test_what_exists_already_has_no_run(tracked: Any) -> None:
    """The run with ``enabled: false`` left nothing, the one after it had nothing to do."""
    assert len(tracked.parents) == 6
    assert tracked.parents[5].info.status == "FINISHED"
    assert tracked.children[5] == {}


def test_the_working_directory_does_not_matter(tracked: Any) -> None:
    assert not list(tracked.elsewhere.iterdir())
    assert not list(tracked.project.rglob("mlruns"))
    assert len(list(tracked.project.rglob("mlflow.db"))) == 1
    assert "mlflow run stack: None" in tracked.log


def test_the_best_of_each_role_samples_and_predicts(
    tracked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    names = {model.name for model in tracked.client.search_registered_models()}
    assert names == {"images-generator", "images-predictor"}
    best = tracked.client.get_model_version_by_alias("images-generator", "best")
    assert best.run_id == tracked.children[2]["images.kde"].info.run_id
    assert best.tags["subject"] == "kde"

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(tracked.uri)
    try:
        generator = mlflow.pyfunc.load_model("models:/images-generator@best")
        predictor = mlflow.pyfunc.load_model("models:/images-predictor@best")
    finally:
        mlflow.set_tracking_uri(before)
    asked = pd.DataFrame({"label": ["b", "a"], "n": [3, 2], "seed": [1, 2]})
    made = generator.predict(asked)
    assert made["label"].tolist() == ["b"] * 3 + ["a"] * 2
    assert base64.b64decode(made["content"][0]).startswith(b"\x89PNG")
    pd.testing.assert_frame_equal(made, generator.predict(asked))
    assert generator.predict(pd.DataFrame({"n": [4]}))["label"].tolist() == list("abab")

    guessed = predictor.predict(made[["content"]])
    assert guessed["label"].tolist() == made["label"].tolist()
    assert guessed[["probability.a", "probability.b"]].sum(axis=1).tolist() == [1.0] * 5


def test_a_registration_that_fails_is_reported_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from kedro.io import DataCatalog, MemoryDataset

    from genloom.io import FittedDataset

    board = pd.DataFrame({"role": ["generator"], "rank": [1], "subject": ["gan"]})
    catalog = DataCatalog(
        {
            "images.leaderboard": MemoryDataset(board),
            "images.samples": MemoryDataset(pd.DataFrame({"content": [b"png"]})),
            "images.gan.fitted": FittedDataset(filepath=str(tmp_path / "gan")),
        }
    )
    recorder: Any = SimpleNamespace(client=None, uri="sqlite:///x.db")
    registration.register_best(recorder, "images", catalog, {"images.leaderboard": "0"})
    assert "gan was not registered as images-generator" in caplog.text
    assert "kedro run --namespaces images.leaderboard" in caplog.text


def test_importing_the_hooks_imports_nothing_heavy() -> None:
    code = (
        "import sys, genloom.hooks.tracking; print({'mlflow', 'torch', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"url": "x"}, "mlflow.yml has no 'url'; there are: enabled, uri, experiment, artifacts"),
        ({"enabled": "no"}, "enabled in mlflow.yml is 'no', but has to be true or false"),
        ({"uri": "mlruns"}, "uri in mlflow.yml is 'mlruns', but has to be a database or a server"),
        ({"uri": 3}, "uri in mlflow.yml is 3, but has to be a text"),
    ],
)
def test_mistakes_in_the_settings_are_named(conf: dict[str, Any], message: str) -> None:
    with pytest.raises(GenloomError, match=message):
        store.read_settings(conf, Path("/project"))


def test_addresses_do_not_depend_on_the_working_directory() -> None:
    project = Path("/home/me/my loom")
    local = store.read_settings({}, project)
    assert local.uri == "sqlite:////home/me/my loom/mlflow.db"
    assert local.artifacts == "file:///home/me/my%20loom/mlartifacts"
    assert store.read_settings({"uri": "sqlite:////tmp/x.db"}, project).uri == "sqlite:////tmp/x.db"
    server = store.read_settings({"uri": "https://host"}, project)
    assert (server.uri, server.artifacts) == ("https://host", None)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "sqlite:///{folder}/broken.db"])
def test_a_store_that_does_not_answer_is_one_sentence(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in store.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    (tmp_path / "broken.db").write_text("this is no database " * 100)
    settings = store.Settings(uri=uri.format(folder=tmp_path))
    with pytest.raises(GenloomError, match="failed while opening it") as caught:
        store.open_store(settings)
    assert "\n" not in caught.value.message


def test_passwords_are_not_shown() -> None:
    shown = store.without_password("postgresql://me:secret@host/mlflow")
    assert shown == "postgresql://me:***@host/mlflow"
    assert store.without_password("sqlite:////tmp/mlflow.db") == "sqlite:////tmp/mlflow.db"


def test_the_command_repeats_the_run() -> None:
    params = {
        "pipeline_names": ["images"],
        "namespaces": ["images.gan"],
        "env": "smoke",
        "runtime_params": {"images": {"gan": {"loss": "wgan_gp", "steps": 5}}},
        "runner": "<kedro.runner.parallel_runner.ParallelRunner object at 0x7f>",
        "only_missing_outputs": True,
    }
    assert provenance.command(params) == (
        "kedro run --env smoke --pipelines images --namespaces images.gan "
        "--params images.gan.loss=wgan_gp,images.gan.steps=5 --only-missing-outputs "
        "--runner ParallelRunner"
    )
