"""FNN: a feedforward network over hashed n-grams of tokens.

Joulin et al., Bag of tricks for efficient text classification (2016), arXiv 1607.01759: a mean of
vectors of hashed n-grams says most of what a text is about.
"""

from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.token_classifier import TokenClassifier, content_mask, masked_mean
from genloom.tokens import PAD

__all__ = ["FNN"]


class FNN(TokenClassifier):
    """Class probabilities of a row of tokens from the n-grams in it, whatever their order.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many classes.
        longest_ngram: N-grams of one to so many tokens count.
        buckets: Vectors that n-grams are hashed to.
        width: Numbers per n-gram.
        hidden_size: Units of the hidden layer.
        longest: Tokens of a row that are read; what follows is not seen.
        dropout: Share of the hidden layer that is switched off while training.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for.
        batch_size: Rows per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        longest_ngram: Annotated[int, Ge(1)] = 3,
        buckets: Annotated[int, Ge(1)] = 16384,
        width: Annotated[int, Ge(1)] = 32,
        hidden_size: Annotated[int, Ge(1)] = 64,
        longest: Annotated[int, Ge(1)] = 128,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.3,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.05,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 1e-2,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
    ) -> None:
        super().__init__()
        self.longest, self.steps, self.batch_size = min(longest, shape[0]), steps, batch_size
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        self.longest_ngram, self.buckets = longest_ngram, buckets
        self.ngram = nn.Embedding(buckets, width)
        nn.init.normal_(self.ngram.weight, std=0.1)
        self.hidden = nn.Linear(longest_ngram * width, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, classes)

    def represent(self, x: Tensor) -> Tensor:
        mask = content_mask(x)
        key, means = x, []
        for n in range(1, self.longest_ngram + 1):
            if n > 1:  # the n-gram that ends at each place; those from before the row hold PADs
                earlier = torch.cat([torch.full_like(x[:, : n - 1], PAD), x], dim=1)
                earlier = earlier[:, : x.shape[1]]
                key = (key * 1_000_003 + earlier * 7_919 + n) % 2_147_483_647
            means.append(masked_mean(self.ngram((key * 31 + n) % self.buckets), mask))
        # Means of many small vectors are small; scaled up, they begin at about one.
        return torch.relu(self.hidden(10 * torch.cat(means, dim=1)))
