"""FlowMatching: a network that learns the velocity from noise to images or vectors.

Lipman et al., Flow matching for generative modeling (2022), arXiv 2210.02747.
Tong et al., Improving and generalizing flow-based models with minibatch optimal transport (2023),
arXiv 2302.00482. Ho and Salimans, Classifier-free diffusion guidance (2022), arXiv 2207.12598.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le, Lt
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from genloom.networks.backbones import ImageOrVectorGenerator, halvings, random_affine

__all__ = ["FlowMatching"]


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut; time and label scale and shift what is between."""

    def __init__(self, before: int, after: int, condition: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(8, before)
        self.convolution1 = nn.Conv2d(before, after, 3, padding=1)
        self.film = nn.Linear(condition, 2 * after)
        self.norm2 = nn.GroupNorm(8, after)
        self.convolution2 = nn.Conv2d(after, after, 3, padding=1)
        nn.init.zeros_(self.convolution2.weight)
        self.shortcut = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)
        h = self.convolution1(F.silu(self.norm1(x)))
        h = self.convolution2(F.silu(self.norm2(h) * (1 + scale) + shift))
        return self.shortcut(x) + h


class UNet(nn.Module):
    """The velocity of images ``[n, *shape]`` at times ``[n]`` under labels ``[n]``.

    2x2 pixels become channels first, so that nothing is computed at full size.
    """

    def __init__(self, shape: tuple[int, ...], classes: int, width: int) -> None:
        super().__init__()
        channels, height, width_ = shape
        self.patch = 2 if height % 2 == 0 and width_ % 2 == 0 else 1
        pixels = channels * self.patch**2
        levels = halvings(height // self.patch, width_ // self.patch, down_to=2)
        widths = [width * min(2, 2**level) for level in range(levels + 1)]
        condition = 2 * width
        self.frequencies = nn.Buffer(torch.exp(torch.linspace(0, math.log(100), width // 2)))
        self.time = nn.Linear(2 * (width // 2), condition)
        self.label = nn.Embedding(classes + 1, condition)  # the last one: no label
        self.mix = nn.Linear(condition, condition)
        self.first = nn.Conv2d(pixels, width, 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        self.smaller, self.larger = nn.ModuleList(), nn.ModuleList()
        for fine, coarse in pairwise(widths):
            self.down.append(Block(fine, fine, condition))
            self.smaller.append(nn.Conv2d(fine, coarse, 2, stride=2))
            self.larger.append(nn.Conv2d(coarse, 4 * fine, 1))  # before a pixel-shuffle
            self.up.append(Block(fine, fine, condition))
        self.middle = Block(widths[-1], widths[-1], condition)
        self.norm = nn.GroupNorm(8, width)
        self.last = nn.Conv2d(width, pixels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        angles = t[:, None] * self.frequencies  # [n, width / 2]
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        condition = F.silu(self.mix(F.silu(self.time(waves) + self.label(y))))  # [n, 2 width]
        h = F.pixel_unshuffle(x, self.patch).contiguous(memory_format=torch.channels_last)
        h = self.first(h)  # [n, width, h/2, w/2]
        kept = []
        for block, smaller in zip(self.down, self.smaller, strict=True):
            h = block(h, condition)
            kept.append(h)
            h = smaller(h)
        h = self.middle(h, condition)  # [n, 2 width, coarsest grid]
        for block, larger in zip(reversed(self.up), reversed(self.larger), strict=True):
            h = kept.pop() + F.pixel_shuffle(larger(h), 2)
            h = block(h, condition)
        return F.pixel_shuffle(self.last(F.silu(self.norm(h))), self.patch)  # [n, *shape]


class DenseBlock(nn.Module):
    """Two dense layers beside an identity; time and label scale and shift what is between."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dense1 = nn.Linear(width, width)
        self.film = nn.Linear(condition, 2 * width)
        self.dense2 = nn.Linear(width, width)
        nn.init.zeros_(self.dense2.weight)

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.film(condition).chunk(2, dim=1)
        return h + self.dense2(F.silu(self.dense1(self.norm(h)) * (1 + scale) + shift))


class DenseVelocity(nn.Module):
    """The velocity of vectors ``[n, d]`` at times ``[n]`` under labels ``[n]``."""

    def __init__(self, size: int, classes: int, width: int) -> None:
        super().__init__()
        condition, width = 2 * width, 4 * width
        self.frequencies = nn.Buffer(torch.exp(torch.linspace(0, math.log(100), condition // 4)))
        self.time = nn.Linear(2 * (condition // 4), condition)
        self.label = nn.Embedding(classes + 1, condition)  # the last one: no label
        self.mix = nn.Linear(condition, condition)
        self.first = nn.Linear(size, width)
        self.blocks = nn.ModuleList(DenseBlock(width, condition) for _ in range(3))
        self.last = nn.Linear(width, size)
        nn.init.zeros_(self.last.weight)

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        angles = t[:, None] * self.frequencies
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        condition = F.silu(self.mix(F.silu(self.time(waves) + self.label(y))))
        h = self.first(x)
        for block in self.blocks:
            h = block(h, condition)
        return self.last(F.silu(h))  # [n, d]


class FlowMatching(ImageOrVectorGenerator):
    """Images or vectors by following a learned velocity from noise (t = 0) to data (t = 1).

    Args:
        shape: ``(channels, height, width)``, or ``(size of a vector,)``.
        classes: How many labels.
        width: Channels on the finest grid; coarser ones have twice as many. For vectors, a quarter
            of the units of a layer.
        coupling: Which noise is paired with which image: any (``independent``), or within each
            label of a batch so that the paths are short (``optimal_transport``).
        time: How training times are drawn: ``uniform`` or ``logit_normal`` (more in the middle).
        label_dropout: Share of training labels hidden, so that guidance has something to compare.
        guidance: 1 follows the labelled velocity; more exaggerates what the label changes.
        solver: How the path is followed: ``euler``, ``midpoint`` or ``heun``.
        solver_steps: Steps of the solver; midpoint and Heun evaluate the network twice a step.
        augment: Strength of small random affine moves of the training images, for little data.
        steps: Batches to train for.
        batch_size: Images per batch.
        lr: Highest learning rate of the one-cycle schedule.
        weight_decay: AdamW's decay of weights.
        ema_decay: Decay of the moving average of the weights that samples are drawn from.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        width: Annotated[int, Ge(8)] = 40,
        coupling: Literal["independent", "optimal_transport"] = "optimal_transport",
        time: Literal["uniform", "logit_normal"] = "logit_normal",
        label_dropout: Annotated[float, Ge(0), Le(1)] = 0.1,
        guidance: Annotated[float, Ge(0)] = 1.0,
        solver: Literal["euler", "midpoint", "heun"] = "euler",
        solver_steps: Annotated[int, Ge(1)] = 8,
        augment: Annotated[float, Ge(0)] = 0.0,
        steps: Annotated[int, Ge(1)] = 1200,
        batch_size: Annotated[int, Ge(1)] = 64,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.998,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.latent_shape = shape, classes, shape
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.weight_decay = lr, weight_decay
        self.coupling, self.time, self.label_dropout = coupling, time, label_dropout
        self.guidance, self.solver, self.solver_steps = guidance, solver, solver_steps
        self.augment, self.ema_decay = augment, ema_decay
        self.network = (
            UNet(shape, classes, width)
            if len(shape) == 3
            else DenseVelocity(shape[0], classes, width)
        )

    def velocity(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        """Velocity with classifier-free guidance; one evaluation without, two with it."""
        if self.guidance == 1:
            return self.network(x, t, y)
        nothing = torch.full_like(y, self.classes)
        both = self.network(torch.cat([x, x]), torch.cat([t, t]), torch.cat([y, nothing]))
        labelled, unlabelled = both.chunk(2)
        return unlabelled + self.guidance * (labelled - unlabelled)

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        return integrate(
            lambda x, t: self.velocity(x, x.new_full((len(x),), t), y),
            z,
            solver=self.solver,
            steps=self.solver_steps,
        )

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        x = random_affine(x, self.augment)
        noise = torch.randn_like(x)
        if self.coupling == "optimal_transport":
            noise = noise[shortest_pairs(x, noise, y)]
        if self.time == "uniform":
            t = torch.rand(len(x), device=x.device)
        else:
            t = torch.randn(len(x), device=x.device).sigmoid()
        share = t.reshape(-1, *[1] * (x.ndim - 1))
        hidden = torch.rand(len(x), device=x.device) < self.label_dropout
        y = y.masked_fill(hidden, self.classes)
        velocity = self.network(share * x + (1 - share) * noise, t, y)
        loss = F.mse_loss(velocity, x - noise)
        self.record({"loss": loss})
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(
            self.parameters(),
            lr=self.lr,
            betas=(0.9, 0.99),
            weight_decay=self.weight_decay,
            fused=True,
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.lr, total_steps=max(2, self.steps), pct_start=0.1
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def integrate(
    velocity: Callable[[Tensor, float], Tensor], x: Tensor, *, solver: str, steps: int
) -> Tensor:
    """Follow ``dx/dt = velocity(x, t)`` from t = 0 to t = 1 in equal steps.

    Euler's error falls with the step, that of midpoint and Heun with its square.
    """
    d = 1 / steps
    for i in range(steps):
        t = i * d
        here = velocity(x, t)
        if solver == "euler":
            x = x + d * here
        elif solver == "midpoint":
            x = x + d * velocity(x + d / 2 * here, t + d / 2)
        else:
            x = x + d / 2 * (here + velocity(x + d * here, t + d))
    return x


def shortest_pairs(x: Tensor, noise: Tensor, y: Tensor) -> Tensor:
    """For every image the index of its noise so that, within each label, paths are shortest.

    Noise is exchanged only between images of one label, so that the noise stays independent
    of the label, and samples of a label may start anywhere.
    """
    cost = torch.cdist(x.flatten(1), noise.flatten(1)).square().cpu()
    order = torch.arange(len(x))
    for label in y.unique().cpu():
        members = (y.cpu() == label).nonzero()[:, 0]
        rows, columns = linear_sum_assignment(cost[members][:, members].numpy())
        order[members[rows]] = members[columns]
    return order.to(x.device)
