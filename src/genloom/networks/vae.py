"""VAE: a conditional variational autoencoder, convolutional for images, dense for vectors.

Kingma and Welling, Auto-encoding variational Bayes (2013), arXiv 1312.6114.
Higgins et al., beta-VAE (2017); Kingma et al., free bits (2016), arXiv 1606.04934.
Rybkin et al., Simple and effective VAE training with calibrated decoders (2020), arXiv 2006.13202.
"""

import math
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.backbones import (
    ImageOrVectorGenerator,
    from_vector,
    random_affine,
    to_vector,
)

__all__ = ["VAE"]

SMALLEST = -3.0  # logarithm of the standard deviation of a vector's number


class Encoder(nn.Module):
    """Sample and label to the mean and the log variance of the latent."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, latent: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        self.body = to_vector(shape, hidden, width, depth=1, activation=nn.SiLU())
        self.label = nn.Embedding(classes, hidden)
        self.out = nn.Linear(hidden, 2 * latent)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        h = F.silu(self.body(x) + self.label(y))  # [n, hidden]
        mean, log_variance = self.out(h).chunk(2, dim=1)  # each [n, latent]
        return mean, log_variance.clamp(-12, 6)


class Decoder(nn.Module):
    """Latent and label to a sample."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, latent: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        self.latent = nn.Linear(latent, hidden)
        self.label = nn.Embedding(classes, hidden)
        self.body = from_vector(shape, hidden, width, depth=1, activation=nn.SiLU())

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.body(F.silu(self.latent(z) + self.label(y)))  # [n, *shape]


class VAE(ImageOrVectorGenerator):
    """Images or vectors from a Gaussian latent and a label; trained by the evidence lower bound.

    Images are the decoder's means. Vectors have noise of the standard deviation ``sigma`` added,
    which their columns would lack otherwise; its numbers stand behind those of the latent.

    Args:
        shape: ``(channels, height, width)``, or ``(size of a vector,)``.
        classes: How many labels.
        latent: Numbers in the latent.
        width: Channels on the coarsest grid; finer grids have half as many each.
        hidden: Units of the dense layers around the latent.
        sigma: Standard deviation of the pixels around the decoder's image: a number, or
            ``"learned"``. Too large a one on small images lets the latent collapse. Of vectors,
            each number has one of its own where it is learned.
        beta: Weight of the Kullback-Leibler term.
        free_bits: Nats per latent number that cost nothing, against collapse.
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
        latent: Annotated[int, Ge(1)] = 16,
        width: Annotated[int, Ge(4)] = 32,
        hidden: Annotated[int, Ge(1)] = 256,
        sigma: Annotated[float, Gt(0)] | Literal["learned"] = 0.2,
        beta: Annotated[float, Ge(0)] = 1.0,
        free_bits: Annotated[float, Ge(0)] = 0.0,
        augment: Annotated[float, Ge(0)] = 0.0,
        steps: Annotated[int, Ge(1)] = 1000,
        batch_size: Annotated[int, Ge(1)] = 64,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.995,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.latent = shape, classes, latent
        self.latent_shape = (latent,) if len(shape) == 3 else (latent + shape[0],)
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.weight_decay = lr, weight_decay
        self.beta, self.free_bits, self.augment, self.ema_decay = (
            beta,
            free_bits,
            augment,
            ema_decay,
        )
        self.encoder = Encoder(shape, classes, latent, width, hidden)
        self.decoder = Decoder(shape, classes, latent, width, hidden)
        start = torch.tensor(math.log(0.25 if sigma == "learned" else sigma))
        if len(shape) == 1:
            start = start.repeat(shape[0])
        self.log_sigma = nn.Parameter(start, requires_grad=sigma == "learned")

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        if len(self.shape) == 3:
            return self.decoder(z, y)
        latent, noise = z[:, : self.latent], z[:, self.latent :]
        return self.decoder(latent, y) + self.log_sigma.clamp(min=SMALLEST).exp() * noise

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        x = random_affine(x, self.augment)
        mean, log_variance = self.encoder(x, y)
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        reconstruction = gaussian_nll(self.decoder(z, y), x, self.log_sigma)
        kl = kl_from_standard_normal(mean, log_variance)  # [latent], each the batch's mean
        loss = (reconstruction + self.beta * kl.clamp(min=self.free_bits).sum()) / x[0].numel()
        self.record({"loss": loss, "reconstruction": reconstruction, "kl": kl.sum()})
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.lr, weight_decay=self.weight_decay, fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.lr, total_steps=max(2, self.steps), pct_start=0.1
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def gaussian_nll(mean: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    """Negative log likelihood of samples around ``mean`` in nats per sample, without the constant.

    Args:
        mean: ``[n, *shape]``.
        x: ``[n, *shape]``.
        log_sigma: A number, or ``[d]`` for vectors.
    """
    if log_sigma.ndim:
        log_sigma = log_sigma.clamp(min=SMALLEST)
        apart = ((x - mean) * (-log_sigma).exp()).square().sum() / len(x)
        return 0.5 * apart + log_sigma.sum()
    squared = (x - mean).square().sum() / len(x)
    return 0.5 * squared * (-2 * log_sigma).exp() + x[0].numel() * log_sigma


def kl_from_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of N(mean, variance) from N(0, 1) per latent number, the batch's mean."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0)
