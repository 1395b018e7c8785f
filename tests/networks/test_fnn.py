"""The feedforward network on vectors, images and rows of tokens."""

import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from torch import nn

from genloom.networks.fnn import ACTIVATIONS, FARTHEST, FNN
from genloom.tokens import END, FIRST_LABEL, PAD


def halves(data, seed=0):
    """Training and test samples of one of scikit-learn's tables, as tensors."""
    parts = train_test_split(data.data, data.target, test_size=0.25, random_state=seed)
    return [torch.from_numpy(part).float() for part in parts]


def test_a_table_of_classes_is_learned_whatever_the_units_of_its_columns():
    x, x_test, y, y_test = halves(load_breast_cancer())
    torch.manual_seed(0)
    network = FNN((30,), 2, steps=300, lr=3e-3)
    network.fit(x, y.long(), seed=0)
    assert (network.predict(x_test).argmax(dim=1) == y_test).float().mean() > 0.95


def test_a_table_of_numbers_is_learned_as_well_as_by_a_line():
    x, x_test, y, y_test = halves(load_diabetes())
    torch.manual_seed(0)
    network = FNN((10,), 0, steps=300, lr=1e-3, weight_decay=0.1)
    network.fit(x, y, seed=0)

    def r2(predicted):
        return 1 - (predicted - y_test).square().sum() / (y_test.mean() - y_test).square().sum()

    line = torch.from_numpy(Ridge(alpha=0.1).fit(x, y).predict(x_test)).float()
    assert r2(network.predict(x_test)) > r2(line) - 0.05


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_what_no_line_can_tell_is_learned_with_any_activation(activation):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(200, 2, generator=random)
    y = (x[:, 0] * x[:, 1] > 0).long()  # two opposite quarters of the plane
    torch.manual_seed(0)
    network = FNN((2,), 2, activation=activation, dropout=0.0, steps=300, lr=0.03)
    network.fit(x, y, seed=0)
    assert (network.predict(x).argmax(dim=1) == y).float().mean() > 0.9


def test_images_are_learned_from_their_pixels():
    y = torch.arange(90) % 3
    x = 0.3 * torch.randn(90, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    x[torch.arange(90), 0, y * 2] += 1  # a bright row
    network = FNN((1, 8, 8), 3, steps=60)
    network.fit(x[:60], y[:60], seed=0)
    assert (network.predict(x[60:]).argmax(dim=1) == y[60:]).float().mean() > 0.9


def test_a_column_that_never_varies_does_not_show_and_far_values_are_cut_off():
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    x[:, 1] = 0.1
    network = FNN((3,), 0, steps=5)
    network.fit(x, x[:, 0], seed=0)
    elsewhere = x.clone()
    elsewhere[:, 1] = 99.0
    assert torch.equal(network.predict(x), network.predict(elsewhere))
    seen = network.inputs(torch.tensor([[1e6, 0.1, -1e6]]))
    assert torch.equal(seen, torch.tensor([[FARTHEST, 0.0, -FARTHEST]]))


def test_the_scale_of_its_inputs_lives_in_the_weights():
    x = 1000 + torch.randn(40, 4)
    network, again = FNN((4,), 2, steps=3), FNN((4,), 2)
    network.fit(x, torch.arange(40) % 2, seed=0)
    again.load_weights(network.weights())
    assert torch.equal(network.predict(x), again.predict(x))


def test_deep_layers_may_add_to_what_they_read():
    plain, residual = (FNN((4,), 2, layers=3, residual=r) for r in (False, True))
    for network in (plain, residual):
        for layer in network.hidden[1:]:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    x = torch.randn(5, 4)
    assert not plain.features(x).any()
    assert torch.equal(residual.features(x), torch.relu(residual.hidden[0](x)).clamp(min=0))


def test_switched_off_inputs_matter_in_training_alone():
    network = FNN((2048,), 2, input_dropout=0.5)
    x = torch.ones(4, 2048)
    assert not torch.equal(network.train()(x), network(x))
    assert torch.equal(network.predict(x), network.predict(x))


def test_n_grams_count_where_they_stand_together_and_padding_does_not():
    a, b = FIRST_LABEL, FIRST_LABEL + 1
    rows = torch.tensor([[a, a, b, END, PAD], [a, b, a, END, PAD], [b, a, a, END, PAD]])
    network = FNN((5, FIRST_LABEL + 2), 2, longest_ngram=2)
    first, second, third = network.features(rows)
    assert not torch.allclose(first, second)
    assert not torch.allclose(first, third)
    short = network.features(rows[:, :4])
    assert torch.allclose(short[0], first)
