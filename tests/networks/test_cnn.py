"""The CNN's targets and outputs."""

import torch

from genloom.networks.base import Network
from genloom.networks.cnn import CNN


def test_probabilities_sum_to_one_and_features_have_the_size_asked_for():
    network = CNN((1, 8, 8), 3, feature_size=10)
    x = torch.randn(700, 1, 8, 8)  # more than one batch of the prediction
    assert torch.allclose(network.predict(x).sum(dim=1), torch.ones(700), atol=1e-5)
    assert network.features(x).shape == (700, 10)


def test_hard_labels_are_soft_labels_with_all_the_mass_on_one_class(monkeypatch):
    monkeypatch.setattr(Network, "record", lambda self, values: None)
    network = CNN((1, 8, 8), 3, dropout=0.0)
    x, y = torch.randn(8, 1, 8, 8), torch.randint(3, (8,))
    soft = torch.nn.functional.one_hot(y, 3).float()
    assert torch.allclose(network.training_step((x, y), 0), network.training_step((x, soft), 0))


def test_two_simple_classes_are_learned():
    torch.manual_seed(0)
    y = torch.arange(100) % 2
    x = 0.5 * torch.randn(100, 1, 8, 8) + (y[:, None, None, None] * 2 - 1) * 0.5
    network = CNN((1, 8, 8), 2, width=4, steps=30, batch_size=32)
    network.fit(x, y, seed=0)
    assert (network.predict(x).argmax(dim=1) == y).float().mean() > 0.95


def test_soft_labels_can_be_fitted():
    torch.manual_seed(0)
    network = CNN((1, 8, 8), 3, width=4, steps=4, batch_size=8)
    history = network.fit(torch.randn(16, 1, 8, 8), torch.rand(16, 3).softmax(dim=1), seed=0)
    assert set(history.metric) == {"loss", "accuracy"}
