"""GAN: a conditional generative adversarial network for images or vectors, R3GAN by default.

Huang et al., The GAN is dead; long live the GAN! R3GAN (2025), arXiv 2501.05441.
Gulrajani et al., Improved training of Wasserstein GANs (2017), arXiv 1704.00028.
Goodfellow et al., Generative adversarial networks (2014), arXiv 1406.2661.
Zhao et al., Differentiable augmentation for data-efficient GAN training (2020), arXiv 2006.10738.
Karras et al., Analyzing StyleGAN: lazy regularisation (2019), arXiv 1912.04958.
Miyato and Koyama, cGANs with projection discriminator (2018), arXiv 1802.05637.
"""

import math
from collections.abc import Callable
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
    warp,
)

__all__ = ["GAN"]


class Painter(nn.Module):
    """The generator's body: latent and label to a sample."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, latent: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        self.latent = nn.Linear(latent, hidden)
        self.label = nn.Embedding(classes, hidden)
        self.body = from_vector(shape, hidden, width, depth=1, activation=nn.LeakyReLU(0.2))

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.body(F.leaky_relu(self.latent(z) + self.label(y), 0.2))  # [n, *shape]


class Critic(nn.Module):
    """The discriminator: sample and label to one score, without any normalisation."""

    def __init__(
        self, shape: tuple[int, ...], classes: int, width: int, depth: int, hidden: int
    ) -> None:
        super().__init__()
        self.body = to_vector(shape, hidden, width, depth, activation=nn.LeakyReLU(0.2))
        self.score = nn.Linear(hidden, hidden)
        self.label = nn.Embedding(classes, hidden)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        h = self.score(F.leaky_relu(self.body(x), 0.2))  # [n, hidden]
        return (h * self.label(y)).sum(dim=1) / math.sqrt(h.shape[1])  # [n]


class GAN(ImageOrVectorGenerator):
    """Images or vectors from a Gaussian latent and a label, learned against a discriminator.

    Args:
        shape: ``(channels, height, width)``, or ``(size of a vector,)``.
        classes: How many labels.
        loss: ``r3gan`` (relativistic pairs with R1 and R2), ``wgan_gp``, or ``non_saturating``
            (with R1).
        latent: Numbers in the latent.
        width: Channels of the generator on the coarsest grid; finer grids have half as many each.
        hidden: Units of the dense layers.
        critic_width: Channels of the discriminator on the coarsest grid.
        critic_depth: Residual blocks per grid of the discriminator.
        gamma: Weight of the gradient penalty at the end; it starts five times as high.
        penalty_every: Penalise every so many steps, with as many times the weight. On digits,
            differentiating twice through the lean discriminator takes a third of a step; every
            fourth step saves most of that and gave samples as good as every step.
        diff_augment: What both real and generated images go through before the discriminator; for
            images alone.
        steps: Batches to train for.
        batch_size: Images per batch.
        lr: Learning rate of the generator, falling to a tenth by a cosine.
        critic_lr: Learning rate of the discriminator.
        ema_decay: Decay of the moving average of the weights that samples are drawn from.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        loss: Literal["r3gan", "wgan_gp", "non_saturating"] = "r3gan",
        latent: Annotated[int, Ge(1)] = 32,
        width: Annotated[int, Ge(4)] = 32,
        hidden: Annotated[int, Ge(1)] = 256,
        critic_width: Annotated[int, Ge(4)] = 32,
        critic_depth: Annotated[int, Ge(0)] = 0,
        gamma: Annotated[float, Ge(0)] = 0.5,
        penalty_every: Annotated[int, Ge(1)] = 4,
        diff_augment: tuple[Literal["translation", "affine", "cutout", "brightness"], ...] = (),
        steps: Annotated[int, Ge(1)] = 1000,
        batch_size: Annotated[int, Ge(2)] = 64,
        lr: Annotated[float, Gt(0)] = 1e-3,
        critic_lr: Annotated[float, Gt(0)] = 1e-3,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.998,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False  # two optimisers that take turns
        self.shape, self.classes, self.latent_shape = shape, classes, (latent,)
        self.steps, self.batch_size, self.ema_decay = steps, batch_size, ema_decay
        self.lr, self.critic_lr = lr, critic_lr
        self.loss, self.gamma = loss, gamma
        self.penalty_every, self.diff_augment = penalty_every, tuple(diff_augment)
        self.generator = Painter(shape, classes, latent, width, hidden)
        self.critic = Critic(shape, classes, critic_width, critic_depth, hidden)

    @property
    def parameter_count(self) -> int:
        """The generator's numbers alone: the discriminator is not needed after training."""
        return sum(weight.numel() for weight in self.generator.parameters())

    def weights(self) -> dict[str, Tensor]:
        """The generator's tensors, by name."""
        return {name: value.contiguous() for name, value in self.generator.state_dict().items()}

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Put back what ``weights`` gave; names and shapes must match exactly."""
        self.generator.load_state_dict(weights)
        self.eval()

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        return self.generator(z, y)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        x, y = batch
        optimizers: Any = self.optimizers()
        progress = batch_idx / self.steps
        for optimizer, lr in zip(optimizers, (self.lr, self.critic_lr), strict=True):
            optimizer.param_groups[0]["lr"] = lr * (0.55 + 0.45 * math.cos(math.pi * progress))
        real = augmented(x, self.diff_augment)

        # The discriminator's turn.
        with torch.no_grad():
            fake = self._fake(y)
        on_real, on_fake = self.critic(torch.cat([real, fake]), torch.cat([y, y])).chunk(2)
        critic_loss = self._critic_loss(on_real, on_fake)
        self.record({"discriminator": critic_loss})
        if batch_idx % self.penalty_every == 0:
            penalty = self._penalty(real, fake, y)
            self.record({"penalty": penalty})
            gamma = self.gamma * (1 + 4 * max(0.0, 1 - 2 * progress))  # from 5 gamma down to gamma
            critic_loss = critic_loss + gamma * self.penalty_every * penalty
        self._step(optimizers[1], critic_loss)

        # The generator's turn, against the same real images.
        self.critic.requires_grad_(False)
        with torch.no_grad():
            on_real = self.critic(real, y) if self.loss == "r3gan" else on_real
        generator_loss = self._generator_loss(on_real, self.critic(self._fake(y), y))
        self.record({"generator": generator_loss})
        self._step(optimizers[0], generator_loss)
        self.critic.requires_grad_(True)

    def _fake(self, y: Tensor) -> Tensor:
        z = torch.randn(len(y), *self.latent_shape, device=self.device)
        return augmented(self.generator(z, y), self.diff_augment)

    def _step(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()

    def _generator_loss(self, on_real: Tensor, on_fake: Tensor) -> Tensor:
        if self.loss == "r3gan":  # each generated image is compared with a real one of its class
            return F.softplus(on_real - on_fake).mean()
        if self.loss == "wgan_gp":
            return -on_fake.mean()
        return F.softplus(-on_fake).mean()

    def _critic_loss(self, on_real: Tensor, on_fake: Tensor) -> Tensor:
        if self.loss == "r3gan":
            return F.softplus(on_fake - on_real).mean()
        if self.loss == "wgan_gp":
            return on_fake.mean() - on_real.mean()
        return F.softplus(-on_real).mean() + F.softplus(on_fake).mean()

    def _penalty(self, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        if self.loss == "wgan_gp":  # the gradient shall have length 1 between real and generated
            share = torch.rand(len(real), *[1] * (real.ndim - 1), device=self.device)
            norm2 = gradient_norm2(lambda x: self.critic(x, y), share * real + (1 - share) * fake)
            return ((norm2 + 1e-12).sqrt() - 1).square().mean()
        if self.loss == "non_saturating":  # R1: the gradient shall vanish on real images
            return 0.5 * gradient_norm2(lambda x: self.critic(x, y), real).mean()
        # R1 and R2: on generated ones too; one pass over both costs less than two
        both, labels = torch.cat([real, fake]), torch.cat([y, y])
        return gradient_norm2(lambda x: self.critic(x, labels), both).mean()

    def configure_optimizers(self) -> Any:
        return [
            torch.optim.Adam(part.parameters(), lr=lr, betas=(0.0, 0.99), fused=True)
            for part, lr in ((self.generator, self.lr), (self.critic, self.critic_lr))
        ]


def gradient_norm2(score: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Squared length of the score's gradient at every image, ``[n]``, differentiable again."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(score(x).sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(dim=1)


def augmented(x: Tensor, choices: tuple[str, ...]) -> Tensor:
    """Change images at random but differentiably, as real and generated ones alike are changed."""
    if not choices:
        return x
    n, _, height, width = x.shape
    rows = torch.arange(height, device=x.device)
    columns = torch.arange(width, device=x.device)

    def uniform(low: float, high: float) -> Tensor:  # [n, 1, 1]
        return low + (high - low) * torch.rand(n, 1, 1, device=x.device)

    if "brightness" in choices:
        x = x + uniform(-0.25, 0.25)[:, None]
    if "affine" in choices:
        x = random_affine(x)
    if "translation" in choices:  # by whole pixels, up to an eighth of the side
        down, right = uniform(-1, 1) * height / 8, uniform(-1, 1) * width / 8
        x = warp(x, columns + right.round(), rows[:, None] + down.round())
    if "cutout" in choices:  # a square of half the side turns grey
        down = rows[:, None] - uniform(-0.25, 0.75) * height  # [n, h, 1]
        right = columns - uniform(-0.25, 0.75) * width  # [n, 1, w]
        inside = (down >= 0) & (down < height / 2) & (right >= 0) & (right < width / 2)
        x = x * ~inside[:, None]
    return x
