"""How well detectors find what is strange, over several splits, fitted as the pipelines do it.

    python benchmarks/detectors.py [--domain tables] [--source breast_cancer] [--splits 5]
                                   [--first 0] [--each-class] [--parameters FILE]

Every detector (``task: detect``) of the domain's parameters is fitted to the normal samples of a
training split and asked about the test split, whose labels nothing but the two areas sees. Beside
them stand detectors that the parameters leave out. Each split has a seed of its own, from
``--first``; with ``--each-class`` every class in turn is what is strange, in all of them.

Prints of each the mean and standard deviation of AUROC and AUPRC, and how far its AUROC is from
isolation forest's on the same splits: the mean difference and on how many it is at least as high.
"""

import argparse
import logging
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from genloom.pipelines.fitting import fit_member
from genloom.pipelines.mapping import finding_area, ranking_area
from genloom.tasks import abnormal_classes, is_abnormal

CONF = Path(__file__).parents[1] / "conf" / "base"
BESIDE = {
    f"beside_{method}": {
        "role": "mapper",
        "task": "detect",
        "network": "outliers",
        "method": method,
    }
    for method in ("local_outlier_factor", "one_class")
}
FLOOR = "isolation_forest"


def detectors(parameters: dict[str, Any]) -> dict[str, Any]:
    """The blocks of all detectors by name."""
    own = {
        name: block
        for name, block in parameters.items()
        if isinstance(block, dict) and block.get("task") == "detect"
    }
    return own | BESIDE


def areas(
    domain: Any, samples: pd.DataFrame, block: dict[str, Any], mapping: dict[str, Any], seed: int
) -> tuple[float, float]:
    """AUROC and AUPRC of one detector on one split."""
    codec = domain.fit_codec(samples)
    thing, _, _ = fit_member(
        samples,
        codec,
        block,
        seed,
        {"progress": False},
        mapping=mapping,
        domain="benchmark",
        subject=block["network"],
        measures=domain.MEASURES,
    )
    test = samples[samples["split"] == "test"]
    truths = is_abnormal(test, abnormal_classes(samples, mapping))
    scores = thing.member.anomaly_score(thing.encode(test)).numpy()
    return ranking_area(scores, truths), finding_area(scores, truths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", default="tables")
    parser.add_argument("--source", default="breast_cancer")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--each-class", action="store_true")
    parser.add_argument("--parameters", type=Path)
    arguments = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    path = arguments.parameters or CONF / f"parameters_{arguments.domain}.yml"
    parameters = yaml.safe_load(path.read_text())[arguments.domain] | {"source": arguments.source}
    domain = import_module(f"genloom.domains.{arguments.domain}")
    blocks = detectors(parameters)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in blocks}
    for seed in range(arguments.first, arguments.first + arguments.splits):
        samples, _ = domain.ingest(parameters, seed)
        mapping = parameters["mapping"]
        strange = abnormal_classes(samples, mapping)
        if arguments.each_class:
            strange = sorted(samples["label"].unique())
        for label in strange if arguments.each_class else [strange]:
            own = mapping | {"abnormal": [label] if arguments.each_class else label}
            for name, block in blocks.items():
                found[name].append(areas(domain, samples, block, own, seed))
    floor = np.array(found[FLOOR])[:, 0]
    print(f"{arguments.domain}.{arguments.source}, {len(floor)} trainings each")
    for name, values in found.items():
        (auroc, auprc), deviation = np.mean(values, axis=0), np.std(values, axis=0)
        ahead = np.array(values)[:, 0] - floor
        print(
            f"{name.removeprefix('beside_'):24} AUROC {auroc:.4f} +- {deviation[0]:.4f}   "
            f"AUPRC {auprc:.4f} +- {deviation[1]:.4f}   "
            f"{ahead.mean():+.4f} ({(ahead >= 0).sum()} of {len(ahead)})"
        )


if __name__ == "__main__":
    main()
