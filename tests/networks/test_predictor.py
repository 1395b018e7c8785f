"""What predicting networks share: classes and numbers, hard and soft labels."""

import pytest
import torch

from genloom.errors import GenloomError
from genloom.networks.base import Network
from genloom.networks.encoder import Encoder
from genloom.networks.fnn import FNN
from genloom.networks.recurrent_classifier import RecurrentClassifier
from genloom.tokens import END, FIRST_LABEL, PAD


def counted_rows(n=160, length=12, vocabulary=FIRST_LABEL + 4):
    """Rows of tokens, and how many of them are the one before the last: a number to learn."""
    random = torch.Generator().manual_seed(0)
    x = torch.randint(FIRST_LABEL, vocabulary, (n, length), generator=random)
    lengths = torch.randint(4, length, (n, 1), generator=random)
    places = torch.arange(length)
    x = torch.where(places < lengths, x, torch.where(places == lengths, END, PAD))
    share = (x == vocabulary - 2).sum(dim=1) / lengths[:, 0]
    return x, (length, vocabulary), 1000 + 50 * share


@pytest.mark.parametrize("kind", [Encoder, RecurrentClassifier, FNN])
def test_numbers_of_rows_are_learned_in_their_own_unit(kind):
    x, shape, y = counted_rows()
    torch.manual_seed(0)
    network = kind(shape, 0, steps=80, dropout=0.0, hidden_size=32) if kind is FNN else None
    network = network or kind(shape, 0, steps=80, dropout=0.0, width=32)
    history = network.fit(x[:120], y[:120], seed=0)
    predicted = network.predict(x[120:])
    assert predicted.shape == (40,)
    assert predicted.dtype == torch.float32
    error = (predicted - y[120:]).square().mean()
    assert error < 0.3 * (y[:120].mean() - y[120:]).square().mean()
    assert set(history.metric) == {"loss"}


def test_numbers_in_another_unit_change_nothing_but_the_unit():
    x = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))
    y = x[:, 0] + x[:, 1].square()

    def predicted(targets):
        torch.manual_seed(0)
        network = FNN((5,), 0, steps=20)
        network.fit(x, targets, seed=0)
        return network.predict(x)

    assert torch.allclose(predicted(1000 * y + 300), 1000 * predicted(y) + 300, atol=1.0)


def test_a_target_that_never_varies_is_what_comes_out():
    x = torch.randn(30, 4)
    network = FNN((4,), 0, steps=60, dropout=0.0)
    network.fit(x, torch.full((30,), 7.0), seed=0)
    assert torch.allclose(network.predict(x), torch.full((30,), 7.0), atol=0.2)


def test_a_target_that_is_no_number_ends_in_one_sentence():
    y = torch.tensor([1.0, torch.nan, 2.0])
    with pytest.raises(GenloomError, match="targets hold values that are not finite"):
        FNN((4,), 0).fit(torch.randn(3, 4), y, seed=0)


def test_hard_labels_are_soft_labels_with_all_the_mass_on_one_class(monkeypatch):
    monkeypatch.setattr(Network, "record", lambda self, values: None)
    network = FNN((6,), 3, dropout=0.0)
    x, y = torch.randn(8, 6), torch.randint(3, (8,))
    soft = torch.nn.functional.one_hot(y, 3).float()
    assert torch.allclose(network.training_step((x, y), 0), network.training_step((x, soft), 0))


def test_one_class_alone_can_be_named():
    network = FNN((3,), 1, steps=2)
    network.fit(torch.randn(9, 3), torch.zeros(9, dtype=torch.int64), seed=0)
    assert torch.equal(network.predict(torch.randn(4, 3)), torch.ones(4, 1))


@pytest.mark.parametrize(("classes", "shape"), [(0, (0,)), (3, (0, 3))])
def test_of_nothing_it_predicts_nothing(classes, shape):
    network = FNN((4,), classes)
    assert network.predict(torch.empty(0, 4)).shape == shape
    assert network.features(torch.empty(0, 4)).shape == (0, 64)


def test_the_unit_of_the_target_lives_in_the_weights():
    x = torch.randn(40, 4)
    network, again = FNN((4,), 0, steps=5), FNN((4,), 0)
    network.fit(x, 500 + 9 * x[:, 0], seed=0)
    again.load_weights(network.weights())
    assert torch.equal(network.predict(x), again.predict(x))
    assert again.predict(x).mean() > 400


def test_how_many_rows_pass_together_does_not_show(monkeypatch):
    x, shape, _ = counted_rows()
    network = Encoder(shape, 3, width=16)
    together = network.predict(x)
    monkeypatch.setattr(Encoder, "rows_at_once", 7)
    assert torch.allclose(together, network.predict(x), atol=1e-5)
