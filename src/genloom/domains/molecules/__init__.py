"""Molecules: one connected molecule a sample, as SMILES; labelled by a measure or a property."""

from genloom.domains import Measures, no_metrics
from genloom.domains.molecules.classical import classical_moves
from genloom.domains.molecules.codec import FORMS, fit_codec
from genloom.domains.molecules.figures import (
    CAPTIONS,
    CHARTS,
    FIGURES,
    FIGURES_ON_REQUEST,
    PREDICTED,
    gallery,
)
from genloom.domains.molecules.measures import (
    METRICS,
    describe,
    likelihood,
    own_metrics,
    preference,
    usable,
)
from genloom.domains.molecules.places import places
from genloom.domains.molecules.sources import check, ingest

PARAMETERS = (
    *("source", "file", "table", "smiles_column", "target_column", "property", "bands"),
    *("length", "views", "limit", "most_rejects", "raw_folder", "split"),
)
CODEC_PARAMETERS = ("length", "views", "property")
CODECS = FORMS
RECIPES = ("none", "classical")
RANKED_BY = {"generator": ("fcd",), "predictor": ("rmse", "accuracy")}
HEADLINES = {
    "generator": (
        *("fcd", "validity", "uniqueness", "novelty", "vun", "snn", "int_div"),
        *("conditional_accuracy", "tstr_accuracy", "dcr_share"),
    ),
    "predictor": (
        *("rmse", "rmse_scaffold", "r2", "accuracy", "accuracy_scaffold", "auroc", "auprc"),
        *("ece", "spread_correlation", "parameters"),
    ),
}
MEASURES = Measures(
    places=places,
    own_metrics=own_metrics,
    describe=describe,
    likelihood=likelihood,
    usable=usable,
    preference=preference,
    better={name: measure.better for name, measure in METRICS.items()},
)
SCORING_FLOORS: tuple[str, ...] = ()

score_floors = no_metrics

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
