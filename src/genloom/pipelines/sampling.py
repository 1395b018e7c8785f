"""The verb *sample*: draw what a generator makes, as often as an interval needs."""

import time
from statistics import median
from typing import TYPE_CHECKING, Any

from genloom.domains.codecs import decoded
from genloom.fitted import Fitted
from genloom.metrics.table import metrics_table
from genloom.networks.hardware import Hardware
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


def draw_samples(
    samples: "pd.DataFrame",
    generator: Fitted,
    sampling: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    *,
    domain: str,
    subject: str,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Draw ``sampling.draws`` times ``sampling.size`` samples (``draw_size``).

    Every draw has the label proportions of the training split.

    Returns:
        Samples with the columns ``content, label, split, source, draw`` (``split`` is ``train``:
        they are made to train on) and, where the generator makes numbers to predict, ``target``;
        and the timings (median rate over the draws).
    """
    import pandas as pd

    from genloom.networks.base import reproducible

    codec = generator.own_codec
    train_labels = codec.encode_labels(samples[samples["split"] == "train"])
    size = draw_size(samples, sampling)
    labels = proportional_labels(train_labels, len(codec.classes), size)
    tables, rates = [], []
    for draw in range(sampling["draws"]):
        own_seed = derive_seed(seed, "sample", generator.block["network"], draw)
        with reproducible(own_seed, Hardware(**hardware).threads):
            started = time.perf_counter()
            x = generator.member.sample(size, labels=labels, seed=own_seed)
            rates.append(size / (time.perf_counter() - started))
        tables.append(decoded(codec, x, labels).assign(split="train", source=subject, draw=draw))
    timings = metrics_table(
        [
            {
                "domain": domain,
                "subject": subject,
                "role": "generator",
                "split": "train",
                "metric": "samples_per_second",
                "value": median(rates),
                "low": min(rates),
                "high": max(rates),
                "n": size,
                "seed": seed,
            }
        ]
    )
    return pd.concat(tables, ignore_index=True), timings


def draw_size(samples: "pd.DataFrame", sampling: dict[str, Any]) -> int:
    """How many samples a draw has: ``sampling.size``, or as many as the test split."""
    return sampling.get("size") or int((samples["split"] == "test").sum())


def judged_size(samples: "pd.DataFrame", sampling: dict[str, Any]) -> int:
    """How many samples of a draw are held against as many of the test split."""
    return min(int((samples["split"] == "test").sum()), draw_size(samples, sampling))


def judged_draw(draw: "pd.DataFrame", size: int, seed: int) -> "pd.DataFrame":
    """At most ``size`` samples of a draw, chosen at random where it has more."""
    if len(draw) <= size:
        return draw
    return draw.sample(size, random_state=derive_seed(seed, "judged")).sort_index()


def judged_test(samples: "pd.DataFrame", sampling: dict[str, Any], seed: int) -> "pd.DataFrame":
    """The test samples that draws are held against: ``judged_size`` of them, chosen once."""
    test = samples[samples["split"] == "test"]
    return judged_draw(test, judged_size(samples, sampling), seed)


def proportional_labels(train_labels: "Tensor", classes: int, n: int) -> "Tensor":
    """Labels ``[n]`` in the proportions of ``train_labels``, as even as whole numbers allow."""
    import torch

    shares = torch.bincount(train_labels, minlength=classes).double() * n / len(train_labels)
    counts = shares.floor().long()
    # Largest remainder: what rounding down left over goes to the classes that lost most.
    rest = n - int(counts.sum())
    counts[torch.argsort(shares - counts, descending=True, stable=True)[:rest]] += 1
    return torch.repeat_interleave(torch.arange(classes), counts)
