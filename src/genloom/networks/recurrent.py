"""Recurrent: an LSTM or a plain RNN that writes sequences token by token.

Elman, Finding structure in time (1990): the plain recurrent network.
Hochreiter and Schmidhuber, Long short-term memory (1997).
"""

from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn

from genloom.networks.language_model import LanguageModel, Memory, TokenEmbedding
from genloom.networks.optimizers import optimizer_and_schedule
from genloom.tokens import PAD

__all__ = ["Recurrent"]

SEGMENTS = 32  # parts of a long text that are scored side by side
CELLS = {"lstm": nn.LSTM, "rnn": nn.RNN}


def norm(x: Tensor) -> Tensor:
    """Vectors of root mean square one; nothing in it is learnt."""
    return F.rms_norm(x, (x.shape[-1],))


def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent to 1e-7; torch's own takes twice as long on a processor."""
    return 2 * torch.sigmoid(2 * x) - 1


class Recurrent(LanguageModel):
    """The next token from a state that carries all tokens before it.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many labels.
        cell: ``lstm`` or ``rnn`` (tanh units).
        width: Numbers per token outside the recurrent layers.
        hidden_size: Units of each recurrent layer.
        layers: How many recurrent layers.
        context: Tokens of a training window, through which gradients flow back.
        ngrams: Lengths of hashed n-grams whose vectors are added to a token's own.
        buckets: Vectors per length of n-gram.
        recall: Lengths of runs of the latest tokens that are looked for in what was read, to recall
            what followed them.
        reach: How many tokens back they are looked for; 0 as far as the context.
        dropout: Share of the inputs and outputs of the recurrent layers switched off in training.
        packed: Whether it learns windows of all samples behind one another, or each by itself.
        steps: Batches to train for.
        batch_size: Windows of ``context`` tokens, or samples, per batch.
        lr: AdamW's learning rate.
        embedding_lr: AdamW's learning rate for embeddings.
        weight_decay: Decay of weights.
        warmup: Share of the steps in which learning rates rise.
        decay: Share of the steps in which they fall.
        temperature: Logits are divided by it in drawing, unless a draw says otherwise.
        top_p: Draws are among the fewest likeliest tokens that have so much probability together.
        draw_length: The most tokens that a draw adds to its prompt; as many as a row holds if null.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        cell: Literal["lstm", "rnn"] = "lstm",
        width: Annotated[int, Ge(1)] = 128,
        hidden_size: Annotated[int, Ge(1)] = 256,
        layers: Annotated[int, Ge(1)] = 1,
        context: Annotated[int, Ge(4)] = 128,
        ngrams: list[Annotated[int, Ge(2), Le(8)]] = [2],  # noqa: B006  # read, never written
        buckets: Annotated[int, Ge(1)] = 8192,
        recall: list[Annotated[int, Ge(1), Le(8)]] = [1, 2, 3],  # noqa: B006  # read, never written
        reach: Annotated[int, Ge(0)] = 0,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        packed: bool = True,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 8,
        lr: Annotated[float, Gt(0)] = 3e-3,
        embedding_lr: Annotated[float, Gt(0)] = 4e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        warmup: Annotated[float, Ge(0), Le(1)] = 0.02,
        decay: Annotated[float, Ge(0), Le(1)] = 0.6,
        temperature: Annotated[float, Ge(0)] = 1.0,
        top_p: Annotated[float, Gt(0), Le(1)] = 1.0,
        draw_length: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.context = shape, classes, context
        self.temperature, self.top_p, self.weight_decay = temperature, top_p, weight_decay
        self.packed, self.draw_length = packed, draw_length
        self.steps, self.batch_size = steps, batch_size
        self.lr, self.embedding_lr, self.warmup, self.decay = lr, embedding_lr, warmup, decay
        vocabulary = shape[1]
        self.embedding = TokenEmbedding(
            vocabulary,
            width,
            ngrams=ngrams,
            buckets=buckets,
            recall=recall,
            reach=reach or context - 1,
        )
        self.recurrent = CELLS[cell](width, hidden_size, layers, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.down = nn.Linear(hidden_size, width, bias=False)
        self.skip = nn.Linear(width, width, bias=False)  # what the last tokens alone say
        self.head = nn.Linear(width, vocabulary, bias=False)
        nn.init.zeros_(self.head.weight)

    def hidden(self, tokens: Tensor, memory: Memory | None, before: Tensor | None = None) -> Tensor:
        x = self.dropout(norm(self.read(tokens, memory, before)))  # [b, t, width]
        if memory is None:
            h, _ = self.recurrent(x)  # [b, t, hidden_size]
        elif x.shape[1] == 1:
            h, memory["state"] = self._one_step(x[:, 0], memory["state"])
        else:
            h, after = self.recurrent(x, _to_state(memory["state"]))
            memory["state"] = _from_state(after)
        return norm(self.down(self.dropout(h)) + self.skip(x))

    def _one_step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One token further, as torch's layers go, which prepare their weights anew every time.

        Args:
            x: Vectors of the tokens ``[b, width]``.
            state: That before them, ``[b, parts, layers, hidden_size]``.

        Returns:
            The last layer's outputs ``[b, 1, hidden_size]``, and the state after the tokens.
        """
        after = []
        for layer, (into, back, bias, bias_back) in enumerate(self.recurrent.all_weights):
            gates = torch.addmm(bias + bias_back, x, into.t())
            gates = torch.addmm(gates, state[:, 0, layer], back.t())
            if isinstance(self.recurrent, nn.LSTM):
                write, keep, new, show = gates.chunk(4, dim=1)
                cell = keep.sigmoid() * state[:, 1, layer] + write.sigmoid() * tanh(new)
                x = show.sigmoid() * tanh(cell)
                after.append(torch.stack([x, cell], dim=1))
            else:
                x = tanh(gates)
                after.append(x[:, None])
        return x[:, None], torch.stack(after, dim=2)

    def logits(self, hidden: Tensor) -> Tensor:
        return self.head(hidden)

    @property
    def longest_read(self) -> int:
        return self.shape[0]  # a state goes on for as long as it likes

    def empty_memory(self, rows: int, tokens: int) -> Memory:
        cell = self.recurrent
        parts = 2 if isinstance(cell, nn.LSTM) else 1
        return {
            "recent": self.embedding.nothing(rows),
            "state": torch.zeros(
                rows, parts, cell.num_layers, cell.hidden_size, device=self.device
            ),
        }

    def full_context_nats(self, text: Tensor) -> Tensor:
        """Nats of all tokens but the first, ``[t - 1]``, with the state carried along.

        A long text is cut into segments that are read side by side; each begins by reading the last
        ``context`` tokens of the one before.
        """
        predicted = len(text) - 1
        size = max(self.context, -(-predicted // SEGMENTS))
        starts = torch.arange(0, predicted, size)[:, None]
        ends = (starts + size).clamp(max=predicted)
        total = min(predicted, size + self.context)
        places = (ends - total).clamp(min=0) + torch.arange(total)  # [segments, total]
        nats = torch.empty(predicted)
        memory = self.empty_memory(len(starts), total)
        reach = self.embedding.reach
        padded = F.pad(text, (reach, 0), value=PAD)
        memory["recent"] = padded[places[:, :1] + torch.arange(reach)]  # what is before the first
        for part in places.split(self.context, dim=1):
            logits = self.logits(self.hidden(text[part], memory)).float()
            target = text[part + 1].flatten()
            found = F.cross_entropy(logits.flatten(0, 1), target, reduction="none").cpu()
            own = (part >= starts) & (part < ends)  # what comes before is read, but not counted
            nats[part[own]] = found.view_as(part)[own]
        return nats

    def configure_optimizers(self) -> Any:
        embedding = list(self.embedding.parameters())
        rest = [
            weight for name, weight in self.named_parameters() if not name.startswith("embedding.")
        ]
        others = [
            {"params": embedding, "lr": self.embedding_lr},
            {"params": rest, "lr": self.lr},
        ]
        return optimizer_and_schedule(
            [],
            others,
            muon_lr=self.lr,
            weight_decay=self.weight_decay,
            steps=self.steps,
            warmup=self.warmup,
            decay=self.decay,
        )


def _to_state(state: Tensor) -> Any:
    """Torch's form of a state ``[b, parts, layers, hidden]``: a pair for an LSTM."""
    parts = [part.transpose(0, 1).contiguous() for part in state.unbind(1)]
    return parts[0] if len(parts) == 1 else tuple(parts)


def _from_state(state: Any) -> Tensor:
    parts = state if isinstance(state, tuple) else (state,)
    return torch.stack([part.transpose(0, 1) for part in parts], dim=1)
