"""``dvc.yaml``, derived from the pipelines: one stage per namespace.

A stage reruns when something changes that its result rests on:

- files from other namespaces (of its own it needs none: a stage makes them all);
- parameters, key by key, as ``conf/base`` says them. Stages run the base environment and nothing
  else: DVC could not see what ``conf/local`` or a variable like ``KEDRO_ENV`` changes;
- source files that its functions reach, and those it imports by a name in the parameters;
- what the pipeline and the catalog say of it. ``catalog.yml`` as a dependency would rerun
  everything for a comment, its keys hold dots, which DVC's parameters cannot address, and
  ``dvc.yaml`` itself may not be a dependency. So a digest of the stage's own nodes and catalog
  entries stands in the stage's command, where DVC compares it.

What changes no bytes is left out: hooks, progress bars, and outputs that the catalog marks
``dvc: false``. Libraries are left out too, or any new version of a linter would train every network
again: after an upgrade that matters, run ``dvc repro --force``.
"""

import hashlib
import importlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from kedro.framework.project import pipelines, settings
from kedro.framework.startup import ProjectMetadata
from kedro.io import CatalogConfigResolver
from kedro.pipeline import Node, Pipeline

from genloom.errors import GenloomError
from genloom.reproduction.parameters import Parameters, is_parameter, relative
from genloom.reproduction.sources import Entry, Sources

HEADER = """\
# Written by `kedro dvc` from the Kedro pipelines: do not edit, change those and run it again.
# One stage per namespace; why each line is there: src/genloom/reproduction/stages.py.
"""
# Datasets that give back an object of a class of the project, found by a name in the file.
OBJECTS = {"CodecDataset", "FittedDataset"}


def dvc_yaml(metadata: ProjectMetadata) -> str:
    """The text of ``dvc.yaml`` for a project that Kedro has bootstrapped.

    Raises:
        GenloomError: When the pipeline has something that no stage can stand for.
    """
    conf = metadata.project_path / settings.CONF_SOURCE
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(conf), env="base", **settings.CONFIG_LOADER_ARGS
    )
    # Domains outside the default run have stages as well, but no place in its report.
    default = pipelines["__default__"]
    standard = {node.namespace for node in default.nodes}
    others = {
        node: name
        for name, pipeline in pipelines.items()
        for node in pipeline.nodes
        if node.namespace not in standard and name == (node.namespace or "").partition(".")[0]
    }
    loom = Loom(
        default + Pipeline(list(others)),
        loader["catalog"],
        outside={node.namespace: name for node, name in others.items() if node.namespace},
        root=metadata.project_path,
        base=conf / "base",
        code=metadata.source_dir,
        package=metadata.package_name,
    )
    return HEADER + yaml.safe_dump({"stages": loom.stages()}, sort_keys=False, width=100)


class Loom:
    """A pipeline with all that says what its parts rest on.

    Args:
        pipeline: The nodes.
        catalog: The catalog's entries and patterns, as the configuration says them.
        root: The project's folder, which every path in ``dvc.yaml`` starts from.
        base: The folder of the parameters files.
        code: The folder that the project's package lies in.
        package: The package's name.
        outside: The pipeline of each namespace that the default one lacks.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        catalog: dict[str, Any],
        *,
        root: Path,
        base: Path,
        code: Path,
        package: str,
        outside: dict[str, str] | None = None,
    ) -> None:
        self.outside = outside or {}
        self.pipeline, self.root, self.package = pipeline, root, package
        self.parameters = Parameters(base, root)
        self.sources = Sources(code)
        self.maker = {name: node for node in pipeline.nodes for name in node.outputs}
        # Said outright, or Kedro warns that it takes this default.
        in_memory = {"{default}": {"type": "MemoryDataset"}}
        self._resolver = CatalogConfigResolver(catalog, default_runtime_patterns=in_memory)

    def stages(self) -> dict[str, dict[str, Any]]:
        """The stages by name, in the order of the pipeline."""
        by_namespace: dict[str, list[Node]] = {}
        for node in self.pipeline.nodes:
            if not node.namespace:
                raise GenloomError(
                    f"Node '{node.name}' has no namespace, and DVC's stages are namespaces: "
                    "give it one."
                )
            by_namespace.setdefault(node.namespace, []).append(node)
        for inner in by_namespace:
            # `kedro run --namespaces images` would run the nodes of `images.gan` a second time.
            outer = inner.rpartition(".")[0]
            if outer in by_namespace:
                raise GenloomError(
                    f"Namespace '{inner}' lies inside '{outer}', which has nodes of its own: "
                    f"move those into a namespace '{outer}.<name>'."
                )
        return {
            namespace.replace(".", "-"): self.stage(namespace, nodes)
            for namespace, nodes in by_namespace.items()
            if any(self.is_tracked(name) for node in nodes for name in node.outputs)
        }

    def stage(self, namespace: str, nodes: list[Node]) -> dict[str, Any]:
        """One stage of ``dvc.yaml``."""
        made = {name for node in nodes for name in node.outputs}
        read = {name for node in nodes for name in node.inputs} - made
        parameters = self.parameters.names(read)
        deps = {self.dependency(name, namespace) for name in read if not is_parameter(name)}
        deps |= {relative(path, self.root) for path in self.sources.files(self.code(nodes))}
        deps |= set(self.parameters.own_data(parameters))
        outs: dict[str, list[Any]] = {"metrics": [], "plots": [], "outs": []}
        for name in sorted(filter(self.is_tracked, made), key=self.path):
            kind, out = self.out(name)
            outs[kind].append(out)
        steps = [node.name.removeprefix(f"{namespace}.") for node in nodes]
        pipeline = self.outside.get(namespace)
        where = f" --pipelines {pipeline}" if pipeline else ""
        run = f"kedro run --env base{where} --namespaces {namespace}"
        stage = {
            "desc": f"{namespace}: {', '.join(steps)}",
            "cmd": f"{run}  # as woven: {self.digest(nodes)}",
            "deps": sorted(deps),
            "params": self.parameters.keys(parameters),
            **outs,
        }
        return {key: value for key, value in stage.items() if value}

    # ------------------------------------------------------------------ files
    def entry(self, name: str) -> dict[str, Any]:
        """A dataset's catalog entry, factory patterns resolved; empty for what stays in memory."""
        found = {} if is_parameter(name) else self._resolver.resolve_pattern(name)
        return found if "filepath" in found else {}

    def path(self, name: str) -> str:
        """Where a dataset's file lies."""
        return relative(self.root / self.entry(name)["filepath"], self.root)

    def is_tracked(self, name: str) -> bool:
        """Whether a dataset is a file that DVC looks after."""
        entry = self.entry(name)
        return bool(entry) and (entry.get("metadata") or {}).get("dvc") is not False

    def out(self, name: str) -> tuple[str, Any]:
        """The list that an output belongs to, and its line there."""
        kind = (self.entry(name).get("metadata") or {}).get("dvc")
        if kind == "metrics":
            return "metrics", {self.path(name): {"cache": False}}  # small enough for git
        return ("plots" if kind == "plot" else "outs"), self.path(name)

    def dependency(self, name: str, namespace: str) -> str:
        """The file that a stage reads, from another stage or from outside."""
        if not self.is_tracked(name):
            why = "is marked `dvc: false`" if self.entry(name) else "is no file in the catalog"
            raise GenloomError(
                f"Namespace '{namespace}' reads '{name}', which {why}, so DVC could not see it "
                "change: make it a file that DVC tracks, or move its reader into its namespace."
            )
        return self.path(name)

    # ------------------------------------------------------------------ code
    def code(self, nodes: list[Node]) -> Iterator[Entry]:
        """Where the code begins that a stage runs; ``Sources`` finds the rest."""
        for node in nodes:
            yield from _places(node.func)
            yield from self.named(node)
            for name in [*node.inputs, *node.outputs]:
                yield from self.dataset_code(name)

    def named(self, node: Node) -> list[Entry]:
        """The networks and floors that a node's parameters name: it imports them by that name."""
        networks = self.parameters.networks(self.parameters.names(node.inputs))
        if not networks:
            return []
        modules = importlib.import_module(f"{self.package}.members").available()
        return [(modules[network], None) for network in networks if network in modules]

    def dataset_code(self, name: str) -> Iterator[Entry]:
        """The project's own dataset classes, and the classes of the objects that they give back."""
        entry = self.entry(name)
        types = [entry.get("type", ""), (entry.get("dataset") or {}).get("type", "")]
        for place in types:
            module, _, cls = place.rpartition(".")
            yield module, cls
            if cls in OBJECTS and name in self.maker:
                # What the maker built comes back here: a member by its name, else whatever
                # the maker's own function reaches.
                maker = self.maker[name]
                yield from self.named(maker) or _places(maker.func)

    def digest(self, nodes: list[Node]) -> str:
        """What the pipeline and the catalog say of a stage, in a few characters."""
        names = {name for node in nodes for name in [*node.inputs, *node.outputs]}
        catalog = {
            name: {key: value for key, value in self.entry(name).items() if key != "metadata"}
            for name in names
            if self.is_tracked(name)
        }
        # Kedro's public lists do not say which argument takes which dataset.
        woven = {node.name: [_plain(node.func), node._inputs, node._outputs] for node in nodes}
        text = json.dumps([woven, catalog], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _places(value: Any) -> Iterator[Entry]:
    """Where a function is defined, and those that are bound to it as arguments."""
    if isinstance(value, partial):
        value = [value.func, value.args, value.keywords]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _places(part)
    elif callable(value):
        definition = _definition(value)
        yield definition.__module__, definition.__qualname__.partition(".")[0]


def _plain(value: Any) -> Any:
    """A function and its bound arguments as something JSON can hold, the same in every process."""
    if isinstance(value, partial):
        value = [value.func, value.args, value.keywords]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if callable(value):
        definition = _definition(value)
        return f"{definition.__module__}.{definition.__qualname__}"
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _definition(value: Callable[..., Any]) -> Any:
    """The function or class behind something callable; for an object, its class."""
    return value if hasattr(value, "__qualname__") else type(value)
