"""Design of molecules after a run of molecules, and tables, as a newcomer types them."""

import json
import shutil

import pandas as pd

SMOKE = ("run", "--env", "smoke")
METHODS = ["best_of_dataset", "genetic", "reinforcement", "reinforcement_genetic"]


def test_design_begins_with_what_molecules_made_and_keeps_to_its_budget(smoke_run, tmp_path, kedro):
    # A copy: other tests read the same run, and in any order.
    place = shutil.copytree(smoke_run.place, tmp_path / "project")
    done = kedro(place, *SMOKE, "--pipeline", "molecule_design")
    assert done.returncode == 0, done.stderr[-3000:]
    reporting = place / "data/08_reporting"
    folder = reporting / "molecule_design"
    values = pd.read_csv(folder / "metrics.csv").set_index(["subject", "metric"])["value"]
    for method in METHODS:
        assert 0 <= values[method, "benchmark_score"] <= 1
        assert (folder / method / "best.png").is_file()
        if method != "best_of_dataset":
            assert values[method, "calls"] <= 40
    assert (folder / "comparison/curves.png").is_file()
    assert 'id="molecule_design"' in (reporting / "report.html").read_text()


def test_design_without_molecules_names_what_is_missing(fresh_project, kedro):
    done = kedro(fresh_project, *SMOKE, "--pipeline", "molecule_design")
    assert done.returncode != 0
    assert "molecules.samples" in done.stderr
    assert "run the namespace that makes it first" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_table_of_ones_own_with_mixed_columns(fresh_project, kedro):
    rows = [
        {
            "age": 20 + n % 50,
            "city": "abc"[n % 3],
            "since": f"2020-01-{n % 28 + 1:02}",
            "out": n % 2,
        }
        for n in range(160)
    ]
    table = fresh_project / "mine.csv"
    pd.DataFrame(rows).to_csv(table, index=False)
    done = kedro(
        fresh_project,
        *(*SMOKE, "--pipeline", "tables", "--params"),
        f"tables.source=table,tables.table={table},tables.target_column=out",
        *("--namespaces", "tables.data,tables.rbf,tables.copula"),
        *("--to-nodes", "tables.rbf.evaluate_predictor,tables.copula.draw_samples"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made = pd.read_parquet(fresh_project / "data/07_model_output/tables/copula/samples.parquet")
    drawn = pd.DataFrame(made["content"].map(json.loads).tolist())
    assert set(drawn["city"]) <= set("abc")
    assert drawn["age"].between(20, 69).all()
