"""What the data is: one folder per domain, each answering the questions of ``Domain``."""

import importlib
from collections.abc import Callable
from typing import Any, Protocol, cast

# What a domain's block of parameters says for every domain; the rest of its keys are the
# domain's own (``PARAMETERS``) or members.
SHARED_KEYS = ("source", "reference", "augmentation", "sampling", "recipes")


class Domain(Protocol):
    """The answers that a domain's folder gives (its ``__init__`` is the object itself)."""

    #: Keys of the domain's block of parameters that only this domain has.
    PARAMETERS: tuple[str, ...]
    #: Refuses wrong parameters of the domain: ``check(block) -> None``.
    check: Callable[[dict[str, Any]], None]
    #: Reads and splits a source: ``ingest(block, seed) -> samples, rejects``.
    ingest: Callable[..., Any]
    #: Fits the codec on the training split: ``fit_codec(samples) -> codec``.
    fit_codec: Callable[..., Any]
    #: Small moves that keep the label: ``classical_moves(x, *, seed, copies) -> x``.
    classical_moves: Callable[..., Any]
    #: Real beside generated, per class: ``gallery(real, generated, title) -> figure``.
    gallery: Callable[..., Any]
    #: A path through the space of a generator: ``interpolation(rows, labels, title) -> figure``.
    interpolation: Callable[..., Any]


def load_domain(name: str) -> Domain:
    """The domain's folder as an object; importing it imports nothing heavy."""
    return cast(Domain, importlib.import_module(f"genloom.domains.{name}"))
