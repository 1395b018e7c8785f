"""Many feedforward networks of one shape, computed side by side.

A network of a lesson is so small that most of its time goes into calling torch. A stack of twenty
of them, with other first weights or other learning rates, takes hardly longer than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from genloom.networks.fnn import ACTIVATIONS
from genloom.seeds import derive_seed

__all__ = ["Activation", "Initialisation", "Stack", "spread", "usual"]

Activation = Literal["relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"]
Initialisation = Literal["zeros", "small_normal", "xavier", "he"]
SMALL = 0.01  # deviation of the weights of `small_normal`


def spread(initialisation: Initialisation, fan_in: int, fan_out: int) -> float:
    """The standard deviation that weights begin with; biases begin at 0.

    ``xavier`` (Glorot and Bengio 2010) keeps the spread of signals that pass through as they are,
    ``he`` (He et al. 2015) that of signals of which ReLU lets one half pass.
    """
    return {
        "zeros": 0.0,
        "small_normal": SMALL,
        "xavier": (2 / (fan_in + fan_out)) ** 0.5,
        "he": (2 / fan_in) ** 0.5,
    }[initialisation]


def usual(activation: Activation) -> Initialisation:
    """The initialisation that suits an activation."""
    return "xavier" if activation in ("tanh", "sigmoid") else "he"


class Stack:
    """Feedforward networks of one shape and activation, each with weights of its own.

    Args:
        sizes: Of the layers: inputs, hidden layers, outputs.
        activation: What the sums of hidden layers pass through.
        starts: Of each network the initialisation, and the seed that its first weights come from.
            Networks of one seed have the same weights, but for their spread.

    Attributes:
        weights: Of each layer, ``[networks, after, before]``.
        biases: Of each layer, ``[networks, 1, after]``.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation,
        starts: Sequence[tuple[Initialisation, int]],
    ) -> None:
        self.activation = ACTIVATIONS[activation]
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for layer, (before, after) in enumerate(pairwise(sizes)):
            drawn = {}
            for _, seed in starts:
                random = torch.Generator().manual_seed(derive_seed(seed, "layer", layer))
                drawn[seed] = torch.randn(after, before, generator=random)
            first = [spread(start, before, after) * drawn[seed] for start, seed in starts]
            self.weights.append(torch.stack(first).requires_grad_())
            self.biases.append(torch.zeros(len(starts), 1, after).requires_grad_())

    @property
    def parameter_count(self) -> int:
        """How many numbers each network has."""
        return sum(tensor[0].numel() for tensor in (*self.weights, *self.biases))

    def signals(self, x: Tensor) -> list[Tensor]:
        """What every layer gives, the last one's logits included: ``[networks, n, after]`` each.

        Args:
            x: ``[n, d]`` for all networks, or ``[networks, n, d]``.
        """
        h = x if x.ndim == 3 else x.expand(len(self.weights[0]), *x.shape)
        given = []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = self.activation(torch.baddbmm(bias, h, weight.mT))
            given.append(h)
        return [*given, torch.baddbmm(self.biases[-1], h, self.weights[-1].mT)]

    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """The mean cross-entropy of each network, ``[networks]``.

        Args:
            x: As for ``signals``.
            y: Classes, ``[n]`` or ``[networks, n]``.
        """
        return cross_entropy(self.signals(x)[-1], y)

    @torch.no_grad()
    def judged(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy and accuracy of each network, ``[networks]`` each."""
        logits = self.signals(x)[-1]
        return cross_entropy(logits, y), (logits.argmax(dim=2) == y).float().mean(dim=1)


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy of each network, ``[networks]``, of logits ``[networks, n, c]``."""
    wanted = y.expand(logits.shape[:2])
    losses = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none")
    return losses.view(logits.shape[:2]).mean(dim=1)
