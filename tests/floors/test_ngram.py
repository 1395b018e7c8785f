"""The n-gram floor: its probabilities against the formula, and what it writes."""

import math
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save, save_file

from genloom import members
from genloom.errors import GenloomError
from genloom.floors.ngram import NGram
from genloom.tokens import END, PAD, first_content, stream

LENGTH = 12


def rows_of(texts, classes, length=LENGTH):
    """Texts whose letters a, b, ... stand for the content tokens, as rows."""
    rows = torch.full((len(texts), length), PAD)
    for row, text in zip(rows, texts, strict=True):
        tokens = [first_content(classes) + ord(letter) - ord("a") for letter in text] + [END]
        row[: len(tokens)] = torch.tensor(tokens)
    return rows


def text_of(row, classes):
    return "".join(
        chr(token - first_content(classes) + ord("a"))
        for token in row.tolist()
        if token >= first_content(classes)
    )


def random_texts(letters, n, seed, length=LENGTH - 2):
    random = torch.Generator().manual_seed(seed)
    drawn = torch.randint(len(letters), (n, length), generator=random)
    return ["".join(letters[i] for i in row) for row in drawn.tolist()]


@pytest.fixture(scope="module")
def two_languages():
    """Class 0 writes with a, b and c, class 1 with d, e and f."""
    texts = random_texts("abc", 60, 0) + random_texts("def", 60, 1)
    y = torch.arange(2).repeat_interleave(60)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(2))
    return rows_of(texts, 2)[order], y[order]


SHAPE = (LENGTH, 4 + 6)


@pytest.fixture(scope="module")
def fitted(two_languages):
    floor = NGram(SHAPE, 2, order=4)
    history = floor.fit(*two_languages, seed=0)
    assert history.empty
    assert list(history.columns) == ["step", "metric", "value"]
    return floor


def test_witten_bell_by_hand():
    # The stream is label a b END label a a END. The vocabulary is PAD, END, label, a, b.
    floor = NGram((4, 5), 1, order=2)
    floor.fit(rows_of(["ab", "aa"], 1, 4), torch.tensor([0, 0]), seed=0)
    # Of one token: 8 tokens, 4 kinds, and the uniform 1/5 below.
    a, b, end = (3 + 4 / 5) / 12, (1 + 4 / 5) / 12, (2 + 4 / 5) / 12
    # After a came b, a and END once each; after b came END once; after END came the label twice.
    after_a = floor.next_log_probabilities(torch.tensor([[3]])).exp()[0]
    assert after_a[3].item() == pytest.approx((1 + 3 * a) / 6)
    assert after_a[4].item() == pytest.approx((1 + 3 * b) / 6)
    assert after_a[PAD].item() == pytest.approx(3 / 6 * (4 / 5) / 12)
    after_b = floor.next_log_probabilities(torch.tensor([[4]])).exp()[0]
    assert after_b[END].item() == pytest.approx((1 + end) / 2)
    after_end = floor.next_log_probabilities(torch.tensor([[END]])).exp()[0]
    assert after_end[2].item() == pytest.approx((2 + (2 + 4 / 5) / 12) / 3)
    # After a context that never occurred, what the shorter one says.
    nothing = floor.next_log_probabilities(torch.tensor([[PAD]])).exp()[0]
    assert nothing[3].item() == pytest.approx(a)
    assert floor.parameter_count == 4 + 6


def by_the_formula(train, text, order, vocabulary):
    """The probability of each token of a text, with dictionaries and one token at a time."""
    follow = defaultdict(Counter)
    train, text = [END, *train], [END, *text]
    for i in range(1, len(train)):
        for k in range(min(order, i + 1)):
            follow[tuple(train[i - k : i])][train[i]] += 1

    def p(token, context):
        shorter = p(token, context[1:]) if context else 1 / vocabulary
        seen = follow.get(tuple(context))
        if not seen:
            return shorter
        return (seen[token] + len(seen) * shorter) / (seen.total() + len(seen))

    return [p(text[i], text[max(0, i - order + 1) : i]) for i in range(1, len(text))]


texts = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(1, 9))
def test_it_agrees_with_the_formula_on_any_text(train, text, order):
    x, y = rows_of(train, 1), torch.zeros(len(train), dtype=torch.int64)
    floor = NGram((LENGTH, 6), 1, order=order)
    floor.fit(x, y, seed=0)
    expected = by_the_formula(stream(x, y).tolist(), text, order, 6)
    log_p = floor.log_p(torch.tensor(text))
    assert torch.allclose(log_p.exp(), torch.tensor(expected, dtype=torch.float64))
    # One context at a time, filled up with END on the left, says the same.
    padded = torch.tensor([END] * order + text)
    contexts = padded.unfold(0, order, 1)[:-1]
    following = floor.next_log_probabilities(contexts)
    assert torch.allclose(following.exp().sum(1), torch.ones(len(text), dtype=torch.float64))
    assert torch.allclose(following.gather(1, torch.tensor(text)[:, None])[:, 0], log_p)


def test_a_score_is_minus_the_sum_of_log_p(fitted, two_languages):
    x, y = two_languages
    score = fitted.score(x, y)
    text = stream(x, y)
    assert score["tokens"] == score["window_tokens"] == len(text) == 120 * LENGTH
    assert score["nats"] == score["window_nats"]
    assert score["nats"] == pytest.approx(-float(fitted.log_p(text).sum()))
    # Three letters to choose among, nearly, and a label per row; far below the uniform 2.3 nats.
    assert 0.8 * math.log(3) < score["nats"] / len(text) < 1.2 * math.log(3)
    with pytest.raises(GenloomError, match="no samples to be scored"):
        fitted.score(x[:0], y[:0])
    assert fitted.score(x, y.flip(0))["nats"] > score["nats"] + 100


def test_the_number_of_threads_does_not_show():
    x = rows_of(random_texts("abc", 20_000, 0), 1)
    floor = NGram((LENGTH, 6), 1, order=3)
    floor.fit(x, torch.zeros(20_000, dtype=torch.int64), seed=0)
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            score = floor.score(x, torch.zeros(20_000, dtype=torch.int64))
            found.append((score["nats"], floor.sample(100, seed=0).tolist()))
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1] == found[2]


def noisy_rule(n, seed):
    """Letters a and b: mostly b where those one and three before differ, and else a."""
    random = torch.Generator().manual_seed(seed)
    bits = torch.randint(2, (n, 40), generator=random)
    noise = torch.rand(n, 40, generator=random) < 0.1
    for i in range(3, 40):
        bits[:, i] = (bits[:, i - 1] ^ bits[:, i - 3]) ^ noise[:, i]
    return rows_of(["".join("ab"[bit] for bit in row) for row in bits.tolist()], 1, 41)


def test_the_order_is_chosen_on_the_validation_samples_and_counted_on_all_training_rows():
    x, held_out = noisy_rule(60, 0), noisy_rule(20, 1)
    y, z = torch.zeros(60, dtype=torch.int64), torch.zeros(20, dtype=torch.int64)
    nats = {}
    for order in range(2, 9):
        fixed = NGram((41, 5), 1, order=order)
        fixed.fit(x, y, seed=0)
        nats[order] = fixed.score(held_out, z)["nats"]
    best = min(nats, key=nats.get)
    assert best >= 4  # three letters of context and the next
    floor = NGram((41, 5), 1)
    assert floor.chosen_order == 0
    floor.fit(x, y, seed=0, validation=(held_out, z))
    assert floor.chosen_order == best
    assert floor.score(held_out, z)["nats"] == nats[best]
    # Validation samples without the rule in them make short n-grams the best.
    noise = rows_of(random_texts("ab", 20, 3, 40), 1, 41)
    floor.fit(x, y, seed=0, validation=(noise, z))
    assert floor.chosen_order <= 3


def test_without_validation_samples_the_last_tenth_chooses():
    rule, noise = noisy_rule(54, 0), rows_of(random_texts("ab", 6, 3, 40), 1, 41)
    y = torch.zeros(60, dtype=torch.int64)
    floor = NGram((41, 5), 1)
    floor.fit(torch.cat([rule, noise]), y, seed=0)
    assert floor.chosen_order <= 3
    floor.fit(torch.cat([noise, rule]), y, seed=0)
    assert floor.chosen_order >= 4
    last = NGram((41, 5), 1)
    last.fit(torch.cat([noise, rule])[:54], y[:54], seed=0, validation=(rule[-6:], y[:6]))
    assert floor.chosen_order == last.chosen_order
    # All rows are counted, not only those that were left when the order was chosen.
    assert floor.log_p(torch.tensor([2]))[0] > last.log_p(torch.tensor([2]))[0]
    floor.fit(torch.cat([noise, rule]), y, seed=0, validation=(rule[:0], y[:0]))
    assert floor.chosen_order == last.chosen_order
    floor.fit(rule[:1], y[:1], seed=0)
    assert floor.chosen_order == 2


def test_samples_have_the_layout_and_the_letters_of_their_label(fitted):
    y = torch.arange(2).repeat(100)
    x = fitted.sample(200, labels=y, seed=0)
    assert x.shape == (200, LENGTH)
    assert x.dtype == torch.int64
    for row in x:
        end = row.tolist().index(END if END in row else PAD)
        assert (row[:end] >= first_content(2)).all()
        assert (row[end + 1 :] == PAD).all()
    own = [set(text_of(row, 2)) <= set("abcdef"[3 * k :][:3]) for row, k in zip(x, y, strict=True)]
    assert sum(own) > 160
    assert len(x.unique(dim=0)) > 180


def test_the_first_token_is_drawn_as_often_as_its_probability_says(fitted):
    y = torch.zeros(4000, dtype=torch.int64)
    first = fitted.sample(4000, labels=y, seed=0, length=1)[:, 0]
    p = fitted.next_log_probabilities(torch.tensor([[END, END, 2]]))[0].exp()
    p[[PAD, 2, 3]] = 0
    p = p / p.sum()
    found = first.bincount(minlength=10) / 4000
    assert torch.allclose(found, p.float(), atol=0.03)
    # What is before the first row is like what is before any other.
    alone = fitted.next_log_probabilities(torch.tensor([[END, 2]]))[0]
    padded = fitted.next_log_probabilities(torch.tensor([[END, END, END, 2]]))[0]
    assert torch.equal(alone, padded)


def test_the_seed_decides_everything(fitted, two_languages):
    first = fitted.sample(50, seed=1)
    torch.rand(3)
    assert torch.equal(first, fitted.sample(50, seed=1))
    assert not torch.equal(first, fitted.sample(50, seed=2))
    twin = NGram(SHAPE, 2, order=4)
    twin.fit(*two_languages, seed=0)
    assert save(twin.weights()) == save(fitted.weights())
    assert torch.equal(first, twin.sample(50, seed=1))


def test_temperature_zero_is_greedy(fitted, two_languages):
    y = torch.tensor([0, 1, 0])
    greedy = fitted.sample(3, labels=y, seed=0, temperature=0)
    assert torch.equal(greedy, fitted.sample(3, labels=y, seed=7, temperature=0))
    assert torch.equal(greedy, fitted.sample(3, labels=y, seed=7, top_k=1))
    assert torch.equal(greedy, fitted.sample(3, labels=y, seed=7, top_p=1e-6))
    assert torch.equal(greedy[0], greedy[2])
    context = [END, 2]
    for token in greedy[0].tolist():
        if token == PAD:
            break
        p = fitted.next_log_probabilities(torch.tensor([context]))[0]
        p[[PAD, 2, 3]] = -torch.inf
        assert p.argmax() == token
        context.append(token)
    cold = NGram(SHAPE, 2, order=4, temperature=0.0)
    cold.fit(*two_languages, seed=0)
    assert torch.equal(greedy, cold.sample(3, labels=y, seed=5))


def test_a_prompt_is_continued(two_languages):
    texts = ["abcabcabc", "cbacbacba"]
    floor = NGram((LENGTH, 6), 1, order=3)
    floor.fit(rows_of(texts, 1), torch.zeros(2, dtype=torch.int64), seed=0)
    for prompt, text in (("abc", "abcabcabcab"), ("cb", "cbacbacbacb")):
        tokens = rows_of([prompt], 1)[0, : len(prompt)]
        (row,) = floor.sample(1, seed=0, prompt=tokens, temperature=0)
        assert text_of(row, 1).startswith(text[:8])
    (row,) = floor.sample(1, seed=0, prompt=tokens, temperature=0, length=3)
    assert text_of(row, 1) == "cba"


def test_the_length_limits_the_content(fitted):
    full, short = fitted.sample(50, seed=0), fitted.sample(50, seed=0, length=3)
    assert short.shape == full.shape == (50, LENGTH)
    assert (short[:, 3:] == PAD).all()
    assert torch.equal(short[:, :3], full[:, :3])  # cut, but not written in another way
    assert not (short == END).any(1).all()
    assert fitted.sample(0, seed=0).shape == (0, LENGTH)


def test_every_token_is_told_of(fitted):
    seen = []
    rows = fitted.sample(2, seed=0, length=5, on_token=lambda rows: seen.append(rows.clone()))
    assert [part.shape for part in seen] == [(2, t + 1) for t in range(len(seen))]
    assert all(torch.equal(part, rows[:, : part.shape[1]]) for part in seen)
    assert (rows[:, len(seen) :] == PAD).all()


def test_it_lives_again_from_its_file(fitted, tmp_path):
    save_file(fitted.weights(), tmp_path / "weights.safetensors")
    again = NGram(SHAPE, 2)
    again.load_weights(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(fitted.sample(20, seed=3), again.sample(20, seed=3))
    assert again.parameter_count == fitted.parameter_count
    assert again.parameter_count == sum(
        len(tensor) for name, tensor in fitted.weights().items() if name.startswith("counts.")
    )
    assert again.chosen_order == 4
    assert save(again.weights()) == save(fitted.weights())


def test_the_block_of_parameters_is_checked():
    block = {"role": "generator", "network": "ngram"}
    members.check("text.ngram", {**block, "order": "validation", "temperature": 0.7}, "tokens")
    members.check("text.ngram", {**block, "order": 5}, "tokens")
    for wrong in ({"order": 0}, {"order": "best"}, {"temperature": -1.0}):
        with pytest.raises(GenloomError, match=r"text\.ngram\."):
            members.check("text.ngram", block | wrong, "tokens")


def test_refusals(fitted, two_languages):
    x, y = two_languages
    new = NGram(SHAPE, 2)
    for use in (
        lambda: new.sample(1, seed=0),
        lambda: new.score(x, y),
        lambda: new.log_p(x[0]),
        lambda: new.next_log_probabilities(x),
        lambda: new.parameter_count,
        new.weights,
    ):
        with pytest.raises(GenloomError, match="NGram is not fitted"):
            use()
    with pytest.raises(GenloomError, match="not a NGram's: they lack 'order'"):
        new.load_weights({"other": torch.zeros(1)})
    with pytest.raises(GenloomError, match="cannot learn to write class 1"):
        new.fit(x[y == 0], y[y == 0], seed=0)
    with pytest.raises(GenloomError, match="rows of 12 tokens, but got samples of shape \\(11,\\)"):
        new.fit(x[:, 1:], y, seed=0)
    with pytest.raises(GenloomError, match="whole numbers"):
        new.fit(x.float(), y, seed=0)
    with pytest.raises(GenloomError, match="knows tokens from 0 to 9, but got 1 to 10"):
        new.fit(x + 1, y, seed=0)
    with pytest.raises(GenloomError, match="no samples"):
        new.fit(x[:0], y[:0], seed=0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"labels": torch.tensor([0])}, "2 samples need 2 labels"),
        ({"labels": torch.tensor([0, 2])}, "cannot write class 2: it knows 0 to 1"),
        ({"temperature": -1.0}, r"temperature is -1\.0"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 1.5}, r"top_p is 1\.5"),
        ({"length": 0}, "at most 0 tokens, but that has to be more than the prompt's 0"),
        ({"length": 12}, "at most 12 tokens.*less than a row's 12"),
        ({"prompt": torch.tensor([2])}, "without control tokens"),
        ({"prompt": torch.tensor([99])}, "knows tokens from 0 to 9"),
        ({"prompt": torch.tensor([5, 5, 5]), "length": 3}, "more than the prompt's 3"),
    ],
)
def test_wrong_arguments_of_sample_end_in_a_sentence(fitted, arguments, sentence):
    with pytest.raises(GenloomError, match=sentence):
        fitted.sample(2, seed=0, **arguments)
