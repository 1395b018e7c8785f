"""Gradients by backpropagation, layer by layer, held against those by finite differences.

Rumelhart, Hinton and Williams, Learning representations by back-propagating errors (1986).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Annotated, Any, NamedTuple

import torch
import torch.nn.functional as F
from annotated_types import Ge, MinLen
from torch import Tensor

from genloom.fundamentals.data import TINY, Data, Found, history
from genloom.fundamentals.stack import Activation, Stack, usual
from genloom.networks.fnn import ACTIVATIONS
from genloom.seeds import derive_seed

__all__ = ["Gradients", "backpropagated"]

AT_ONCE = 256  # weights that are moved together
PRECISIONS = {"float64": torch.float64, "float32": torch.float32}


@dataclass(frozen=True)
class Gradients:
    """The gradient of every weight, computed in three ways, for every activation.

    Args:
        activations: Which there are.
        layers: Hidden layers.
        hidden_size: Units of each.
        samples: Training samples that the loss is a mean over.
        exponents: By which differences weights are moved, as powers of ten: 5 is 0.00001.
        checked: The exponent that the table of errors is about.
    """

    activations: Annotated[list[Activation], MinLen(1)] = field(
        default_factory=lambda: ["relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"]
    )
    layers: Annotated[int, Ge(1)] = 3
    hidden_size: Annotated[int, Ge(1)] = 12
    samples: Annotated[int, Ge(1)] = 32
    exponents: Annotated[list[Annotated[int, Ge(1)]], MinLen(1)] = field(
        default_factory=lambda: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    )
    checked: Annotated[int, Ge(1)] = 5

    def run(self, sources: Mapping[str, Data], *, seed: int) -> Found:
        """Compute and compare all of them.

        Args:
            sources: Data of classes, whose loss is cross-entropy, or of numbers, whose loss is the
                mean squared error, each by its name.
            seed: Of the weights.

        Returns:
            ``results``: a row per source, activation, precision, exponent and layer, ``source,
            activation, precision, exponent, layer, error``; layer 0 is all of them together. The
            error is the length of the difference of two gradients over the sum of their lengths.
            Curves are ``relative_error/<source>/<activation>/<precision>``, their step is the
            exponent; metrics are ``relative_error/<source>/<activation>/layer_<n>`` of the checked
            exponent in float64, and ``library_error/<source>/<activation>``, which holds our
            backpropagation against torch's.
        """
        import pandas as pd

        results, metrics = [], []
        for (source, data), activation in product(sources.items(), self.activations):
            x, y = data.train.x[: self.samples], data.train.y[: self.samples]
            sizes = [x.shape[1], *[self.hidden_size] * self.layers, max(1, len(data.classes))]
            network = Network.begin(sizes, activation, derive_seed(seed, "gradients"))
            names = {"source": source, "activation": activation}
            for precision, kind in PRECISIONS.items():
                own = network.to(kind), x.to(kind), y if data.classes else y.to(kind)
                results += [names | {"precision": precision} | row for row in self.checks(*own)]
                if kind == torch.float64:
                    value = max(map(difference, backpropagated(*own), by_library(*own)))
                    name = f"library_error/{source}/{activation}"
                    metrics.append({"metric": name, "value": value, "recipe": activation})
        table = pd.DataFrame(results)
        curves = [
            {
                "step": row.exponent,
                "metric": f"relative_error/{row.source}/{row.activation}/{row.precision}",
                "value": row.error,
            }
            for row in table[table["layer"] == 0].itertuples()
        ]
        layers = table[(table["layer"] > 0) & (table["exponent"] == self.checked)]
        for row in layers[layers["precision"] == "float64"].itertuples():
            name = f"relative_error/{row.source}/{row.activation}/layer_{row.layer}"
            metrics.append({"metric": name, "value": row.error, "recipe": row.activation})
        shared = {"split": "train", "better": "lower", "n": self.samples}
        return Found(table, history(curves), [row | shared for row in metrics])

    def checks(self, network: Network, x: Tensor, y: Tensor) -> list[dict[str, Any]]:
        """The errors of every layer, and of all together, at every exponent."""
        rows = []
        ours = backpropagated(network, x, y)
        for exponent in sorted({*self.exponents, self.checked}):
            found = by_differences(network, x, y, 10.0**-exponent)
            errors = [difference(torch.cat(ours), torch.cat(found)), *map(difference, ours, found)]
            for layer, error in enumerate(errors):
                rows.append({"exponent": exponent, "layer": layer, "error": error})
        return rows


class Network(NamedTuple):
    """A feedforward network as plain tensors.

    Attributes:
        activation: What the sums of hidden layers pass through.
        weights: Of each layer, ``[..., after, before]``.
        biases: Of each layer, ``[..., 1, after]``.
    """

    activation: Callable[[Tensor], Tensor]
    weights: list[Tensor]
    biases: list[Tensor]

    @classmethod
    def begin(cls, sizes: list[int], activation: Activation, seed: int) -> Network:
        """First weights as they suit the activation, and small biases."""
        stack = Stack(sizes, activation, [(usual(activation), seed)])
        random = torch.Generator().manual_seed(derive_seed(seed, "biases"))
        biases = [0.1 * torch.randn(bias[0].shape, generator=random) for bias in stack.biases]
        return cls(ACTIVATIONS[activation], [w[0].detach() for w in stack.weights], biases)

    def to(self, kind: torch.dtype) -> Network:
        """The same numbers in another precision."""
        return Network(
            self.activation, [w.to(kind) for w in self.weights], [b.to(kind) for b in self.biases]
        )

    def sums(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """What goes into each layer ``[..., n, before]``, and its sums ``[..., n, after]``."""
        inputs, sums = [x], []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            sums.append(inputs[-1] @ weight.mT + bias)
            inputs.append(self.activation(sums[-1]))
        return inputs[:-1], sums

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Mean cross-entropy of classes, mean squared error of numbers: ``[...]``."""
        outputs = self.sums(x)[1][-1]
        if y.is_floating_point():
            return (outputs.squeeze(-1) - y).square().mean(dim=-1)
        right = outputs.log_softmax(dim=-1).gather(-1, y.expand(outputs.shape[:-1])[..., None])
        return -right.mean(dim=(-2, -1))


def backpropagated(network: Network, x: Tensor, y: Tensor) -> list[Tensor]:
    """The gradient of each layer's weights and biases, flat, by the chain rule from the end.

    ``delta`` is the gradient of the loss by a layer's sums. A layer's weights get ``delta`` times
    what went into the layer; the layer before gets ``delta`` through the weights and times the
    slope of its activation.

    Args:
        network: Of single matrices.
        x: ``[n, d]``.
        y: ``[n]`` classes as int64, or numbers.

    Returns:
        ``[after * before + after]`` for each layer.
    """
    inputs, sums = network.sums(x)
    if y.is_floating_point():
        delta = 2 * (sums[-1] - y[:, None]) / len(y)
    else:
        delta = (sums[-1].softmax(dim=1) - F.one_hot(y, sums[-1].shape[1])) / len(y)
    gradients = []
    for layer in reversed(range(len(sums))):
        by_weights, by_biases = delta.T @ inputs[layer], delta.sum(dim=0)
        gradients.append(torch.cat([by_weights.flatten(), by_biases]))
        if layer:
            delta = (delta @ network.weights[layer]) * slope(network.activation, sums[layer - 1])
    return gradients[::-1]


def slope(activation: Callable[[Tensor], Tensor], sums: Tensor) -> Tensor:
    """The derivative of an activation at each of some sums."""
    sums = sums.detach().requires_grad_()
    return torch.autograd.grad(activation(sums).sum(), sums)[0]


def by_library(network: Network, x: Tensor, y: Tensor) -> list[Tensor]:
    """The same by torch's automatic differentiation."""
    weights, biases = ([t.clone().requires_grad_() for t in part] for part in network[1:])
    loss = Network(network.activation, weights, biases).loss(x, y)
    found = torch.autograd.grad(loss, [*weights, *biases])
    pairs = zip(found[: len(weights)], found[len(weights) :], strict=True)
    return [torch.cat([weight.flatten(), bias.flatten()]) for weight, bias in pairs]


@torch.no_grad()
def by_differences(network: Network, x: Tensor, y: Tensor, step: float) -> list[Tensor]:
    """The same by central differences: every weight is moved by ``step``, up and down."""
    gradients = []
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        flat = torch.cat([weight.flatten(), bias.flatten()])
        parts = []
        for moves in torch.eye(len(flat), dtype=flat.dtype).split(AT_ONCE):
            ends = []
            for sign in (1, -1):
                moved = flat + sign * step * moves  # [at once, weights]
                weights, biases = list(network.weights), list(network.biases)
                weights[layer] = moved[:, : weight.numel()].view(-1, *weight.shape)
                biases[layer] = moved[:, weight.numel() :].view(-1, *bias.shape)
                ends.append(Network(network.activation, weights, biases).loss(x, y))
            parts.append((ends[0] - ends[1]) / (2 * step))
        gradients.append(torch.cat(parts))
    return gradients


def difference(one: Tensor, other: Tensor) -> float:
    """The length of the difference of two gradients over the sum of their lengths."""
    lengths = one.double().norm() + other.double().norm()
    return float((one.double() - other.double()).norm() / lengths.clamp(min=TINY))
