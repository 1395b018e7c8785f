"""VAE: a conditional convolutional variational autoencoder for images.

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

from genloom.networks.backbones import ImageToVector, VectorToImage, random_affine
from genloom.networks.base import Generator

__all__ = ["VAE"]


class Encoder(nn.Module):
    """Image and label to the mean and the log variance of the latent."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, latent: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        self.body = ImageToVector(shape, hidden, width, depth=1, activation=nn.SiLU())
        self.label = nn.Embedding(classes, hidden)
        self.out = nn.Linear(hidden, 2 * latent)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        h = F.silu(self.body(x) + self.label(y))  # [n, hidden]
        mean, log_variance = self.out(h).chunk(2, dim=1)  # each [n, latent]
        return mean, log_variance.clamp(-12, 6)


class Decoder(nn.Module):
    """Latent and label to an image."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, latent: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        self.latent = nn.Linear(latent, hidden)
        self.label = nn.Embedding(classes, hidden)
        self.body = VectorToImage(shape, hidden, width, depth=1, activation=nn.SiLU())

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.body(F.silu(self.latent(z) + self.label(y)))  # [n, *shape]


class VAE(Generator):
    """Images from a Gaussian latent and a label; trained by the evidence lower bound.

    Args:
        shape: ``(channels, height, width)``.
        classes: How many labels.
        latent: Numbers in the latent.
        width: Channels on the coarsest grid; finer grids have half as many each.
        hidden: Units of the dense layers around the latent.
        sigma: Standard deviation of the pixels around the decoder's image: a number, or
            ``"learned"``. Too large a one on small images lets the latent collapse.
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
        self.shape, self.classes, self.latent_shape = shape, classes, (latent,)
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
        start = 0.25 if sigma == "learned" else sigma
        self.log_sigma = nn.Parameter(
            torch.tensor(math.log(start)), requires_grad=sigma == "learned"
        )

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        return self.decoder(z, y)

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
    """Negative log likelihood of images around ``mean`` in nats per image, without the constant."""
    squared = (x - mean).square().sum() / len(x)
    return 0.5 * squared * (-2 * log_sigma).exp() + x[0].numel() * log_sigma


def kl_from_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of N(mean, variance) from N(0, 1) per latent number, the batch's mean."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0)
