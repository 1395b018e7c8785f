"""Code: functions of Python, each a sample, in the same tokens as text."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genloom.domains import Measures
from genloom.domains.code.measures import METRICS, own_metrics
from genloom.domains.code.sources import DEFAULT_LENGTH, DEFAULT_VOCABULARY, check, ingest
from genloom.domains.text.classical import classical_moves
from genloom.domains.text.codec import KINDS, TextCodec
from genloom.domains.text.figures import CAPTIONS, CHARTS, FIGURES, gallery
from genloom.domains.text.measures import feature_metrics, likelihood, score_floors
from genloom.domains.text.places import places
from genloom.metrics.compression import METHODS

if TYPE_CHECKING:
    import pandas as pd

PARAMETERS = ("source", "folder", "encoding_errors", "length", "vocabulary", "limit", "split")
CODEC_PARAMETERS = ("length", "vocabulary")
CODECS = dict.fromkeys(KINDS, "tokens")
RECIPES = ("none", "classical")
RANKED_BY = {"generator": ("bits_per_byte",), "predictor": ("accuracy",)}
HEADLINES = {
    "generator": (
        *("bits_per_byte", "perplexity", "parse_rate", "mauve", "self_bleu", "longest_copy"),
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


def fit_codec(
    samples: "pd.DataFrame", *, length: int = DEFAULT_LENGTH, vocabulary: int = DEFAULT_VOCABULARY
) -> TextCodec:
    """Fit text's codec on the training samples (node function)."""
    return TextCodec.fit(samples, length=length, vocabulary=vocabulary)


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
    "places",
    "score_floors",
]
