"""CNN: a small residual convolutional classifier for images from 8x8 to 64x64.

He et al., Deep residual learning (2015), arXiv 1512.03385.
Szegedy et al., Rethinking the Inception architecture: label smoothing (2015), arXiv 1512.00567.
Smith and Topin, Super-convergence: the one-cycle schedule (2017), arXiv 1708.07120.
"""

from typing import Annotated, Any

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.backbones import halvings
from genloom.networks.predictor import Predictor

__all__ = ["CNN"]


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.convolution2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm1(self.convolution1(x)))
        return F.relu(x + self.norm2(self.convolution2(h)))  # [n, width, h, w]


class CNN(Predictor):
    """The class or the number of an image, and features that other metrics can rest on.

    Args:
        shape: ``(channels, height, width)``.
        classes: How many classes; 0 for a number.
        width: Channels of the first stage; every further stage, at half the size, doubles them.
        depth: Residual blocks per stage.
        feature_size: Length of the penultimate layer's vector.
        dropout: Share of features switched off while training.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for.
        batch_size: Images per batch.
        lr: Highest learning rate of the one-cycle schedule.
        weight_decay: AdamW's decay of weights.
    """

    rows_at_once = 512
    longest_gradient = 0.0

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        width: Annotated[int, Ge(1)] = 24,
        depth: Annotated[int, Ge(0)] = 1,
        feature_size: Annotated[int, Ge(1)] = 64,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.1,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(2)] = 64,
        lr: Annotated[float, Gt(0)] = 5e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.02,
    ) -> None:
        super().__init__(classes)
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.weight_decay = lr, weight_decay
        self.label_smoothing = label_smoothing
        channels, height, width_ = shape
        times = halvings(height, width_)
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(width), nn.ReLU()]
        before = width
        for stage in range(times):  # every stage halves the grid: 8x8 -> 4x4
            w = width * min(4, 2 ** (stage + 1))
            layers += [nn.Conv2d(before, w, 3, stride=2, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(w), nn.ReLU()]
            layers += [Residual(w) for _ in range(depth)]
            before = w
        self.body = nn.Sequential(*layers).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        grid = (height >> times) * (width_ >> times)
        self.penultimate = nn.Linear(before * grid, feature_size)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(feature_size, self.outputs)

    def represent(self, x: Tensor) -> Tensor:
        h = self.body(x.contiguous(memory_format=torch.channels_last))  # [n, width, h/2^k, w/2^k]
        return F.relu(self.penultimate(h.flatten(1)))  # [n, feature_size]

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.lr, weight_decay=self.weight_decay, fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.lr, total_steps=max(2, self.steps)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
