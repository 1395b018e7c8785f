"""The project's pipelines: one per domain, the default of several, ``all``, and those apart."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from kedro.pipeline import Pipeline

from genloom.pipelines import design, fundamentals
from genloom.pipelines.weaving import create_pipeline, create_report

BASE = Path(__file__).parents[2] / "conf" / "base"


class Apart(NamedTuple):
    """A pipeline that is no domain.

    Attributes:
        create: Weaves it from its block of the base parameters.
        check: Refuses wrong parameters: ``check(block, blocks)``, of its block as a run sees it
            and of all blocks of the base parameters.
    """

    create: Callable[[dict[str, Any]], Pipeline]
    check: Callable[[dict[str, Any], dict[str, dict[str, Any]]], None]


APART = {
    design.NAME: Apart(design.create_design, design.check_design),
    fundamentals.NAME: Apart(fundamentals.create_fundamentals, fundamentals.check_fundamentals),
}


def register_pipelines() -> dict[str, Pipeline]:
    """Weave every domain that has a parameters file."""
    return dict(_woven(_texts()))


@lru_cache(maxsize=1)  # Kedro asks twice in every command
def _woven(texts: tuple[str, ...]) -> dict[str, Pipeline]:
    parsed = _parsed(texts)
    blocks = {name: block for name, block in parsed.items() if name not in APART}
    woven = {name: create_pipeline(name, block) for name, block in blocks.items()}
    pipelines = {name: pipeline + create_report([name]) for name, pipeline in woven.items()}
    for name, block in parsed.items():
        if name in APART:
            pipelines[name] = APART[name].create(block) + create_report([name])
    standard = [name for name, block in blocks.items() if block.get("in_default_run", True)]
    return {"__default__": joined(woven, standard), "all": joined(woven, list(woven))} | pipelines


def joined(woven: dict[str, Pipeline], names: list[str]) -> Pipeline:
    """Some domains side by side, with one report."""
    return sum((woven[name] for name in names), Pipeline([])) + create_report(names)


def domain_blocks() -> dict[str, dict[str, Any]]:
    """The domains and what each says in ``conf/base/parameters_<domain>.yml``.

    Which members a domain has is read from the base environment alone: environments and runtime
    parameters change budgets and arguments, never the shape of the work.
    """
    return {name: block for name, block in parameter_blocks().items() if name not in APART}


def parameter_blocks() -> dict[str, dict[str, Any]]:
    """The blocks of parameters of the domains, and of the pipelines that are none."""
    return _parsed(_texts())


def _texts() -> tuple[str, ...]:
    return tuple(path.read_text() for path in sorted(BASE.glob("parameters_*.yml")))


def _parsed(texts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    # The parser in C, where there is one, takes a seventh of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    blocks: dict[str, dict[str, Any]] = {}
    for text in texts:
        blocks.update(yaml.load(text, Loader=loader) or {})
    return blocks
