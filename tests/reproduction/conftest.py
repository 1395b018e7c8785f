"""A tiny Kedro project of the same shape as this one, under real git and DVC."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]

FILES = {
    ".telemetry": "consent: false\n",
    ".gitignore": "/data\n",
    "conf/local/.gitkeep": "",
    "pyproject.toml": """
        [tool.kedro]
        package_name = "tiny"
        project_name = "Tiny"
        kedro_init_version = "1.7.0"
        source_dir = "src"
        """,
    "conf/base/catalog.yml": """
        "{domain}.numbers":
          {type: json.JSONDataset, filepath: "data/{domain}/numbers.json"}
        "{domain}.{member}.fitted":
          {type: json.JSONDataset, filepath: "data/{domain}/{member}/fitted.json"}
        "{domain}.{member}.seconds": &clock
          type: json.JSONDataset
          filepath: "data/{domain}/{member}/seconds.json"
          metadata: {dvc: false}
        "{domain}.seconds":
          <<: *clock
          filepath: "data/{domain}/seconds.json"
        scores:
          {type: json.JSONDataset, filepath: scores.json, metadata: {dvc: metrics}}
        curve:
          {type: json.JSONDataset, filepath: data/curve.json, metadata: {dvc: plot}}
        """,
    "conf/base/parameters.yml": """
        seed: 0
        hardware: {threads: 1, progress: true}
        """,
    "conf/base/parameters_toy.yml": """
        toy:
          size: 5
          one: {network: alpha, weight: 2}
          two: {network: beta, weight: 3}
        """,
    "src/tiny/__init__.py": "",
    "src/tiny/cli.py": "from genloom.cli import cli\n\n__all__ = ['cli']\n",
    "src/tiny/members.py": """
        import importlib

        def available():
            return {name: f"tiny.networks.{name}" for name in ("alpha", "beta")}

        def build(block):
            return importlib.import_module(available()[block["network"]]).value(block["weight"])
        """,
    "src/tiny/networks/__init__.py": "",
    "src/tiny/networks/base.py": "SCALE = 10\n",
    "src/tiny/networks/alpha.py": """
        from tiny.networks.base import SCALE

        def value(weight):
            return weight * SCALE
        """,
    "src/tiny/networks/beta.py": """
        def value(weight):
            from .base import SCALE

            return weight + SCALE
        """,
    "src/tiny/data.py": """
        from tiny.page import unused

        def make(size, seed, *, read):
            return read(size, seed)

        def count(size, seed):
            return list(range(seed, size))

        def elsewhere():
            return unused()
        """,
    "src/tiny/fitting.py": """
        import time

        from tiny import members

        def fit(numbers, block, hardware):
            return members.build(block) + sum(numbers) * hardware["threads"], time.perf_counter()
        """,
    "src/tiny/page.py": """
        def report(**fitted):
            return fitted, sorted(fitted.values())

        def slowest(**seconds):
            return max(seconds.values())

        def unused():
            from tiny import fitting

            return fitting
        """,
    "src/tiny/pipeline_registry.py": """
        from functools import partial, update_wrapper

        from kedro.pipeline import Node, Pipeline

        from tiny import data, fitting, page

        def register_pipelines():
            read = update_wrapper(partial(data.make, read=data.count), data.make)
            inputs = {"size": "params:toy.size", "seed": "params:seed"}
            nodes = [Node(read, inputs, "toy.numbers", name="make", namespace="toy.data")]
            for name in ("one", "two"):
                inputs = {"numbers": "toy.numbers", "block": f"params:toy.{name}"}
                inputs["hardware"] = "params:hardware"
                made = [f"toy.{name}.fitted", f"toy.{name}.seconds"]
                nodes.append(Node(fitting.fit, inputs, made, name="fit", namespace=f"toy.{name}"))
            fitted = {name: f"toy.{name}.fitted" for name in ("one", "two")}
            nodes.append(
                Node(page.report, fitted, ["scores", "curve"], name="report", namespace="report")
            )
            seconds = {name: f"toy.{name}.seconds" for name in ("one", "two")}
            nodes.append(
                Node(page.slowest, seconds, "toy.seconds", name="slowest", namespace="toy.timings")
            )
            return {"__default__": Pipeline(nodes)}
        """,
}


class Tiny:
    """The project's folder and what one does in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            self.write(name, dedent(text).lstrip("\n"))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, *command: str, fails: bool = False) -> str:
        done = run_command(self.root, *command)
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def repro(self, *options: str) -> set[str]:
        """``dvc repro``; the stages that ran."""
        output = self.run("dvc", "repro", *options)
        return {line.split("'")[1] for line in output.splitlines() if line.startswith("Running")}


def run_command(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this virtual environment, without a terminal or telemetry."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "DO_NOT_TRACK": "true",
        "DVC_NO_ANALYTICS": "true",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@pytest.fixture
def project_root() -> Path:
    return ROOT


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    return run_command


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The tiny project; the tests of one module share it, for starting Kedro takes seconds."""
    return Tiny(tmp_path_factory.mktemp("tiny"))
