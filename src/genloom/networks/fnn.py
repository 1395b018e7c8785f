"""FNN: a feedforward network over vectors, pixels, or hashed n-grams of tokens.

Rumelhart, Hinton and Williams, Learning representations by back-propagating errors (1986).
Joulin et al., Bag of tricks for efficient text classification (2016), arXiv 1607.01759: a mean of
vectors of hashed n-grams says most of what a text is about.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.predictor import Predictor
from genloom.networks.token_classifier import content_mask, masked_mean, trimmed
from genloom.tokens import PAD

__all__ = ["FNN"]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
FARTHEST = 5.0  # standard deviations: how far from its mean an input counts
COLUMNS = 256  # whose means are taken at once


class NgramBag(nn.Module):
    """Rows of tokens as means of vectors of the n-grams in them, whatever their order."""

    def __init__(self, longest_ngram: int, buckets: int, width: int, longest: int) -> None:
        super().__init__()
        self.longest_ngram, self.buckets, self.longest = longest_ngram, buckets, longest
        self.ngram = nn.Embedding(buckets, width)
        nn.init.normal_(self.ngram.weight, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = trimmed(x, self.longest)
        mask = content_mask(x)
        key, means = x, []
        for n in range(1, self.longest_ngram + 1):
            if n > 1:  # the n-gram that ends at each place; those from before the row hold PADs
                earlier = torch.cat([torch.full_like(x[:, : n - 1], PAD), x], dim=1)
                earlier = earlier[:, : x.shape[1]]
                key = (key * 1_000_003 + earlier * 7_919 + n) % 2_147_483_647
            means.append(masked_mean(self.ngram((key * 31 + n) % self.buckets), mask))
        # Means of many small vectors are small; scaled up, they begin at about one.
        return 10 * torch.cat(means, dim=1)  # [n, longest_ngram * width]


class Standardised(nn.Module):
    """Samples as flat vectors whose columns have mean 0 and deviation 1 in the training split.

    What hardly ever varies would stand very far out where it does, so values are cut off;
    a column that never varies is 0.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def observe(self, x: Tensor) -> None:
        """Take mean and deviation from the training samples ``[n, *shape]``."""
        found = []
        for some in x.flatten(1).split(COLUMNS, dim=1):  # copies of all in double would need room
            columns = some.double()
            deviation = columns.std(dim=0, correction=0)
            # Equal numbers may differ from their mean in the last digits.
            varies = deviation > 1e-7 * columns.abs().amax(dim=0)
            found.append((columns.mean(dim=0), torch.where(varies, 1 / deviation, 0)))
        means, scales = zip(*found, strict=True)
        self.mean.copy_(torch.cat(means))
        self.scale.copy_(torch.cat(scales))

    def forward(self, x: Tensor) -> Tensor:
        return ((x.flatten(1) - self.mean) * self.scale).clamp(-FARTHEST, FARTHEST)


class FNN(Predictor):
    """The class or the number of a vector, an image (flattened), or a row of tokens.

    Args:
        shape: ``(size of a vector,)``, ``(channels, height, width)``, or for tokens
            ``(length of a row, vocabulary)``.
        classes: How many classes; 0 for a number.
        layers: Hidden layers.
        hidden_size: Units of a hidden layer.
        activation: What a hidden layer's sums pass through.
        residual: Whether every hidden layer but the first adds to what it reads.
        longest_ngram: Tokens only: n-grams of one to so many tokens count.
        buckets: Tokens only: vectors that n-grams are hashed to.
        width: Tokens only: numbers per n-gram.
        longest: Tokens only: tokens of a row that are read; what follows is not seen.
        input_dropout: Share of the inputs that is switched off while training.
        dropout: Share of each hidden layer that is switched off while training.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for.
        batch_size: Samples per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.
        ema_decay: 0 keeps the last weights, 0.99 an exponential moving average.
    """

    takes = ("tokens", "vectors", "images")
    rows_at_once = 512

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        layers: Annotated[int, Ge(1)] = 1,
        hidden_size: Annotated[int, Ge(1)] = 64,
        activation: Literal["relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"] = "relu",
        residual: bool = False,
        longest_ngram: Annotated[int, Ge(1)] = 3,
        buckets: Annotated[int, Ge(1)] = 16384,
        width: Annotated[int, Ge(1)] = 32,
        longest: Annotated[int, Ge(1)] = 128,
        input_dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.3,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.05,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 1e-2,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(classes)
        self.steps, self.batch_size, self.ema_decay = steps, batch_size, ema_decay
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        self.activation, self.residual = ACTIVATIONS[activation], residual
        if len(shape) == 2:
            self.inputs: nn.Module = NgramBag(longest_ngram, buckets, width, min(longest, shape[0]))
            size = longest_ngram * width
        else:
            size = math.prod(shape)
            self.inputs = Standardised(size)
        self.input_dropout = nn.Dropout(input_dropout)
        sizes = [size] + [hidden_size] * layers
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(sizes))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, self.outputs)

    def observe(self, x: Tensor) -> None:
        if isinstance(self.inputs, Standardised):
            self.inputs.observe(x)

    def represent(self, x: Tensor) -> Tensor:
        h = self.activation(self.hidden[0](self.input_dropout(self.inputs(x))))
        for layer in self.hidden[1:]:
            after = self.activation(layer(self.dropout(h)))
            h = h + after if self.residual else after
        return h  # [n, hidden_size]
