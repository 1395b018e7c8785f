"""TransformerForecaster: a small causal transformer over patches of a window, which forecasts.

Vaswani et al., Attention is all you need (2017), arXiv 1706.03762.
Nie et al., A time series is worth 64 words (2023), arXiv 2211.14730: some steps as one token.
"""

from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.forecaster import Forecaster
from genloom.networks.gpt import Block, norm
from genloom.networks.recurrent_forecaster import DEFAULT_QUANTILES

__all__ = ["TransformerForecaster"]


class TransformerForecaster(Forecaster):
    """Quantiles of the steps that follow a window, from its last patch, which has seen all others.

    Args:
        shape: ``(context, channels)``.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        quantiles: Their levels, rising.
        patch: Steps that are one token.
        width: Numbers per token between the layers.
        layers: How many blocks of attention and feedforward network.
        heads: Attention heads per block; has to divide ``width`` into even parts.
        noise: Standard deviation of the noise on the values while training, in those of a window.
        highway: Whether a linear forecast stands beside the network.
        dropout: Share of each layer's output and of the features switched off while training.
        steps: Batches to train for.
        batch_size: Windows per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.

    Raises:
        GenloomError: When ``width`` cannot be shared out among the heads.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        quantiles: list[float] = DEFAULT_QUANTILES,
        patch: Annotated[int, Ge(1)] = 4,
        width: Annotated[int, Ge(2)] = 32,
        layers: Annotated[int, Ge(1)] = 2,
        heads: Annotated[int, Ge(1)] = 2,
        noise: Annotated[float, Ge(0)] = 0.3,
        highway: bool = True,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
    ) -> None:
        if width % (2 * heads):
            raise GenloomError(
                f"A transformer of width {width} cannot have {heads} heads: width has to be a "
                f"multiple of {2 * heads}."
            )
        super().__init__(
            shape,
            horizon=horizon,
            quantiles=quantiles,
            noise=noise,
            highway=highway,
            dropout=dropout,
        )
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.weight_decay = lr, weight_decay
        self.patch = min(patch, self.context)
        self.tokens = -(-self.context // self.patch)
        self.embed = nn.Linear(self.patch * self.channels, width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        speed = 10_000.0 ** (-torch.arange(0, width // heads, 2) / (width // heads))
        angle = torch.arange(self.tokens)[:, None] * speed
        self.register_buffer("turn", torch.stack([angle.cos(), angle.sin()]), persistent=False)
        self.build_head(width)

    def represent(self, x: Tensor) -> Tensor:
        missing = self.tokens * self.patch - self.context
        x = F.pad(x, (0, 0, missing, 0))  # the oldest patch may begin with zeros
        h = self.embed(x.reshape(len(x), self.tokens, -1))  # [n, tokens, width]
        for block in self.blocks:
            h = block(h, self.turn, None, 0)
        return norm(h[:, -1])
