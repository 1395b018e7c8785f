"""Networks of a stack learn as each would alone, with torch's own optimisers."""

import pytest
import torch
import torch.nn.functional as F

from genloom.fundamentals.learning import FALL, batches, learn
from genloom.fundamentals.stack import Stack
from genloom.networks.optimizers import MuonAdamW, trapezoid

STEPS = 6
OPTIMISERS = {
    "sgd": lambda matrices, others, lr: torch.optim.SGD([*matrices, *others], lr=lr),
    "momentum": lambda matrices, others, lr: torch.optim.SGD(
        [*matrices, *others], lr=lr, momentum=0.9
    ),
    "adam": lambda matrices, others, lr: torch.optim.Adam([*matrices, *others], lr=lr),
    "adamw": lambda matrices, others, lr: torch.optim.AdamW(
        [*matrices, *others], lr=lr, weight_decay=0.1
    ),
}


def stack_of(seeds):
    return Stack([64, 8, 10], "tanh", [("xavier", seed) for seed in seeds])


@pytest.mark.parametrize("optimiser", list(OPTIMISERS))
def test_each_network_learns_as_torch_would_teach_it_alone(digits, optimiser):
    rates, seeds = [0.01, 0.1], [5, 6]
    stack = stack_of([*seeds, *seeds])
    rows = batches(len(digits.train.x), 16, STEPS + 1, seeds).repeat(1, 2, 1)
    learn(stack, optimiser, rates, digits.train, digits.validation, rows, points=2)
    for place, (rate, seed) in enumerate([(r, s) for r in rates for s in seeds]):
        alone = stack_of([seed])
        tensors = [*alone.weights, *alone.biases]
        teacher = OPTIMISERS[optimiser](alone.weights, alone.biases, rate)
        falling = trapezoid(STEPS, warmup=0.0, decay=FALL)
        schedule = torch.optim.lr_scheduler.LambdaLR(teacher, falling)
        for own in rows[:STEPS, place]:
            x, y = digits.train.x[own], digits.train.y[own]
            h = torch.tanh(F.linear(x, alone.weights[0][0], alone.biases[0][0, 0]))
            logits = F.linear(h, alone.weights[1][0], alone.biases[1][0, 0])
            teacher.zero_grad()
            F.cross_entropy(logits, y).backward()
            teacher.step()
            schedule.step()
        for together, one in zip([*stack.weights, *stack.biases], tensors, strict=True):
            assert torch.allclose(together[place], one[0], atol=1e-4)


def test_muon_moves_matrices_as_the_projects_own_does(digits):
    stack, alone = stack_of([1, 2]), stack_of([2])
    rows = batches(len(digits.train.x), 16, 2, [1, 2])
    before = stack.weights[0].detach().clone()
    learn(stack, "muon", [0.1], digits.train, digits.validation, rows, points=2)
    loss = alone.losses(digits.train.x[rows[0, 1]], digits.train.y[rows[0, 1]])
    matrices = [torch.nn.Parameter(weight[0].detach().clone()) for weight in alone.weights]
    gradients = torch.autograd.grad(loss.sum(), alone.weights)
    for matrix, gradient in zip(matrices, gradients, strict=True):
        matrix.grad = gradient[0]
    MuonAdamW(matrices, [{"params": []}], muon_lr=0.1, weight_decay=0.0).parts[1].step()
    assert torch.allclose(stack.weights[0][1], matrices[0], atol=1e-5)
    moved = (stack.weights[0] - before).detach()
    values = torch.linalg.svdvals(moved / 0.1)
    assert 0.5 < float(values.min()) <= float(values.max()) < 1.5


def test_every_sample_is_seen_before_any_comes_again():
    rows = batches(10, 5, 4, [1, 2])
    assert rows.shape == (4, 2, 5)
    for network in range(2):
        assert sorted(rows[:2, network].flatten().tolist()) == list(range(10))
        assert sorted(rows[2:, network].flatten().tolist()) == list(range(10))
    assert not torch.equal(rows[:, 0], rows[:, 1])
    assert torch.equal(rows, batches(10, 5, 4, [1, 2]))


def test_curves_begin_and_end_where_learning_does(digits):
    stack, untouched = stack_of([1, 2]), stack_of([1, 2])
    rows = batches(len(digits.train.x), 16, 31, [1, 2])
    found = learn(stack, "adam", [0.01], digits.train, digits.validation, rows, points=4)
    assert found.steps == [0, 10, 20, 30]
    assert torch.equal(found.validation_loss[0], untouched.judged(*digits.validation)[0])
    assert torch.equal(found.validation_loss[-1], stack.judged(*digits.validation)[0])
    assert (found.validation_loss[-1] < 0.8 * found.validation_loss[0]).all()
    assert found.gradient.shape == (4, 2, 2)
    assert (found.gradient > 0).all()
