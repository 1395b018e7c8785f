"""What all tests share: where the project is, and a copy of it to run commands in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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


def run_kedro(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a real ``kedro`` command in a copy of the project."""
    own = {"PYTHONPATH": str(place / "src"), "COLUMNS": "200", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return subprocess.run(
        [*KEDRO, *arguments],
        cwd=place,
        env=os.environ | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


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


@pytest.fixture(scope="session")
def kedro() -> Callable[..., subprocess.CompletedProcess[str]]:
    """``kedro(place, "run", "--env", "smoke")`` runs the real command there."""
    return run_kedro
