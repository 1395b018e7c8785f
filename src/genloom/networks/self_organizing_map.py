"""Self-organizing map: prototypes on a grid, so that neighbours on the grid resemble each other.

Kohonen, Self-organized formation of topologically correct feature maps (1982): the online form.
Kohonen, Self-Organizing Maps (2001), third edition: the batch form, and initial prototypes along
the first principal components.
Heskes, Energy functions for self-organizing maps (1999): what a map minimises, and why the width
of the neighbourhood trades how close prototypes come to the samples against how well they keep
their order.
Vesanto and Alhoniemi, Clustering of the self-organizing map (2000): what to look for in one.
"""

import math
from typing import Annotated, Literal

import pandas as pd
import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn
from tqdm import tqdm

from genloom import grids
from genloom.errors import GenloomError
from genloom.networks.base import Network, reproducible
from genloom.networks.hardware import Hardware

__all__ = ["SelfOrganizingMap"]

ROWS_AT_ONCE = 4096  # samples whose distances to all prototypes are held at once
PER_UNIT = 10  # samples for each unit, at least, that a round of batch training looks at
LAST_LR = 0.01  # share of ``lr`` that is left in the end
SLIGHT = 1e-20  # a unit that less than so many samples pull at stays where it is


class SelfOrganizingMap(Network):
    """A map of samples: each lies at the unit whose prototype is nearest to it.

    It learns without labels and without gradients, on the CPU in every environment: what it takes
    is a few products of matrices.

    Args:
        shape: Shape of one sample, e.g. ``(1, 8, 8)`` or ``(30,)``.
        classes: Not used; labels are not looked at.
        rows: Units from top to bottom.
        columns: Units from left to right.
        grid: Whether a unit has eight neighbours on a ``rectangular`` or six on a ``hexagonal``
            grid.
        toroidal: Whether opposite borders meet, so that no unit lies at a border.
        training: ``batch`` moves all prototypes at once, to the means of the samples weighted by
            the neighbourhood; ``online`` moves them a little for each sample in turn.
        start: First prototypes: spread along the first principal components, or samples drawn at
            ``random``.
        epochs: Rounds through the samples. With many samples, rounds of batch training in which
            the neighbourhood is still wide look at fewer of them, drawn at random, in proportion
            to the radius.
        radius: Standard deviation of the Gaussian neighbourhood in the first round, in units of
            the grid; half of the longer side unless given.
        final_radius: That in the last round, which it shrinks to by a constant factor. The smaller,
            the closer prototypes lie to samples, and the less order they keep.
        lr: For ``online``: what share of its distance to the sample the nearest prototype moves, at
            first. It falls linearly to a hundredth.

    Attributes:
        positions: Where the units sit, ``[units, 2]`` float32, to the right and down.
        distances: How far apart they are on the map, ``[units, units]`` float32.

    Raises:
        GenloomError: For a single unit, a radius that would grow, or a toroidal hexagonal grid with
            an odd number of rows.
    """

    takes = ("images", "vectors")
    positions: Tensor
    distances: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        rows: Annotated[int, Ge(1)] = 12,
        columns: Annotated[int, Ge(1)] = 12,
        grid: Literal["rectangular", "hexagonal"] = "rectangular",
        toroidal: bool = False,
        training: Literal["batch", "online"] = "batch",
        start: Literal["pca", "random"] = "pca",
        epochs: Annotated[int, Ge(1)] = 20,
        radius: Annotated[float, Gt(0)] | None = None,
        final_radius: Annotated[float, Gt(0)] = 0.5,
        lr: Annotated[float, Gt(0), Le(1)] = 0.5,
    ) -> None:
        super().__init__()
        if rows * columns < 2:
            raise GenloomError("A map needs at least 2 units: give it more rows or columns.")
        self.radius = radius or max(max(rows, columns) / 2, final_radius)
        if final_radius > self.radius:
            raise GenloomError(
                f"final_radius is {final_radius}, but the radius shrinks from {self.radius}: "
                "give a smaller final_radius or a larger radius."
            )
        self.shape, self.final_radius = tuple(shape), final_radius
        self.training_form, self.start, self.epochs, self.lr = training, start, epochs, lr
        height = grids.HEIGHT if grid == "hexagonal" else 1.0
        self.extent, self.toroidal = (float(columns), rows * height), toroidal
        apart = grids.distances(rows, columns, grid, toroidal=toroidal)
        self.register_buffer("distances", apart, persistent=False)
        where = grids.positions(rows, columns, grid)
        self.register_buffer("positions", where, persistent=False)
        first = torch.zeros(rows * columns, math.prod(shape))
        self.codebook = nn.Parameter(first, requires_grad=False)  # [units, d]

    # ------------------------------------------------------------------ learning

    @torch.no_grad()
    def fit(
        self,
        x: Tensor,
        y: Tensor,
        *,
        seed: int,
        hardware: Hardware | None = None,
        progress: str | None = None,
        validation: tuple[Tensor, Tensor] | None = None,
    ) -> pd.DataFrame:
        """Learn from samples ``[n, *shape]``; see ``Network.fit``.

        Args:
            x: Samples ``[n, *shape]`` float32.
            y: Not looked at.
            seed: Of random first prototypes, and of the order or the choice of samples.
            hardware: Its threads and whether there is a progress bar; the rest is for gradients.
            progress: Title of the progress bar.
            validation: Not looked at.

        Returns:
            ``quantization_error`` before each round and after the last, and the ``radius`` of each
            round. A round's error is that of the samples that it looked at, the last of all.

        Raises:
            TrainingDivergedError: When a value of ``x`` is not finite.
        """
        hardware = hardware or Hardware()
        self.require_finite(x)
        flat, history = x.flatten(1).float(), []
        one_round = self.batch_round if self.training_form == "batch" else self.online_round
        quiet = not (progress and hardware.progress)
        with reproducible(seed, hardware.threads):
            self.codebook.copy_(self.first_prototypes(flat))
            for epoch in tqdm(range(self.epochs), desc=progress, disable=quiet, leave=True):
                radius = self.radius_at(epoch / max(1, self.epochs - 1))
                history.append((epoch, "quantization_error", one_round(flat, epoch, radius)))
                history.append((epoch, "radius", radius))
            error = float(self.anomaly_score(x).double().mean())
            history.append((self.epochs, "quantization_error", error))
        self.fitted = True
        self.eval()
        return pd.DataFrame(history, columns=["step", "metric", "value"])

    def radius_at(self, progress: float) -> float:
        """The neighbourhood's radius when ``progress``, from 0 to 1, of the training is done."""
        return float(self.radius * (self.final_radius / self.radius) ** progress)

    def batch_round(self, x: Tensor, epoch: int, radius: float) -> float:
        """Move every prototype to the mean of all samples ``[n, d]``, each weighted by how near its
        unit is on the map; gives the quantization error before that."""
        enough = max(int(len(x) * self.final_radius / radius), PER_UNIT * len(self.codebook))
        if enough < len(x):
            x = x[torch.randperm(len(x))[:enough]]
        unit = self.nearest(x)
        error = float((x - self.codebook[unit]).norm(dim=1).double().mean())
        # Samples of one unit pull alike, so that their sum is all that it takes.
        sums = torch.zeros_like(self.codebook).index_add_(0, unit, x)  # [units, d]
        counts = torch.bincount(unit, minlength=len(self.codebook)).float()  # [units]
        pull = gaussian(self.distances, radius)  # [units, units]
        weight = (pull @ counts)[:, None]
        moved = (pull @ sums) / weight.clamp(min=SLIGHT)
        self.codebook.copy_(torch.where(weight > SLIGHT, moved, self.codebook))
        return error

    def online_round(self, x: Tensor, epoch: int, radius: float) -> float:
        """Show every sample once, in random order; gives the mean distance that each one had from
        the nearest prototype when it came."""
        total, steps = 0.0, self.epochs * len(x)
        for step, row in enumerate(torch.randperm(len(x)), start=epoch * len(x)):
            sample, done = x[row], step / steps
            away = (self.codebook - sample).square().sum(dim=1)
            unit = int(away.argmin())
            total += math.sqrt(float(away[unit]))
            rate = self.lr * (1 - (1 - LAST_LR) * done)
            pull = gaussian(self.distances[unit], self.radius_at(done))
            self.codebook.lerp_(sample, (rate * pull)[:, None])
        return total / len(x)

    def first_prototypes(self, x: Tensor) -> Tensor:
        """Prototypes to begin with, ``[units, d]``, from samples ``[n, d]``."""
        units, n = len(self.codebook), len(x)
        if self.start == "random" or n < 2:
            return x[torch.randint(n, (units,))].clone()
        some = x[torch.randperm(n)[:ROWS_AT_ONCE]] if n > ROWS_AT_ONCE else x
        count = min(4 if self.toroidal else 2, *some.shape)
        # Random only in how the components are found; they are the same for every seed up to the
        # last digits, apart from signs, which do not matter.
        _, spread, axes = torch.pca_lowrank(some, q=min(count + 6, *some.shape), niter=8)
        along = self.spread_units(count)  # [units, count]
        scale = spread[:count] / math.sqrt(len(some) - 1)
        return x.mean(dim=0) + (along * scale) @ axes[:, :count].T

    def spread_units(self, count: int) -> Tensor:
        """Where units begin along the first components, in standard deviations: ``[units, k]``.

        The longer side of the map lies along the first component. A map without borders begins as a
        flat torus, each side going round in two components.
        """
        longer = sorted((0, 1), key=lambda axis: -self.extent[axis])
        if self.toroidal:
            angle = 2 * math.pi * self.positions / torch.tensor(self.extent)
            circles = [turn(angle[:, axis]) for turn in (torch.cos, torch.sin) for axis in longer]
            return torch.stack(circles, dim=1)[:, :count]
        middle = (self.positions.amax(dim=0) + self.positions.amin(dim=0)) / 2
        reach = (self.positions.amax(dim=0) - middle).clamp(min=0.5)
        return ((self.positions - middle) / reach)[:, longer][:, :count]

    def nearest(self, x: Tensor) -> Tensor:
        """The unit whose prototype is nearest to each sample ``[n, d]``, ``[n]`` int64."""
        # Without the sample's own length, which does not change what is nearest.
        lengths = self.codebook.square().sum(dim=1)
        parts = [
            torch.addmm(lengths, part, self.codebook.T, alpha=-2).argmin(dim=1)
            for part in x.split(ROWS_AT_ONCE)
        ]
        return torch.cat(parts)

    # ------------------------------------------------------------------ reading the map

    @property
    def prototypes(self) -> Tensor:
        """What each unit stands for, ``[units, *shape]`` float32."""
        return self.codebook.detach().reshape(-1, *self.shape).clone()

    @torch.no_grad()
    def place(self, x: Tensor) -> Tensor:
        """The number of the unit that each sample ``[n, *shape]`` lies at, ``[n]`` int64."""
        return self.nearest(x.flatten(1).float())

    @property
    def code_size(self) -> int:
        """Numbers that ``embed`` gives for a sample."""
        return 2

    def embed(self, x: Tensor) -> Tensor:
        """Where on the map each sample ``[n, *shape]`` lies, ``[n, 2]`` float32."""
        return self.positions[self.place(x)]

    def reconstruct(self, x: Tensor) -> Tensor:
        """The nearest prototype of each sample, ``[n, *shape]`` float32."""
        return self.prototypes[self.place(x)]

    def anomaly_score(self, x: Tensor) -> Tensor:
        """How far each sample is from the nearest prototype, ``[n]`` float32: its quantization
        error, in the unit of the samples."""
        flat = x.flatten(1).float()
        return (flat - self.codebook.detach()[self.place(x)]).norm(dim=1)

    def u_matrix(self) -> Tensor:
        """Mean distance of each prototype from its neighbours', ``[units]`` float32; see
        ``grids.u_matrix``."""
        return grids.u_matrix(self.prototypes, self.distances)


def gaussian(distance: Tensor, radius: float) -> Tensor:
    """How much neighbours follow: ``exp(-distance^2 / (2 radius^2))``."""
    return (distance.square() / (-2 * radius**2)).exp()
