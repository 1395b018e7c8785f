"""The verb *compare*: one table of everything, and who stands where in it."""

import math
from typing import TYPE_CHECKING, Any

from genloom.metrics.table import (
    BETTER,
    OF_RECIPES,
    distance_to_ideal,
    metrics_table,
    ranking,
    summarise_draws,
)
from genloom.pipelines.findings import COLLAPSED, copying

if TYPE_CHECKING:
    import pandas as pd


def join_metrics(**tables: "pd.DataFrame") -> "pd.DataFrame":
    """Join the tables of all members and recipes, and add the lift of every recipe.

    The lift is the mean difference to ``none`` over the paired repeats of the same arm, with its
    95 % t interval; ``n`` is the number of pairs.
    """
    import pandas as pd

    # Each table is small; the empty ones would only blur the column types.
    joined = pd.concat([table for table in tables.values() if len(table)], ignore_index=True)
    lifts = _lifts(joined[joined["metric"] == "recipe_accuracy"])
    return metrics_table([*_rows(joined), *lifts])


def join_timings(**tables: "pd.DataFrame") -> "pd.DataFrame":
    """Join whatever a clock measured into one table."""
    import pandas as pd

    return metrics_table(_rows(pd.concat(tables.values(), ignore_index=True)))


def rank(
    metrics: "pd.DataFrame",
    *,
    features: str | None,
    floors: list[str],
    ranked_by: dict[str, tuple[str, ...]],
) -> "pd.DataFrame":
    """The leaderboard: a row per subject, ranked within its role.

    Args:
        metrics: The joined metrics of a domain.
        features: The member whose features the distances of generators rest on, if there are any.
        floors: The names of the subjects that are floors.
        ranked_by: The metrics that each role is ranked by, the first that was measured.

    Returns:
        ``domain, role, rank, subject, floor, copies, collapsed, beats_floors, features`` and a
        column per metric. ``real`` is the ceiling and has rank 0. Generators that copy their
        training set stand after all that do not, whatever their distance. ``beats_floors`` says of
        a network whether it is better than the best floor that does not copy, in what the role is
        ranked by.
    """
    import pandas as pd

    plain = metrics[~metrics["metric"].isin(OF_RECIPES)]
    first = ranking(ranked_by, set(plain.loc[plain["value"].notna(), "metric"]))
    # Unlike a pivot table, a pivot keeps metrics that are NaN for everybody.
    board = plain.pivot(
        index=["domain", "role", "subject"], columns="metric", values="value"
    ).reset_index()
    shares = metrics[metrics["metric"] == "dcr_share"]
    novel = metrics[metrics["metric"] == "novelty"]
    novelty = dict(zip(novel["subject"], novel["value"], strict=True))
    copiers = {
        subject
        for subject, share, low in zip(
            shares["subject"], shares["value"], shares["low"], strict=True
        )
        if copying(share, low, novelty.get(subject, math.nan))
    }
    by = dict(zip(metrics["metric"], metrics["better"], strict=True))
    board["floor"] = board["subject"].isin(floors)
    board["copies"] = board["subject"].isin(copiers)
    board["collapsed"] = False
    for metric in {"recall", "coverage"} & set(board):
        real = board.loc[board["subject"] == "real", metric]
        board["collapsed"] |= board[metric] < COLLAPSED * real.max()
    board["features"] = ""
    if (generators := board["role"] == "generator").any():
        board.loc[generators, "features"] = _quality(board, features, first)
    parts = [
        _ranked(part, first[str(role)], by[first[str(role)]])
        for role, part in board.groupby("role", sort=True)
    ]
    columns = [
        "domain",
        "role",
        "rank",
        "subject",
        "floor",
        "copies",
        "collapsed",
        "beats_floors",
        "features",
    ]
    present = [str(column) for column in board.columns if column in by]
    # The shared ones in the order of their table, a domain's own before them.
    known = sorted(present, key=lambda m: list(BETTER).index(m) if m in BETTER else -1)
    return pd.concat(parts, ignore_index=True)[columns + known]


def summarise_scores(metrics: "pd.DataFrame") -> dict[str, Any]:
    """The metrics as ``subject -> metric -> value``, which ``dvc metrics`` shows and compares."""
    scores: dict[str, Any] = {}
    for row in _rows(metrics):
        if row["metric"] == "accuracy_lift":
            scores.setdefault("accuracy_lift", {})[row["recipe"]] = round(row["value"], 6)
        elif row["metric"] not in OF_RECIPES:
            scores.setdefault(row["subject"], {})[row["metric"]] = round(row["value"], 6)
    return scores


def _lifts(scores: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows of ``accuracy_lift``: every recipe against ``none`` of its own arm, pair by pair."""
    rows = []
    by_recipe = {name: part.set_index("seed")["value"] for name, part in scores.groupby("recipe")}
    for recipe, values in by_recipe.items():
        _, at, arm = str(recipe).partition("@")
        without = by_recipe.get(f"none{at}{arm}")
        if without is None or recipe == f"none{at}{arm}":
            continue
        value, low, high = summarise_draws((values - without).tolist())
        rows.append(
            {
                "domain": scores["domain"].iloc[0],
                "subject": scores["subject"].iloc[0],
                "role": "predictor",
                "recipe": recipe,
                "split": "test",
                "metric": "accuracy_lift",
                "value": value,
                "low": low,
                "high": high,
                "n": len(values),
            }
        )
    return rows


def _rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _quality(board: "pd.DataFrame", features: str | None, ranked_by: dict[str, str]) -> str:
    """Whose features distances rest on, and how good it is: ``cnn, test accuracy 0.9978``."""
    row = board[board["subject"] == features].iloc[0]
    metric = ranked_by[row["role"]]
    return f"{features}, test {metric.replace('_', ' ')} {row[metric]:.4f}"


def _ranked(board: "pd.DataFrame", metric: str, better: str) -> "pd.DataFrame":
    """One role, best first, with rank and the comparison to its floors."""
    import pandas as pd

    far = board[metric].map(lambda value: distance_to_ideal(better, value))
    board = board.assign(far=far.where(board["subject"] != "real", float("-inf")))
    board = board.sort_values(["copies", "far", "subject"]).reset_index(drop=True)
    members = board["subject"] != "real"
    board["rank"] = members.cumsum().where(members, 0).astype(int)
    best_floor = board.loc[board["floor"] & ~board["copies"], "far"].min()
    board["beats_floors"] = (board["far"] < best_floor).astype(object)
    # Floors, the ceiling, copiers and a role without a fair floor have nothing to beat.
    nothing = board["floor"] | board["copies"] | ~members | pd.isna(best_floor)
    board.loc[nothing, "beats_floors"] = None
    return board.drop(columns="far")
