"""What of a run goes into MLflow: one function per kind that the catalog names in ``metadata``.

Everything here is called in the process that ran the node, which may be a worker.
"""

import inspect
import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom import fitted, members
from genloom.hooks import store

if TYPE_CHECKING:
    import pandas as pd
    from kedro.pipeline.node import Node
    from mlflow.entities import DatasetInput, Metric

KINDS = ("dataset", "model", "history", "metrics", "recipes", "artifact", "leaderboard")
PARENT, DOMAIN, SUBJECT = "mlflow.parentRunId", "genloom.domain", "genloom.subject"
_METRICS, _PARAMS, _VALUE = 1000, 100, 6000  # the most that MLflow takes at once
_DIGEST = 36  # and the longest digest


def kind_of(dataset: Any) -> str | None:
    """How a catalog entry wants to be recorded (``metadata: {mlflow: ...}``)."""
    return (getattr(dataset, "metadata", None) or {}).get("mlflow")


def place_of(dataset: Any) -> Path | None:
    """The file or folder of a catalog entry; None for what stays in memory."""
    place = getattr(dataset, "_filepath", None)
    return None if place is None else Path(place)


class Recorder:
    """Writes what one process saw of a ``kedro run`` into the store.

    Args:
        uri: The store.
        experiment: The experiment's id.
        parent: The id of the run that stands for the whole ``kedro run``.
    """

    def __init__(self, uri: str, experiment: str, parent: str) -> None:
        self.uri, self.experiment, self.parent = uri, experiment, parent
        self.client = store.client(uri)
        self._children: dict[str, str] = {}
        self._inputs: dict[tuple[str, int], DatasetInput] = {}
        self._seen: set[tuple[str, str]] = set()

    def child(self, namespace: str | None) -> str:
        """The run of a namespace, made when its first node starts (so its duration is its own).

        Nodes of one namespace may start in several processes at once; the lock lets one of them
        make the run and the others find it.
        """
        if namespace is None:
            return self.parent
        if namespace not in self._children:
            with store.lock(self.uri):
                self._children[namespace] = self._find(namespace) or self._make(namespace)
        return self._children[namespace]

    def children(self) -> dict[str, Any]:
        """All runs below the parent, by name."""
        found = self.client.search_runs(
            [self.experiment], f"tags.`{PARENT}` = '{self.parent}'", max_results=10_000
        )
        return {run.info.run_name: run for run in found}

    def start(self, node: "Node", inputs: Mapping[str, Any], catalog: Any) -> None:
        """Record a node's parameters, and the data that it reads."""
        run_id = self.child(node.namespace)
        params: dict[str, str] = {}
        for name, value in inputs.items():
            if name.startswith("params:"):
                params |= parameters(name.removeprefix("params:"), value, node.namespace)
            elif kind_of(dataset := catalog.get(name)) == "dataset":
                self._data(name, value, place_of(dataset), [self.parent, run_id])
        # Nodes of a namespace share parameters; two at once must not both write one.
        with store.lock(self.uri):
            self._parameters(run_id, params)

    def saved(self, node: "Node", name: str, data: Any, dataset: Any) -> None:
        """Record what a node made, in the way that its catalog entry asks for."""
        kind, place = kind_of(dataset), place_of(dataset)
        if kind is None:
            return
        run_id = self.child(node.namespace)
        if kind == "dataset":
            self._data(name, data, place, [self.parent, run_id])
        elif kind == "metrics":
            self._values(run_id, metric_values(data))
        elif kind == "recipes":
            self._values(run_id, recipe_values(data))
        elif kind == "history":
            self._curves(run_id, data)
        elif place is not None:
            self.client.log_artifact(run_id, str(place / fitted.CARD if kind == "model" else place))
            # What sums up the whole run is looked for on the run as a whole.
            if kind == "leaderboard" or "." not in name:
                self.client.log_artifact(self.parent, str(place))

    def _find(self, namespace: str) -> str | None:
        found = self.children().get(namespace)
        return None if found is None else found.info.run_id

    def _make(self, namespace: str) -> str:
        domain, _, subject = namespace.partition(".")
        tags = {PARENT: self.parent, DOMAIN: domain, SUBJECT: subject or domain}
        user = self.client.get_run(self.parent).data.tags.get("mlflow.user")
        if user:
            tags["mlflow.user"] = user
        made = self.client.create_run(self.experiment, tags=tags, run_name=namespace)
        return str(made.info.run_id)

    def _parameters(self, run_id: str, params: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        new = {key: value for key, value in params.items() if (run_id, key) not in self._seen}
        for part in _parts([Param(key, value) for key, value in new.items()], _PARAMS):
            self.client.log_batch(run_id, params=part)
        self._seen.update((run_id, key) for key in new)

    def _values(self, run_id: str, values: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = _milliseconds()
        self._batches(run_id, [Metric(name, value, now, 0) for name, value in values.items()])

    def _curves(self, run_id: str, history: "pd.DataFrame") -> None:
        """The training curves; their names must not meet those of measurements (`accuracy`)."""
        from mlflow.entities import Metric

        now = _milliseconds()
        rows = zip(history["step"], history["metric"], history["value"], strict=True)
        self._batches(
            run_id,
            [
                Metric(f"training/{legal(metric)}", float(value), now, int(step))
                for step, metric, value in rows
            ],
        )

    def _batches(self, run_id: str, values: list["Metric"]) -> None:
        for part in _parts(values, _METRICS):
            self.client.log_batch(run_id, metrics=part)

    def _data(
        self, name: str, samples: "pd.DataFrame", place: Path | None, runs: list[str]
    ) -> None:
        """Log real samples as an input of runs; every process does so once per run."""
        todo = [run_id for run_id in runs if (run_id, name) not in self._seen]
        if not todo:
            return
        written = place.stat().st_mtime_ns if place else 0
        if (name, written) not in self._inputs:
            self._inputs[name, written] = dataset_input(name, samples, place)
        with store.lock(self.uri):
            for run_id in todo:
                self.client.log_inputs(run_id, [self._inputs[name, written]])
                self._seen.add((run_id, name))


def parameters(name: str, value: Any, namespace: str | None) -> dict[str, str]:
    """Flatten one ``params:`` input of a node into texts that MLflow takes.

    The block of the namespace's own member or recipe loses its prefix, so that the compare page
    has one row for every model's ``lr``; a member's block is filled up with the defaults of its
    class. Everything else keeps its full name. Values are cut at 6,000 characters.

    >>> parameters("images.recipes.mixup", {"alpha": 0.4}, "images.mixup")
    {'alpha': '0.4'}
    >>> parameters("hardware", {"threads": 1}, "images.gan")
    {'hardware.threads': '1'}
    """
    domain, _, subject = (namespace or "").partition(".")
    own = subject and name.startswith(f"{domain}.") and name.endswith(f".{subject}")
    if own and isinstance(value, Mapping):
        return dict(_flat("", _with_defaults(value)))
    return dict(_flat(name, value))


def metric_values(table: "pd.DataFrame") -> dict[str, float]:
    """A metrics table as MLflow metrics; an interval becomes ``<metric>_low`` and ``_high``."""
    values: dict[str, float] = {}
    for row in table.to_dict("records"):
        name = legal(row["metric"])
        values[name] = float(row["value"])
        if not math.isnan(row["low"]):  # an interval that was not measured
            values |= {f"{name}_low": float(row["low"]), f"{name}_high": float(row["high"])}
    return values


def recipe_values(table: "pd.DataFrame") -> dict[str, float]:
    """The mean of every measure of every recipe over its paired repeats."""
    found: dict[str, float] = {}
    for metric, part in table.groupby("metric", sort=False):
        means = part.groupby("recipe", sort=False)["value"].mean()
        found |= {f"{metric}.{legal(str(name))}": float(value) for name, value in means.items()}
    return found


def legal(name: str) -> str:
    """A metric's name as MLflow allows it.

    >>> legal("real+gan@10")
    'real_plus_gan_at_10'
    """
    return re.sub(r"[^\w.\- /]", "_", name.replace("+", "_plus_").replace("@", "_at_"))


def dataset_input(name: str, samples: "pd.DataFrame", place: Path | None) -> "DatasetInput":
    """Samples as MLflow describes data: name, source, digest, columns, and how many of what."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    train = samples[samples["split"] == "train"]
    digests = {"sha256": fitted.digest(samples), "sha256_train": fitted.digest(train)}
    profile = {"samples": len(samples)} | {
        column: {str(key): int(count) for key, count in samples[column].value_counts().items()}
        for column in ("split", "label")
    }
    columns = [
        {"type": _type_of(samples[column]), "name": str(column), "required": True}
        for column in samples.columns
    ]
    data = Dataset(
        name=name,
        digest=digests["sha256"][:_DIGEST],
        source_type="local",
        source=json.dumps({"uri": str(place)}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps(profile | digests),
    )
    return DatasetInput(data, [InputTag("mlflow.data.context", "training")])


def _type_of(column: "pd.Series[Any]") -> str:
    first = column.iloc[0] if len(column) else None
    if isinstance(first, bytes):
        return "binary"
    return {"b": "boolean", "i": "long", "f": "double"}.get(column.dtype.kind, "string")


def _with_defaults(block: Mapping[str, Any]) -> dict[str, Any]:
    """A member's block with what it leaves to its class, which is what trains."""
    if "network" not in block:
        return dict(block)
    signature = inspect.signature(members.member_class(block["network"]))
    defaults = {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.default is not parameter.empty
    }
    return defaults | dict(block)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), part)
    else:
        yield legal(name), str(value)[:_VALUE]


def _parts(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def _milliseconds() -> int:
    return int(time.time() * 1000)
