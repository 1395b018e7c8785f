"""Whole samples as a language model learns them, each by itself."""

import pytest
import torch
import torch.nn.functional as F

from genloom import members
from genloom.networks.token_batches import each_by_itself, spread, trimmed, whole_rows
from genloom.tokens import END, FIRST_LABEL, PAD, first_content, lengths

CLASSES, LENGTH = 2, 20
SHAPE = (LENGTH, first_content(CLASSES) + 6)
BLOCKS = {
    "gpt": {"network": "gpt", "width": 16, "heads": 2, "context": 24},
    "lstm": {"network": "recurrent", "width": 16, "hidden_size": 12, "context": 24},
}
COMMON = {"packed": False, "batch_size": 8, "steps": 40, "buckets": 50, "lr": 0.01}


def data(n=50, seed=0):
    """Rows of one content token again and again, which a row's first token tells."""
    random = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % CLASSES
    token = torch.randint(first_content(CLASSES), SHAPE[1], (n, 1), generator=random)
    ends = torch.randint(2, LENGTH, (n, 1), generator=random)
    places = torch.arange(LENGTH)
    return torch.where(places < ends, token, torch.where(places == ends, END, PAD)), y


@pytest.fixture(scope="module", params=list(BLOCKS))
def model(request):
    member = members.build(BLOCKS[request.param] | COMMON, SHAPE, CLASSES, seed=0)
    member.history = member.fit(*data(), seed=0, validation=data(20, seed=1))
    return member


def test_every_row_comes_once_before_any_comes_again():
    rows = each_by_itself(*data(50))
    rows[:, 1] = 100 + torch.arange(50)  # so that one knows them again
    batches = list(whole_rows(rows, steps=14, batch_size=8, seed=0))
    assert [len(batch) for batch in batches].count(2) == 2  # 50 are 6 times 8 and 2
    for round_ in (batches[:7], batches[7:]):
        names = torch.cat([batch[:, 1] for batch in round_])
        assert sorted(names.tolist()) == list(range(100, 150))
    again = list(whole_rows(rows, steps=14, batch_size=8, seed=0))
    assert all(map(torch.equal, batches, again))
    other = list(whole_rows(rows, steps=14, batch_size=8, seed=1))
    assert not all(map(torch.equal, batches, other))


def test_batches_hold_rows_of_about_one_length_and_are_no_wider_than_the_longest():
    batches = list(whole_rows(each_by_itself(*data(400)), steps=50, batch_size=8, seed=0))
    for batch in batches:
        assert batch.shape[1] == lengths(batch).max()
    padding = sum(int((batch == PAD).sum()) for batch in batches)
    assert padding < 0.1 * sum(batch.numel() for batch in batches)


def test_a_row_stands_behind_its_label():
    x, y = data(3)
    rows = each_by_itself(x, y)
    assert rows[:, 0].tolist() == [END] * 3
    assert (rows[:, 1] - FIRST_LABEL).tolist() == y.tolist()
    assert torch.equal(rows[:, 2:], x)
    assert torch.equal(trimmed(rows[:1]), rows[:1, : int((x[0] != PAD).sum()) + 2])
    assert spread(rows, 2).tolist() == rows[[0, 2]].tolist()
    assert len(spread(rows, 9)) == 3


@torch.no_grad()
def test_each_sample_is_scored_as_if_there_were_no_other(model):
    x, y = data(40, seed=2)
    nats = 0.0
    for row in each_by_itself(x, y):
        text = row[row != PAD]
        nats += float(F.cross_entropy(model(text[None, :-1])[0], text[1:], reduction="sum"))
    score = model.score(x, y)
    assert score["nats"] == score["window_nats"] == pytest.approx(nats, rel=1e-4)
    assert score["tokens"] == score["window_tokens"] == int((x != PAD).sum()) + len(x)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
    assert model.score(x[order], y[order])["nats"] == pytest.approx(nats, rel=1e-4)


def test_padding_is_not_learnt_and_what_is_learnt_shows(model):
    watched = model.history[model.history.metric == "validation_loss"]["value"]
    assert watched.iloc[-1] < 0.8 * watched.iloc[0]
    x = model.sample(40, seed=0, temperature=0.5)
    first, rest = x[:, :1], x[:, 1:]
    content = rest >= first_content(CLASSES)
    assert (rest == first)[content].float().mean() > 0.8


def test_a_memory_grows_with_what_is_read():
    block = BLOCKS["gpt"] | COMMON | {"context": 90}
    member = members.build(block, (100, SHAPE[1]), CLASSES, seed=0)
    with torch.no_grad():
        for weight in member.parameters():  # those that begin at zero would hide the past
            weight.normal_(std=0.2, generator=torch.Generator().manual_seed(weight.numel()))
    text = data(2, seed=3)[0].repeat(1, 4)
    text = text.masked_fill(text == PAD, END)
    memory = member.empty_memory(2, 80)
    pieces = [member(part, memory) for part in text.split([30, 1, 1, 1, 37, 9, 1], dim=1)]
    assert torch.allclose(torch.cat(pieces, dim=1), member(text), atol=1e-4)
