"""The tidy table that every measurement ends in, and how its rows are ranked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BETTER",
    "COLUMNS",
    "OF_RECIPES",
    "Measure",
    "add_interval",
    "distance_to_ideal",
    "metrics_table",
    "summarise_draws",
]

COLUMNS = [
    "domain",
    "subject",
    "role",
    "recipe",
    "split",
    "metric",
    "value",
    "low",
    "high",
    "n",
    "seed",
    "better",
]


@dataclass(frozen=True)
class Measure:
    """What a metric that only one domain knows is called and says.

    Attributes:
        better: ``higher``, ``lower`` or ``closer:<reference>``.
        title: Its name on a page.
        sentence: What it says, for a reader of the report.
    """

    better: str
    title: str
    sentence: str


# Density may pass 1 (its value for two draws of one distribution) when samples crowd where the
# real data are densest. We rank it `higher`, as Naeem et al. (2020) read it, and leave that
# vice to coverage and recall, which fall when it happens.
BETTER: dict[str, str] = {
    # generators: fidelity
    "frechet_distance": "lower",
    "kernel_distance": "lower",
    "precision": "higher",
    "recall": "higher",
    "density": "higher",
    "coverage": "higher",
    # generators: do samples carry their label, are they useful, are they copies
    "conditional_accuracy": "higher",
    "tstr_accuracy": "higher",
    "tstr_auroc": "higher",
    "tstr_rmse": "lower",
    "tstr_r2": "higher",
    "dcr_share": "closer:0.5",
    # predictors
    "accuracy": "higher",
    "macro_f1": "higher",
    "auroc": "higher",
    "auprc": "higher",
    "ece": "lower",
    "rmse": "lower",
    "mae": "lower",
    "r2": "higher",
    "spread_correlation": "higher",
    # mappers: what survives a code or a cleaning, and how well a map is ordered
    "explained_variance": "higher",
    "reconstruction_error": "lower",
    "noise_reduction": "higher",
    "psnr": "higher",
    "ssim": "higher",
    "code_size": "lower",
    "label_map_accuracy": "higher",
    "quantization_error": "lower",
    "topographic_error": "lower",
    "purity": "higher",
    "adjusted_rand": "higher",
    # recipes: a predictor trained by one, and its difference to training on the real data alone
    "recipe_accuracy": "higher",
    "recipe_auroc": "higher",
    "recipe_rmse": "lower",
    "recipe_r2": "higher",
    "accuracy_lift": "higher",
    # costs
    "fit_seconds": "lower",
    "samples_per_second": "higher",
    "parameters": "lower",
}

# Those that have a row per recipe, where the others have one per subject.
OF_RECIPES = (
    *("recipe_accuracy", "recipe_auroc", "recipe_rmse", "recipe_r2"),
    "accuracy_lift",
)

# Numbers that cannot leave 0 to 1, so their intervals do not either.
SHARES = {
    *("precision", "recall", "coverage", "conditional_accuracy", "dcr_share"),
    *("tstr_accuracy", "tstr_auroc", "recipe_accuracy", "recipe_auroc"),
    *("accuracy", "macro_f1", "auroc", "auprc", "ece"),
    *("ssim", "label_map_accuracy", "topographic_error", "purity"),
    *("distinct_1", "distinct_2", "bleu", "self_bleu", "mauve", "repetition_rate"),
    *("parse_rate", "compile_rate"),
    *("validity", "uniqueness", "uniqueness_1k", "uniqueness_10k", "novelty", "vun", "filters"),
    *("snn", "frag", "scaf", "snn_scaffold", "frag_scaffold", "scaf_scaffold", "kl_score"),
    *("int_div", "int_div_2"),
    *("column_shapes", "column_pairs", "detection_auroc", "constraint_violations"),
}

_REQUIRED = ("domain", "subject", "metric", "value")
_DEFAULTS = {"role": "", "recipe": "none", "split": "test"}
_TEXTS = ("domain", "subject", "role", "recipe", "split", "metric", "better")
_FLOATS = ("value", "low", "high")
_INTEGERS = ("n", "seed")
_BETTER_PATTERN = re.compile(r"higher|lower|closer:(?P<reference>[-+]?\d+(\.\d+)?([eE][-+]?\d+)?)")


def metrics_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the tidy metrics table.

    Args:
        rows: One mapping per number. ``domain``, ``subject``, ``metric`` and ``value`` are
            required. ``role`` defaults to "", ``recipe`` to "none", ``split`` to "test",
            ``low`` and ``high`` to NaN, ``n`` and ``seed`` to missing, ``better`` to what
            ``BETTER`` says of the metric. A metric that only one domain knows is not in
            ``BETTER``; its row has to bring ``better`` itself.

    Returns:
        A frame with exactly ``COLUMNS`` in that order and the rows in the order given: texts as
        ``str``, ``value``, ``low``, ``high`` as float64, ``n`` and ``seed`` as nullable Int64.
        A ``value`` of NaN says that the metric is undefined for this subject.

    Raises:
        GenloomError: A column is unknown, missing or of the wrong kind, a metric is unknown, a
            direction contradicts ``BETTER``, or an interval is half given or upside down.

    >>> row = {"domain": "images", "subject": "gan", "metric": "ece", "value": 0.25}
    >>> metrics_table([row])[["value", "better"]].values.tolist()
    [[0.25, 'lower']]
    """
    import pandas as pd

    complete = [_complete(row) for row in rows]
    table = pd.DataFrame(complete, columns=COLUMNS)
    # A t interval knows nothing of a share's range, and few draws reach past it.
    shares = table["metric"].isin(SHARES)
    for bound in ("low", "high"):
        table[bound] = table[bound].astype("float64").mask(shares, table[bound].clip(0, 1))
    kinds = (
        dict.fromkeys(_TEXTS, "str")
        | dict.fromkeys(_FLOATS, "float64")
        | dict.fromkeys(_INTEGERS, "Int64")
    )
    return table.astype(kinds)


def summarise_draws(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean of repeated draws or seeds and its 95 % Student t interval.

    Args:
        values: One number per draw; at least one.

    Returns:
        ``(mean, low, high)``; low and high are NaN for a single value, which says nothing
        about its own spread.

    Raises:
        GenloomError: There are no values.

    >>> mean, low, high = summarise_draws([1.0, 2.0, 3.0])
    >>> mean, round(low, 3), round(high, 3)
    (2.0, -0.484, 4.484)
    """
    import numpy as np
    from scipy.stats import t

    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0:
        raise GenloomError("No draws to summarise: a mean needs at least one value.")
    mean = float(numbers.mean())
    if numbers.size == 1:
        return mean, math.nan, math.nan
    error = numbers.std(ddof=1) / math.sqrt(numbers.size)
    half = float(t.ppf(0.975, numbers.size - 1) * error)
    return mean, mean - half, mean + half


def add_interval(row: Mapping[str, Any], values: Sequence[float]) -> dict[str, Any]:
    """A copy of a row whose ``value``, ``low`` and ``high`` summarise repeated draws or seeds.

    Args:
        row: The other columns of the row.
        values: One number per draw, see ``summarise_draws``.

    Raises:
        GenloomError: There are no values.
    """
    mean, low, high = summarise_draws(values)
    return {**row, "value": mean, "low": low, "high": high}


def ranking(ranked_by: Mapping[str, Sequence[str]], measured: Collection[str]) -> dict[str, str]:
    """The metric that each role is ranked by: of a domain's wishes the first that was measured.

    >>> ranking({"predictor": ("rmse", "auroc")}, {"auroc", "accuracy"})
    {'predictor': 'auroc'}
    """
    return {
        role: next((name for name in names if name in measured), names[-1])
        for role, names in ranked_by.items()
    }


def distance_to_ideal(better: str, value: float) -> float:
    """A number that is smaller the better the value, so that one sort ranks any metric.

    Args:
        better: ``higher``, ``lower`` or ``closer:<reference>``.
        value: What was measured.

    Returns:
        ``-value``, ``value`` or the distance to the reference. Compare it within one metric
        only. NaN becomes infinity: what could not be measured ranks last.

    Raises:
        GenloomError: ``better`` is none of the three.

    >>> distance_to_ideal("closer:0.5", 0.75)
    0.25
    """
    reference = _reference(better)
    if math.isnan(value):
        return math.inf
    if reference is not None:
        return abs(value - reference)
    return -value if better == "higher" else value


def _reference(better: str) -> float | None:
    match = _BETTER_PATTERN.fullmatch(better)
    if match is None:
        raise GenloomError(
            f"'{better}' is no direction of a metric: write 'higher', 'lower' or 'closer:0.5'."
        )
    reference = match["reference"]
    return None if reference is None else float(reference)


def _complete(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row with every column filled and every cell checked."""
    unknown = sorted(set(row) - set(COLUMNS))
    if unknown:
        raise GenloomError(
            f"A metrics row has unknown columns {unknown}: the columns are {COLUMNS}."
        )
    missing = [name for name in _REQUIRED if row.get(name) is None or row[name] == ""]
    if missing:
        raise GenloomError(f"The metrics row {dict(row)} lacks {missing}: fill them in.")
    given = {name: cell for name, cell in row.items() if cell is not None}
    complete: dict[str, Any] = {**dict.fromkeys(COLUMNS), **_DEFAULTS, **given}
    complete["better"] = _direction(complete)
    for name in _TEXTS:
        if not isinstance(complete[name], str):
            raise GenloomError(f"'{name}' in the metrics row {dict(row)} has to be a text.")
    for name in _FLOATS:
        complete[name] = _number(row, name)
    low, high = complete["low"], complete["high"]
    if math.isnan(low) != math.isnan(high) or low > high:
        raise GenloomError(
            f"The interval [{low}, {high}] of '{complete['metric']}' for '{complete['subject']}' "
            "needs both ends, the lower one first."
        )
    for name in _INTEGERS:
        complete[name] = _count(row, name)
    return complete


def _direction(row: Mapping[str, Any]) -> str:
    metric, given = row["metric"], row["better"]
    known = BETTER.get(metric)
    if known is None and given is None:
        raise GenloomError(
            f"'{metric}' is no known metric ({', '.join(BETTER)}): correct its name, "
            "or give the row its own 'better'."
        )
    if known is not None and given not in (None, known):
        raise GenloomError(
            f"The row of '{metric}' says better is '{given}', but it is '{known}': leave it out."
        )
    better = str(known or given)
    _reference(better)
    return better


def _number(row: Mapping[str, Any], name: str) -> float:
    cell = row.get(name)
    if cell is None:
        return math.nan
    try:
        return float(cell)
    except (TypeError, ValueError) as error:
        raise GenloomError(
            f"'{name}' of '{row['metric']}' for '{row['subject']}' has to be a number, "
            f"not {cell!r}."
        ) from error


def _count(row: Mapping[str, Any], name: str) -> int | None:
    """A whole number; NaN counts as missing, because pandas hands missing numbers on as NaN."""
    number = _number(row, name)
    if math.isnan(number):
        return None
    if not number.is_integer():
        raise GenloomError(
            f"'{name}' of '{row['metric']}' for '{row['subject']}' has to be a whole number, "
            f"not {row[name]!r}."
        )
    return int(number)
