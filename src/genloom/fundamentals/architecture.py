"""What depth, width and initialisation do to what a network learns, and to its signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Annotated, Any

import torch
from annotated_types import Ge, Gt, MinLen
from torch import Tensor

from genloom.errors import TrainingDivergedError
from genloom.fundamentals.data import Data, Found, curve, history, measured
from genloom.fundamentals.learning import Curves, Optimiser, batches, layer_norms, learn
from genloom.fundamentals.stack import Activation, Initialisation, Stack
from genloom.seeds import derive_seed

__all__ = ["Architecture"]

# What is measured of every network, on which samples, and what is better.
MEASURES = {
    "validation_loss": {"split": "validation", "better": "lower"},
    "test_loss": {"split": "test", "better": "lower"},
    "test_accuracy": {"split": "test", "better": "higher"},
    "first_gradient": {"split": "train", "better": "closer:1"},
}


@dataclass(frozen=True)
class Architecture:
    """Networks of every depth and width from one initialisation, and of one width from all.

    Args:
        depths: Numbers of hidden layers.
        widths: Numbers of their units.
        initialisations: How weights may begin; the last one is that of all depths and widths.
        width: Units of the networks that begin in all ways.
        activation: What the sums of hidden layers pass through.
        optimiser: What all of them learn by.
        lr: Its learning rate.
        steps: Batches that each network learns from.
        batch_size: Samples of each.
        repeats: Networks with other first weights and batches; the same for all.
        points: Of the curves.
        signals: Activations whose signals are measured before anything is learned.
    """

    depths: Annotated[list[Annotated[int, Ge(1)]], MinLen(1)] = field(
        default_factory=lambda: [1, 2, 4, 8, 16]
    )
    widths: Annotated[list[Annotated[int, Ge(1)]], MinLen(1)] = field(
        default_factory=lambda: [4, 16, 64, 256]
    )
    initialisations: Annotated[list[Initialisation], MinLen(1)] = field(
        default_factory=lambda: ["zeros", "small_normal", "xavier", "he"]
    )
    width: Annotated[int, Ge(1)] = 64
    activation: Activation = "relu"
    optimiser: Optimiser = "adam"
    lr: Annotated[float, Gt(0)] = 0.002
    steps: Annotated[int, Ge(1)] = 200
    batch_size: Annotated[int, Ge(1)] = 32
    repeats: Annotated[int, Ge(1)] = 3
    points: Annotated[int, Ge(2)] = 21
    signals: Annotated[list[Activation], MinLen(1)] = field(
        default_factory=lambda: ["relu", "tanh"]
    )

    def run(self, data: Data, *, seed: int) -> Found:
        """Train and measure all networks, and measure the signals in untrained ones.

        Args:
            data: Samples of classes.
            seed: Of first weights and batches.

        Returns:
            ``results``: a row per network, ``depth, width, initialisation, repeat, parameters,
            validation_loss, test_loss, test_accuracy, first_gradient`` (the length of the first
            layer's gradient before the first step). Curves ``<measure>/<depth>x<width>/<start>``
            are by step; ``spread/<activation>/<start>`` and ``gradient/<activation>/<start>``, of
            the deepest network of the width ``width`` before it learns, are by layer.

        Raises:
            TrainingDivergedError: A network's loss is not a finite number in the end.
        """
        import pandas as pd

        seeds = [derive_seed(seed, "repeat", repeat) for repeat in range(self.repeats)]
        rows = batches(len(data.train.x), self.batch_size, self.steps + 1, seeds)
        results: list[dict[str, Any]] = []
        curves: list[dict[str, Any]] = []
        metrics: list[dict[str, Any]] = []
        for depth, width, starts in self.shapes():
            networks = [(start, each) for start in starts for each in seeds]
            stack = Stack(sizes(data, depth, width), self.activation, networks)
            own_rows = rows.repeat(1, len(starts), 1)
            parts, rates = (data.train, data.validation), [self.lr]
            found = learn(stack, self.optimiser, rates, *parts, own_rows, points=self.points)
            ends = [found.validation_loss[-1], *stack.judged(*data.test), found.gradient[0, 0]]
            by_start = torch.stack(ends).view(len(ends), len(starts), self.repeats)
            for place, start in enumerate(starts):
                values, name = by_start[:, place], f"{depth}x{width}/{start}"
                refuse_divergence(values[0], name)
                row = {"depth": depth, "width": width, "initialisation": start}
                row["parameters"] = stack.parameter_count
                for repeat, own in enumerate(values.T.tolist()):
                    results.append(row | {"repeat": repeat} | dict(zip(MEASURES, own, strict=True)))
                curves += self.learned(name, found, place)
                for (measure, said), own in zip(MEASURES.items(), values.tolist(), strict=True):
                    metrics.append(measured(f"{measure}/{name}", own, recipe=start, **said))
        return Found(pd.DataFrame(results), history(curves + self.signalled(data, seeds)), metrics)

    def shapes(self) -> list[tuple[int, int, list[Initialisation]]]:
        """Every depth and width that is trained, with the ways in which its networks begin."""
        usual = self.initialisations[-1:]
        return [
            (depth, width, self.initialisations if width == self.width else usual)
            for depth in self.depths
            for width in sorted({*self.widths, self.width})
        ]

    def learned(self, name: str, found: Curves, place: int) -> list[dict[str, Any]]:
        """The curves of the networks that began in one way."""
        own = slice(place * self.repeats, (place + 1) * self.repeats)
        rows = curve(f"train_loss/{name}", found.steps, found.train_loss[:, own])
        rows += curve(f"validation_loss/{name}", found.steps, found.validation_loss[:, own])
        first = found.gradient[:, 0, own]
        return rows + curve(f"first_gradient/{name}", found.steps, first, by_ratio=True)

    def signalled(self, data: Data, seeds: Sequence[int]) -> list[dict[str, Any]]:
        """What passes through the deepest networks before they learn, forwards and backwards."""
        rows = []
        for activation, start in product(self.signals, self.initialisations):
            starts = [(start, each) for each in seeds]
            stack = Stack(sizes(data, max(self.depths), self.width), activation, starts)
            layers = range(1, max(self.depths) + 1)
            with torch.no_grad():
                hidden = stack.signals(data.train.x)[:-1]
                spreads = torch.stack([h.flatten(1).std(dim=1) for h in hidden])
            stack.losses(*data.train).sum().backward()
            lengths = layer_norms(stack)[:-1]  # of the hidden layers, too
            name = f"{activation}/{start}"
            rows += curve(f"spread/{name}", layers, spreads, by_ratio=True)
            rows += curve(f"gradient/{name}", layers, lengths, by_ratio=True)
        return rows


def sizes(data: Data, depth: int, width: int) -> list[int]:
    """Of the layers: inputs, hidden layers, outputs."""
    return [data.train.x.shape[1], *[width] * depth, len(data.classes)]


def refuse_divergence(losses: Tensor, name: str) -> None:
    """Stop where a loss is no number.

    Raises:
        TrainingDivergedError: One of them is not finite.
    """
    if not losses.isfinite().all():
        raise TrainingDivergedError(
            f"fundamentals.architecture: the loss of {name} is no longer a finite number: lower "
            "fundamentals.architecture.lr."
        )
