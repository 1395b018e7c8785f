"""What Kedro, the catalog and MLflow cost beside the training they orchestrate.

    python benchmarks/orchestration.py [--env base] [--repeats 3] [--members vae,gan,flow,cnn]

Trains the same members twice in one process, in turn: by bare calls of ``member.fit``, and by
``kedro run`` with tracking, saving and checks. Prints the ratio of their wall-clock seconds.
"""

import argparse
import logging
import time
from pathlib import Path
from statistics import median
from typing import Any

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

PROJECT = Path(__file__).parents[1]
QUIET = {"hardware": {"progress": False}}


def bare(names: list[str], env: str) -> float:
    """Seconds that the training calls alone take, on tensors that are ready."""
    from genloom import members
    from genloom.networks.hardware import Hardware
    from genloom.seeds import derive_seed

    with KedroSession.create(PROJECT, env=env, runtime_params=QUIET) as session:
        context = session.load_context()
        parameters, catalog = context.params, context.catalog
        samples, codec = catalog.load("images.samples"), catalog.load("images.codec")
    train = samples[samples["split"] == "train"]
    x, y = codec.encode(train), codec.encode_labels(train)
    total = 0.0
    for name in names:
        block = parameters["images"][name]
        seed = derive_seed(parameters["seed"], "fit", block["network"])
        member = members.build(block, codec.shape, len(codec.classes), seed=seed)
        started = time.perf_counter()
        member.fit(x, y, seed=seed, hardware=Hardware(**parameters["hardware"]))
        total += time.perf_counter() - started
    return total


def orchestrated(names: list[str], env: str) -> float:
    """Seconds of ``kedro run --nodes ...`` for the same trainings, from session to last file."""
    started = time.perf_counter()
    run(env, node_names=[f"images.{name}.fit_member" for name in names])
    return time.perf_counter() - started


def run(env: str, **slice_: Any) -> None:
    with KedroSession.create(PROJECT, env=env, runtime_params=QUIET) as session:
        session.run(**slice_)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="base")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--members", default="vae,gan,flow,cnn")
    arguments = parser.parse_args()
    names = arguments.members.split(",")
    bootstrap_project(PROJECT)
    logging.disable(logging.INFO)
    run(arguments.env, namespaces=["images.data"])
    run(arguments.env, node_names=["images.cnn.fit_member"])  # imports and caches, not counted
    ratios = []
    for repeat in range(arguments.repeats):
        with_, without = orchestrated(names, arguments.env), bare(names, arguments.env)
        ratios.append(with_ / without)
        print(f"{repeat}: orchestrated {with_:.2f} s, bare {without:.2f} s, ratio {ratios[-1]:.3f}")
    print(f"median ratio {median(ratios):.3f} over {len(ratios)} pairs")


if __name__ == "__main__":
    main()
