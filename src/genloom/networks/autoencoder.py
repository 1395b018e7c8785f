"""Autoencoder: a network that tells samples in fewer numbers, and samples from those again.

Hinton and Salakhutdinov, Reducing the dimensionality of data with neural networks (2006).
Vincent et al., Extracting and composing robust features with denoising autoencoders (2008).
Alain and Bengio, What regularized auto-encoders learn from the data-generating distribution
(2014), arXiv 1211.4246: where noise was added, what is put back points to where samples are dense.
Denouden et al., Improving reconstruction autoencoder out-of-distribution detection with Mahalanobis
distance (2018), arXiv 1812.02765: strange samples may be reconstructed well from strange codes.
"""

from typing import Annotated, Any, Literal

import pandas as pd
import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.backbones import from_vector, random_affine, to_vector
from genloom.networks.base import Network, reproducible
from genloom.networks.hardware import Hardware
from genloom.noise import mixed_noise

__all__ = ["Autoencoder"]

SHRINKAGE = 0.1  # how far the residuals' variances are drawn to their mean
RIDGE = 1e-3  # the same for the variances of codes


class Encoder(nn.Module):
    """Sample to code."""

    def __init__(
        self, shape: tuple[int, ...], code: int, width: int, hidden: int, depth: int
    ) -> None:
        super().__init__()
        self.body = to_vector(shape, hidden, width, depth, activation=nn.SiLU())
        self.out = nn.Linear(hidden, code)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.silu(self.body(x)))  # [n, code]


class Decoder(nn.Module):
    """Code to sample."""

    def __init__(
        self, shape: tuple[int, ...], code: int, width: int, hidden: int, depth: int
    ) -> None:
        super().__init__()
        self.first = nn.Linear(code, hidden)
        self.body = from_vector(shape, hidden, width, depth, activation=nn.SiLU())

    def forward(self, z: Tensor) -> Tensor:
        return self.body(F.silu(self.first(z)))  # [n, *shape]


class Autoencoder(Network):
    """Images or vectors as codes and back; trained by the error of what comes back.

    With noise it learns to restore what the noise has changed. Vectors are standardised by the
    training samples first, so noise and errors of vectors are in deviations of their columns.

    Args:
        shape: ``(channels, height, width)``, or ``(size of a vector,)``.
        classes: Unused.
        code: Numbers of a code.
        width: Channels on the coarsest grid of images; finer grids have half as many each.
        hidden: Units of the dense layers around the code.
        depth: Residual blocks on each grid of images; of vectors, inner layers.
        gaussian: Highest standard deviation of Gaussian noise in training. A sample gets one of the
            three kinds of noise that are not 0, at a level drawn evenly from 0 to the highest.
        salt_and_pepper: Highest share of numbers that become the lowest or the highest.
        masking: Highest share of numbers that become blank: black, or the mean of the column.
        loss: Error of what comes back: ``squared`` or ``absolute``.
        score: What ``anomaly_score`` is:

            - ``reconstruction``: the mean squared error;
            - ``residual``: the same with each number's error in its own deviation, as on the
              training samples;
            - ``latent``: the squared Mahalanobis distance of the code from the training samples'
              codes, by number of the code;
            - ``both``: the mean of the terms of the last two, which is the negative logarithm of
              a Gaussian likelihood but for constants.
        augment: Strength of small random affine moves of the training images, for little data.
        steps: Batches to train for.
        batch_size: Samples per batch.
        lr: Highest learning rate of the one-cycle schedule.
        weight_decay: AdamW's decay of weights.
        ema_decay: 0 keeps the last weights, 0.99 an exponential moving average.
    """

    takes = ("images", "vectors")
    rows_at_once = 512
    mean: Tensor
    scale: Tensor
    residual_scale: Tensor
    code_mean: Tensor
    code_whitening: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        code: Annotated[int, Ge(1)] = 16,
        width: Annotated[int, Ge(4)] = 32,
        hidden: Annotated[int, Ge(1)] = 128,
        depth: Annotated[int, Ge(0)] = 1,
        gaussian: Annotated[float, Ge(0)] = 0.0,
        salt_and_pepper: Annotated[float, Ge(0), Le(1)] = 0.0,
        masking: Annotated[float, Ge(0), Le(1)] = 0.0,
        loss: Literal["squared", "absolute"] = "squared",
        score: Literal["reconstruction", "residual", "latent", "both"] = "both",
        augment: Annotated[float, Ge(0)] = 0.0,
        steps: Annotated[int, Ge(1)] = 1000,
        batch_size: Annotated[int, Ge(1)] = 64,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.code = tuple(shape), classes, code
        self.noise = {
            "gaussian": gaussian,
            "salt_and_pepper": salt_and_pepper,
            "masking": masking,
        }
        self.loss, self.score, self.augment = loss, score, augment
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.weight_decay, self.ema_decay = lr, weight_decay, ema_decay
        self.encoder = Encoder(self.shape, code, width, hidden, depth)
        self.decoder = Decoder(self.shape, code, width, hidden, depth)
        self.register_buffer("mean", torch.zeros(self.shape))
        self.register_buffer("scale", torch.ones(self.shape))
        self.register_buffer("residual_scale", torch.ones(self.shape))
        self.register_buffer("code_mean", torch.zeros(code))
        self.register_buffer("code_whitening", torch.eye(code))

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
        """Train as every network does, then see how far training samples are from what comes back.

        See ``Network.fit``; ``y`` is not looked at.

        Raises:
            GenloomError: There are no samples, or they have another shape.
        """
        if tuple(x.shape[1:]) != self.shape or not len(x):
            raise GenloomError(
                f"Autoencoder was built for samples of shape {self.shape} and got a training set "
                f"of shape {tuple(x.shape)}: give samples that fit."
            )
        if len(self.shape) == 1:
            self.mean.copy_(x.double().mean(dim=0))
            deviation = x.double().std(dim=0, correction=0)
            # Equal numbers may differ from their mean in the last digits.
            varies = deviation > 1e-7 * x.abs().amax(dim=0)
            self.scale.copy_(torch.where(varies, deviation, 1))
        history = super().fit(
            x, y, seed=seed, hardware=hardware, progress=progress, validation=validation
        )
        with reproducible(seed, (hardware or Hardware()).threads):
            self._calibrate(x)
        return history

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x = random_affine(self._standardised(batch[0]), self.augment)
        back = self.decoder(self.encoder(mixed_noise(x, self.noise)))
        loss = F.mse_loss(back, x) if self.loss == "squared" else F.l1_loss(back, x)
        self.record({"loss": loss})
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

    @property
    def code_size(self) -> int:
        """Numbers of a code."""
        return self.code

    def embed(self, x: Tensor) -> Tensor:
        """Codes ``[n, code]`` float32 of samples ``[n, *shape]``, in batches.

        Raises:
            GenloomError: The samples have another shape, or hold values that are not finite.
        """
        return self._code_and_back(x)[0]

    def reconstruct(self, x: Tensor) -> Tensor:
        """Samples ``[n, *shape]`` as their codes tell them, without the noise that they had.

        Raises:
            GenloomError: As ``embed``.
        """
        return self._code_and_back(x)[1] * self.scale.cpu() + self.mean.cpu()

    def anomaly_score(self, x: Tensor) -> Tensor:
        """How strange samples ``[n, *shape]`` are, ``[n]`` float32; see ``score``.

        Raises:
            GenloomError: As ``embed``.
        """
        code, back = self._code_and_back(x)
        error = (self._standardised(x.cpu()) - back).flatten(1)
        if self.score == "reconstruction":
            return error.square().mean(dim=1)
        residual = (error / self.residual_scale.flatten()).square()
        latent = ((code - self.code_mean) @ self.code_whitening).square()
        terms = {"residual": [residual], "latent": [latent], "both": [residual, latent]}
        return torch.cat(terms[self.score], dim=1).mean(dim=1)

    @torch.no_grad()
    def _code_and_back(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Codes, and what they tell of the standardised samples."""
        if tuple(x.shape[1:]) != self.shape or not x.isfinite().all():
            raise GenloomError(
                f"Autoencoder was built for samples of shape {self.shape} that hold finite numbers "
                f"and got some of shape {tuple(x.shape[1:])}: leave out what does not fit, and NaN."
            )
        self.eval()
        codes, backs = [torch.empty(0, self.code)], [torch.empty(0, *self.shape)]
        for part in x.split(self.rows_at_once) if len(x) else ():
            code = self.encoder(self._standardised(part.to(self.device)))
            codes.append(code.cpu())
            backs.append(self.decoder(code).cpu())
        return torch.cat(codes), torch.cat(backs).contiguous()

    def _standardised(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale

    def _calibrate(self, x: Tensor) -> None:
        """Keep how far training samples are from what comes back, and how their codes lie."""
        code, back = self._code_and_back(x)
        error = (self._standardised(x.cpu()) - back).double().square().mean(dim=0)
        # Of a pixel that is always black hardly any error is known.
        error = (1 - SHRINKAGE) * error + SHRINKAGE * error.mean()
        self.residual_scale.copy_(error.clamp(min=1e-12).sqrt())
        self.code_mean.copy_(code.double().mean(dim=0))
        away = code.double() - self.code_mean
        covariance = away.T @ away / len(x)
        covariance += (RIDGE * covariance.trace() / self.code + 1e-12) * torch.eye(self.code)
        # Codes times this have independent numbers of variance 1.
        precision = torch.cholesky_inverse(torch.linalg.cholesky(covariance))
        self.code_whitening.copy_(torch.linalg.cholesky(precision))
