"""Encoder: a bidirectional transformer that gives a sequence its class or a number.

Vaswani et al., Attention is all you need (2017), arXiv 1706.03762.
Devlin et al., BERT (2018), arXiv 1810.04805: the encoder alone, for classification.
"""

from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.token_classifier import TokenClassifier, content_mask, masked_mean

__all__ = ["Encoder"]


class Encoder(TokenClassifier):
    """The class or the number of a row of tokens, each of which has seen all others.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many classes; 0 for a number.
        width: Numbers per token between the layers.
        layers: How many layers of attention and feedforward network.
        heads: Attention heads per layer; has to divide ``width``.
        longest: Tokens of a row that are read; what follows is not seen.
        dropout: Share of each layer's output that is switched off while training.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for.
        batch_size: Rows per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.

    Raises:
        GenloomError: When ``heads`` does not divide ``width``.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        width: Annotated[int, Ge(2)] = 64,
        layers: Annotated[int, Ge(1)] = 2,
        heads: Annotated[int, Ge(1)] = 4,
        longest: Annotated[int, Ge(1)] = 64,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.2,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.05,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.05,
    ) -> None:
        super().__init__(classes)
        if width % heads:
            raise GenloomError(
                f"An encoder of width {width} cannot have {heads} heads: width has to be a "
                "multiple of heads."
            )
        length, vocabulary = shape
        self.longest, self.steps, self.batch_size = min(longest, length), steps, batch_size
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        self.token = nn.Embedding(vocabulary, width)
        self.place = nn.Parameter(torch.zeros(self.longest, width))
        nn.init.normal_(self.token.weight, std=0.1)
        nn.init.normal_(self.place, std=0.02)
        layer = nn.TransformerEncoderLayer(
            width,
            heads,
            dim_feedforward=2 * width,
            dropout=dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.body = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, self.outputs)

    def read(self, x: Tensor) -> Tensor:
        mask = content_mask(x)
        h = self.token(x) + self.place[: x.shape[1]]  # [n, t, width]
        h = self.body(self.dropout(h), src_key_padding_mask=~mask)
        return masked_mean(self.norm(h), mask)
