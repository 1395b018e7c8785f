"""Which objectives there are, by name, and how one is made from the properties asked for."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any

from genloom.design.components import Part, Property
from genloom.design.properties import PROPERTIES
from genloom.design.scoring import Objective, benchmark_score
from genloom.design.shapes import AtLeast, AtMost, Near
from genloom.design.suite import GUACAMOL
from genloom.errors import GenloomError

__all__ = ["OBJECTIVES", "Objective", "benchmark_score", "objective", "property_target"]

OBJECTIVES: dict[str, Objective] = GUACAMOL
"""The objectives that have a name; others are made by ``property_target``."""

_ABOVE, _BELOW, _WIDTH = "_above", "_below", "_width"


def objective(wanted: str | Mapping[str, Any]) -> Objective:
    """The objective that a configuration asks for.

    Args:
        wanted: The name of one of ``OBJECTIVES``, or what ``property_target`` takes, such as
            ``{"logp": 2.5, "qed_above": 0.8}``.

    Raises:
        GenloomError: There is no objective of this name, or no such property.

    >>> objective("celecoxib_rediscovery").title
    'Celecoxib rediscovery'
    """
    if isinstance(wanted, str):
        if wanted in OBJECTIVES:
            return OBJECTIVES[wanted]
        raise GenloomError(_unknown("objective", wanted, OBJECTIVES))
    if not isinstance(wanted, Mapping):
        raise GenloomError(
            f"An objective is a name or a block of properties, but {wanted!r} is neither: write "
            "such as 'osimertinib_mpo' or {logp: 2.5, qed_above: 0.8}."
        )
    return property_target(**{str(key): value for key, value in wanted.items()})


def property_target(**asked: float) -> Objective:
    """An objective of properties: the geometric mean of how well each is met.

    Args:
        asked: For any of ``PROPERTIES``, say ``logp``: ``logp=2.5`` asks for a value near 2.5,
            ``logp_above=2`` for one of at least 2, ``logp_below=3`` for one of at most 3, and
            ``logp_width=0.3`` says how far beside it scores ``exp(-1/2)`` instead of the
            property's own width.

    Raises:
        GenloomError: Nothing is asked, or there is no such property, or a value is no number.

    >>> property_target(logp=2.5, qed_above=0.8).title
    'logP near 2.5, QED above 0.8'
    """
    names, titles, parts = [], [], list[Part]()
    widths = {key.removesuffix(_WIDTH) for key in asked if key.endswith(_WIDTH)}
    for key, value in asked.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise GenloomError(f"The objective asks for '{key}: {value}', which is no number.")
        if not math.isfinite(value):
            raise GenloomError(f"The objective asks for '{key}: {value}', which is not finite.")
        if key.endswith(_WIDTH):
            if value <= 0:
                raise GenloomError(f"'{key}: {value}' is no width: give a number above 0.")
            names.append(f"{key}_{value:g}")
            continue
        name = key.removesuffix(_ABOVE).removesuffix(_BELOW)
        if name not in PROPERTIES:
            raise GenloomError(_unknown("property", name, PROPERTIES))
        title, width, _ = PROPERTIES[name]
        width = asked.get(name + _WIDTH, width)
        if key.endswith(_ABOVE):
            parts.append(Property(name, AtLeast(value, width)))
            titles.append(f"{title} above {value:g}")
        elif key.endswith(_BELOW):
            parts.append(Property(name, AtMost(value, width)))
            titles.append(f"{title} below {value:g}")
        else:
            parts.append(Property(name, Near(value, width)))
            titles.append(f"{title} near {value:g}")
        names.append(f"{key}_{value:g}")
        widths.discard(name)
    if widths:
        first = min(widths)
        raise GenloomError(
            f"The objective gives '{first}{_WIDTH}' but asks nothing of '{first}': add "
            f"'{first}', '{first}{_ABOVE}' or '{first}{_BELOW}'."
        )
    if not parts:
        raise GenloomError(
            "The objective asks for no property: write such as {logp: 2.5, qed_above: 0.8}."
        )
    return Objective(
        name="_".join(names),
        title=", ".join(titles),
        parts=tuple(parts),
        known="1 where the properties do not contradict each other",
    )


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    guess = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no {what} called '{name}'.{guess} Known: {', '.join(known)}."
