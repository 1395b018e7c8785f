"""What is measured of texts: how well they are predicted, how varied they are, what is copied."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from genloom.domains.text.corpus import BLANK_LINE
from genloom.metrics import compression, writing
from genloom.metrics.mauve import mauve
from genloom.metrics.table import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

METRICS: dict[str, Measure] = {
    "bits_per_byte": Measure(
        "lower",
        "bits per byte",
        "How many bits the model needs to write a byte of the test split, which it has not seen, "
        "given what stands before it; models with different tokens can be compared by it.",
    ),
    "bits_per_byte_window": Measure(
        "lower",
        "bits per byte, windows",
        "The same over windows of the model's own context that start anew: a higher number, as "
        "the beginning of every window is guessed with little before it.",
    ),
    "perplexity": Measure(
        "lower",
        "perplexity",
        "Among how many equally likely tokens the model as good as chooses at every step; only "
        "models with the same codec can be compared by it.",
    ),
    "distinct_1": Measure(
        "higher",
        "distinct-1",
        "Share of different words among all words of the samples; random letters score highest.",
    ),
    "distinct_2": Measure(
        "higher",
        "distinct-2",
        "Share of different pairs of words among all pairs of the samples; it says nothing of "
        "whether they make sense.",
    ),
    "self_bleu": Measure(
        "lower",
        "self-BLEU",
        "How many runs of words a sample shares with the other samples, 0 to 1: high where a "
        "generator says the same again and again, low also where it says nothing sensible.",
    ),
    "bleu": Measure(
        "higher",
        "BLEU",
        "How many runs of words a sample shares with real test samples, 0 to 1; it does not see "
        "what a generator leaves out.",
    ),
    "mauve": Measure(
        "higher",
        "MAUVE",
        "How much generated and real samples overlap in the features of a network, 0 to 1, with "
        "what is missing and what is made up both counted; few samples make it rough.",
    ),
    "longest_copy": Measure(
        "lower",
        "longest copy, characters",
        "The longest span of any sample that stands in the training split word for word; real test "
        "samples have such spans, too, so only much more than theirs speaks of copying.",
    ),
    "repetition_rate": Measure(
        "lower",
        "repetition rate",
        "Share of runs of four words that stood in the same sample before: high where a generator "
        "is caught in a loop.",
    ),
}


def own_metrics(
    generated: pd.DataFrame, references: pd.DataFrame, train: pd.DataFrame
) -> dict[str, float]:
    """Variety, overlap with real texts, and copying, from the texts alone.

    Args:
        generated: Column ``content``: the samples that are judged.
        references: The same of real samples, which they are held against.
        train: The same of what the generator was fitted on.

    Returns:
        ``distinct_1``, ``distinct_2``, ``self_bleu``, ``bleu``, ``longest_copy`` and
        ``repetition_rate``, as ``genloom.metrics.writing`` says.

    Raises:
        GenloomError: There are no generated samples or no references.
    """
    texts, real = generated["content"].tolist(), references["content"].tolist()
    return {
        "distinct_1": writing.distinct(texts, 1),
        "distinct_2": writing.distinct(texts, 2),
        "self_bleu": writing.self_bleu(texts),
        "bleu": writing.bleu(texts, real),
        "longest_copy": float(writing.longest_copy(texts, train["content"].tolist())),
        "repetition_rate": writing.repetition_rate(texts),
    }


def feature_metrics(real: Any, made: Any, *, seed: int) -> dict[str, float]:
    """What features of real and generated samples say beside distances: ``mauve``.

    Args:
        real: ``[n, d]``.
        made: ``[m, d]``.
        seed: Starts the clustering.

    Raises:
        GenloomError: As ``genloom.metrics.mauve.mauve``.
    """
    return {"mauve": mauve(real, made, seed=seed)}


def likelihood(samples: pd.DataFrame, score: Mapping[str, float]) -> dict[str, float]:
    """What a model's score of samples means per byte and per token.

    Args:
        samples: Column ``content``: what was scored.
        score: ``nats`` and ``tokens`` of their stream; ``window_nats`` and ``window_tokens`` of
            windows that start anew and may leave out some of it.

    Returns:
        ``bits_per_byte`` and ``bits_per_byte_window``, with a blank line behind every content
        counted as text, and ``perplexity``, per token. Control tokens are paid for, so labels
        make the first two a little larger.
    """
    size = sum(map(len, map(_in_full, samples["content"])))
    nats, tokens = score["nats"], score["tokens"]
    window_nats = score["window_nats"] / score["window_tokens"] * tokens
    return {
        "bits_per_byte": nats / math.log(2) / size,
        "bits_per_byte_window": window_nats / math.log(2) / size,
        "perplexity": math.exp(nats / tokens),
    }


def floors_of_likelihood(samples: pd.DataFrame) -> dict[str, float]:
    """Bits per byte of the test split for compressors that have read the training split.

    Args:
        samples: Columns ``content`` and ``split``.

    Returns:
        Method of ``genloom.metrics.compression``, which says what to make of it, to bits per byte.
    """
    test, train = (
        b"".join(map(_in_full, _contents(samples, split))) for split in ("test", "train")
    )
    return {
        method: compression.compressed_bits(test, given=train, method=method) / len(test)
        for method in compression.METHODS
    }


def score_floors(samples: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The same as metrics of each method (the answer of a domain)."""
    return {
        method: {"bits_per_byte": bits} for method, bits in floors_of_likelihood(samples).items()
    }


def _contents(samples: pd.DataFrame, split: str) -> Iterable[str]:
    return samples.loc[samples["split"] == split, "content"]


def _in_full(content: str) -> bytes:
    """A content as it is counted: with the blank line that stands behind it."""
    return (content + BLANK_LINE).encode()
