"""What all tests share: where the project is, and a copy of it to run commands in."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[1]
KEDRO = [sys.executable, "-m", "kedro"]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder; tests only read it."""
    return PROJECT


def copy_project(target: Path) -> Path:
    """A copy of what the project's commands need, without data or records."""
    target.mkdir(parents=True)
    for name in ("conf", "src", "data/.gitkeep", "pyproject.toml", ".telemetry", "dvc.yaml"):
        source = PROJECT / name
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, place, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        elif source.exists():
            shutil.copy2(source, place)
    (target / "conf" / "local").mkdir(exist_ok=True)
    return target


def _environment(place: Path, more: dict[str, str]) -> dict[str, str]:
    own = {"PYTHONPATH": str(place / "src"), "COLUMNS": "200", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return os.environ | own | more


@pytest.fixture(scope="session")
def python_kedro() -> Callable[..., subprocess.CompletedProcess[str]]:
    """``python_kedro(place, "run", "--env", "smoke")`` runs ``python -m kedro`` there."""

    def run(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*KEDRO, *arguments],
            cwd=place,
            env=_environment(place, environment),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def kedro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """The same in less time: in a fork of a process that has imported the heavy libraries."""
    said = tmp_path_factory.mktemp("said")
    out, err = said / "out", said / "err"

    def run(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for file in (out, err):
            file.unlink(missing_ok=True)
        asked = {"place": str(place), "arguments": arguments, "out": str(out), "err": str(err)}
        asked["environment"] = _environment(place, environment)
        server.stdin.write(json.dumps(asked) + "\n")
        status = server.stdout.readline()
        assert status, f"tests/kedro_server.py has ended with {server.wait()}: what does it print?"
        return subprocess.CompletedProcess(
            ["kedro", *arguments], int(status), out.read_text(), err.read_text()
        )

    with subprocess.Popen(
        [sys.executable, "-P", Path(__file__).parent / "kedro_server.py"],
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as server:
        yield run


@pytest.fixture(scope="session")
def project_copy() -> Callable[[Path], Path]:
    """``project_copy(target)`` makes a copy of the project in which nothing has run."""
    return copy_project


@pytest.fixture
def fresh_project(tmp_path: Path) -> Path:
    """A copy of the project in which nothing has run, and that keeps no records in MLflow.

    Making a database takes longer than most that is tried here; runs that are recorded are those
    of ``smoke_run`` and of the tests of hooks.
    """
    place = copy_project(tmp_path / "project")
    (place / "conf/local/mlflow.yml").write_text("enabled: false\n")
    return place
