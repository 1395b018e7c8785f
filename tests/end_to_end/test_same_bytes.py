"""One seed, any runner: the same bytes."""

import hashlib
from pathlib import Path

import pytest

# Every verb and role; that each network gives the same bytes again is a contract of its own.
PART = "images.data,images.cnn,images.vae,images.kde,images.detector,images.som,"
PART += "text.data,text.fnn,text.lstm,text.gpt,molecules.data,molecules.references,molecules.fnn"
CLOCKED = {"timings.csv", "fit_timings.csv", "sample_timings.csv"}


def digests(data: Path) -> dict[str, str]:
    """SHA-256 of every file that no clock went into."""
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.name not in CLOCKED
    }


@pytest.fixture(scope="module")
def sequential_run(tmp_path_factory, project_copy, kedro):
    """A part of the default run, every verb in it, with the other runner than the default one."""
    place = project_copy(tmp_path_factory.mktemp("one_by_one") / "project")
    command = kedro(
        place, "run", "--env", "smoke", "--runner", "SequentialRunner", "--namespaces", PART
    )
    assert command.returncode == 0, command.stderr[-3000:]
    return place


def test_parallel_and_sequential_runs_give_the_same_bytes(smoke_run, sequential_run):
    whole, part = digests(smoke_run.place / "data"), digests(sequential_run / "data")
    assert len(part) > 40
    assert [name for name in part if part[name] != whole[name]] == []


def test_another_seed_gives_other_bytes(smoke_run, sequential_run, kedro):
    names = "images.data,images.pca_gmm"
    command = kedro(
        sequential_run,
        *("run", "--env", "smoke", "--params", "seed=1", "--namespaces", names),
        *("--to-nodes", "images.pca_gmm.draw_samples"),
    )
    assert command.returncode == 0, command.stderr[-3000:]
    name = "data/07_model_output/images/pca_gmm/samples.parquet"
    assert (sequential_run / name).read_bytes() != (smoke_run.place / name).read_bytes()
