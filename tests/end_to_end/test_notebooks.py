"""The notebooks: stored without outputs, and executed on what smoke runs have recorded."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# The command that makes what each one reads, and how many pictures it shows of a whole run.
MADE_BY = {
    "choosing_a_generator": ("kedro run", 6),
    "fundamentals": ("kedro run --pipeline fundamentals", 9),
    "molecules": ("kedro run --pipeline molecules", 4),
}


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """``execute(name, place)`` runs a notebook in a copy of the project, and writes nothing there.

    Returns:
        Everything that it shows: ``(kind, content)`` in order.
    """
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def execute(name: str, place: Path) -> list[tuple[str, str]]:
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        resources = {"metadata": {"path": str(place)}}
        monkeypatch.setenv("PYTHONPATH", str(place / "src"))
        NotebookClient(notebook, timeout=600, resources=resources).execute(env=dict(os.environ))
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        shown = [(kind, str(text)) for o in outputs for kind, text in o.get("data", {}).items()]
        return shown + [(o["name"], o["text"]) for o in outputs if o["output_type"] == "stream"]

    return execute


@pytest.fixture(scope="module")
def fundamentals_run(tmp_path_factory, project_copy, kedro) -> Path:
    place = project_copy(tmp_path_factory.mktemp("fundamentals") / "project")
    done = kedro(place, "run", "--env", "smoke", "--pipeline", "fundamentals")
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def texts(shown):
    return "\n".join(text for kind, text in shown if kind != "image/png")


def test_every_notebook_is_tested():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(MADE_BY)


@pytest.mark.parametrize("name", list(MADE_BY))
def test_notebooks_are_stored_without_outputs_and_say_what_they_read(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert notebook.cells[0].cell_type == "markdown"
    assert f"`{MADE_BY[name][0]}`" in notebook.cells[0].source


def test_the_story_of_fundamentals_is_told_from_recorded_runs(fundamentals_run, execute):
    before = sorted(path for path in fundamentals_run.rglob("*") if "__pycache__" not in str(path))
    shown = execute("fundamentals", fundamentals_run)
    assert sum(kind == "image/png" for kind, _ in shown) == MADE_BY["fundamentals"][1]
    told = texts(shown)
    # The same sentences as in the report, because they rest on the same numbers.
    page = (fundamentals_run / "data/08_reporting/fundamentals/section.html").read_text()
    sentences = [text for kind, text in shown if kind == "text/markdown"]
    assert len(sentences) == 8
    for sentence in sentences:
        assert sentence.replace("'", "&#39;") in page
    for words in ("sigmoid with", "He", "logistic regression", "float32"):
        assert words.lower() in told.lower()
    after = sorted(path for path in fundamentals_run.rglob("*") if "__pycache__" not in str(path))
    assert after == before


def test_the_three_questions_are_answered_for_every_domain(smoke_run, execute):
    assert smoke_run.command.returncode == 0, smoke_run.command.stderr[-3000:]
    shown = execute("choosing_a_generator", smoke_run.place)
    assert sum(kind == "image/png" for kind, _ in shown) == MADE_BY["choosing_a_generator"][1]
    told = texts(shown)
    assert "Domains: images, molecules, text" in told
    for question in ("Does synthetic data help", "Which network", "trust"):
        assert told.count(question) >= 3


def test_molecules_are_drawn_beside_their_nearest_neighbours(smoke_run, execute):
    assert smoke_run.command.returncode == 0, smoke_run.command.stderr[-3000:]
    shown = execute("molecules", smoke_run.place)
    assert sum(kind == "image/png" for kind, _ in shown) == MADE_BY["molecules"][1]
    told = texts(shown)
    assert "samples are molecules" in told
    assert "are not in the training split" in told


@pytest.mark.parametrize("name", list(MADE_BY))
def test_without_a_run_the_notebook_says_which_one_is_missing(name, fresh_project, execute):
    with pytest.raises(CellExecutionError, match=f"run `{MADE_BY[name][0]}` first"):
        execute(name, fresh_project)
    assert not (fresh_project / "mlflow.db").exists()
