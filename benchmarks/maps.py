"""The self-organizing map against MiniSom: how close, how orderly, how fast.

    python benchmarks/maps.py [--seeds 5] [--samples 10000]

Everything runs on one thread and is timed in processor seconds. A map's radius trades closeness
against order, so the two are compared at equal closeness: ours is given the largest final radius
with which its quantization error on the training samples is not above MiniSom's. Prints

- digits, 12x12, several random splits, MiniSom shown 20,000 samples with each of some ``sigma``:
  both errors on training and test samples, label-map accuracy, seconds, their ratio; and MiniSom
  again with as many steps as fit into our seconds;
- Fashion-MNIST, 30x30: the same for one pass of MiniSom over ``--samples`` training samples; and
  our seconds for all 60,000, against MiniSom's for one pass over them, scaled from the time of a
  step. It is read from ``$GENLOOM_MIRROR/fashion_mnist`` or downloaded.
"""

import argparse
import time
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor

from genloom.domains.images.loaders import load_fashion_mnist
from genloom.floors.classical_som import ClassicalSOM
from genloom.floors.estimators import one_thread
from genloom.metrics import maps
from genloom.networks.self_organizing_map import SelfOrganizingMap

SIGMAS = (1.0, 1.5, 2.5)  # MiniSom's own default, that of the floor, and a wide one
STEPS = 20_000
RADII = (0.2, 2.5)  # between which our final radius is sought
COLUMNS = "QE     TE  | QE     TE  label acc.      s"
Data = tuple[Tensor, Tensor, Tensor, Tensor]  # training samples and labels, test samples and labels


def timed(member: Any, x: Tensor, seed: int) -> float:
    """Processor seconds of fitting."""
    started = time.process_time()
    member.fit(x, torch.zeros(len(x), dtype=torch.int64), seed=seed)
    return time.process_time() - started


def judged(member: Any, data: Data) -> list[float]:
    """Both errors on training and on test samples, and label-map accuracy."""
    x, y, test, truth = data
    prototypes, apart = member.prototypes, member.distances
    label = maps.unit_labels(member.place(x), y, prototypes)
    return [
        maps.quantization_error(x, prototypes),
        maps.topographic_error(x, prototypes, apart),
        maps.quantization_error(test, prototypes),
        maps.topographic_error(test, prototypes, apart),
        maps.label_map_accuracy(label, member.place(test), truth),
    ]


def matched(x: Tensor, closeness: float, seed: int, rounds: int, **how: Any) -> SelfOrganizingMap:
    """Our map with the largest final radius that comes at least as close."""
    low, high = RADII
    for _ in range(rounds):
        middle = (low * high) ** 0.5
        som = SelfOrganizingMap(x.shape[1:], 10, final_radius=middle, **how)
        timed(som, x, seed)
        near = maps.quantization_error(x, som.prototypes) <= closeness
        low, high = (middle, high) if near else (low, middle)
    som = SelfOrganizingMap(x.shape[1:], 10, final_radius=low, **how)
    timed(som, x, seed)
    return som


def seconds(x: Tensor, som: SelfOrganizingMap, seed: int, times: int, **how: Any) -> float:
    """What fitting our map takes, the median of some times."""
    again = SelfOrganizingMap(x.shape[1:], 10, final_radius=som.final_radius, **how)
    return float(np.median([timed(again, x, seed) for _ in range(times)]))


def line(name: str, values: Any, took: float) -> None:
    q, t, test_q, test_t, share = values
    print(f"  {name:28} {q:.3f} {t:.3f} | {test_q:.3f} {test_t:.3f}  {share:.3f}  {took:9.3f}")


def on_digits(seeds: int) -> None:
    x, y = load_digits(return_X_y=True)
    for sigma in SIGMAS:
        found: dict[str, list[Any]] = {"MiniSom": [], "ours": [], "MiniSom in our time": []}
        radii, orderly = [], 0
        for seed in range(seeds):
            parts = train_test_split(x / 8 - 1, y, test_size=0.25, stratify=y, random_state=seed)
            train, test = (torch.tensor(part, dtype=torch.float32) for part in parts[:2])
            data = train, torch.tensor(parts[2]), test, torch.tensor(parts[3])
            rival = ClassicalSOM((64,), 10, sigma=sigma, steps=STEPS)
            found["MiniSom"].append((timed(rival, train, seed), judged(rival, data)))
            closeness = found["MiniSom"][-1][1][0]
            som = matched(train, closeness, seed, rounds=9)
            found["ours"].append((seconds(train, som, seed, 3), judged(som, data)))
            radii.append(som.final_radius)
            orderly += found["ours"][-1][1][1] <= found["MiniSom"][-1][1][1]
            steps = round(STEPS * found["ours"][-1][0] / found["MiniSom"][-1][0])
            rival = ClassicalSOM((64,), 10, sigma=sigma, steps=max(1, steps))
            found["MiniSom in our time"].append((timed(rival, train, seed), judged(rival, data)))
        took = {name: float(np.mean([s for s, _ in rows])) for name, rows in found.items()}
        print(f"digits 12x12, sigma {sigma}, mean of {seeds} seeds: {'training':>16} | test")
        print(f"  {'':28} {COLUMNS}")
        for name, rows in found.items():
            line(name, np.mean([values for _, values in rows], axis=0), took[name])
        print(
            f"  final radius {min(radii):.2f} to {max(radii):.2f}; topographic error not above "
            f"MiniSom's in {orderly} of {seeds}; {took['MiniSom'] / took['ours']:.0f} times as fast"
        )


def on_fashion(samples: int) -> None:
    pictures = load_fashion_mnist("data/01_raw")
    split = np.array(pictures.splits)
    x = torch.tensor(pictures.pixels.reshape(len(split), -1)).float() / 127.5 - 1
    names = sorted(set(pictures.labels))
    y = torch.tensor([names.index(label) for label in pictures.labels])
    train, test = torch.tensor(split == "train"), torch.tensor(split == "test")
    whole, known = x[train], y[train]
    some = torch.randperm(len(whole), generator=torch.Generator().manual_seed(0))[:samples]
    data = whole[some], known[some], x[test], y[test]
    how: dict[str, Any] = {"rows": 30, "columns": 30, "epochs": 10}
    rival = ClassicalSOM((784,), 10, rows=30, columns=30, sigma=3.0, steps=samples)
    theirs = timed(rival, data[0], 0)
    values = judged(rival, data)
    print(f"Fashion-MNIST 30x30, {samples:,} samples: {'training':>20} | test")
    print(f"  {'':28} {COLUMNS}")
    line("MiniSom, one pass", values, theirs)
    som = matched(data[0], values[0], 0, rounds=6, **how)
    ours = seconds(data[0], som, 0, 1, **how)
    line(f"ours, final radius {som.final_radius:.2f}", judged(som, data), ours)
    print(f"  {theirs / ours:.0f} times as fast")
    full = SelfOrganizingMap((784,), 10, rows=30, columns=30, final_radius=som.final_radius)
    took, scaled = timed(full, whole, 0), theirs / samples * len(whole)
    print(f"Fashion-MNIST 30x30, {len(whole):,} samples:")
    line("ours, 20 rounds", judged(full, (whole, known, data[2], data[3])), took)
    print(
        f"  MiniSom, one pass, scaled from {samples:,} steps: {scaled:.0f} s; "
        f"{scaled / took:.0f} times as fast"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=10_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with one_thread():
        on_digits(arguments.seeds)
        on_fashion(arguments.samples)


if __name__ == "__main__":
    main()
