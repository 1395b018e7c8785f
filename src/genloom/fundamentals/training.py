"""Activation functions and optimisers: how fast they learn, and what gradients they see."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Annotated, Any

import torch
from annotated_types import Ge, Gt, MinLen
from torch import Tensor

from genloom.errors import GenloomError, TrainingDivergedError
from genloom.fundamentals.data import Data, Found, curve, history, measured
from genloom.fundamentals.learning import Curves, Optimiser, batches, learn
from genloom.fundamentals.stack import Activation, Stack, usual
from genloom.seeds import derive_seed

__all__ = ["Training"]

Rates = Annotated[list[Annotated[float, Gt(0)]], MinLen(1)]


@dataclass(frozen=True)
class Training:
    """Every activation with every optimiser, each pair at the learning rate that suits it.

    The rate is chosen by the mean loss on the validation split when training ends, among as many
    rates for every optimiser; the same networks are then measured on the test split.

    Args:
        activations: Which there are.
        rates: Learning rates to choose among, by optimiser.
        layers: Hidden layers.
        hidden_size: Units of each.
        steps: Batches that each network learns from.
        batch_size: Samples of each.
        repeats: Networks with other first weights and batches; the same for all pairs.
        points: Of the curves.
    """

    activations: Annotated[list[Activation], MinLen(1)] = field(
        default_factory=lambda: ["relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"]
    )
    rates: Annotated[dict[Optimiser, Rates], MinLen(1)] = field(
        default_factory=lambda: {
            "sgd": [0.1, 0.3, 1.0, 3.0],
            "momentum": [0.01, 0.03, 0.1, 0.3],
            "adam": [0.001, 0.003, 0.01, 0.03],
            "adamw": [0.001, 0.003, 0.01, 0.03],
            "muon": [0.003, 0.01, 0.03, 0.1],
        }
    )
    layers: Annotated[int, Ge(1)] = 4
    hidden_size: Annotated[int, Ge(1)] = 32
    steps: Annotated[int, Ge(1)] = 250
    batch_size: Annotated[int, Ge(1)] = 32
    repeats: Annotated[int, Ge(1)] = 5
    points: Annotated[int, Ge(2)] = 31

    def __post_init__(self) -> None:
        """Refuse to compare optimisers of which one had more to choose among.

        Raises:
            GenloomError: Their lists of rates are not equally long.
        """
        counts = {optimiser: len(rates) for optimiser, rates in self.rates.items()}
        if len(set(counts.values())) > 1:
            said = ", ".join(f"{count} for {optimiser}" for optimiser, count in counts.items())
            raise GenloomError(
                f"fundamentals.training.rates has {said}: give every optimiser as many to choose "
                "among, or they are not compared fairly."
            )

    def run(self, data: Data, *, seed: int) -> Found:
        """Train and measure all pairs.

        Args:
            data: Samples of classes.
            seed: Of first weights and batches.

        Returns:
            ``results``: a row per network, ``activation, optimiser, rate, chosen, repeat,
            validation_loss, test_loss, test_accuracy``. Curves and metrics are those of the chosen
            rates, ``<measure>/<activation>/<optimiser>``.

        Raises:
            TrainingDivergedError: A pair's loss is not finite at any of its rates.
        """
        import pandas as pd

        seeds = [derive_seed(seed, "repeat", repeat) for repeat in range(self.repeats)]
        rows = batches(len(data.train.x), self.batch_size, self.steps + 1, seeds)
        results: list[dict[str, Any]] = []
        curves: list[dict[str, Any]] = []
        metrics: list[dict[str, Any]] = []
        for activation, (optimiser, rates) in product(self.activations, self.rates.items()):
            starts = [(usual(activation), each) for _ in rates for each in seeds]
            sizes = [data.train.x.shape[1], *[self.hidden_size] * self.layers, len(data.classes)]
            stack = Stack(sizes, activation, starts)
            own_rows = rows.repeat(1, len(rates), 1)
            found = learn(
                stack, optimiser, rates, data.train, data.validation, own_rows, points=self.points
            )
            ends = torch.stack([found.validation_loss[-1], *stack.judged(*data.test)])
            ends = ends.view(3, len(rates), self.repeats)
            pair = f"{activation}/{optimiser}"
            best = chosen(ends[0], pair)
            for place, rate in enumerate(rates):
                for repeat, (validation, loss, accuracy) in enumerate(ends[:, place].T.tolist()):
                    row = {"activation": activation, "optimiser": optimiser, "rate": rate}
                    row |= {"chosen": place == best, "repeat": repeat}
                    row |= {"validation_loss": validation}
                    results.append(row | {"test_loss": loss, "test_accuracy": accuracy})
            curves += self._curves(pair, found, best)
            metrics += self._metrics(pair, ends[:, best], rates[best])
        return Found(pd.DataFrame(results), history(curves), metrics)

    def _curves(self, pair: str, found: Curves, best: int) -> list[dict[str, Any]]:
        own = slice(best * self.repeats, (best + 1) * self.repeats)
        rows = curve(f"train_loss/{pair}", found.steps, found.train_loss[:, own])
        rows += curve(f"validation_loss/{pair}", found.steps, found.validation_loss[:, own])
        for layer in range(found.gradient.shape[1]):
            lengths = found.gradient[:, layer, own]
            name = f"gradient_norm/{pair}/layer_{layer + 1}"
            rows += curve(name, found.steps, lengths, by_ratio=True)
        return rows

    def _metrics(self, pair: str, ends: Tensor, rate: float) -> list[dict[str, Any]]:
        kept = {"recipe": pair.replace("/", "+")}
        names = [
            ("validation_loss", "validation", "lower"),
            ("test_loss", "test", "lower"),
            ("test_accuracy", "test", "higher"),
        ]
        rows = [
            measured(f"{name}/{pair}", values, split=split, better=better, **kept)
            for (name, split, better), values in zip(names, ends.tolist(), strict=True)
        ]
        chosen_rate = {"metric": f"learning_rate/{pair}", "value": rate, "better": "lower"}
        return [*rows, chosen_rate | {"split": "validation", **kept}]


def chosen(losses: Tensor, pair: str) -> int:
    """The place of the rate with the lowest mean loss, of ``[rates, repeats]``.

    Raises:
        TrainingDivergedError: None has a finite loss.
    """
    means = losses.double().mean(dim=1).nan_to_num(nan=torch.inf)
    if not means.isfinite().any():
        raise TrainingDivergedError(
            f"fundamentals.training: {pair} has no learning rate at which its loss stays a finite "
            "number: add lower ones to fundamentals.training.rates."
        )
    return int(means.argmin())
