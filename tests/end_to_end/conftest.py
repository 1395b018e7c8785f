"""One smoke run that many tests look at."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from filelock import FileLock


@dataclass
class Ran:
    """A copy of the project in which a command has run."""

    place: Path
    command: CompletedProcess[str]

    @property
    def reporting(self) -> Path:
        return self.place / "data" / "08_reporting"


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory, project_copy, python_kedro) -> Ran:
    """``kedro run --env smoke``, once for all workers: the first that needs it makes it.

    It is typed as users do, so nothing is imported before; other runs are held against it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    place, said = folder / "smoke" / "project", folder / "smoke.json"
    with FileLock(folder / "smoke.lock"):
        if not said.exists():
            done = python_kedro(project_copy(place), "run", "--env", "smoke")
            said.write_text(json.dumps(vars(done)))
    return Ran(place, CompletedProcess(**json.loads(said.read_text())))
