"""How many samples a second the trained generators draw, at the settings they were judged with.

    python benchmarks/sampling.py [--domain images] [--n 5000] [--repeats 5] [--threads 1]

Reads the fitted generators of the last run from ``data/06_models``; decoding is not counted.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import torch

from genloom import fitted

PROJECT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", default="images")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for folder in sorted((PROJECT / "data" / "06_models" / arguments.domain).iterdir()):
        thing = fitted.load(folder)
        if thing.block["role"] != "generator":
            continue
        labels = torch.arange(arguments.n) % len(thing.classes)
        thing.member.sample(arguments.n, labels=labels, seed=0)  # warm-up
        rates = []
        for repeat in range(arguments.repeats):
            started = time.perf_counter()
            thing.member.sample(arguments.n, labels=labels, seed=repeat)
            rates.append(arguments.n / (time.perf_counter() - started))
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        print(f"{folder.name:10} {median(rates):10,.0f} samples/s ({spread})")


if __name__ == "__main__":
    main()
