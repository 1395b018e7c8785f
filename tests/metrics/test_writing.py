"""Measures of generated text against values counted by hand and slow, plain implementations."""

import itertools
import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.errors import GenloomError
from genloom.metrics import writing
from genloom.metrics.writing import bleu, distinct, longest_copy, repetition_rate, self_bleu

WORDS = st.lists(st.sampled_from(["a", "b", "c", "loom,"]), max_size=9).map(" ".join)
TWO_LETTERS = st.text(alphabet="ab\n", max_size=14)
ANYTHING = st.text(max_size=8)  # halves of surrogate pairs included


def weave(count, words, seed):
    """Texts of random words, of which few are common."""
    draw = random.Random(seed)
    return [
        " ".join(f"w{int(draw.paretovariate(0.6)) % 5000}" for _ in range(words))
        for _ in range(count)
    ]


# --- distinct, repetition -----------------------------------------------------------------


def test_distinct_by_hand():
    texts = ["a b a", "b a\nc"]
    assert distinct(texts, 1) == 3 / 6
    assert distinct(texts, 2) == 3 / 4, "ab, ba, ba, ac, and none from one text into the next"
    assert distinct(texts, 3) == 2 / 2
    assert distinct(texts, 4) == distinct([], 1) == distinct(["", " \n"], 1) == 0


def test_repetition_by_hand():
    loop = "to be or not to be or not to be"  # 7 runs of four, of which 4 differ
    assert repetition_rate([loop]) == pytest.approx(3 / 7)
    assert repetition_rate([loop, "one two three four", "too short"]) == pytest.approx(3 / 14)
    assert repetition_rate(["a a a"], n=1) == pytest.approx(2 / 3)
    assert repetition_rate(["a b c", ""]) == repetition_rate([]) == 0
    assert repetition_rate([loop[:18], loop[:18]]) == 0, "another text is no repetition"


@given(st.lists(WORDS, max_size=5), st.integers(1, 4))
def test_variety_stays_in_its_range(texts, n):
    assert 0 <= distinct(texts, n) <= 1
    assert 0 <= repetition_rate(texts, n) < 1
    assert distinct(texts + texts, n) == pytest.approx(distinct(texts, n) / 2)
    assert repetition_rate(texts + texts, n) == pytest.approx(repetition_rate(texts, n))


# --- BLEU ---------------------------------------------------------------------------------


def test_bleu_by_hand():
    # Of 5 words 4 are known, of 4 pairs 3, of 3 triples 2, of 2 fours 1; the length fits.
    expected = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert bleu(["a b c d x"], ["a b c d e"]) == pytest.approx(expected)
    # The nearest length is 6, so brevity costs exp(1 - 6 / 5).
    longer = ["a b c d e f", "q r s t u v w y z q"]
    assert bleu(["a b c d x"], longer) == pytest.approx(expected * math.exp(1 - 6 / 5))
    # Every reference counts, but a word only as often as it stands in one of them.
    assert bleu(["a b c d"], ["a b c d", "unlike"]) == pytest.approx(1)
    assert bleu(["a a"], ["a b", "c a"]) == pytest.approx((1 / 2 * 1 / 2) ** 0.5)
    assert bleu(["x y"], ["a b"]) == bleu([""], ["a b"]) == 0


def test_bleu_of_many_is_the_mean():
    references = ["a b c d e"]
    alone = [bleu([text], references) for text in ("a b c d x", "a b", "e d")]
    assert bleu(["a b c d x", "a b", "e d"], references) == pytest.approx(sum(alone) / 3)


@settings(deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=5))
def test_bleu_is_that_of_sacrebleu(texts):
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(effective_order=True, force=True)

    def plain(text, others):
        return metric.sentence_score(text, others).score / 100

    assert bleu(texts[:1], texts[1:]) == pytest.approx(plain(texts[0], texts[1:]))
    each = [plain(text, texts[:i] + texts[i + 1 :]) for i, text in enumerate(texts)]
    assert self_bleu(texts) == pytest.approx(sum(each) / len(each))


def test_self_bleu_by_hand():
    assert self_bleu(["a b c d e"] * 3) == pytest.approx(1)
    assert self_bleu(["a b c d", "e f g h"]) == 0
    # The text that holds a word most often is held against the others.
    assert self_bleu(["a a", "a"]) == pytest.approx(((1 / 2 * 1 / 2) ** 0.5 + math.exp(1 - 2)) / 2)
    assert math.isnan(self_bleu(["alone"]))
    assert math.isnan(self_bleu([]))


def test_only_the_first_references_count(monkeypatch):
    monkeypatch.setattr(writing, "REFERENCES", 2)
    assert bleu(["a b c d"], ["x", "y", "a b c d"]) == 0
    assert self_bleu(["a b c d", "x y", "a b c d"]) == 0


def test_two_hundred_texts_take_little_time():
    texts, references = weave(200, 80, 0), weave(400, 80, 1)
    started = time.process_time()
    assert 0 < bleu(texts, references) < 1
    assert 0 < self_bleu(texts) < 1
    assert time.process_time() - started < 3


def test_bleu_without_texts_is_refused():
    for texts, references in ((["a"], []), ([], ["a"])):
        with pytest.raises(GenloomError, match="at least one text and one reference"):
            bleu(texts, references)


# --- the longest copy ---------------------------------------------------------------------


def naive_copy(texts, training_texts):
    training = "\n\n".join(training_texts)
    spans = (
        text[start:end]
        for text in texts
        for start, end in itertools.combinations(range(len(text) + 1), 2)
    )
    return max((len(span) for span in spans if span in training), default=0)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(TWO_LETTERS | ANYTHING, max_size=4),
    st.lists(TWO_LETTERS | ANYTHING, max_size=4),
)
def test_longest_copy_is_that_of_a_plain_search(texts, training_texts):
    assert longest_copy(texts, training_texts) == naive_copy(texts, training_texts)


@settings(deadline=None)
@given(st.text(alphabet="ab", max_size=25), st.text(alphabet="ab", min_size=1, max_size=60))
def test_longest_copy_across_the_borders_of_chunks(text, training):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_WINDOWS_AT_ONCE", 3)
        assert longest_copy([text], [training]) == naive_copy([text], [training])


def test_longest_copy_by_hand():
    assert longest_copy(["xx weaver", "loom"], ["the weaver", "a loom"]) == len(" weaver")
    assert longest_copy(["one\n\ntwo"], ["one", "two"]) == 8, "a blank line stands between texts"
    assert longest_copy(["on", "e"], ["one"]) == 2, "no span reaches into the next text"
    assert longest_copy(["😀é世"], ["é世😀"]) == 2, "characters, not bytes"
    assert longest_copy(["whole"], ["whole"]) == 5
    assert longest_copy([], ["a"]) == longest_copy([""], ["a"]) == longest_copy(["a"], []) == 0


def test_a_hash_alone_proves_no_copy(monkeypatch):
    import numpy as np

    def always_one(codes, length):
        return np.ones(len(codes) - length + 1, np.uint64)

    monkeypatch.setattr(writing, "_hashes", always_one)
    assert longest_copy(["abcx", "zbcd"], ["abcd"]) == 3


def test_hashes_of_equal_windows_are_equal_and_others_differ():
    codes = writing._codes("abcabcd" + "".join(weave(40, 80, 0)))
    for length in (1, 3, 8):
        hashes = writing._hashes(codes, length).tolist()
        windows = [codes[at : at + length].tobytes() for at in range(len(codes) - length + 1)]
        assert len(set(hashes)) == len(set(windows)) == len(set(zip(hashes, windows, strict=True)))


def test_a_large_training_text_takes_little_time():
    training = weave(5500, 100, 0)
    assert sum(map(len, training)) > 1_500_000
    texts = weave(150, 80, 1)
    texts[77] = texts[77][:100] + training[5499][-250:]
    started = time.process_time()
    found = longest_copy(texts, training)
    assert time.process_time() - started < 4
    assert 250 <= found < 270
