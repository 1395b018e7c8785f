"""Text: any UTF-8, cut into rows of bytes or of learned pieces of words, labelled or not."""

from collections.abc import Callable
from typing import Any

from genloom.domains import Measures
from genloom.domains.text.classical import classical_moves
from genloom.domains.text.codec import KINDS, fit_codec
from genloom.domains.text.figures import CAPTIONS, CHARTS, FIGURES, gallery
from genloom.domains.text.measures import (
    METRICS,
    feature_metrics,
    likelihood,
    own_metrics,
    score_floors,
)
from genloom.domains.text.places import places
from genloom.domains.text.sources import check, ingest
from genloom.metrics.compression import METHODS

PARAMETERS = (
    *("source", "file", "folder", "table", "text_column", "label_column", "encoding_errors"),
    *("length", "vocabulary", "limit", "raw_folder", "split"),
)
CODEC_PARAMETERS = ("length", "vocabulary")
CODECS = dict.fromkeys(KINDS, "tokens")
RECIPES = ("none", "classical")
RANKED_BY = {"generator": ("bits_per_byte",), "predictor": ("accuracy",)}
HEADLINES = {
    "generator": (
        *("bits_per_byte", "perplexity", "mauve", "self_bleu", "longest_copy"),
        *("conditional_accuracy", "tstr_accuracy", "dcr_share"),
    ),
    "predictor": ("accuracy", "macro_f1", "auroc", "ece", "parameters"),
}
MEASURES = Measures(
    places=places,
    own_metrics=own_metrics,
    feature_metrics=feature_metrics,
    likelihood=likelihood,
    better={name: measure.better for name, measure in METRICS.items()},
)
SCORING_FLOORS = METHODS
FIGURES_ON_REQUEST: dict[str, Callable[..., Any]] = {}
PREDICTED: dict[str, Callable[..., Any]] = {}

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
