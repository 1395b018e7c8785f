"""What all networks that predict share: classes or a number, and how they are trained."""

from typing import Any

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.base import Network
from genloom.networks.optimizers import optimizer_and_schedule


class Predictor(Network):
    """A network that names the class of a sample, or with ``classes`` 0 gives it a number.

    A subclass sets ``lr``, ``weight_decay``, ``label_smoothing`` and what every network sets, has a
    ``dropout`` and a ``head`` with ``outputs`` outputs, and writes ``represent``. Numbers are
    learned with the mean and the scale of the training targets taken away; the two are kept.

    Args:
        classes: How many classes; 0 for a number.
    """

    lr: float
    weight_decay: float
    label_smoothing: float
    dropout: nn.Dropout
    head: nn.Linear
    rows_at_once = 64  # samples that pass through the network together when it predicts
    longest_gradient = 1.0  # gradients are cut to this length; 0 leaves them as they are
    target_mean: Tensor
    target_scale: Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes, self.outputs = classes, max(1, classes)
        if classes == 0:
            self.register_buffer("target_mean", torch.zeros(()))
            self.register_buffer("target_scale", torch.ones(()))

    def represent(self, x: Tensor) -> Tensor:
        """Features ``[n, d]`` of samples ``[n, *shape]``: what the head decides by."""
        raise NotImplementedError

    def observe(self, x: Tensor) -> None:
        """Look at the training samples before training, e.g. for the scale of their columns."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``[n, classes]`` of samples ``[n, *shape]``, or ``[n, 1]`` without unit."""
        return self.head(self.dropout(self.represent(x)))

    def fit(self, x: Tensor, y: Tensor, **how: Any) -> pd.DataFrame:
        """Train as every network does; see ``Network.fit``.

        Args:
            x: Samples ``[n, *shape]``.
            y: Labels ``[n]`` int64, probabilities ``[n, classes]`` float32, or with ``classes`` 0
                numbers ``[n]`` float32 in their own unit.
            how: ``seed``, ``hardware``, ``progress``, ``validation``.

        Raises:
            GenloomError: When a target is not a finite number.
        """
        if self.classes == 0:
            if not y.isfinite().all():
                raise GenloomError(
                    f"{type(self).__name__}: the targets hold values that are not finite numbers, "
                    "so nothing was trained: check the target's column."
                )
            mean, scale = y.double().mean(), y.double().std(correction=0)
            self.target_mean.copy_(mean)
            self.target_scale.copy_(scale if scale > 0 else torch.ones(()))
        self.observe(x)
        return super().fit(x, y, **how)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        return self._number_step(x, y) if self.classes == 0 else self._class_step(x, y)

    def _class_step(self, x: Tensor, y: Tensor) -> Tensor:
        logits = self(x)  # y: labels [n] or, e.g. after mixup, probabilities [n, classes]
        loss = F.cross_entropy(logits, y, label_smoothing=self.label_smoothing)
        hard = y if y.ndim == 1 else y.argmax(dim=1)
        accuracy = (logits.detach().argmax(dim=1) == hard).float().mean()
        self.record({"loss": loss, "accuracy": accuracy})
        return loss

    def _number_step(self, x: Tensor, y: Tensor) -> Tensor:
        wanted = (y - self.target_mean) / self.target_scale
        loss = F.mse_loss(self(x).squeeze(1), wanted.float())
        self.record({"loss": loss})
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
        if self.longest_gradient:
            nn.utils.clip_grad_norm_(self.parameters(), self.longest_gradient)

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Class probabilities ``[n, classes]`` of samples ``[n, *shape]``, in batches.

        With ``classes`` 0, numbers ``[n]`` in the unit of the training targets.
        """
        self.eval()
        parts = x.split(self.rows_at_once)
        found = torch.cat([self(part.to(self.device)) for part in parts])
        if self.classes:
            return found.softmax(1).cpu()
        return (found.squeeze(1) * self.target_scale + self.target_mean).cpu()

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """What ``represent`` makes of samples ``[n, *shape]``, in batches: ``[n, d]``."""
        self.eval()
        parts = x.split(self.rows_at_once)
        return torch.cat([self.represent(part.to(self.device)).cpu() for part in parts])
