"""SequenceVAE: a conditional variational autoencoder that writes sequences from a smooth latent.

Bowman et al., Generating sentences from a continuous space (2016), arXiv 1511.06349: a recurrent
decoder, annealing of the Kullback-Leibler term, word dropout.
Gómez-Bombarelli et al., Automatic chemical design using a data-driven continuous representation of
molecules (2018), arXiv 1610.02415.
Kingma et al., free bits (2016), arXiv 1606.04934. Burda et al., Importance weighted autoencoders
(2015), arXiv 1509.00519.
"""

import math
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from genloom.errors import GenloomError
from genloom.networks.base import Generator
from genloom.networks.optimizers import optimizer_and_schedule
from genloom.networks.sequence_coder import Decoder, Encoder
from genloom.networks.vae import kl_from_standard_normal
from genloom.seeds import derive_seed
from genloom.tokens import lengths

__all__ = ["SequenceVAE"]

POOL = 16  # batches whose rows are sorted by length, so that a batch has rows of similar lengths
AT_ONCE = 512  # rows that are drawn, encoded or scored together
IMPORTANCE_SAMPLES = 16  # latents per row that a score is averaged over


class SequenceVAE(Generator):
    """Rows of tokens from a Gaussian latent and a label; trained by the evidence lower bound.

    The decoder writes token by token and sees latent and label at every step. What it could guess
    from the tokens before alone it would not look up in the latent; annealing, free bits and
    hidden tokens (word dropout) keep it looking there.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many labels.
        cell: ``gru`` or ``lstm``, of encoder and decoder.
        latent: Numbers in the latent.
        width: Numbers per token outside the recurrent layers.
        hidden_size: Units of the decoder's layer, and of the encoder's two together.
        beta: Weight of the Kullback-Leibler term.
        kl_warmup: Share of the steps in which that weight rises from 0.
        free_bits: Nats per latent number that cost nothing, against collapse.
        word_dropout: Share of the tokens that the decoder does not see in training.
        steps: Batches to train for.
        batch_size: Rows per batch.
        lr: AdamW's highest learning rate.
        weight_decay: Decay of weights.
        ema_decay: Decay of the moving average of the weights that samples are drawn from.
        temperature: Logits are divided by it in drawing samples; 0 takes the likeliest token.
    """

    takes = ("tokens",)

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        cell: Literal["gru", "lstm"] = "gru",
        latent: Annotated[int, Ge(2)] = 64,
        width: Annotated[int, Ge(1)] = 96,
        hidden_size: Annotated[int, Ge(2)] = 160,
        beta: Annotated[float, Ge(0)] = 0.05,
        kl_warmup: Annotated[float, Ge(0), Le(1)] = 0.3,
        free_bits: Annotated[float, Ge(0)] = 0.0,
        word_dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        steps: Annotated[int, Ge(1)] = 900,
        batch_size: Annotated[int, Ge(1)] = 64,
        lr: Annotated[float, Gt(0)] = 6e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.0,
        temperature: Annotated[float, Ge(0)] = 0.8,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.latent_shape = shape, classes, (latent,)
        self.steps, self.batch_size, self.ema_decay = steps, batch_size, ema_decay
        self.beta, self.kl_warmup, self.free_bits = beta, kl_warmup, free_bits
        self.word_dropout, self.temperature = word_dropout, temperature
        self.lr, self.weight_decay = lr, weight_decay
        self.encoder = Encoder(shape[1], classes, cell, width, max(1, hidden_size // 2), latent)
        self.decoder = Decoder(shape, classes, cell, width, hidden_size, latent)
        self._tokens_per_row = 1.0  # of what it trains on

    # ------------------------------------------------------------------ learning
    def batches(self, x: Tensor, y: Tensor, seed: int) -> DataLoader[Any]:
        """``steps`` batches of shuffled rows; rows of similar lengths share a batch."""
        self._tokens_per_row = float(lengths(x).float().mean().clamp(min=1))
        order = batches_by_length(lengths(x), self.steps, self.batch_size, seed)
        return DataLoader(
            TensorDataset(x, y),
            sampler=order,  # type: ignore[arg-type]  # a tensor is indexed a batch at a time
            batch_size=None,
        )

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        mean, log_variance = self.encoder(x, y)
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        nats = self.decoder.nats(x, y, z, hidden=self.word_dropout).mean()
        kl = kl_from_standard_normal(mean, log_variance)  # [latent], each the batch's mean
        rising = min(1.0, (batch_idx + 1) / max(1.0, self.kl_warmup * self.steps))
        paid = rising * self.beta * kl.clamp(min=self.free_bits).sum()
        # Per token of an average row, not of this batch: every row weighs the same.
        loss = (nats + paid) / self._tokens_per_row
        self.record({"loss": loss, "reconstruction": nats, "kl": kl.sum()})
        return loss

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    def configure_optimizers(self) -> Any:
        return optimizer_and_schedule(
            [],
            [{"params": list(self.parameters()), "lr": self.lr}],
            muon_lr=self.lr,
            weight_decay=self.weight_decay,
            steps=self.steps,
            warmup=0.05,
            decay=0.6,
        )

    # ------------------------------------------------------------------ the latent space
    @torch.no_grad()
    def encode(self, x: Tensor, y: Tensor) -> Tensor:
        """The mean latent ``[n, latent]`` of rows ``[n, length]`` int64 with labels ``[n]``."""
        self.eval()
        z = torch.empty(len(x), *self.latent_shape)
        for some in lengths(x).argsort(stable=True).split(AT_ONCE):  # alike ones have little PAD
            z[some] = self.encoder(x[some].to(self.device), y[some].to(self.device))[0].cpu()
        return z

    @torch.no_grad()
    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """The rows ``[n, length]`` int64 of latents ``[n, latent]``: the likeliest token by token.

        Raises:
            GenloomError: There are not as many labels as latents.
        """
        _require_as_many(len(z), y)
        return self._in_batches(z, y)

    def walk(self, start: Tensor, end: Tensor, *, steps: int) -> Tensor:
        """Latents ``[n, steps, latent]`` on great circles between two, each ``[n, latent]``.

        Their lengths go evenly from one to the other (Shoemake, 1985; ``Generator.interpolate``).
        """
        t = torch.linspace(0, 1, steps)[None, :, None]
        cosine = torch.cosine_similarity(start, end, dim=-1)[:, None, None]
        angle = cosine.clamp(-0.9999, 0.9999).acos()
        sizes = [z.norm(dim=-1)[:, None, None] for z in (start, end)]
        unit = [F.normalize(z, dim=-1)[:, None] for z in (start, end)]
        direction = ((1 - t) * angle).sin() * unit[0] + (t * angle).sin() * unit[1]
        return direction / angle.sin() * ((1 - t) * sizes[0] + t * sizes[1])

    @torch.no_grad()
    def interpolate(self, labels: Tensor, *, steps: int, seed: int) -> Tensor:
        """Walk from one random latent to another, one walk per label.

        Returns:
            Rows ``[len(labels), steps, length of a row]`` int64, the likeliest of each latent.
        """
        random = torch.Generator().manual_seed(seed)
        start, end = torch.randn(2, len(labels), *self.latent_shape, generator=random)
        z = self.walk(start, end, steps=steps).flatten(0, 1)
        return self.decode(z, labels.repeat_interleave(steps)).view(len(labels), steps, -1)

    def features(self, x: Tensor) -> Tensor:
        """The mean latent of rows ``[n, length]``, averaged over all labels: ``[n, latent]``."""
        means = [self.encode(x, torch.full((len(x),), label)) for label in range(self.classes)]
        return torch.stack(means).mean(dim=0)

    # ------------------------------------------------------------------ drawing
    @torch.no_grad()
    def sample(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        seed: int,
        temperature: float | None = None,
    ) -> Tensor:
        """Draw latents from the standard normal, and rows from them token by token.

        Args:
            n: How many.
            labels: Which class each one shall be, ``[n]`` int64; uniformly drawn if not given.
            seed: Seeds latents, labels and tokens; torch's global random numbers are not touched.
            temperature: Logits are divided by it; 0 takes the likeliest token, so that all chance
                is in the latents. The model's own ``temperature`` unless given.

        Returns:
            Rows ``[n, length of a row]`` int64: content, ``END`` unless full, ``PAD``.

        Raises:
            GenloomError: For labels that are not ``n``, or a temperature below 0.
        """
        random = torch.Generator().manual_seed(seed)
        if labels is None:
            labels = torch.randint(self.classes, (n,), generator=random)
        _require_as_many(n, labels)
        z = torch.randn(n, *self.latent_shape, generator=random)
        chosen = self.temperature if temperature is None else temperature
        return self._in_batches(z, labels, temperature=chosen, random=random)

    def _in_batches(
        self,
        z: Tensor,
        y: Tensor,
        *,
        temperature: float = 0.0,
        random: torch.Generator | None = None,
    ) -> Tensor:
        """Tokens are whole numbers: unlike what the base class makes, they are not clamped."""
        self.eval()
        parts = [
            self.decoder.write(
                some_z.to(self.device),
                some_y.to(self.device),
                temperature=temperature,
                random=random,
            )
            for some_z, some_y in zip(z.split(AT_ONCE), y.split(AT_ONCE), strict=True)
        ]
        return torch.cat(parts) if parts else torch.empty(0, self.shape[0], dtype=torch.int64)

    # ------------------------------------------------------------------ scoring
    @torch.no_grad()
    def score(self, x: Tensor, y: Tensor) -> dict[str, float]:
        """How well it predicts rows, each by itself; the same rows give the same numbers.

        The probability of a row is an average over all latents, which nobody can sum. ``nats`` is
        the importance-weighted bound with 16 latents per row, drawn from the encoder: its
        expectation is never below the true value, and nearer to it than the evidence lower bound.
        So a language model with lower ``nats`` may be no better, one with higher ones is worse.

        Args:
            x: Rows ``[n, length]`` int64.
            y: Their labels ``[n]``, each paid for as one of equally likely ones.

        Returns:
            ``nats`` of all rows together and ``tokens``, how many they have, labels included.
        """
        self.eval()
        random = torch.Generator().manual_seed(derive_seed(0, "sequence_vae", "score"))
        order = lengths(x).argsort(stable=True)
        total = 0.0
        for some in order.split(max(1, AT_ONCE // IMPORTANCE_SAMPLES)):
            total += float(self._bound(x[some], y[some], random).double().sum())
        return {
            "nats": total + len(x) * math.log(self.classes),
            "tokens": int(lengths(x).sum()) + len(x),
        }

    def _bound(self, x: Tensor, y: Tensor, random: torch.Generator) -> Tensor:
        """The bound ``[n]`` of each row."""
        k = IMPORTANCE_SAMPLES
        x, y = x.to(self.device), y.to(self.device)
        mean, log_variance = (part.repeat_interleave(k, 0) for part in self.encoder(x, y))
        noise = torch.randn(mean.shape, generator=random).to(self.device)
        z = mean + (0.5 * log_variance).exp() * noise
        # log p(z) - log q(z | x, y), whose constants cancel
        ratio = 0.5 * (noise.square() + log_variance - z.square()).sum(dim=1)
        nats = self.decoder.nats(x.repeat_interleave(k, 0), y.repeat_interleave(k, 0), z)
        weights = (ratio - nats).double().view(-1, k)
        return (math.log(k) - weights.logsumexp(dim=1)).cpu()


def batches_by_length(sizes: Tensor, steps: int, batch_size: int, seed: int) -> list[Tensor]:
    """Which rows each of ``steps`` batches has: shuffled, but together with rows of their length.

    Rows are taken without repetition until all were used; of every few batches' worth, those of
    similar lengths share a batch, and the batches are shuffled.

    Args:
        sizes: How long each row is, ``[n]``.
        steps: How many batches.
        batch_size: Rows per batch.
        seed: Of the order.
    """
    random = torch.Generator().manual_seed(seed)
    wanted = steps * batch_size
    rounds = [torch.randperm(len(sizes), generator=random) for _ in range(-(-wanted // len(sizes)))]
    found: list[Tensor] = []
    for pool in torch.cat(rounds)[:wanted].split(POOL * batch_size):
        alike = pool[sizes[pool].argsort(stable=True)].split(batch_size)
        found += [alike[place] for place in torch.randperm(len(alike), generator=random).tolist()]
    return found


def _require_as_many(n: int, labels: Tensor) -> None:
    if len(labels) != n:
        raise GenloomError(f"{n} samples were asked for with {len(labels)} labels.")
