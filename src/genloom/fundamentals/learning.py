"""How the networks of a stack learn: batches, optimisers, and what is recorded on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from genloom.fundamentals.data import Part
from genloom.fundamentals.stack import Stack
from genloom.networks.optimizers import Muon, trapezoid

__all__ = ["Curves", "Optimiser", "batches", "learn"]

Optimiser = Literal["sgd", "momentum", "adam", "adamw", "muon"]
MOMENTUM = 0.9
DECAY = 0.1  # of AdamW
FALL = 0.5  # share of the steps in which the learning rate falls to 0
FOR_BIASES = 0.1  # the rate of Muon's biases, which are AdamW's, as a share of that of its matrices


class Curves(NamedTuple):
    """What was recorded while the networks of a stack learned.

    Attributes:
        steps: The step of each point; before the first one it is 0.
        train_loss: Of the next batch, ``[points, networks]``.
        validation_loss: ``[points, networks]``.
        gradient: The length of the gradient of each layer's weights,
            ``[points, layers, networks]``.
    """

    steps: list[int]
    train_loss: Tensor
    validation_loss: Tensor
    gradient: Tensor


def batches(n: int, size: int, steps: int, seeds: Sequence[int]) -> Tensor:
    """Rows of batches that go through ``n`` shuffled samples again and again.

    Returns:
        ``[steps, seeds, size]`` int64.
    """
    orders = []
    for seed in seeds:
        random = torch.Generator().manual_seed(seed)
        rounds = -(-steps * size // n)
        order = torch.cat([torch.randperm(n, generator=random) for _ in range(rounds)])
        orders.append(order[: steps * size].view(steps, size))
    return torch.stack(orders, dim=1)


def learn(
    stack: Stack,
    optimiser: Optimiser,
    rates: Sequence[float],
    train: Part,
    validation: Part,
    rows: Tensor,
    *,
    points: int,
) -> Curves:
    """Train all networks of a stack, each on batches of its own, at a rate that falls in the end.

    Args:
        stack: Its networks are parted among the rates in order, each rate the same number.
        optimiser: One of ``Optimiser``.
        rates: Learning rates.
        train: Samples and classes.
        validation: The same, for the curves.
        rows: Of ``train`` in each batch, ``[steps + 1, networks, size]``; of the last one only the
            gradient is recorded.
        points: How many points of the curves there are, first and last included.
    """
    optimisers = _optimisers(optimiser, stack, rates)
    last = len(rows) - 1
    falling = trapezoid(last, warmup=0.0, decay=FALL)
    schedules = [torch.optim.lr_scheduler.LambdaLR(each, falling) for each in optimisers]
    at = sorted({round(last * point / max(1, points - 1)) for point in range(points)})
    train_loss, validation_loss, gradient = [], [], []
    for step, own in enumerate(rows):
        for tensor in (*stack.weights, *stack.biases):
            assert tensor.grad is not None
            tensor.grad.zero_()
        losses = stack.losses(train.x[own], train.y[own])
        losses.sum().backward()
        if step in at:
            train_loss.append(losses.detach())
            validation_loss.append(stack.judged(*validation)[0])
            gradient.append(layer_norms(stack))
        if step < last:
            for each in optimisers:
                each.step()
            for schedule in schedules:
                schedule.step()
    return Curves(at, *map(torch.stack, (train_loss, validation_loss, gradient)))


def layer_norms(stack: Stack) -> Tensor:
    """The length of the gradient of each layer's weights, ``[layers, networks]``."""
    grads = [weight.grad for weight in stack.weights]
    return torch.stack([grad.flatten(1).norm(dim=1) for grad in grads if grad is not None])


def _optimisers(
    name: Optimiser, stack: Stack, rates: Sequence[float]
) -> list[torch.optim.Optimizer]:
    """Optimisers that move the stack's own memory, each network at its rate.

    Torch knows one rate per group of parameters, so what it is given are views of the stack.
    """
    tensors, networks = (*stack.weights, *stack.biases), len(stack.weights[0])
    for tensor in tensors:
        tensor.grad = torch.zeros_like(tensor)
    parts = torch.arange(networks).chunk(len(rates))
    if name == "muon":  # which makes matrices orthogonal one by one
        matrices = [
            {"params": [_view(weight, row) for weight in stack.weights for row in rows], "lr": rate}
            for rate, rows in zip(rates, parts, strict=True)
        ]
        slow = [
            {"params": [_view(bias, rows) for bias in stack.biases], "lr": FOR_BIASES * rate}
            for rate, rows in zip(rates, parts, strict=True)
        ]
        muon = Muon(matrices, lr=0.0, weight_decay=0.0)  # type: ignore[arg-type]  # groups will do
        return [muon, torch.optim.AdamW(slow, fused=True)]
    groups = [
        {"params": [_view(tensor, rows) for tensor in tensors], "lr": rate}
        for rate, rows in zip(rates, parts, strict=True)
    ]
    if name == "adam":
        return [torch.optim.Adam(groups, fused=True)]
    if name == "adamw":
        return [torch.optim.AdamW(groups, fused=True, weight_decay=DECAY)]
    return [torch.optim.SGD(groups, fused=True, momentum=MOMENTUM if name == "momentum" else 0.0)]


def _view(tensor: Tensor, rows: Tensor) -> nn.Parameter:
    """Some networks' part of a tensor, with its part of the gradient; ``rows`` are neighbours."""
    first, last = int(rows.min()), int(rows.max()) + 1
    part = first if rows.ndim == 0 else slice(first, last)
    assert tensor.grad is not None
    view = nn.Parameter(tensor.detach()[part])
    view.grad = tensor.grad[part]
    return view
