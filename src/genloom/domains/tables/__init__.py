"""Tables: rows of numbers, categories, truth values and dates, with a class or a number each."""

from collections.abc import Callable
from typing import Any

from genloom.domains import Measures, no_metrics
from genloom.domains.tables.checking import check
from genloom.domains.tables.classical import classical_moves
from genloom.domains.tables.codec import FORMS, fit_codec, places
from genloom.domains.tables.figures import CAPTIONS, FIGURES, gallery
from genloom.domains.tables.measures import METRICS, own_metrics
from genloom.domains.tables.sources import ingest

PARAMETERS = (
    *("source", "table", "target_column", "task", "bands", "categories", "leave_out"),
    *("attributes", "encoding", "separator", "decimal", "most_categories", "most_rejects"),
    *("limit", "raw_folder", "split"),
)
CODEC_PARAMETERS = ("bands",)
CODECS = dict.fromkeys(FORMS, "vectors")
RECIPES = ("none", "classical", "mixup", "smote")
RANKED_BY = {"generator": ("column_pairs",), "predictor": ("accuracy", "r2")}
HEADLINES = {
    "generator": (
        *("column_shapes", "column_pairs", "detection_auroc", "constraint_violations"),
        *("conditional_accuracy", "tstr_accuracy", "tstr_auroc", "tstr_r2", "dcr_share"),
    ),
    "predictor": ("accuracy", "macro_f1", "auroc", "ece", "r2", "rmse", "mae", "parameters"),
}
MEASURES = Measures(
    places=places,
    own_metrics=own_metrics,
    better={name: measure.better for name, measure in METRICS.items()},
)
SCORING_FLOORS: tuple[str, ...] = ()
score_floors = no_metrics
FIGURES_ON_REQUEST: dict[str, Callable[..., Any]] = {}
PREDICTED: dict[str, Callable[..., Any]] = {}
CHARTS: dict[str, Callable[..., Any]] = {}

__all__ = [
    "CAPTIONS",
    "CHARTS",
    "CODECS",
    "CODEC_PARAMETERS",
    "FIGURES",
    "FIGURES_ON_REQUEST",
    "HEADLINES",
    "MEASURES",
    "METRICS",
    "PARAMETERS",
    "PREDICTED",
    "RANKED_BY",
    "RECIPES",
    "SCORING_FLOORS",
    "check",
    "classical_moves",
    "fit_codec",
    "gallery",
    "ingest",
    "score_floors",
]
