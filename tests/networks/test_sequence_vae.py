"""The VAE of sequences: what its latents mean, what it draws, and what its score promises."""

import math

import pytest
import torch
from torch.distributions import Normal

from genloom import members
from genloom.errors import GenloomError
from genloom.networks.sequence_vae import SequenceVAE, batches_by_length
from genloom.tokens import END, PAD, cut_at_end, first_content

CLASSES, LENGTH, KINDS = 2, 14, 8
FIRST = first_content(CLASSES)
SHAPE = (LENGTH, FIRST + KINDS)
BLOCK = {"network": "sequence_vae", "latent": 6, "width": 24, "hidden_size": 32, "beta": 0.05}
BLOCK |= {"steps": 350, "batch_size": 32, "lr": 0.01, "temperature": 1.0, "word_dropout": 0.1}


def data(n=400, seed=0):
    """One token again and again: of the first four kinds by one label, of the last by the other.

    Which of the four it is, and how often it stands there, only a latent can tell in advance.
    """
    random = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % CLASSES
    token = FIRST + 4 * y + torch.randint(4, (n,), generator=random)
    ends = torch.randint(2, LENGTH - 2, (n, 1), generator=random)
    places = torch.arange(LENGTH)
    rows = torch.where(places < ends, token[:, None], torch.where(places == ends, END, PAD))
    return rows, y


@pytest.fixture(scope="module", params=["gru", "lstm"])
def model(request):
    member = members.build(BLOCK | {"cell": request.param}, SHAPE, CLASSES, seed=0)
    member.history = member.fit(*data(), seed=0)
    return member


def untrained(**more):
    return members.build(BLOCK | more, SHAPE, CLASSES, seed=0).eval()


def share_of_own(rows, y):
    """The share of content tokens that the row's label has in the data."""
    content = rows >= FIRST
    own = (rows - FIRST) // 4 == y[:, None]
    return float((own & content).sum() / content.sum())


def test_samples_follow_their_labels(model):
    y = torch.arange(200) % CLASSES
    rows = model.sample(200, labels=y, seed=1)
    assert share_of_own(rows, y) > 0.97
    assert share_of_own(rows, 1 - y) < 0.03
    assert len(torch.unique(rows, dim=0)) > 20


@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_rows_are_content_then_end_then_nothing(model, temperature):
    rows = model.sample(300, seed=2, temperature=temperature)
    assert rows.shape == (300, LENGTH)
    assert rows.dtype == torch.int64
    assert torch.equal(rows, cut_at_end(rows))
    ended = (rows == END).any(dim=1)
    assert (rows[~ended] != PAD).all()  # what has no END is full
    assert not ((rows > END) & (rows < FIRST)).any()


def test_an_untrained_network_fills_rows_without_an_end():
    network = untrained()
    with torch.no_grad():
        network.decoder.head.bias[END] = -1e9
    assert (network.sample(5, seed=0) >= FIRST).all()


def test_the_same_seed_draws_the_same_rows_and_another_one_others(model):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    first = model.sample(40, seed=5)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first, model.sample(40, seed=5))
    assert not torch.equal(first, model.sample(40, seed=6))


def test_latents_are_used_and_rows_come_back_from_them(model):
    kl = model.history[model.history.metric == "kl"].value.to_numpy()
    assert kl[-10:].mean() > math.log(4)  # at least which of the four tokens it is
    x, y = data(200, seed=3)
    again = model.decode(model.encode(x, y), y)
    assert (again[:, 0] == x[:, 0]).float().mean() > 0.95
    off = ((again != PAD).sum(1) - (x != PAD).sum(1)).abs().float()
    assert off.mean() < 1.5


def test_a_walk_has_its_ends_and_changes_a_little_at_a_time(model):
    y = torch.tensor([0, 1, 1])
    walks = model.interpolate(y, steps=9, seed=4)
    assert walks.shape == (3, 9, LENGTH)
    assert walks.dtype == torch.int64
    assert torch.equal(walks, model.interpolate(y, steps=9, seed=4))
    start, end = data(2, seed=5)[0], data(2, seed=6)[0]
    a, b = (model.encode(rows, torch.tensor([0, 1])) for rows in (start, end))
    z = model.walk(a, b, steps=5)
    assert torch.allclose(z[:, 0], a, atol=1e-4)
    assert torch.allclose(z[:, -1], b, atol=1e-4)
    assert torch.allclose(z[:, 2].norm(dim=1), (a.norm(dim=1) + b.norm(dim=1)) / 2, atol=1e-4)
    near = (walks[:, 1:] == walks[:, :-1]).float().mean()
    assert near > (walks[:, 0] == walks[:, -1]).float().mean()


def test_opposite_and_equal_latents_can_be_walked_between():
    z = torch.randn(2, 6)
    for end in (z, -z, torch.zeros(2, 6)):
        assert SequenceVAE.walk(untrained(), z, end, steps=4).isfinite().all()


def test_padding_and_neighbours_change_nothing():
    network = untrained()
    x, y = data(20, seed=7)
    z = torch.randn(20, 6)
    whole, means = network.decoder.nats(x, y, z), network.encoder(x, y)[0]
    for row in range(20):
        used = int((x[row] != PAD).sum())
        one = slice(row, row + 1)
        trimmed = x[one, :used]
        assert torch.allclose(network.decoder.nats(trimmed, y[one], z[one]), whole[one], atol=1e-5)
        assert torch.allclose(network.encoder(trimmed, y[one])[0], means[one], atol=1e-5)
    assert torch.allclose(network.encode(x, y), means, atol=1e-5)


def test_what_is_drawn_is_what_is_scored():
    """Greedy rows are the likeliest token at each place of the teacher-forced logits."""
    network = untrained()
    z, y = torch.randn(7, 6), torch.arange(7) % CLASSES
    rows = network.decode(z, y)
    before = torch.cat([2 + y[:, None], rows[:, :-1]], dim=1)
    logits = network.decoder(before, network.decoder.given(z, y), network.decoder.first_state(z))[0]
    logits[..., PAD] = logits[..., 2:FIRST] = -math.inf
    counted = rows != PAD
    assert torch.equal(logits.argmax(-1)[counted], rows[counted])


def test_the_score_is_a_bound_between_the_truth_and_the_elbo(model):
    x, y = data(24, seed=8)
    score = model.score(x, y)
    assert score == model.score(x, y)
    assert score["tokens"] == int((x != PAD).sum()) + 24
    nats = score["nats"] - 24 * math.log(CLASSES)
    # The truth by very many latents, and the looser bound by one each, often.
    torch.manual_seed(0)
    with torch.no_grad():
        mean, log_variance = model.encoder(x, y)
        encoder = Normal(mean, (0.5 * log_variance).exp())
        weights = []
        for _ in range(1500):
            z = encoder.sample()
            ratio = (Normal(0, 1).log_prob(z) - encoder.log_prob(z)).sum(1)
            weights.append((ratio - model.decoder.nats(x, y, z)).double())
    weights = torch.stack(weights)
    truth = float((math.log(1500) - weights.logsumexp(0)).sum())
    elbo = float(-weights.mean(0).sum())
    assert truth - 0.02 * abs(truth) <= nats <= elbo
    assert elbo > truth


def test_the_score_of_a_row_does_not_depend_on_others_lengths(model):
    x, y = data(30, seed=9)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    assert model.score(x[order], y[order])["nats"] == pytest.approx(
        model.score(x, y)["nats"], rel=0.02
    )


def test_weights_are_all_that_it_needs(model):
    cell = "lstm" if isinstance(model.decoder.recurrent, torch.nn.LSTM) else "gru"
    again = members.build(BLOCK | {"cell": cell}, SHAPE, CLASSES, seed=9)
    again.load_weights(model.weights())
    x, y = data(10, seed=10)
    assert torch.equal(again.encode(x, y), model.encode(x, y))
    assert torch.equal(again.sample(10, seed=0), model.sample(10, seed=0))
    assert torch.equal(again.features(x), model.features(x))


def test_batches_use_every_row_before_any_again_and_rows_of_a_batch_are_alike():
    sizes = torch.randint(1, 100, (640,), generator=torch.Generator().manual_seed(0))
    batches = batches_by_length(sizes, 20, 64, seed=1)
    assert [len(batch) for batch in batches] == [64] * 20
    assert torch.equal(torch.cat(batches[:10]).sort().values, torch.arange(640)) or torch.equal(
        torch.cat(batches).bincount(minlength=640), torch.full((640,), 2)
    )
    spread = [int(sizes[batch].max() - sizes[batch].min()) for batch in batches[:16]]
    assert sum(spread) / 16 < 25
    again = batches_by_length(sizes, 20, 64, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(batches, again, strict=True))
    assert not torch.equal(batches[0], batches_by_length(sizes, 20, 64, seed=2)[0])


def test_fewer_rows_than_a_batch_are_used_again():
    batches = batches_by_length(torch.tensor([3, 1, 2]), 4, 5, seed=0)
    assert [len(batch) for batch in batches] == [5] * 4


def test_nothing_is_drawn_for_nobody(model):
    nobody = torch.empty(0, dtype=torch.int64)
    assert model.sample(0, labels=nobody, seed=0).shape == (0, LENGTH)
    assert model.encode(torch.empty(0, LENGTH, dtype=torch.int64), nobody).shape == (0, 6)


def test_labels_that_are_not_as_many_are_refused(model):
    with pytest.raises(GenloomError, match="3 samples were asked for with 2 labels"):
        model.sample(3, labels=torch.tensor([0, 1]), seed=0)
    with pytest.raises(GenloomError, match="1 labels"):
        model.decode(torch.zeros(2, 6), torch.tensor([0]))
    with pytest.raises(GenloomError, match="temperature is -1"):
        model.sample(3, seed=0, temperature=-1)
