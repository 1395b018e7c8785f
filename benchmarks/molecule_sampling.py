"""How many molecules a second each generator of molecules draws, with one thread and with two.

    python benchmarks/molecule_sampling.py [--env base] [--n 2000] [--repeats 3] [--share 1.0]
        [--only gpt lstm] [--threads 1 2]

Fits every generator of ``conf/ENV/parameters_molecules.yml`` on the source that is named there, for
``--share`` of its steps, since molecules have their usual length only from a network that has
learnt. Draws are timed in turn by tensors alone, as ``samples_per_second`` of the leaderboards is,
and once more with their decoding to SMILES.
"""

import argparse
import time
from pathlib import Path
from statistics import median
from typing import Any

from kedro.config import OmegaConfigLoader

from genloom import members
from genloom.domains import molecules
from genloom.domains.codecs import codec_for, training_samples
from genloom.networks.base import reproducible
from genloom.networks.hardware import Hardware
from genloom.pipelines.sampling import proportional_labels
from genloom.settings import CONFIG_LOADER_ARGS
from genloom.tokens import lengths

PROJECT = Path(__file__).parents[1]


def rates(member: Any, labels: Any, codec: Any, threads: int, seed: int) -> tuple[float, float]:
    """Molecules per second of one draw: of its tensors alone, and with their decoding."""
    with reproducible(seed, threads):
        started = time.perf_counter()
        x = member.sample(len(labels), labels=labels, seed=seed)
        drawn = time.perf_counter() - started
        codec.decode(x)
        return len(labels) / drawn, len(labels) / (time.perf_counter() - started)


def fitted(block: dict[str, Any], codec: Any, samples: Any, share: float) -> Any:
    """A generator after ``share`` of its training."""
    train = training_samples(codec, samples[samples["split"] == "train"], seed=0)
    if "steps" in block:
        block = block | {"steps": max(1, round(share * block["steps"]))}
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(codec.encode(train), codec.encode_labels(train), seed=0, hardware=Hardware())
    if block.get("temperatures"):
        member.temperature = block["temperatures"][0]
    return member


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="base")
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    arguments = parser.parse_args()
    loader = OmegaConfigLoader(str(PROJECT / "conf"), env=arguments.env, **CONFIG_LOADER_ARGS)
    parameters = loader["parameters"]["molecules"]
    samples, _ = molecules.ingest(parameters, 0)
    fit = {key: parameters[key] for key in molecules.CODEC_PARAMETERS}
    plain = molecules.fit_codec(samples, **fit)
    for name in arguments.only or members.names_by_role(parameters, "generator"):
        block = parameters[name]
        codec = codec_for(plain, block)
        member = fitted(block, codec, samples, arguments.share)
        y = codec.encode_labels(samples[samples["split"] == "train"])
        labels = proportional_labels(y, len(codec.classes), arguments.n)
        tokens = float(lengths(member.sample(len(labels), labels=labels, seed=0)).float().mean())
        for threads in arguments.threads:
            found = [rates(member, labels, codec, threads, n) for n in range(arguments.repeats)]
            alone, decoded = (median(column) for column in zip(*found, strict=True))
            print(
                f"{name:8} {threads} thread{'s' * (threads > 1):1} {alone:9,.0f} molecules/s, "
                f"{decoded:9,.0f} as SMILES, {tokens:5.1f} tokens each",
                flush=True,
            )


if __name__ == "__main__":
    main()
