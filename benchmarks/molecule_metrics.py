"""What each metric of molecules costs, and what a second process saves.

    python benchmarks/molecule_metrics.py [--made 10000] [--workers 2] [--whole]

Takes ZINC-250k from ``$GENLOOM_MIRROR/zinc250k/zinc250k.smi``, or else RDKit's NCI file, repeated
as often as needed. Prints

- processor time of every part of a record and of every step of the whole suite, with its share;
- seconds on the wall, with one process and with more, of describing the reference sets, which a
  run does once, and of the whole suite for the made ones, which it does for every draw; their
  ratios, and whether the numbers are the same.
"""

import argparse
import os
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from genloom.domains.download import MIRROR
from genloom.metrics.molecules import (
    chemnet,
    distribution,
    patterns,
    properties,
    references,
    sharing,
    similarity,
    suite,
)
from genloom.metrics.molecules import records as reading


def molecules() -> list[str]:
    """SMILES of real molecules, in an order that says nothing of them."""
    from rdkit import RDConfig

    nci = Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi"
    zinc = Path(os.environ.get(MIRROR, "")) / "zinc250k" / "zinc250k.smi"
    path = zinc if zinc.is_file() else nci
    lines = path.read_text().splitlines()
    found = [line.split()[0] for line in lines if line.strip() and not line.startswith("smiles")]
    order = np.random.default_rng(0).permutation(len(found))
    print(f"molecules of {path.name}: {len(found):,}")
    return [found[n] for n in order]


class Clock:
    """Seconds of steps by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self.clock = clock

    def __call__(self, name: str, step: Any, *arguments: Any, **options: Any) -> Any:
        started = self.clock()
        result = step(*arguments, **options)
        self.seconds[name] = self.clock() - started
        return result

    def report(self) -> None:
        total = sum(self.seconds.values())
        for name, seconds in self.seconds.items():
            print(f"  {name:34} {seconds:8.2f} s {seconds / total:7.1%}")
        print(f"  {'together':34} {total:8.2f} s")


def per_part(texts: list[str]) -> None:
    """Microseconds of processor time that each part of a record takes for a molecule."""
    from rdkit import Chem

    mols = [molecule for text in texts if (molecule := reading.parse(text)) is not None]
    bits = [patterns.pattern_bits(molecule) for molecule in mols]
    patterns.alerts()
    parts: dict[str, Any] = {
        "parse": lambda n: reading.parse(texts[n]),
        "canonical SMILES": lambda n: Chem.MolToSmiles(mols[n]),
        "fingerprint": lambda n: reading._morgan([mols[n]], reading.BITS),
        "fragments": lambda n: reading._fragments(mols[n]),
        "scaffold": lambda n: reading._scaffold(mols[n]),
        "pattern bits": lambda n: patterns.pattern_bits(mols[n]),
        "rotatable bonds": lambda n: properties.rotatable_bonds(mols[n]),
        "logP, QED, SA, weight": lambda n: properties.properties(mols[n], bits[n], 0),
        "GuacaMol's descriptors": lambda n: properties.descriptors(mols[n], 0.0, 0),
        "filters": lambda n: patterns.passes_filters(mols[n], bits[n]),
    }
    for name, part in parts.items():
        part(0)  # what is loaded once is not counted
        started = time.process_time()
        for n in range(len(mols)):
            part(n)
        print(f"  {name:34} {(time.process_time() - started) / len(mols) * 1e6:8.0f} us")


def steps(made: list[str], test: list[str], scaffold: list[str], train: list[str]) -> None:
    """The whole suite step by step in this process."""
    clock = Clock(time.process_time)
    own = clock("read the made ones", reading.records, made)
    real = clock("read the test ones", reading.records, test, references.ALL_BUT_FILTERS)
    further = clock("read the scaffold ones", reading.records, scaffold, reading.SHAPE)
    features = [
        clock(f"ChemNet of the {name} ones", chemnet.activations, each.smiles)
        for name, each in (("made", own), ("test", real), ("scaffold", further))
    ]
    moments = [chemnet.moments(each) for each in features]
    clock("Fréchet distances", lambda: [chemnet.frechet_distance(moments[0], m) for m in moments])
    clock("validity, uniqueness, novelty", suite.unique_and_novel, own, train)
    clock("internal diversity", similarity.internal_diversity, own.fingerprints)
    nearest = similarity.similarity_to_nearest
    clock("SNN to the test ones", nearest, own.fingerprints, real.fingerprints)
    clock("SNN to the scaffold ones", nearest, own.fingerprints, further.fingerprints)
    clock("scaffolds", distribution.count_similarity, own.scaffolds, real.scaffolds)
    size = min(len(set(each.flat)) for each in (own, real))
    described = [
        clock(f"nearest of the {name} ones", suite._described, each, size)
        for name, each in (("made", own), ("test", real))
    ]
    clock("KL score", suite._kl_score, *described)
    clock.report()


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", type=int, default=10000, help="as many test and scaffold ones")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--whole", action="store_true", help="only the whole suite, in processes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    size = arguments.made
    pool = cycle(molecules())
    made, test, scaffold, train = (list(islice(pool, n)) for n in (size, size, size, 2 * size))
    if not arguments.whole:
        print("a molecule, by part:")
        per_part(made[:1000])
        print(f"{size:,} made, test and scaffold molecules each, one process, by step:")
        steps(made, test, scaffold, train)
    print("the whole suite:")
    seconds, found = [], []
    for workers in (1, arguments.workers):
        clock = Clock(time.perf_counter)
        of = f", {workers} process" + "es" * (workers > 1)
        known = clock("references" + of, described, test, scaffold, workers)
        found.append(clock("suite" + of, judged, made, *known, train, workers))
        seconds.append(list(clock.seconds.values()))
        for name, value in clock.seconds.items():
            print(f"  {name:34} {value:8.2f} s", flush=True)
    for name, one, more in zip(("references", "suite"), *seconds, strict=True):
        print(f"ratio to one process, {name}: {more / one:.2f}")
    print(f"the same numbers from all: {str(found[0]) == str(found[1])}")


def described(
    test: list[str], scaffold: list[str], workers: int
) -> tuple[references.Reference, references.Reference]:
    """What the suite needs of the reference sets, processes started and ended."""
    with sharing.shared(workers) as spread:
        return (
            references.known(references.describe(test, spread=spread)),
            references.known(references.describe(scaffold, reading.SHAPE, spread=spread)),
        )


def judged(
    made: list[str],
    test: references.Reference,
    scaffold: references.Reference,
    train: list[str],
    workers: int,
) -> dict[str, float]:
    """The suite, processes started and ended."""
    with sharing.shared(workers) as spread:
        return suite.molecule_metrics(made, test, scaffold, train, spread=spread)


if __name__ == "__main__":
    main()
