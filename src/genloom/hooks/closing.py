"""What a person sees when a run is done: the leaderboard, and what to do next."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from genloom import tasks
from genloom.domains import load_domain

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

CLOCKS = ("fit_seconds", "samples_per_second")


class ClosingHooks:
    """Print the leaderboard of every domain that was ranked in the run."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        self.project = Path(context.project_path)

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any
    ) -> None:
        """Show the result, then the three things to do next."""
        from rich.console import Console

        console = Console(width=None if Console().is_terminal else 160)
        outputs = pipeline.all_outputs()
        boards = sorted(name for name in outputs if name.endswith(".leaderboard"))
        for name in boards:
            domain = name.rpartition(".")[0]
            timings = f"{domain}.timings"
            clock = catalog[timings].load() if catalog[timings].exists() else None
            rejects = catalog[f"{domain}.rejects"].load()
            for table in leaderboard_tables(catalog[name].load(), clock):
                console.print(table)
            if len(rejects):
                console.print(
                    f"{len(rejects)} rows were set aside; see data/03_primary/{domain}/rejects.csv"
                )
        if boards:
            report = self.project / "data" / "08_reporting" / "report.html"
            console.print("\nNext:")
            console.print("  make ui     compare the runs in MLflow")
            console.print("  make viz    see the pipeline in kedro-viz")
            console.print(f"  open {report.relative_to(self.project)}")


def leaderboard_tables(board: "pd.DataFrame", timings: "pd.DataFrame | None") -> list["Table"]:
    """A rich table per role; ``timings`` adds what the clock measured."""
    from rich.table import Table

    if timings is not None and len(timings):
        clock = timings.pivot_table(index="subject", columns="metric", values="value")
        board = board.join(clock, on="subject")
    tables = []
    for role, part in board.groupby("role", sort=True):
        domain = load_domain(part["domain"].iloc[0])
        wishes = (domain.RANKED_BY | tasks.RANKED_BY)[str(role)]
        ranked_by = [name for name in wishes if name in part]
        if part[ranked_by].isna().all(axis=None):
            continue  # data of a single class has nothing to predict
        wanted = (*(domain.HEADLINES | tasks.HEADLINES)[str(role)], *CLOCKS)
        columns = [column for column in wanted if column in part and part[column].notna().any()]
        caption = f"distances in the features of {part['features'].iloc[0]}"
        table = Table(
            title=f"{part['domain'].iloc[0]}: {role}s",
            caption=caption if role == "generator" else None,
        )
        table.add_column("rank", justify="right")
        table.add_column("subject")
        for column in columns:
            table.add_column(column.replace("_", "\n"), justify="right")
        for _, row in part.iterrows():
            marks = ["ceiling"] * (row["subject"] == "real") + ["floor"] * bool(row["floor"])
            marks += ["copies"] * bool(row["copies"])
            marks += ["collapsed"] * bool(row["collapsed"])
            marks += ["does not beat its floor"] * (str(row["beats_floors"]) == "False")
            note = f" ({', '.join(marks)})" if marks else ""
            values = [_short(row[column]) for column in columns]
            table.add_row(str(row["rank"] or ""), f"{row['subject']}{note}", *values)
        tables.append(table)
    return tables


def _short(value: float) -> str:
    if math.isnan(value):  # not measured, e.g. the copy test of real data
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"
