"""RecurrentForecaster: an LSTM or a plain RNN that reads a window and forecasts what follows.

Elman, Finding structure in time (1990): the plain recurrent network.
Hochreiter and Schmidhuber, Long short-term memory (1997).
"""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from torch import Tensor

from genloom.networks.forecaster import Forecaster
from genloom.networks.recurrent import CELLS

__all__ = ["RecurrentForecaster"]

DEFAULT_QUANTILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


class RecurrentForecaster(Forecaster):
    """Quantiles of the steps that follow a window, from the last state of a recurrent network.

    Args:
        shape: ``(context, channels)``.
        classes: 0: it forecasts numbers.
        horizon: Steps to forecast.
        quantiles: Their levels, rising.
        cell: ``lstm`` or ``rnn`` (tanh units).
        hidden_size: Units of each recurrent layer.
        layers: How many recurrent layers.
        noise: Standard deviation of the noise on the values while training, in those of a window.
        highway: Whether a linear forecast stands beside the network.
        dropout: Share of the last state that is switched off while training.
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
        cell: Literal["lstm", "rnn"] = "lstm",
        hidden_size: Annotated[int, Ge(1)] = 32,
        layers: Annotated[int, Ge(1)] = 1,
        noise: Annotated[float, Ge(0)] = 0.3,
        highway: bool = True,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 5e-3,
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
        self.recurrent = CELLS[cell](self.channels, hidden_size, layers, batch_first=True)
        self.build_head(hidden_size)

    def represent(self, x: Tensor) -> Tensor:
        states, _ = self.recurrent(x)  # [n, context, hidden_size]
        return states[:, -1]
