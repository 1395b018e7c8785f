"""RBF network: a layer of bumps around centres, and an output layer over them.

Broomhead and Lowe, Multivariable functional interpolation and adaptive networks (1988): the output
layer of fixed bumps has a closed form.
Moody and Darken, Fast learning in networks of locally-tuned processing units (1989): centres by
k-means, widths by the distance to the nearest centres.
"""

import math
from typing import Annotated, Any, Literal

import pandas as pd
import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.base import reproducible
from genloom.networks.fnn import Standardised
from genloom.networks.hardware import Hardware
from genloom.networks.predictor import Predictor

__all__ = ["RBFNetwork"]

ROUNDS = 50  # of k-means, at most
MOST = 10_000  # samples that k-means looks at
PENALTIES = torch.logspace(-5, 4, 10, dtype=torch.float64)  # what the closed form chooses among
FACTORS = torch.logspace(0, 1.5, 31, dtype=torch.float64)  # on the closed form's class scores


class Bumps(nn.Module):
    """How near each sample is to each centre: ``exp(-distance^2 / (2 width^2))``.

    Args:
        size: Numbers of a sample.
        units: How many centres.
    """

    def __init__(self, size: int, units: int) -> None:
        super().__init__()
        self.centre = nn.Parameter(torch.randn(units, size))
        self.log_width = nn.Parameter(torch.zeros(units))

    def place(self, x: Tensor, neighbours: int, reach: float) -> None:
        """Put centres where k-means puts them, with widths by their nearest neighbours."""
        units = len(self.centre)
        found = k_means(x, min(units, len(x)))
        nearest = torch.cdist(found, found).sort(dim=1).values[:, 1 : neighbours + 1]
        # A single centre, or equal ones, are as wide as the data.
        usual = x.var(dim=0, correction=0).sum().sqrt().clamp(min=1e-3)
        width = nearest.mean(dim=1) if nearest.shape[1] else usual.repeat(len(found))
        width = torch.where(width > 1e-3 * usual, width, usual)
        again = torch.arange(units) % len(found)  # with few samples some centres are equal
        self.centre.data.copy_(found[again])
        self.log_width.data.copy_((reach * width[again]).log())

    def forward(self, x: Tensor) -> Tensor:
        squared = (
            x.square().sum(dim=1, keepdim=True)
            + self.centre.square().sum(dim=1)
            - 2 * x @ self.centre.T
        )
        return (-0.5 * squared.clamp(min=0) * (-2 * self.log_width).exp()).exp()  # [n, units]


class RBFNetwork(Predictor):
    """The class or the number of a vector or an image, by how near it is to each of some centres.

    Args:
        shape: ``(size of a vector,)`` or ``(channels, height, width)``.
        classes: How many classes; 0 for a number.
        units: Centres; fewer count where there are fewer samples.
        centres: ``kmeans`` leaves them and their widths where k-means puts them; ``learned`` moves
            them from there, by gradient.
        neighbours: A bump's width is the mean distance to so many of the nearest other centres,
        reach: times this.
        linear: Whether the output layer reads the inputs, too, beside the bumps.
        output: ``gradient`` learns the output layer by cross-entropy or squared error; ``closed``
            solves for it, as ridge regression on the numbers or on the classes, with the penalty
            of least error where each training sample is left out in turn. Where centres are
            learned, it does so after them.
        input_dropout: Share of the inputs that is switched off while training by gradient.
        dropout: Share of the bumps that is switched off while training by gradient.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for, by gradient.
        batch_size: Samples per batch.
        lr: Highest learning rate of AdamW.
        penalty: Price of half the squared weights of the output layer, beside the mean loss of a
            sample; for ``gradient``.
        weight_decay: AdamW's decay of weights.
        ema_decay: 0 keeps the last weights, 0.99 an exponential moving average.
    """

    takes = ("vectors", "images")
    rows_at_once = 512
    shift: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        units: Annotated[int, Ge(1)] = 50,
        centres: Literal["kmeans", "learned"] = "kmeans",
        neighbours: Annotated[int, Ge(1)] = 5,
        reach: Annotated[float, Gt(0)] = 1.0,
        linear: bool = False,
        output: Literal["gradient", "closed"] = "gradient",
        input_dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 64,
        lr: Annotated[float, Gt(0)] = 1e-2,
        penalty: Annotated[float, Ge(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.0,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(classes)
        self.steps, self.batch_size, self.ema_decay = steps, batch_size, ema_decay
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        self.centres, self.neighbours, self.reach = centres, neighbours, reach
        self.linear, self.output, self.penalty = linear, output, penalty
        size = math.prod(shape)
        self.inputs = Standardised(size)
        self.input_dropout = nn.Dropout(input_dropout)
        self.bumps = Bumps(size, units)
        for weight in self.bumps.parameters():
            weight.requires_grad_(centres == "learned")
        self.dropout = nn.Dropout(dropout)
        # Without their means, wide bumps differ from each other by more than by a constant.
        self.register_buffer("shift", torch.zeros(units))
        self.head = nn.Linear(units + size * linear, self.outputs)

    def represent(self, x: Tensor) -> Tensor:
        x = self.input_dropout(self.inputs(x))
        bumps = self.bumps(x) - self.shift
        return torch.cat([bumps, x], dim=1) if self.linear else bumps  # [n, units (+ size)]

    def observe(self, x: Tensor) -> None:
        """Nothing: ``fit`` has looked at the samples, as k-means needs a seed."""

    def start(self, x: Tensor) -> None:
        """Take scales and centres from the training samples ``[n, *shape]``."""
        self.require_finite(x)
        self.inputs.observe(x)
        with torch.no_grad():
            flat = self.inputs(x)
            self.bumps.place(flat, self.neighbours, self.reach)
            self.shift.copy_(self.bumps(flat).mean(dim=0))

    def fit(self, x: Tensor, y: Tensor, **how: Any) -> pd.DataFrame:
        """Train as every predictor does; see ``Predictor.fit``.

        With ``output: closed`` the history ends with ``left_out_error``, the mean squared error of
        the output layer where each sample is left out in turn; it is all of the history where
        centres are not learned, for then nothing is learned by steps.
        """
        seed, threads = how["seed"], (how.get("hardware") or Hardware()).threads
        history = pd.DataFrame(columns=["step", "metric", "value"])
        with reproducible(seed, threads):
            self.start(x)
        if self.output == "gradient" or self.centres == "learned":
            history = super().fit(x, y, **how)
        if self.output == "closed":
            with reproducible(seed, threads):
                error = self.solve(x, y)
            step = int(history["step"].max()) if len(history) else 0
            last = {"step": [step], "metric": ["left_out_error"], "value": [error]}
            history = (
                pd.concat([history, pd.DataFrame(last)]) if len(history) else pd.DataFrame(last)
            )
        return history.reset_index(drop=True)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        price = 0.5 * self.penalty * self.head.weight.square().sum()
        self.record({"penalty": price})
        return super().training_step(batch, batch_idx) + price

    @torch.no_grad()
    def solve(self, x: Tensor, y: Tensor) -> float:
        """Solve for the output layer; gives its error where each sample is left out in turn."""
        self.cpu().eval()
        found = self.features(x).double()
        wanted = self.targets(y).double()
        weight, bias, left_out, error = ridge(found, wanted)
        if self.classes:
            # Scores of least squares lie near 0 and 1. Class probabilities need a factor: the one
            # by which the samples, each left out in turn, are likeliest.
            nats = [-(wanted * (left_out * f).log_softmax(dim=1)).sum(1).mean() for f in FACTORS]
            factor = FACTORS[int(torch.stack(nats).argmin())]
            weight, bias = weight * factor, bias * factor
        self.head.weight.copy_(weight.T)
        self.head.bias.copy_(bias)
        self.fitted = True
        return error

    def targets(self, y: Tensor) -> Tensor:
        """What the output layer shall say: ``[n, classes]``, or numbers without unit ``[n, 1]``."""
        if self.classes == 0:
            self.learn_unit(y)
            return ((y - self.target_mean) / self.target_scale)[:, None]
        soft = F.one_hot(y, self.classes).float() if y.ndim == 1 else y
        return soft * (1 - self.label_smoothing) + self.label_smoothing / self.classes

    def learn_unit(self, y: Tensor) -> None:
        """Take mean and scale of the targets, as ``Predictor.fit`` does."""
        if not y.isfinite().all():
            raise GenloomError(
                f"{type(self).__name__}: the targets hold values that are not finite numbers, "
                "so nothing was trained: check the target's column."
            )
        mean, scale = y.double().mean(), y.double().std(correction=0)
        self.target_mean.copy_(mean)
        self.target_scale.copy_(scale if scale > 0 else torch.ones(()))


def k_means(x: Tensor, units: int) -> Tensor:
    """Centres of clusters, ``[units, d]``, of samples ``[n, d]``; ``units`` is at most ``n``.

    Lloyd, Least squares quantization in PCM (1982), from centres drawn as Arthur and Vassilvitskii,
    k-means++ (2007), do: each with a chance that grows with its squared distance from the others.
    """
    if len(x) > MOST:
        x = x[torch.randperm(len(x))[:MOST]]
    chosen = [int(torch.randint(len(x), ()))]
    nearest = (x - x[chosen[0]]).square().sum(dim=1)
    while len(chosen) < units:
        # Where only equal samples are left, any of them will do.
        chance = nearest if nearest.sum() > 0 else torch.ones(len(x))
        chosen.append(int(torch.multinomial(chance, 1)))
        nearest = nearest.minimum((x - x[chosen[-1]]).square().sum(dim=1))
    centre, before = x[chosen], None
    for _ in range(ROUNDS):
        near = torch.cdist(x, centre).argmin(dim=1)
        if before is not None and torch.equal(near, before):
            break
        before = near
        counts = torch.bincount(near, minlength=units)[:, None]
        sums = torch.zeros_like(centre).index_add_(0, near, x)
        centre = torch.where(counts > 0, sums / counts.clamp(min=1), centre)
    return centre


def ridge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, float]:
    """Ridge regression (Hoerl and Kennard 1970) with the penalty of least left-out error.

    What a sample would get if it were left out has a closed form, too (Golub, Heath and Wahba,
    Generalized cross-validation, 1979).

    Args:
        x: ``[n, d]`` float64.
        y: ``[n, k]`` float64.

    Returns:
        Weights ``[d, k]``, intercepts ``[k]``, what each sample gets where it is left out
        ``[n, k]``, and the mean squared error of that.
    """
    middle, level = x.mean(dim=0), y.mean(dim=0)
    u, s, v = torch.linalg.svd(x - middle, full_matrices=False)
    along = u.T @ (y - level)
    best: tuple[Tensor, Tensor, Tensor, float] | None = None
    for penalty in PENALTIES:
        kept = s.square() / (s.square() + penalty)
        leverage = (u.square() * kept).sum(dim=1) + 1 / len(x)
        residual = y - level - u @ (kept[:, None] * along)
        left_out = y - residual / (1 - leverage).clamp(min=1e-6)[:, None]
        error = float((y - left_out).square().mean())
        if best is None or error < best[3]:
            weight = v.T @ ((s / (s.square() + penalty))[:, None] * along)
            best = weight, level - middle @ weight, left_out, error
    assert best is not None
    return best
