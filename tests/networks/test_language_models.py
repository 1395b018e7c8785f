"""What only language models promise: memory, scores, prompts, and the mixture with an n-gram."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from genloom import members
from genloom.errors import GenloomError
from genloom.floors.ngram_counts import adaptive_mixture, count, mixtures
from genloom.networks.optimizers import trapezoid
from genloom.networks.token_embedding import TokenEmbedding, last_equal
from genloom.tokens import END, FIRST_LABEL, PAD, first_content, stream

CLASSES, LENGTH = 2, 24
SHAPE = (LENGTH, first_content(CLASSES) + 8)
BLOCKS = {
    "gpt": {"network": "gpt", "width": 16, "heads": 2, "layers": 2, "ngrams": [], "recall": [2]},
    "adamw": {"network": "gpt", "width": 16, "heads": 2, "optimizer": "adamw", "tie_weights": True},
    "lstm": {"network": "recurrent", "width": 16, "hidden_size": 12, "layers": 2, "recall": []},
    "rnn": {"network": "recurrent", "cell": "rnn", "width": 16, "hidden_size": 12},
    "far": {"network": "gpt", "width": 16, "heads": 2, "recall": [1, 2, 4], "reach": 40},
    "far_lstm": {"network": "recurrent", "width": 16, "hidden_size": 12, "reach": 40},
}
COMMON = {"context": 16, "buckets": 50, "batch_size": 8, "steps": 60, "lr": 0.01}


def data(n=60, seed=0):
    """Rows that count up in steps of one or of two, by label."""
    random = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % CLASSES
    places = torch.arange(LENGTH)
    starts = torch.randint(8, (n, 1), generator=random)
    x = first_content(CLASSES) + (starts + (1 + y[:, None]) * places) % 8
    ends = torch.randint(5, LENGTH, (n, 1), generator=random)
    return torch.where(places < ends, x, torch.where(places == ends, END, PAD)), y


@pytest.fixture(scope="module", params=list(BLOCKS))
def model(request):
    member = members.build(BLOCKS[request.param] | COMMON, SHAPE, CLASSES, seed=0)
    member.history = member.fit(*data(), seed=0, validation=data(20, seed=1))
    return member


def text(n=3):
    return torch.cat([torch.tensor([END]), stream(*data(n, seed=2))])


def test_reading_piece_by_piece_is_reading_at_once(model):
    whole = text()[None, :16]
    memory = model.empty_memory(1, 16)
    pieces = [model(part, memory) for part in (whole[:, :5], whole[:, 5:9])]
    pieces += [model(whole[:, place : place + 1], memory) for place in range(9, 16)]
    assert torch.allclose(torch.cat(pieces, dim=1), model(whole), atol=1e-5)


def test_the_next_token_is_all_that_the_past_decides(model):
    whole = text()[None, :16]
    changed = whole.clone()
    changed[0, 10] = first_content(CLASSES) + 7 - (changed[0, 10] - first_content(CLASSES)) % 8
    assert torch.equal(model(whole)[:, :10], model(changed)[:, :10])
    assert not torch.equal(model(whole)[:, 10:], model(changed)[:, 10:])


def test_a_text_longer_than_the_context_can_still_be_written(model):
    memory = model.empty_memory(2, 60)
    for token in range(40):
        logits = model(torch.full((2, 1), first_content(CLASSES) + token % 8), memory)
        assert logits.isfinite().all()


@torch.no_grad()
def test_windows_are_scored_as_a_loop_would(model):
    x, y = data(4, seed=3)
    whole = torch.cat([torch.tensor([END]), stream(x, y)])
    nats, tokens = 0.0, 0
    for start in range(0, len(whole) - 16, 16):
        logits = model(whole[None, start : start + 16])[0]
        nats += float(F.cross_entropy(logits, whole[start + 1 : start + 17], reduction="sum"))
        tokens += 16
    score = model.score(x, y)
    assert score["window_tokens"] == tokens
    assert score["window_nats"] == pytest.approx(nats, rel=1e-5)
    assert score["tokens"] == len(whole) - 1


def test_full_context_counts_every_token_once_and_is_no_worse(model):
    x, y = data(40, seed=4)
    score = model.score(x, y)
    nats = model.full_context_nats(torch.cat([torch.tensor([END]), stream(x, y)]))
    assert len(nats) == len(stream(x, y)) == score["tokens"]
    assert nats.isfinite().all()
    full, window = score["nats"] / score["tokens"], score["window_nats"] / score["window_tokens"]
    assert full < 1.1 * window  # the toy rows need little context
    assert full < math.log(SHAPE[1])  # it has learnt something


def test_short_texts_can_be_learnt_and_scored(model):
    x = torch.full((1, LENGTH), PAD)
    x[0, 0] = END
    member = members.build(BLOCKS["rnn"] | COMMON | {"steps": 2}, SHAPE, 1, seed=0)
    member.fit(x, torch.zeros(1, dtype=torch.int64), seed=0)
    assert member.score(x, torch.zeros(1, dtype=torch.int64))["tokens"] == 2


def test_validation_is_watched_and_learning_lowers_it(model):
    watched = model.history[model.history.metric == "validation_loss"]
    assert len(watched) == 20
    assert watched["value"].iloc[-1] < watched["value"].iloc[0]


def test_what_followed_before_is_recalled_by_every_length_of_run():
    embedding = TokenEmbedding(20, 4, ngrams=[], buckets=1, recall=[1, 2], reach=4)
    text = torch.tensor([[5, 6, 7, 5, 9, 5, 6, 8, 6, 6, 7, 6]])
    one, two = embedding.recall_from(text, 12)
    # Behind the second 5 stands what followed the first, and behind 5 6 what followed 5 6, but only
    # from places no more than 4 before.
    assert one.tolist() == [[PAD, PAD, PAD, 6, PAD, 9, PAD, PAD, 8, 6, PAD, 7]]
    assert two.tolist() == [[PAD] * 12]
    embedding.reach = 9
    one, two = embedding.recall_from(text, 12)
    assert one.tolist() == [[PAD, PAD, PAD, 6, PAD, 9, 7, PAD, 8, 6, 5, 7]]
    assert two.tolist() == [[PAD] * 6 + [7, PAD, PAD, PAD, 5, PAD]]
    for place in range(1, 12):  # the same, where only the last is new, as in drawing
        new = embedding.recall_from(text[:, : place + 1], 1)
        assert [token.item() for token in new] == [one[0, place], two[0, place]]


@given(st.lists(st.lists(st.integers(0, 3), min_size=9, max_size=9), min_size=1, max_size=3))
def test_the_last_equal_number_is_found_by_looking_and_by_sorting(rows):
    numbers = torch.tensor(rows)
    sorted_out = last_equal(numbers, 9)
    for place in range(1, 9):
        assert torch.equal(sorted_out[:, place : place + 1], last_equal(numbers[:, : place + 1], 1))
    for row, found in zip(rows, sorted_out.tolist(), strict=True):
        for place, last in enumerate(found):
            before = [at for at in range(place) if row[at] == row[place]]
            assert last == max(before, default=-1)


@torch.no_grad()
@pytest.mark.parametrize("name", ["far", "far_lstm"])
def test_what_stands_before_a_window_is_recalled(name):
    member = members.build(BLOCKS[name] | COMMON, SHAPE, CLASSES, seed=0)
    torch.nn.init.normal_(member.head.weight)
    whole = text(6)
    assert member.looks_back == 40
    before, window = whole[None, :40], whole[None, 40:56]
    behind = member(window, before=before)
    assert not torch.allclose(behind, member(window))
    # The batches bring it along, padded where the text begins; so does scoring.
    x, y = data(6, seed=2)
    batch = next(iter(member.batches(x, y, seed=0)))
    assert batch.shape == (8, 40 + 16 + 1)
    if name == "far":
        nats = member.full_context_nats(whole)
        padded = F.pad(whole, (40, 0), value=PAD)
        logits = member(whole[None, 24:40], before=padded[None, 24:64])
        expected = F.cross_entropy(logits[0, 8:], whole[33:41], reduction="none")
        assert torch.allclose(nats[32:40], expected, atol=1e-5)


@torch.no_grad()
def test_half_of_the_windows_that_are_learnt_begin_with_nothing_before_them():
    member = members.build(BLOCKS["far"] | COMMON, SHAPE, CLASSES, seed=0)
    torch.nn.init.normal_(member.head.weight)
    whole = text(6)
    texts = whole.unfold(0, 40 + 17, 1)[:4]
    member.train()
    learnt = float(member._loss(texts))
    member.eval()
    cut = texts.clone()
    cut[1::2, :40] = PAD
    assert learnt == pytest.approx(float(member._loss(cut)))
    assert learnt != pytest.approx(float(member._loss(texts)))  # as held-out text is watched


def test_the_label_decides_what_is_written(model):
    for label in range(CLASSES):
        x = model.sample(30, labels=torch.full((30,), label), seed=0, temperature=0.3)
        following = (x[:, 1:] >= first_content(CLASSES)) & (x[:, :-1] >= first_content(CLASSES))
        steps = ((x[:, 1:] - x[:, :-1]) % 8)[following]
        shares = torch.bincount(steps, minlength=8) / len(steps)
        assert shares[1 + label] > 1.3 * shares[2 - label]


def test_a_prompt_is_continued_and_greedy_is_the_same_for_every_seed(model):
    prompt = torch.arange(3) + first_content(CLASSES)
    one = model.sample(2, labels=torch.tensor([0, 0]), seed=0, prompt=prompt, temperature=0)
    other = model.sample(2, labels=torch.tensor([0, 0]), seed=9, prompt=prompt, temperature=0)
    assert torch.equal(one, other)
    assert torch.equal(one[:, :3], prompt.expand(2, 3))


def test_drawing_while_watching_shows_every_token(model):
    seen = []
    made = model.sample(
        1, labels=torch.tensor([1]), seed=4, on_token=lambda row: seen.append(row.clone())
    )
    assert torch.equal(made, model.sample(1, labels=torch.tensor([1]), seed=4))
    assert [row.shape[1] for row in seen] == list(range(1, len(seen) + 1))
    assert torch.equal(seen[-1][0], made[0, : len(seen)])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"prompt": torch.full((30,), 7)}, "The prompt has 30 tokens, but .* has room for"),
        ({"length": 99}, "length is 99, but has to be more than the prompt's 0 tokens"),
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"labels": torch.tensor([0])}, "2 samples were asked for with 1 labels"),
    ],
)
def test_what_cannot_be_drawn_is_said(model, arguments, sentence):
    with pytest.raises(GenloomError, match=sentence):
        model.sample(2, seed=0, **arguments)


def test_a_draw_adds_no_more_than_draw_length_unless_asked():
    block = BLOCKS["rnn"] | COMMON | {"draw_length": 3}
    member = members.build(block, SHAPE, CLASSES, seed=0)
    prompt = torch.full((4,), first_content(CLASSES))
    content = (member.sample(20, seed=0) >= first_content(CLASSES)).sum(dim=1)
    assert content.max() == 3
    content = (member.sample(20, seed=0, prompt=prompt) >= first_content(CLASSES)).sum(dim=1)
    assert content.max() == 4 + 3
    content = (member.sample(20, seed=0, length=9) >= first_content(CLASSES)).sum(dim=1)
    assert content.max() > 3
    mixture = members.build({"network": "mixture", "of": block}, SHAPE, CLASSES, seed=0)
    assert mixture.draw_length == 3


def test_features_have_a_row_per_sample_whatever_its_length(model):
    x, _ = data(7)
    x[3] = PAD
    features = model.features(x)
    assert len(features) == 7
    assert features.isfinite().all()
    assert torch.allclose(features[:3], model.features(x[:3]), atol=1e-5)


def test_heads_have_to_share_the_width():
    with pytest.raises(GenloomError, match="width 10 cannot have 4 heads"):
        members.build({"network": "gpt", "width": 10, "heads": 4}, SHAPE, CLASSES, seed=0)


def test_attention_looks_back_only():
    member = members.build(BLOCKS["gpt"] | COMMON, SHAPE, CLASSES, seed=0)
    found = member.attention(text()[:9])
    assert found.shape == (2, 2, 9, 9)
    assert torch.allclose(found.sum(-1), torch.ones(2, 2, 9))
    assert found.triu(1).abs().sum() == 0


# ---------------------------------------------------------------- the mixture


def test_a_mixture_is_no_worse_than_its_network_on_what_it_was_weighed_on():
    inner = members.build(BLOCKS["lstm"] | COMMON, SHAPE, CLASSES, seed=0)
    inner.fit(*data(), seed=0)
    block = {"network": "mixture", "of": BLOCKS["lstm"] | COMMON, "order": 3}
    member = members.build(block, SHAPE, CLASSES, seed=0, model=inner)
    held_out = data(30, seed=5)
    member.fit(*data(), seed=0, validation=held_out)
    assert member.score(*held_out)["nats"] <= inner.score(*held_out)["nats"] + 1e-6
    assert ((member.share > 0) & (member.share < 1)).all()
    logits = member(text()[None, :12])
    assert torch.allclose(logits.exp().sum(-1), torch.ones(1, 12, dtype=torch.float64))


def test_the_adaptive_counts_are_those_of_a_loop():
    random = np.random.default_rng(0)
    vocabulary = 5
    train, read = random.integers(1, 5, 60), random.integers(1, 5, 50)
    levels = count(train, 3, vocabulary)
    p, longest = adaptive_mixture(levels, read, vocabulary)

    def seen(context, before):
        """What followed a context in the training text, and in what was read before."""
        follows = []
        for tokens, end in ((np.r_[END, train], len(train) + 1), (np.r_[END, read], before + 1)):
            for place in range(max(1, len(context)), end):  # the END in front is not predicted
                if tokens[place - len(context) : place].tolist() == context:
                    follows.append(int(tokens[place]))
        return follows

    whole = np.r_[END, read]
    for place in range(len(read)):
        expected, found = 1 / vocabulary, 0
        for k in range(min(3, place + 2)):
            follows = seen(whole[place + 1 - k : place + 1].tolist(), place)
            if follows:
                kinds, times = len(set(follows)), follows.count(int(read[place]))
                expected = (times + kinds * expected) / (len(follows) + kinds)
                found = k
        assert p[place] == pytest.approx(expected), place
        assert longest[place] == found


def test_adapting_to_nothing_is_the_plain_mixture_for_the_first_token():
    train = np.array([1, 2, 3, 1, 2, 4])
    levels = count(train, 3, 6)
    *_, plain = mixtures(levels, np.array([1]), 6)
    assert adaptive_mixture(levels, np.array([1]), 6)[0] == pytest.approx(plain)


def test_the_schedule_rises_stays_and_falls():
    factor = trapezoid(100, warmup=0.1, decay=0.5)
    values = [factor(step) for step in range(100)]
    assert values[0] == pytest.approx(0.1)
    assert values[10:50] == [1.0] * 40
    assert values[-1] == pytest.approx(0.02)
    assert FIRST_LABEL > END > PAD
