"""Images: small pictures as PNG bytes, one label each, grey or colour, 8x8 to 64x64."""

from collections.abc import Callable
from typing import Any

from genloom.domains import Measures, no_metrics
from genloom.domains.images.classical import classical_moves
from genloom.domains.images.codec import fit_codec, places
from genloom.domains.images.figures import gallery, interpolation
from genloom.domains.images.sources import check, ingest
from genloom.metrics.table import Measure

PARAMETERS = ("source", "folder", "size", "colour", "limit", "raw_folder", "split")
CODEC_PARAMETERS: tuple[str, ...] = ()
CODECS = {"pixels": "images"}
RECIPES = ("none", "classical", "mixup", "smote")
RANKED_BY = {"generator": ("frechet_distance",), "predictor": ("accuracy",)}
HEADLINES = {
    "generator": (
        *("frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"),
        *("conditional_accuracy", "tstr_accuracy", "dcr_share"),
    ),
    "predictor": ("accuracy", "macro_f1", "auroc", "ece", "parameters"),
}
METRICS: dict[str, Measure] = {}
CAPTIONS = {
    "gallery": "The first samples of each class as they came, none chosen.",
    "interpolation": "Each row goes from one random latent to another under one label. Neighbours "
    "that change little by little speak for a generator that has learnt more than single samples.",
}
MEASURES = Measures(places=places)
SCORING_FLOORS: tuple[str, ...] = ()
score_floors = no_metrics
FIGURES = {"interpolation": interpolation}
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
