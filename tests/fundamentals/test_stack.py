"""Networks side by side compute what each would alone."""

import pytest
import torch
import torch.nn.functional as F

from genloom.fundamentals.stack import Stack, spread, usual
from genloom.networks.fnn import ACTIVATIONS


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_a_stack_computes_what_each_network_would(activation):
    stack = Stack([5, 7, 7, 3], activation, [("he", 1), ("xavier", 2)])
    x, y = torch.randn(11, 5), torch.randint(3, (11,))
    for place in range(2):
        h = x
        for layer, (weight, bias) in enumerate(zip(stack.weights, stack.biases, strict=True)):
            h = F.linear(h, weight[place], bias[place, 0])
            if layer < 2:
                h = ACTIVATIONS[activation](h)
        assert torch.allclose(stack.signals(x)[-1][place], h, atol=1e-5)
        loss, accuracy = stack.judged(x, y)
        assert float(loss[place]) == pytest.approx(float(F.cross_entropy(h, y).detach()), abs=1e-5)
        assert float(accuracy[place]) == pytest.approx(float((h.argmax(1) == y).float().mean()))
    assert stack.parameter_count == 6 * 7 + 8 * 7 + 8 * 3


def test_networks_of_one_seed_differ_in_their_spread_alone():
    stack = Stack([6, 8, 2], "relu", [("he", 3), ("xavier", 3), ("zeros", 3), ("he", 4)])
    he, xavier, zeros, other = stack.weights[0].detach()
    ratio = spread("he", 6, 8) / spread("xavier", 6, 8)
    assert torch.allclose(he, ratio * xavier)
    assert not zeros.any()
    assert not torch.allclose(he, other)


def test_he_keeps_signals_of_relu_level_and_small_weights_let_them_vanish():
    stack = Stack([64] * 30, "relu", [("he", 0), ("small_normal", 0), ("xavier", 0)])
    with torch.no_grad():
        last = stack.signals(torch.randn(200, 64))[-2].flatten(1).std(dim=1)
    assert 0.1 < float(last[0]) < 10
    assert float(last[1]) < 1e-20
    assert float(last[2]) < 1e-3
    assert usual("relu") == "he"
    assert usual("tanh") == "xavier"
