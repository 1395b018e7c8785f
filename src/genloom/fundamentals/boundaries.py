"""Where networks draw the line between two classes: while one learns, and where others end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Len, MinLen
from torch import Tensor

from genloom.errors import GenloomError, TrainingDivergedError
from genloom.floors.linear import Linear
from genloom.fundamentals.data import Data, Found, Part, history
from genloom.fundamentals.stack import Activation
from genloom.networks.fnn import FNN
from genloom.networks.rbf_network import RBFNetwork
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Boundaries"]

OTHERS = ("logistic", "rbf")
MARGIN = 0.05  # of the picture beyond the outermost samples, as a share of their range


@dataclass(frozen=True)
class Boundaries:
    """One feedforward network at several steps of its training, and two other models beside it.

    Args:
        columns: The two columns that they see; null for the first two principal components.
        layers: Hidden layers of the feedforward network.
        hidden_size: Units of each.
        activation: What their sums pass through.
        lr: Learning rate of Adam, which sees all training samples at every step.
        steps: At which the network is shown; the last one ends its training.
        units: Centres of the RBF network.
        reach: Of its bumps, times the distance to the nearest centres.
        points: Of the curves, close to each other in the beginning.
        cells: Places along each side of a picture at which the models are asked.
    """

    columns: Annotated[list[str], Len(2, 2)] | None = field(
        default_factory=lambda: ["mean_texture", "mean_concave_points"]
    )
    layers: Annotated[int, Ge(1)] = 2
    hidden_size: Annotated[int, Ge(1)] = 32
    activation: Activation = "tanh"
    lr: Annotated[float, Gt(0)] = 0.01
    steps: Annotated[list[Annotated[int, Ge(0)]], MinLen(1)] = field(
        default_factory=lambda: [0, 5, 30, 300, 3000]
    )
    units: Annotated[int, Ge(1)] = 20
    reach: Annotated[float, Gt(0)] = 1.5
    points: Annotated[int, Ge(2)] = 60
    cells: Annotated[int, Ge(2)] = 80

    def run(self, data: Data, *, seed: int) -> Found:
        """Train all of them, and ask them at every place of a grid and at every sample.

        Args:
            data: Samples of two classes, with the names of their columns.
            seed: Of first weights and centres.

        Returns:
            ``results``: a row per model, step and place, ``model, step, split, x, y, label,
            probability``. The places of the grid are of the split ``grid`` and have no label; the
            probability is that of the second class. Curves are ``loss/<split>`` and
            ``accuracy/<split>`` of the network, metrics ``<split>_accuracy/<model>``.

        Raises:
            GenloomError: There are not two classes, or not the columns that are asked for.
            TrainingDivergedError: The network's loss is no longer a finite number.
        """
        import pandas as pd

        if len(data.classes) != 2:
            raise GenloomError(
                f"fundamentals.boundaries needs data of two classes, but has {len(data.classes)}."
            )
        parts = plane(data, self.columns)
        places = {"grid": Part(self.grid(parts), torch.empty(0)), **parts}
        results, curves = [], []
        for step, network in self.learning(parts["train"], seed):
            curves += watched(network, step, parts)
            if step in self.steps:
                results.append(answers("fnn", step, network, places, data.classes))
        models = {"fnn": network, **self.others(parts["train"], seed)}
        for name in OTHERS:
            results.append(answers(name, step, models[name], places, data.classes))
        metrics = [
            {"metric": f"{split}_accuracy/{name}", "value": accuracy(model, part), "recipe": name}
            | {"split": split, "n": len(part.x), "better": "higher"}
            for name, model in models.items()
            for split, part in parts.items()
        ]
        return Found(pd.concat(results, ignore_index=True), history(curves), metrics)

    def learning(self, train: Part, seed: int) -> Iterator[tuple[int, FNN]]:
        """The network at every step that is shown or a point of the curves, the last one too."""
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed(seed, "boundaries", "fnn"))
            network = FNN(
                (2,),
                2,
                layers=self.layers,
                hidden_size=self.hidden_size,
                activation=self.activation,
                dropout=0.0,
            )
        network.observe(train.x)
        last = max(self.steps)
        points = {round((last + 1) ** (p / (self.points - 1))) - 1 for p in range(self.points)}
        optimiser = torch.optim.Adam(network.parameters(), lr=self.lr)
        for step in range(last + 1):
            if step in points or step in self.steps:
                yield step, network.eval()
            if step < last:
                optimiser.zero_grad()
                F.cross_entropy(network(train.x), train.y).backward()
                optimiser.step()

    def others(self, train: Part, seed: int) -> dict[str, FNN | Linear | RBFNetwork]:
        """Logistic regression and an RBF network, fitted."""
        own = derive_seed(seed, "boundaries", "others")
        logistic = Linear((2,), 2)
        rbf = RBFNetwork((2,), 2, units=self.units, reach=self.reach, output="closed")
        for model in (logistic, rbf):
            model.fit(train.x, train.y, seed=own)
        return {"logistic": logistic, "rbf": rbf}

    def grid(self, parts: Mapping[str, Part]) -> Tensor:
        """Places all over where samples lie, ``[cells * cells, 2]``, row by row from below."""
        x = torch.cat([part.x for part in parts.values()])
        low, high = x.amin(dim=0), x.amax(dim=0)
        edge = MARGIN * (high - low)
        sides = [
            torch.linspace(float(a), float(b), self.cells)
            for a, b in zip(low - edge, high + edge, strict=True)
        ]
        return torch.cartesian_prod(sides[1], sides[0]).flip(1)


def plane(data: Data, columns: list[str] | None) -> dict[str, Part]:
    """Training and test samples of which two numbers are left.

    Raises:
        GenloomError: There is no such column.
    """
    train, test = data.train.x, data.test.x
    if columns is None:
        # Columns that vary together most come first; signs are made the same on every machine.
        axes = torch.linalg.svd(train - train.mean(dim=0), full_matrices=False)[2][:2]
        largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
        turned = (axes * largest.sign()).T
        train, test = train @ turned, test @ turned
    else:
        for column in columns:
            if column not in data.names:
                raise GenloomError(
                    f"fundamentals.boundaries.columns names {column!r}, which the data does not "
                    f"have; there are: {', '.join(data.names)}."
                )
        chosen = [data.names.index(column) for column in columns]
        train, test = train[:, chosen], test[:, chosen]
    return {"train": Part(train, data.train.y), "test": Part(test, data.test.y)}


@torch.no_grad()
def watched(network: FNN, step: int, parts: Mapping[str, Part]) -> list[dict[str, Any]]:
    """Points of the curves.

    Raises:
        TrainingDivergedError: The loss is not a finite number.
    """
    rows = []
    for split, part in parts.items():
        loss = F.cross_entropy(network(part.x), part.y).item()
        if not math.isfinite(loss):
            raise TrainingDivergedError(
                f"fundamentals.boundaries: the loss stopped being a finite number at step {step}: "
                "lower fundamentals.boundaries.lr."
            )
        rows.append({"step": step, "metric": f"loss/{split}", "value": loss})
        right = {"step": step, "metric": f"accuracy/{split}", "value": accuracy(network, part)}
        rows.append(right)
    return rows


def accuracy(model: FNN | Linear | RBFNetwork, part: Part) -> float:
    """The share of samples whose class a model names."""
    return (model.predict(part.x).argmax(dim=1) == part.y).double().mean().item()


def answers(
    name: str,
    step: int,
    model: FNN | Linear | RBFNetwork,
    places: Mapping[str, Part],
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """What a model says at every place: rows of ``results``."""
    import pandas as pd

    tables = []
    for split, part in places.items():
        x, y = part.x.double().T.numpy()
        labels = [classes[number] for number in part.y.int().tolist()] or None
        told = model.predict(part.x)[:, 1].double().numpy()
        own = {"model": name, "step": step, "split": split, "x": x, "y": y}
        tables.append(pd.DataFrame(own | {"label": labels, "probability": told}))
    return pd.concat(tables, ignore_index=True)
