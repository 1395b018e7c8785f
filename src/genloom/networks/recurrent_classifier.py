"""RecurrentClassifier: an LSTM or a plain RNN that gives a sequence its class or a number.

Hochreiter and Schmidhuber, Long short-term memory (1997).
Schuster and Paliwal, Bidirectional recurrent neural networks (1997).
"""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.networks.token_classifier import TokenClassifier, content_mask, masked_mean

__all__ = ["RecurrentClassifier"]

CELLS = {"lstm": nn.LSTM, "rnn": nn.RNN}


class RecurrentClassifier(TokenClassifier):
    """The class or the number of a row of tokens, read forwards and backwards.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many classes; 0 for a number.
        cell: ``lstm`` or ``rnn`` (tanh units).
        width: Numbers per token.
        hidden_size: Units in each direction.
        longest: Tokens of a row that are read; what follows is not seen.
        dropout: Share of the inputs and of the features that is switched off while training.
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
        cell: Literal["lstm", "rnn"] = "lstm",
        width: Annotated[int, Ge(1)] = 64,
        hidden_size: Annotated[int, Ge(1)] = 64,
        longest: Annotated[int, Ge(1)] = 64,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.2,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.05,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 4e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.05,
    ) -> None:
        super().__init__(classes)
        length, vocabulary = shape
        self.longest, self.steps, self.batch_size = min(longest, length), steps, batch_size
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        self.token = nn.Embedding(vocabulary, width)
        self.recurrent = CELLS[cell](width, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * hidden_size, self.outputs)

    def read(self, x: Tensor) -> Tensor:
        mask = content_mask(x)
        lengths = mask.sum(dim=1).cpu()
        embedded = self.dropout(self.token(x))  # [n, t, width]
        packed = nn.utils.rnn.pack_padded_sequence(
            embedded, lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = self.recurrent(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)  # [n, t, 2 hidden_size]
        return masked_mean(h, mask[:, : h.shape[1]])
