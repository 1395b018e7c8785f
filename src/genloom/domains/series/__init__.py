"""Series: numbers that follow each other at even steps of time, and forecasts of them."""

from collections.abc import Callable
from typing import Any

from genloom.domains import Measures, no_metrics
from genloom.domains.series.checking import check
from genloom.domains.series.codec import FORMS as CODECS
from genloom.domains.series.codec import fit_codec, places
from genloom.domains.series.figures import CAPTIONS, PREDICTED
from genloom.domains.series.measures import METRICS
from genloom.domains.series.sources import ingest

PARAMETERS = (
    *("source", "table", "time_column", "target_column", "leave_out", "encoding", "separator"),
    *("decimal", "most_rejects", "longest_gap", "season", "calendar", "context", "horizon"),
    *("quantiles", "origins", "limit", "faults", "split"),
)
CODEC_PARAMETERS = ("quantiles",)
RECIPES: tuple[str, ...] = ()
RANKED_BY: dict[str, tuple[str, ...]] = {"predictor": ("mase",)}
HEADLINES = {
    "predictor": ("mase", "smape", "crps", "interval_coverage", "mase_faults", "parameters"),
}
MEASURES = Measures(
    places=places, better={name: measure.better for name, measure in METRICS.items()}
)
SCORING_FLOORS: tuple[str, ...] = ()
score_floors = no_metrics
FIGURES: dict[str, Callable[..., Any]] = {}
FIGURES_ON_REQUEST: dict[str, Callable[..., Any]] = {}
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
    "fit_codec",
    "ingest",
    "score_floors",
]
