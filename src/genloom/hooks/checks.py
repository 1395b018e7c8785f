"""Everything a user can get wrong, found before anything runs."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from genloom import domains, members
from genloom.domains.codecs import kind_of
from genloom.errors import GenloomError

# The members' blocks that a node may take, and the shared parameters with what they must be.
_WHOLE = "a whole number of at least 1"


class CheckHooks:
    """Hold all parameters of a run against what the code takes, and refuse what cannot work."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Quieten libraries whose notes are of no use to the person who reads the run's log."""
        for name in ("lightning.pytorch", "lightning.fabric", "matplotlib", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any):
        """Check the parameters of every domain that is about to run.

        Raises:
            GenloomError: With the first thing that is wrong.
        """
        parameters = catalog["parameters"].load() if "parameters" in catalog else {}
        refuse_threads(run_params.get("runner"), pipeline)
        check_parameters(parameters, _domains_of(pipeline))
        use_threads(parameters["hardware"]["threads"])


def check_parameters(parameters: dict[str, Any], domain_names: Iterable[str]) -> None:
    """Check the shared parameters, and those of some domains and pipelines that are none.

    Raises:
        GenloomError: For an unknown name (with those that exist), a wrong type or range.
    """
    from genloom.pipeline_registry import APART, parameter_blocks

    blocks = parameter_blocks()
    _refuse_unknown("parameters", parameters, {"seed", "hardware", *blocks})
    seed = parameters.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise GenloomError(f"seed is {seed!r}, but has to be a whole number of at least 0.")
    members.check_hardware(parameters.get("hardware") or {})
    for name in domain_names:
        members.require_mapping(name, parameters[name])
        if name in APART:
            APART[name].check(parameters[name], blocks)
        else:
            check_domain(name, parameters[name], blocks[name])


def check_domain(name: str, block: dict[str, Any], base: dict[str, Any]) -> None:
    """Check one domain's block of parameters.

    Args:
        name: The domain's name.
        block: Its parameters as the run sees them.
        base: Its parameters in the base environment, which say what members there are.
    """
    domain = domains.load_domain(name)
    fitted = [key for key, part in base.items() if isinstance(part, dict) and "role" in part]
    # A domain without generators has nothing of what they are used for.
    generates = "reference" in base
    shared = {*domains.SHARED_KEYS} - (set() if generates else {*domains.GENERATION_KEYS})
    _refuse_unknown(name, block, {*shared, *domain.PARAMETERS, *fitted})
    for key in (*(("sampling", "augmentation", "recipes") if generates else ()), *fitted):
        members.require_mapping(f"{name}.{key}", block[key])
    domain.check(block)
    if any(base[member]["role"] == "mapper" for member in fitted):
        check_mapping(f"{name}.mapping", block.get("mapping") or {})
    if generates:
        check_generation(name, block, base, domain)
    for member in fitted:
        if block[member].get("role") != base[member]["role"]:
            raise GenloomError(
                f"{name}.{member}.role is {block[member].get('role')!r}, but has to stay "
                f"'{base[member]['role']}': roles are set in conf/base, because they say which "
                "steps there are."
            )
        if block[member].get("task") != base[member].get("task"):
            raise GenloomError(
                f"{name}.{member}.task is {block[member].get('task')!r}, but has to stay "
                f"'{base[member].get('task')}': it is set in conf/base, because it says which "
                "pictures there are."
            )
        check_made_of(name, member, block, base)
        pictures = base[member].get("pictures")
        if block[member].get("pictures") != pictures:
            raise GenloomError(
                f"{name}.{member}.pictures has to stay {pictures}: it is set in conf/base, because "
                "it says which steps there are."
            )
        if block[member].get("temperatures") and domain.MEASURES.preference is None:
            raise GenloomError(
                f"{name}.{member}.temperatures has nothing to choose by in {name}: give one "
                "temperature."
            )
        codec = block[member].get("codec")
        several = len(domain.CODECS) > 1
        if codec is not None and (codec not in domain.CODECS or not several):
            there = _listed(list(domain.CODECS)) if several else "only one, so leave it out"
            raise GenloomError(f"{name}.{member}.codec is '{codec}', but there are: {there}.")
        members.check(f"{name}.{member}", block[member], kind_of(block[member], domain.CODECS))
    if generates:
        reference = block[block["reference"]] | (block["augmentation"].get("predictor") or {})
        kind = kind_of(reference, domain.CODECS)
        members.check(f"{name}.augmentation.predictor", reference, kind)


def check_generation(
    name: str, block: dict[str, Any], base: dict[str, Any], domain: domains.Domain
) -> None:
    """Check what generators are used for: judges, draws, and recipes.

    Raises:
        GenloomError: For what has to stay as base says, a count, or a recipe's argument.
    """
    for key in ("reference", "features"):
        if block[key] != base[key]:
            raise GenloomError(
                f"{name}.{key} is '{block[key]}', but has to stay '{base[key]}': it is set in "
                "conf/base, because it says which steps need it, and has to be a network."
            )
    augmentation = block["augmentation"]
    check_counts(name, block["sampling"], augmentation)
    if augmentation.get("rivals") != base["augmentation"].get("rivals"):
        raise GenloomError(
            f"{name}.augmentation.rivals is {augmentation.get('rivals')}, but has to stay "
            f"{base['augmentation'].get('rivals')}: it is set in conf/base, because it says which "
            "steps there are."
        )
    for recipe, arguments in block["recipes"].items():
        members.check_recipe(f"{name}.recipes.{recipe}", recipe, arguments or {}, domain)


def check_counts(name: str, sampling: dict[str, Any], augmentation: dict[str, Any]) -> None:
    """Check how often and on how much a domain is sampled and its recipes are repeated.

    Raises:
        GenloomError: For an unknown key, or what is no whole number of at least 1.
    """
    per_class = augmentation.get("per_class")
    counts: dict[str, Any] = {
        f"{name}.sampling.draws": sampling.get("draws"),
        f"{name}.sampling.size": sampling.get("size") or 1,
        f"{name}.augmentation.repeats": augmentation.get("repeats"),
        f"{name}.augmentation.synthetic_per_class": augmentation.get("synthetic_per_class"),
        f"{name}.augmentation.synthetic_per_real": augmentation.get("synthetic_per_real", 1),
    }
    for number in per_class if isinstance(per_class, list) else [per_class]:
        counts[f"{name}.augmentation.per_class"] = number
        for key, value in counts.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise GenloomError(f"{key} is {value!r}, but has to be {_WHOLE}.")
    _refuse_unknown(f"{name}.sampling", sampling, {"draws", "size"})
    _refuse_unknown(
        f"{name}.augmentation",
        augmentation,
        {
            *("repeats", "per_class", "synthetic_per_class", "synthetic_per_real"),
            *("predictor", "rivals"),
        },
    )


def check_mapping(name: str, mapping: dict[str, Any]) -> None:
    """Check what mappers are judged by: labels to find, and kinds and levels of noise.

    Raises:
        GenloomError: For an unknown key, a kind of noise that does not exist or a wrong level.
    """
    from genloom.noise import check_noise

    members.require_mapping(name, mapping)
    _refuse_unknown(name, mapping, {"abnormal", "noises"})
    abnormal = mapping.get("abnormal")
    if abnormal is not None and (not isinstance(abnormal, list) or not abnormal):
        raise GenloomError(
            f"{name}.abnormal is {abnormal!r}, but has to be a list of labels, or null for the "
            "rarest."
        )
    members.require_mapping(f"{name}.noises", mapping.get("noises") or {})
    for kind, levels in (mapping.get("noises") or {}).items():
        if not isinstance(levels, list) or not levels:
            raise GenloomError(f"{name}.noises.{kind} is {levels!r}, but has to list levels.")
        for level in levels:
            check_noise(f"{name}.noises", kind, level)


def check_made_of(name: str, member: str, block: dict[str, Any], base: dict[str, Any]) -> None:
    """Check what a member is made of: as base says, a member, and with the same codec.

    Raises:
        GenloomError: For anything else.
    """
    of = block[member].get("of")
    if of != base[member].get("of"):
        raise GenloomError(
            f"{name}.{member}.of is '{of}', but has to stay '{base[member].get('of')}': it is set "
            "in conf/base, because it says which steps need it."
        )
    if of is None:
        return
    if block.get(of, {}).get("codec") != block[member].get("codec"):
        raise GenloomError(
            f"{name}.{member} is made of {of}, so {name}.{member}.codec has to be "
            f"'{block.get(of, {}).get('codec')}', too."
        )


def check_slice(options: dict[str, Any]) -> None:
    """Check what ``kedro run`` is asked to run, by its options' names.

    Raises:
        GenloomError: For an environment, pipeline, namespace, tag or node that does not exist, with
            those that do.
    """
    from kedro.framework.project import pipelines

    from genloom.pipeline_registry import BASE

    environment, folder = options.get("env"), Path(options.get("conf_source") or BASE.parent)
    if environment and not (folder / environment).is_dir():
        there = sorted(path.name for path in folder.iterdir() if path.is_dir())
        raise GenloomError(f"There is no environment '{environment}'; there are: {_listed(there)}.")
    asked = [*(options.get("pipelines") or []), *filter(None, [options.get("pipeline")])]
    _refuse_missing("pipeline", asked, pipelines)
    nodes = [node for name in asked or ["__default__"] for node in pipelines[name].nodes]
    spaces = {prefix for node in nodes for prefix in node.namespace_prefixes}
    _refuse_missing("namespace", options.get("namespaces") or [], spaces)
    _refuse_missing("tag", options.get("tags") or [], {tag for node in nodes for tag in node.tags})
    for option in ("node_names", "from_nodes", "to_nodes"):
        _refuse_missing("node", options.get(option) or [], {node.name for node in nodes})


def use_threads(threads: int) -> None:
    """Fix torch's thread count for every node, in this process and the workers forked from it.

    Sums over another number of threads are rounded in another order, so the count that a runner
    happens to leave to a node would show in its bytes.
    """
    import torch

    torch.set_num_threads(threads)


def refuse_threads(runner: str | None, pipeline: Pipeline) -> None:
    """Refuse the runner that shares one random state among trainings that run side by side."""
    if runner and "ThreadRunner" in runner and any("fit" in node.name for node in pipeline.nodes):
        raise GenloomError(
            "ThreadRunner trains networks side by side on one shared random state, so no run would "
            "be repeatable: use --runner ParallelRunner instead."
        )


def _domains_of(pipeline: Pipeline) -> list[str]:
    tops = {node.namespace.split(".")[0] for node in pipeline.nodes if node.namespace}
    return sorted(tops - {"report"})


def _refuse_missing(kind: str, asked: Iterable[str], existing: Iterable[str]) -> None:
    for name in asked:
        if name not in existing:
            raise GenloomError(
                f"There is no {kind} '{name}'; there are: {_listed(sorted(existing))}."
            )


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def _refuse_unknown(place: str, given: Iterable[str], known: Iterable[str]) -> None:
    for key in given:
        if key not in known:
            raise GenloomError(f"{place} has no '{key}'; there are: {', '.join(sorted(known))}.")
