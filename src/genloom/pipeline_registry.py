"""The project's pipelines: one per domain, the default of several, ``all`` of them, and design."""

from pathlib import Path
from typing import Any

import yaml
from kedro.pipeline import Pipeline

from genloom.pipelines import design
from genloom.pipelines.weaving import create_pipeline, create_report

BASE = Path(__file__).parents[2] / "conf" / "base"


def register_pipelines() -> dict[str, Pipeline]:
    """Weave every domain that has a parameters file."""
    blocks, designing = domain_blocks(), parameter_blocks().get(design.NAME)
    woven = {name: create_pipeline(name, block) for name, block in blocks.items()}
    pipelines = {name: pipeline + create_report([name]) for name, pipeline in woven.items()}
    if designing is not None:
        pipelines[design.NAME] = design.create_design(designing) + create_report([design.NAME])
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
    return {name: block for name, block in parameter_blocks().items() if name != design.NAME}


def parameter_blocks() -> dict[str, dict[str, Any]]:
    """The domains' blocks of parameters, and that of ``molecule_design``, which is no domain."""
    blocks: dict[str, dict[str, Any]] = {}
    for path in sorted(BASE.glob("parameters_*.yml")):
        blocks.update(yaml.safe_load(path.read_text()) or {})
    return blocks
