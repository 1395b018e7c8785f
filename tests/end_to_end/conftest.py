"""One smoke run that many tests look at."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Ran:
    """A copy of the project in which a command has run."""

    place: Path
    command: subprocess.CompletedProcess[str]

    @property
    def reporting(self) -> Path:
        return self.place / "data" / "08_reporting"


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory, project_copy, kedro) -> Ran:
    """``kedro run --env smoke``, once for the whole session."""
    place = project_copy(tmp_path_factory.mktemp("sequential") / "project")
    return Ran(place, kedro(place, "run", "--env", "smoke"))
