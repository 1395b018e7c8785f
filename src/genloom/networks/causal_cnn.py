"""CausalCNN: dilated convolutions that look back further layer by layer, and forecast.

van den Oord et al., WaveNet (2016), arXiv 1609.03499: dilated causal convolutions.
Bai, Kolter and Koltun, An empirical evaluation of generic convolutional and recurrent networks for
sequence modeling (2018), arXiv 1803.01271: residual blocks of them.
"""

from typing import Annotated

import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.forecaster import Forecaster
from genloom.networks.recurrent_forecaster import DEFAULT_QUANTILES

__all__ = ["CausalCNN"]

KERNEL = 3


class CausalBlock(nn.Module):
    """A dilated convolution that sees no later step, beside an identity."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.reach = (KERNEL - 1) * dilation
        self.convolution = nn.Conv1d(width, width, KERNEL, dilation=dilation)
        self.out = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.convolution(F.pad(x, (self.reach, 0)))  # [n, width, context]
        return x + self.dropout(self.out(F.gelu(h)))


class CausalCNN(Forecaster):
    """Quantiles of the steps that follow a window, from what dilated convolutions make of it.

    Each layer looks back twice as far as the one before; there are as many as it takes to see the
    whole window.

    Args:
        shape: ``(context, channels)``.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        quantiles: Their levels, rising.
        width: Channels between the layers.
        noise: Standard deviation of the noise on the values while training, in those of a window.
        highway: Whether a linear forecast stands beside the network.
        dropout: Share of each layer's output and of the features switched off while training.
        steps: Batches to train for.
        batch_size: Windows per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        horizon: Annotated[int, Ge(1)] = 1,
        quantiles: list[float] = DEFAULT_QUANTILES,
        width: Annotated[int, Ge(1)] = 32,
        noise: Annotated[float, Ge(0)] = 0.3,
        highway: bool = True,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
    ) -> None:
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
        self.embed = nn.Conv1d(self.channels, width, 1)
        layers, seen = 0, 1
        while seen < self.context:
            seen += (KERNEL - 1) * 2**layers
            layers += 1
        self.blocks = nn.Sequential(
            *(CausalBlock(width, 2**layer, dropout) for layer in range(layers))
        )
        self.build_head(width)

    def represent(self, x: Tensor) -> Tensor:
        return self.blocks(self.embed(x.transpose(1, 2)))[:, :, -1]  # [n, width]
