"""``kedro dvc`` and what DVC makes of the stages that it writes."""

import pytest
import yaml


def test_dvc_yaml_is_what_the_pipelines_say(project_root, command):
    done = command(project_root, "kedro", "dvc", "--check")
    assert done.returncode == 0, f"run kedro dvc and commit dvc.yaml\n{done.stdout}"


def test_kedro_keeps_its_own_commands(project_root, command):
    lines = command(project_root, "kedro", "--help").stdout.splitlines()
    listed = {line.split()[0] for line in lines if line.startswith("  ")}
    assert {"run", "registry", "catalog", "dvc"} <= listed


@pytest.fixture(scope="module")
def woven(tiny):
    """The tiny project under git and DVC, with its stages written and run once."""
    tiny.run("git", "init")
    tiny.run("dvc", "init")
    output = tiny.run("kedro", "dvc", "--check", fails=True)
    assert "dvc.yaml does not exist: run `kedro dvc`" in output
    tiny.run("kedro", "dvc")
    assert tiny.repro() == {"toy-data", "toy-one", "toy-two", "report"}
    return tiny


def test_a_stage_lists_what_it_rests_on_and_no_more(woven):
    stages = yaml.safe_load((woven.root / "dvc.yaml").read_text())["stages"]
    assert list(stages) == ["toy-data", "toy-one", "toy-two", "report"]  # no clocks
    assert stages["toy-data"]["deps"] == ["src/tiny/data.py"]  # nothing of training
    assert stages["toy-one"]["deps"] == [
        "data/toy/numbers.json",
        "src/tiny/fitting.py",
        "src/tiny/members.py",
        "src/tiny/networks/alpha.py",
        "src/tiny/networks/base.py",
    ]
    assert stages["toy-one"]["params"] == [
        {"conf/base/parameters.yml": ["hardware.threads"]},  # and not the progress bar
        {"conf/base/parameters_toy.yml": ["toy.one"]},
    ]
    assert stages["toy-one"]["outs"] == ["data/toy/one/fitted.json"]  # and not the seconds
    assert stages["report"]["metrics"] == [{"scores.json": {"cache": False}}]
    assert stages["report"]["plots"] == ["data/curve.json"]


# From here on each test leaves the project as the next one finds it: everything is up to date.
def test_nothing_changed_runs_nothing(woven):
    assert woven.repro() == set()


def test_a_parameter_reruns_its_stage_and_what_reads_that(woven):
    woven.edit("conf/base/parameters_toy.yml", "weight: 2", "weight: 4")
    woven.edit("conf/base/parameters.yml", "progress: true", "progress: false")
    assert woven.repro() == {"toy-one", "report"}


def test_a_network_reruns_its_stage_and_what_reads_that(woven):
    woven.edit("src/tiny/networks/beta.py", "weight +", "2 * weight +")
    assert woven.repro() == {"toy-two", "report"}


def test_force_ends_in_the_same_hashes(woven):
    before = (woven.root / "dvc.lock").read_text()
    assert woven.repro("--force") == {"toy-data", "toy-one", "toy-two", "report"}
    assert (woven.root / "dvc.lock").read_text() == before


def test_check_passes_over_comments_and_notices_the_catalog(woven):
    catalog = (woven.root / "conf/base/catalog.yml").read_text()
    woven.write("conf/base/catalog.yml", "# A note.\n" + catalog)
    assert "dvc.yaml is up to date" in woven.run("kedro", "dvc", "--check")
    woven.write("conf/base/catalog.yml", catalog.replace("curve.json", "curves.json"))
    output = woven.run("kedro", "dvc", "--check", fails=True)
    assert "dvc.yaml is out of date: run `kedro dvc`" in output
    assert "Traceback" not in output
    assert "curves.json" not in (woven.root / "dvc.yaml").read_text()
