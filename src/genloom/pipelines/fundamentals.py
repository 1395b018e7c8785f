"""The pipeline ``fundamentals``: how networks learn, on real data, as figures to teach with.

It is no domain: it reads sources of ``tables`` and ``images`` and makes experiments of its own with
them. Every experiment is a namespace (``fundamentals.training``), for the reasons that members are,
see ``weaving``.
"""

import time
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from genloom.domains import images, tables
from genloom.errors import GenloomError
from genloom.metrics.table import metrics_table
from genloom.pipelines import comparison, fundamentals_report
from genloom.pipelines.fundamentals_pictures import architecture, boundaries, gradients, training
from genloom.pipelines.loom import Bound

if TYPE_CHECKING:
    import pandas as pd

    from genloom.fundamentals.data import Data

NAME = "fundamentals"
#: Where each source of data is read, and by whose codec.
SOURCES: dict[str, Any] = {"breast_cancer": tables, "diabetes": tables, "digits": images}


def boundaries_experiment() -> Any:
    """The class of the experiment; imported late, because torch is heavy."""
    from genloom.fundamentals.boundaries import Boundaries

    return Boundaries


def gradients_experiment() -> Any:
    from genloom.fundamentals.gradients import Gradients

    return Gradients


def training_experiment() -> Any:
    from genloom.fundamentals.training import Training

    return Training


def architecture_experiment() -> Any:
    from genloom.fundamentals.architecture import Architecture

    return Architecture


#: Each experiment's class, and the sources that it is about.
EXPERIMENTS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "boundaries": (boundaries_experiment, ("breast_cancer",)),
    "gradients": (gradients_experiment, ("breast_cancer", "diabetes")),
    "training": (training_experiment, ("digits",)),
    "architecture": (architecture_experiment, ("digits",)),
}
#: What draws each picture of an experiment, and what of it the picture is of.
PICTURES: dict[str, dict[str, tuple[Callable[..., Any], tuple[str, ...]]]] = {
    "boundaries": {"learning": (boundaries.learning, ("results", "history", "settings"))},
    "gradients": {"check": (gradients.check, ("results", "settings"))},
    "training": {
        "curves": (training.curves, ("history",)),
        "rates": (training.rates, ("results",)),
        "gradients": (training.gradients, ("history",)),
    },
    "architecture": {
        "shapes": (architecture.shapes, ("results", "settings")),
        "initialisations": (architecture.initialisations, ("results", "history", "settings")),
        "signals": (architecture.signals, ("history", "settings")),
    },
}


def create_fundamentals(block: dict[str, Any]) -> Pipeline:
    """Weave the pipeline.

    Args:
        block: The block ``fundamentals`` of the ``conf/base`` parameters. It changes no step.
    """
    nodes = [
        _node(
            ingest,
            {"split": f"params:{NAME}.split", "seed": "params:seed"},
            f"{NAME}.{source}.samples",
            "data",
            f"ingest_{source}",
            read=domain.ingest,
            source=source,
        )
        for source, domain in SOURCES.items()
    ]
    for name in EXPERIMENTS:
        nodes += experiment(name)
    return Pipeline(nodes + summary(), tags=NAME)


def experiment(name: str) -> list[Node]:
    find, sources = EXPERIMENTS[name]
    place, settings = f"{NAME}.{name}", {"settings": f"params:{NAME}.{name}"}
    outputs = [f"{place}.{made}" for made in ("results", "history", "metrics", "fit_timings")]
    nodes = [
        _node(
            fit,
            {source: f"{NAME}.{source}.samples" for source in sources}
            | settings
            | {"seed": "params:seed"},
            outputs,
            name,
            find=find,
            codecs={source: SOURCES[source].fit_codec for source in sources},
            name=name,
        )
    ]
    for picture, (draw, wanted) in PICTURES[name].items():
        inputs = {key: f"{place}.{key}" for key in wanted} | settings
        own = {key: inputs[key] for key in wanted}
        nodes.append(_node(draw, own, f"{place}.{picture}.png", name, f"draw_{picture}"))
    return nodes


def summary() -> list[Node]:
    metrics, timings = f"{NAME}.metrics", f"{NAME}.timings"
    pictures = {
        f"{name}.{picture}": f"{NAME}.{name}.{picture}.png"
        for name, drawn in PICTURES.items()
        for picture in drawn
    }
    settings = {name: f"params:{NAME}.{name}" for name in EXPERIMENTS}
    told = {  # what sentences are about
        "boundaries_history": f"{NAME}.boundaries.history",
        "gradients_results": f"{NAME}.gradients.results",
        "training_results": f"{NAME}.training.results",
        "training_history": f"{NAME}.training.history",
        "architecture_history": f"{NAME}.architecture.history",
    }
    return [
        _node(
            comparison.join_metrics,
            {name: f"{NAME}.{name}.metrics" for name in EXPERIMENTS},
            metrics,
            "summary",
        ),
        _node(comparison.summarise_scores, {"metrics": metrics}, f"{NAME}.scores", "summary"),
        _node(
            fundamentals_report.make_section,
            {"metrics": metrics} | settings | told | pictures,
            f"{NAME}_section",
            "summary",
        ),
        # Clocks never give the same number twice: a namespace that DVC leaves alone.
        _node(
            comparison.join_timings,
            {name: f"{NAME}.{name}.fit_timings" for name in EXPERIMENTS},
            timings,
            "timings",
        ),
    ]


def ingest(
    split: Mapping[str, float], seed: int, *, read: Callable[..., Any], source: str
) -> "pd.DataFrame":
    """Read a source and split it, as its domain does.

    Args:
        split: Shares of the validation and the test split.
        seed: The project's seed.
        read: The domain's reader.
        source: The name of the source.
    """
    samples, _ = read({"source": source, "split": split}, seed)
    return samples


def fit(
    settings: Mapping[str, Any],
    seed: int,
    *,
    find: Callable[[], Any],
    codecs: Mapping[str, Callable[..., Any]],
    name: str,
    **samples: "pd.DataFrame",
) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Make an experiment.

    Args:
        settings: Its parameters.
        seed: The project's seed.
        find: What gives its class.
        codecs: What fits a codec to the samples of each source.
        name: The experiment's name.
        samples: Of each source.

    Returns:
        What was computed, curves, metrics, and timings.
    """
    from genloom.networks.base import reproducible
    from genloom.seeds import derive_seed

    began = time.perf_counter()
    data = {source: encoded(own, codecs[source](own)) for source, own in samples.items()}
    own_seed = derive_seed(seed, "fundamentals", name)
    with reproducible(own_seed, threads=1):
        found = find()(**settings).run(
            data if len(data) > 1 else next(iter(data.values())), seed=own_seed
        )
    row = {"domain": NAME, "subject": name, "role": "predictor", "seed": seed}
    clock = row | {"metric": "fit_seconds", "value": time.perf_counter() - began}
    metrics = metrics_table([row | measured for measured in found.metrics])
    return found.results, found.history, metrics, metrics_table([clock])


def encoded(samples: "pd.DataFrame", codec: Any) -> "Data":
    """Samples as tensors, by split."""
    import torch

    from genloom.fundamentals.data import Data

    numbers = "target" in samples
    y = torch.tensor(samples["target"].to_numpy()) if numbers else codec.encode_labels(samples)
    return Data.of(
        codec.encode(samples),
        y,
        samples["split"].tolist(),
        classes=() if numbers else codec.classes,
        names=getattr(codec, "names", ()),
    )


def check_fundamentals(block: dict[str, Any], blocks: dict[str, dict[str, Any]]) -> None:
    """Refuse wrong parameters of the pipeline, before anything runs.

    Args:
        block: The block ``fundamentals`` as the run sees it.
        blocks: Not needed: no parameter says which steps there are.

    Raises:
        GenloomError: For an unknown key, a wrong type or range.
    """
    from genloom import members
    from genloom.domains.split import check_shares

    known = {"split", *EXPERIMENTS}
    for key in block:
        if key not in known:
            raise GenloomError(f"{NAME} has no '{key}'; there are: {', '.join(sorted(known))}.")
    check_shares(block["split"])
    for name, (find, _) in EXPERIMENTS.items():
        members.require_mapping(f"{NAME}.{name}", block[name])
        members.check_arguments(f"{NAME}.{name}", find(), block[name])
        find()(**block[name])


def _node(
    function: Callable[..., Any],
    inputs: dict[str, str],
    outputs: str | list[str],
    place: str,
    node_name: str = "",
    /,
    **constants: Any,
) -> Node:
    bound = update_wrapper(Bound(function, **constants), function) if constants else function
    return Node(
        bound,
        inputs=inputs,
        outputs=outputs,
        name=node_name or function.__name__,
        namespace=f"{NAME}.{place}",
    )
