"""The measures of text against numbers worked out by hand."""

import math
import os
import subprocess
import sys

import pandas as pd
import pytest
import torch

from genloom.domains.text.codec import TextCodec
from genloom.domains.text.measures import (
    METRICS,
    feature_metrics,
    floors_of_likelihood,
    likelihood,
    own_metrics,
    score_floors,
)
from genloom.floors.ngram import NGram
from genloom.metrics.compression import METHODS, compressed_bits
from genloom.metrics.table import BETTER, Measure, distance_to_ideal

OWN = ("distinct_1", "distinct_2", "self_bleu", "bleu", "longest_copy", "repetition_rate")
SCORES = ("bits_per_byte", "bits_per_byte_window", "perplexity")


def contents(*texts: str, split: str = "test") -> pd.DataFrame:
    return pd.DataFrame({"content": texts, "label": "", "split": split}).astype("str")


def test_every_measure_is_explained_and_none_is_known_elsewhere() -> None:
    assert set(METRICS) == {*OWN, *SCORES, "mauve"}
    assert not set(METRICS) & set(BETTER)
    for name, measure in METRICS.items():
        assert isinstance(measure, Measure)
        assert math.isfinite(distance_to_ideal(measure.better, 1.0)), name
        assert measure.sentence.endswith("."), name
        assert measure.sentence.count(". ") == 0, "one sentence"
    higher = {name for name, measure in METRICS.items() if measure.better == "higher"}
    assert higher == {"distinct_1", "distinct_2", "bleu", "mauve"}


def test_own_metrics() -> None:
    generated = contents("a b c d", "a b c d a b c d")
    references = contents("a b c d", "x y")
    train = contents("say a b c", "never mind", split="train")
    found = own_metrics(generated, references, train)
    assert tuple(found) == OWN
    assert all(type(value) is float for value in found.values())
    assert found["distinct_1"] == 4 / 12
    assert found["distinct_2"] == 4 / 10
    assert found["longest_copy"] == len(" a b c")
    assert found["repetition_rate"] == pytest.approx((0 + 1 / 5) / 2)
    # The second text: 4 of 8 words are known, 3 of 7 pairs, 2 of 6 triples, 1 of 5 fours.
    half = (4 / 8 * 3 / 7 * 2 / 6 * 1 / 5) ** 0.25
    assert found["bleu"] == pytest.approx((1 + half) / 2)
    assert found["self_bleu"] == pytest.approx((math.exp(1 - 8 / 4) + half) / 2)


def test_mauve_of_features() -> None:
    features = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
    assert feature_metrics(features, features, seed=0) == {"mauve": pytest.approx(1)}
    assert feature_metrics(features, -features.abs(), seed=0)["mauve"] < 0.9


def test_likelihood_by_hand() -> None:
    samples = contents("ab", "é")  # 4 bytes, and 4 of blank lines
    score = {"nats": 16 * math.log(2), "tokens": 10, "window_nats": 12.0, "window_tokens": 6}
    found = likelihood(samples, score)
    assert found == {
        "bits_per_byte": pytest.approx(2),
        "bits_per_byte_window": pytest.approx(12 / 6 * 10 / math.log(2) / 8),
        "perplexity": pytest.approx(2**1.6),
    }


def test_likelihood_of_a_real_member() -> None:
    train = contents(*["the loom and the weaver"] * 8, split="train")
    codec = TextCodec.fit(train, length=32)
    member = NGram(codec.shape, len(codec.classes))
    member.fit(codec.encode(train), codec.encode_labels(train), seed=0)
    known, unknown = contents("the loom and the weaver"), contents("zq#9 {XK}~")
    scores = [member.score(codec.encode(s), codec.encode_labels(s)) for s in (known, unknown)]
    low, high = (likelihood(s, score) for s, score in zip((known, unknown), scores, strict=True))
    for name in SCORES:
        assert 0 < low[name] < high[name]
    assert low["bits_per_byte"] < 1


def test_floors_of_likelihood() -> None:
    texts = [f"the weaver {n} and the loom {n * n}" for n in range(60)]
    samples = pd.concat([contents(*texts[:50], split="train"), contents(*texts[50:])])
    apart = contents("not counted", split="validation")
    found = floors_of_likelihood(pd.concat([apart, samples, apart]))
    assert tuple(found) == METHODS
    test = "".join(text + "\n\n" for text in texts[50:]).encode()
    train = "".join(text + "\n\n" for text in texts[:50]).encode()
    for method, value in found.items():
        assert value == compressed_bits(test, given=train, method=method) / len(test)
        assert 0 < value < 3
    assert score_floors(samples) == {m: {"bits_per_byte": value} for m, value in found.items()}


def test_importing_is_cheap() -> None:
    code = "import genloom.domains.text.measures"
    heavy = "{'torch', 'pandas', 'numpy', 'sklearn', 'scipy', 'sacrebleu', 'zstandard'}"
    code += f"; import sys; print(sorted({heavy} & set(sys.modules)))"
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=paths
    )
    assert done.stdout.strip() == "[]", done.stderr
