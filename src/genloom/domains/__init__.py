"""What the data is: one folder per domain, each answering the questions of ``Domain``."""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from genloom.metrics.table import Measure

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# What a domain's block of parameters says of the use of generators, where it has some.
GENERATION_KEYS = ("reference", "features", "augmentation", "sampling", "recipes")
# What it says for every domain; the rest of its keys are the domain's own (``PARAMETERS``) or
# members.
SHARED_KEYS = ("source", *GENERATION_KEYS, "mapping", "in_default_run")


def no_metrics(*_: Any, **__: Any) -> dict[str, Any]:
    """The answer of a domain that measures nothing of its own here."""
    return {}


def all_usable(samples: "pd.DataFrame") -> "NDArray[Any]":
    """The answer of a domain in which every sample can be measured, ``[n]`` bool."""
    import numpy as np

    return np.ones(len(samples), dtype=bool)


class Measures(NamedTuple):
    """What a domain measures of its samples, as functions that a node can carry along."""

    #: Where the copy test compares: ``places(samples, codec) -> [n, d]``.
    places: Callable[..., Any]
    #: ``own_metrics(made, references, train) -> {metric: value}``, all three tables of samples.
    own_metrics: Callable[..., dict[str, float]] = no_metrics
    #: What of the references takes long to find, and is found once for all generators:
    #: ``describe(references) -> the same rows with further columns``. None if nothing does.
    describe: Callable[..., Any] | None = None
    #: ``feature_metrics(real, made, *, seed) -> {metric: value}``, both ``[n, d]``.
    feature_metrics: Callable[..., dict[str, float]] = no_metrics
    #: ``likelihood(samples, score) -> {metric: value}`` of what a member's ``score`` gives.
    likelihood: Callable[..., dict[str, float]] = no_metrics
    #: Which samples are what they should be, ``usable(samples) -> [n] bool``; of the others only
    #: ``own_metrics`` hears.
    usable: Callable[..., Any] = all_usable
    #: How good samples are where a member chooses its temperature, the higher the better:
    #: ``preference(made, validation, train) -> float``.
    preference: Callable[..., float] | None = None
    #: The direction of each metric that only the domain knows.
    better: dict[str, str] = {}


class Domain(Protocol):
    """The answers that a domain's folder gives (its ``__init__`` is the object itself)."""

    #: Keys of the domain's block of parameters that only this domain has.
    PARAMETERS: tuple[str, ...]
    #: Those of them that ``fit_codec`` takes.
    CODEC_PARAMETERS: tuple[str, ...]
    #: Forms of the codec that a member may ask for by ``codec:``, the default first, with the kind
    #: of tensors that each makes: ``"images"``, ``"tokens"``, ``"vectors"``, ...
    CODECS: dict[str, str]
    #: Recipes without a generator that make sense here.
    RECIPES: tuple[str, ...]
    #: The metrics that each role is ranked by: the first that was measured counts.
    RANKED_BY: dict[str, tuple[str, ...]]
    #: The metrics of each role that a person sees when a run is done.
    HEADLINES: dict[str, tuple[str, ...]]
    #: Metrics that only this domain knows.
    METRICS: dict[str, Measure]
    #: What each of its pictures shows, for a reader of the report.
    CAPTIONS: dict[str, str]
    #: Refuses wrong parameters of the domain: ``check(block) -> None``.
    check: Callable[[dict[str, Any]], None]
    #: Reads and splits a source: ``ingest(block, seed) -> samples, rejects``.
    ingest: Callable[..., Any]
    #: Fits the codec on the training split: ``fit_codec(samples, **parameters) -> codec``.
    fit_codec: Callable[..., Any]
    #: Small moves that keep the label (asked only beside generators):
    #: ``classical_moves(x, *, codec, seed, copies) -> x``.
    classical_moves: Callable[..., Any]
    #: What it measures of its samples.
    MEASURES: Measures
    #: Floors that only score, and ``score_floors(samples) -> {name: {metric: value}}``.
    SCORING_FLOORS: tuple[str, ...]
    score_floors: Callable[..., Any]
    #: Real beside generated, per class (asked only beside generators):
    #: ``gallery(samples, synthetic, *, title) -> figure``.
    gallery: Callable[..., Any]
    #: More pictures of every network that generates:
    #: ``picture(samples, codec, generator, *, seed, title) -> figure``.
    FIGURES: dict[str, Callable[..., Any]]
    #: The same of those that ask for them by ``pictures:``, e.g. because they have a latent space.
    FIGURES_ON_REQUEST: dict[str, Callable[..., Any]]
    #: Pictures of what every predictor predicted, where that is neither a class nor a number:
    #: ``picture(samples, predictions, *, title) -> figure``.
    PREDICTED: dict[str, Callable[..., Any]]
    #: Pictures of all networks at once: ``chart(metrics, histories, *, floors) -> figure``.
    CHARTS: dict[str, Callable[..., Any]]


def load_domain(name: str) -> Domain:
    """The domain's folder as an object; importing it imports nothing heavy."""
    return cast(Domain, importlib.import_module(f"genloom.domains.{name}"))
