"""The flow's solvers, coupling and guidance."""

import math

import pytest
import torch

from genloom.networks.flow import FlowMatching, integrate, shortest_pairs


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2)])
def test_solvers_have_their_order(solver, order):
    """On dx/dt = x cos(t), x(0) = 1, the end is exp(sin 1)."""
    start, end = torch.ones(1, dtype=torch.float64), math.exp(math.sin(1.0))
    errors = [
        abs(integrate(lambda x, t: x * math.cos(t), start, solver=solver, steps=n).item() - end)
        for n in (20, 40)
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_coupling_is_the_cheapest_one_within_every_label():
    torch.manual_seed(0)
    x, noise, y = torch.randn(40, 1, 2, 2), torch.randn(40, 1, 2, 2), torch.randint(3, (40,))
    order = shortest_pairs(x, noise, y)
    assert torch.equal(order.sort().values, torch.arange(40))  # every noise once
    assert torch.equal(y[order], y)  # and within its label

    def cost(pairs):
        return (x - noise[pairs]).square().sum().item()

    assert cost(order) < cost(torch.arange(40))
    for label in range(3):  # no exchange of two partners makes it cheaper
        members = (y == label).nonzero()[:, 0]
        for i, j in torch.combinations(members):
            other = order.clone()
            other[i], other[j] = order[j], order[i]
            assert cost(other) >= cost(order) - 1e-4


def test_noise_that_is_a_shuffled_copy_finds_its_images():
    x = torch.randn(30, 1, 4, 4)
    shuffle = torch.randperm(30)
    order = shortest_pairs(x, x[shuffle], torch.zeros(30, dtype=torch.long))
    assert torch.equal(x[shuffle][order], x)


def test_guidance_moves_from_the_unlabelled_velocity_past_the_labelled_one():
    torch.manual_seed(0)
    network = FlowMatching((1, 8, 8), 3, width=8)
    for weight in network.parameters():  # the last layer starts at zero, which would hide mistakes
        torch.nn.init.normal_(weight, std=0.1)
    x, t, y = torch.randn(4, 1, 8, 8), torch.rand(4), torch.tensor([0, 1, 2, 0])
    labelled = network.network(x, t, y)
    unlabelled = network.network(x, t, torch.full((4,), 3))
    assert not torch.allclose(labelled, unlabelled, atol=1e-4)
    for guidance in (0.0, 1.0, 2.0):
        network.guidance = guidance
        expected = unlabelled + guidance * (labelled - unlabelled)
        assert torch.allclose(network.velocity(x, t, y), expected, atol=1e-4)


@pytest.mark.parametrize("time", ["uniform", "logit_normal"])
@pytest.mark.parametrize("coupling", ["independent", "optimal_transport"])
def test_every_way_of_training_runs(time, coupling):
    torch.manual_seed(0)
    network = FlowMatching((1, 8, 8), 2, width=8, time=time, coupling=coupling, steps=2)
    history = network.fit(torch.rand(16, 1, 8, 8) * 2 - 1, torch.randint(2, (16,)), seed=0)
    assert set(history.metric) == {"loss"}
