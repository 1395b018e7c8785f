"""What classifiers of token sequences share: rows of unequal length, and training."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom.networks.base import Network
from genloom.networks.optimizers import optimizer_and_schedule
from genloom.tokens import PAD

ROWS_AT_ONCE = 64


class TokenClassifier(Network):
    """A network that names the class of a row of tokens.

    A subclass sets ``longest``, ``lr``, ``weight_decay`` and ``label_smoothing``, has a ``dropout``
    and a ``head``, and writes ``represent``.
    """

    takes = ("tokens",)
    longest: int  # tokens of a row that are read
    lr: float
    weight_decay: float
    label_smoothing: float
    dropout: nn.Dropout
    head: nn.Linear

    def represent(self, x: Tensor) -> Tensor:
        """Vectors ``[n, d]`` of rows ``[n, t]`` int64 that are ``trimmed``."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``[n, classes]`` of rows ``[n, length]`` int64."""
        return self.head(self.dropout(self.represent(trimmed(x, self.longest))))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch  # y: labels [n] or probabilities [n, classes]
        logits = self(x)
        loss = F.cross_entropy(logits, y, label_smoothing=self.label_smoothing)
        hard = y if y.ndim == 1 else y.argmax(dim=1)
        accuracy = (logits.detach().argmax(dim=1) == hard).float().mean()
        self.record({"loss": loss, "accuracy": accuracy})
        return loss

    def configure_optimizers(self) -> Any:
        return optimizer_and_schedule(
            [],
            [{"params": list(self.parameters()), "lr": self.lr}],
            muon_lr=self.lr,
            weight_decay=self.weight_decay,
            steps=self.steps,
            warmup=0.1,
            decay=0.9,
        )

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Class probabilities ``[n, classes]`` of rows ``[n, length]``, in batches."""
        self.eval()
        parts = x.split(ROWS_AT_ONCE)
        return torch.cat([self(part.to(self.device)).softmax(1).cpu() for part in parts])

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """What ``represent`` makes of rows ``[n, length]``, in batches: ``[n, d]``."""
        self.eval()
        parts = x.split(ROWS_AT_ONCE)
        return torch.cat(
            [self.represent(trimmed(part.to(self.device), self.longest)).cpu() for part in parts]
        )


def trimmed(x: Tensor, longest: int) -> Tensor:
    """Rows without the columns that no row uses, and never empty: ``[n, 1 to longest]``."""
    x = x[:, :longest]
    used = max(1, int((x != PAD).sum(dim=1).max())) if len(x) else 1
    return x[:, :used]


def content_mask(x: Tensor) -> Tensor:
    """Which places of rows hold content or ``END``; the first always counts: ``[n, t]`` bool."""
    mask = x != PAD
    mask[:, 0] = True
    return mask


def masked_mean(h: Tensor, mask: Tensor) -> Tensor:
    """The mean of ``h`` ``[n, t, d]`` over the places of ``mask`` ``[n, t]``."""
    weight = mask[..., None].to(h.dtype)
    return (h * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
