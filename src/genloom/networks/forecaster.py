"""What networks that forecast share: quantiles over a horizon, and how they are trained.

Wen et al., A multi-horizon quantile recurrent forecaster (2017), arXiv 1711.11053: all steps and
quantiles at once, trained with the pinball loss.
Lai et al., LSTNet (2017), arXiv 1703.07015: a linear forecast beside the network.
"""

from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.base import Network
from genloom.networks.optimizers import optimizer_and_schedule

LOOKS = 30  # how often it is held against the validation windows while it trains
START = 0.5  # how wide forecasts are before training, in standard deviations of a window


class Forecaster(Network):
    """A network that gives quantiles of each of the steps that follow a window.

    A subclass calls ``__init__`` and ``build_head``, sets what every network sets, and writes
    ``represent``. Windows come with their last value at 0, so what it learns is how far the series
    moves away from there.

    Args:
        shape: ``(context, channels)``; the first channel holds the values.
        horizon: Steps to forecast.
        quantiles: The levels, rising.
        noise: Standard deviation of the Gaussian noise on the values while training.
        highway: Whether a linear forecast from the values stands beside the network.
        dropout: Share of the features that is switched off while training.
    """

    takes = ("series",)
    rows_at_once = 256  # windows that pass through the network together when it forecasts
    lr: float
    weight_decay: float
    levels: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        horizon: int,
        quantiles: list[float],
        noise: float,
        highway: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.context, self.channels = shape
        self.horizon, self.quantiles, self.noise = horizon, list(quantiles), noise
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("levels", torch.tensor(self.quantiles), persistent=False)
        self.highway = nn.Linear(self.context, horizon) if highway else None
        if self.highway is not None:
            nn.init.zeros_(self.highway.weight)
            nn.init.zeros_(self.highway.bias)

    def build_head(self, features: int) -> None:
        """The last layer; it begins with the quantiles of a normal distribution."""
        self.head = nn.Linear(features, self.horizon * len(self.quantiles))
        nn.init.zeros_(self.head.weight)
        start = START * torch.distributions.Normal(0.0, 1.0).icdf(self.levels)
        with torch.no_grad():
            self.head.bias.copy_(start.repeat(self.horizon))

    def represent(self, x: Tensor) -> Tensor:
        """Features ``[n, d]`` of windows ``[n, context, channels]``."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Quantiles ``[n, horizon, quantiles]``, which may still cross each other."""
        found = self.head(self.dropout(self.represent(x)))
        found = found.view(len(x), self.horizon, len(self.quantiles))
        return found if self.highway is None else found + self.highway(x[:, :, 0])[:, :, None]

    def fit(self, x: Tensor, y: Tensor, **how: Any) -> pd.DataFrame:
        """Train as every network does; see ``Network.fit``.

        Args:
            x: Windows ``[n, context, channels]``.
            y: What followed, ``[n, horizon]``, in the windows' own scale.
            how: ``seed``, ``hardware``, ``progress``, ``validation``.

        Raises:
            GenloomError: When ``y`` has another shape, or is not finite.
        """
        if tuple(y.shape) != (len(x), self.horizon) or not y.isfinite().all():
            raise GenloomError(
                f"{type(self).__name__} learns the {self.horizon} finite numbers that follow each "
                f"of {len(x)} windows, but got {list(y.shape)}."
            )
        self._best: tuple[float, dict[str, Tensor]] | None = None
        history = super().fit(x, y, **how)
        if self._best is not None:
            self.load_state_dict(self._best[1])
            self._best = None
        return history

    def on_train_batch_end(self, *args: Any) -> None:
        """Keep the weights that do best on the validation windows: series are short."""
        step = self.trainer.fit_loop.batch_idx + 1
        if self.validation is None or (step % max(1, self.steps // LOOKS) and step < self.steps):
            return
        self.eval()
        with torch.no_grad():
            x, y = (part.to(self.device) for part in self.validation)
            loss = float(pinball(self(x), y, self.levels))
        self.train()
        if self._best is None or loss < self._best[0]:
            kept = {name: value.detach().clone() for name, value in self.state_dict().items()}
            self._best = loss, kept

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        if self.noise:
            x = x.clone()
            x[:, :, 0] += self.noise * torch.randn_like(x[:, :, 0])
        loss = pinball(self(x), y, self.levels)
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
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Quantiles of the steps that follow windows ``[n, context, channels]``, in batches.

        Returns:
            ``[n, horizon, quantiles]`` float32, in the windows' own scale, rising: quantiles that
            cross are sorted (Chernozhukov et al. 2010).
        """
        self.eval()
        parts = [self(part.to(self.device)).cpu() for part in x.split(self.rows_at_once)]
        found = torch.cat(parts) if len(x) else torch.empty(0, self.horizon, len(self.quantiles))
        return found.sort(dim=2).values

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """What ``represent`` makes of windows, in batches: ``[n, d]``."""
        self.eval()
        return torch.cat([self.represent(p.to(self.device)).cpu() for p in x.split(256)])


def pinball(forecasts: Tensor, targets: Tensor, levels: Tensor) -> Tensor:
    """The mean pinball loss of quantiles ``[n, horizon, levels]`` of ``[n, horizon]``."""
    error = targets[:, :, None] - forecasts
    return torch.maximum(levels * error, (levels - 1) * error).mean()
