"""Rows of tokens to a latent and back: encoder and decoder of the VAE of sequences."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom.drawing import draw, filter_logits
from genloom.networks.token_classifier import content_mask, trimmed
from genloom.tokens import END, FIRST_LABEL, PAD, first_content

__all__ = ["Decoder", "Encoder"]

CELLS = {"gru": nn.GRU, "lstm": nn.LSTM}


class Encoder(nn.Module):
    """Rows and labels to the mean and the log variance of the latent.

    One recurrent layer reads a row from its start and another from its end; neither sees ``PAD``.
    """

    def __init__(
        self, vocabulary: int, classes: int, cell: str, width: int, hidden: int, latent: int
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.label = nn.Embedding(classes, width)
        self.ahead = CELLS[cell](width, hidden, batch_first=True)
        self.back = CELLS[cell](width, hidden, batch_first=True)
        self.out = nn.Linear(4 * hidden, 2 * latent)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Each ``[n, latent]`` of rows ``[n, length]`` int64 and labels ``[n]``."""
        x = trimmed(x, x.shape[1])
        mask = content_mask(x)
        last = mask.sum(dim=1, keepdim=True) - 1
        places = torch.arange(x.shape[1], device=x.device)
        turned = x.gather(1, (last - places).clamp(min=0))  # the last token first
        summaries = []
        for layer, rows in ((self.ahead, x), (self.back, turned)):
            h, _ = layer(self.token(rows) + self.label(y)[:, None])  # [n, t, hidden]
            end = h.gather(1, last[..., None].expand(-1, -1, h.shape[2]))[:, 0]
            mean = (h * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
            summaries += [end, mean]
        mean, log_variance = self.out(torch.cat(summaries, dim=1)).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 6)


class Decoder(nn.Module):
    """Latent, label and the tokens so far to the logits of the next token.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many labels.
        cell: One of ``CELLS``.
        width: Numbers per token outside the recurrent layer.
        hidden: Units of the recurrent layer.
        latent: Numbers in the latent.
    """

    def __init__(
        self, shape: tuple[int, ...], classes: int, cell: str, width: int, hidden: int, latent: int
    ) -> None:
        super().__init__()
        self.length, vocabulary = shape
        self.classes = classes
        self.token = nn.Embedding(vocabulary, width)
        self.label = nn.Embedding(classes, width)
        self.latent = nn.Linear(latent, width)
        self.start = nn.Linear(latent, hidden)
        self.recurrent = CELLS[cell](width, hidden, batch_first=True)
        self.down = nn.Linear(hidden, width)
        self.head = nn.Linear(width, vocabulary)

    def given(self, z: Tensor, y: Tensor) -> Tensor:
        """What every step gets of latents ``[n, latent]`` and labels ``[n]``: ``[n, width]``."""
        return self.latent(z) + self.label(y)

    def first_state(self, z: Tensor) -> Any:
        """The state before the first token, as torch's recurrent layers want it."""
        h = self.start(z).tanh()[None]
        return (h, torch.zeros_like(h)) if isinstance(self.recurrent, nn.LSTM) else h

    def forward(self, before: Tensor, given: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits ``[n, t, vocabulary]`` of what follows ``before`` ``[n, t]``; and the state."""
        h = self.token(before) + given[:, None]
        read, state = self.recurrent(h, state)
        return self.head(F.silu(self.down(read) + h)), state

    def nats(self, x: Tensor, y: Tensor, z: Tensor, *, hidden: float = 0.0) -> Tensor:
        """Minus the log probability of each row, content and ``END``, given its latent.

        Args:
            x: Rows ``[n, length]`` int64.
            y: Labels ``[n]`` int64.
            z: Latents ``[n, latent]``.
            hidden: Share of the tokens that the decoder does not see (torch's global random
                numbers say which).

        Returns:
            ``[n]``.
        """
        x = trimmed(x, self.length)
        before = torch.cat([_start(y)[:, None], x[:, :-1]], dim=1)
        if hidden:
            unseen = torch.rand(before.shape, device=x.device) < hidden
            unseen[:, 0] = False
            before = before.masked_fill(unseen, PAD)  # rows never hold PAD before their end
        logits, _ = self(before, self.given(z, y), self.first_state(z))
        nats = F.cross_entropy(
            logits.float().flatten(0, 1), x.flatten(), ignore_index=PAD, reduction="none"
        )
        return nats.view(x.shape).sum(dim=1)

    @torch.no_grad()
    def write(
        self,
        z: Tensor,
        y: Tensor,
        *,
        temperature: float = 0.0,
        random: torch.Generator | None = None,
    ) -> Tensor:
        """Rows ``[n, length]`` int64 from latents ``[n, latent]`` and labels ``[n]``.

        What has not ended when its row is full has no ``END``, like what a codec has to cut.

        Args:
            z: Latents.
            y: Labels, int64.
            temperature: Logits are divided by it; 0 takes the likeliest token.
            random: What tokens are drawn with; torch's global random numbers unless given.
        """
        rows = torch.full((len(z), self.length), PAD, dtype=torch.int64)
        live = torch.arange(len(z))  # the rows in the state, in its order
        given, state, token = self.given(z, y), self.first_state(z), _start(y)
        for place in range(self.length):
            logits, state = self(token[:, None], given, state)
            found = logits[:, 0].float().cpu()
            found[:, PAD] = found[:, FIRST_LABEL : first_content(self.classes)] = -math.inf
            drawn = draw(filter_logits(found, temperature=temperature), random)
            rows[live, place] = drawn
            going = (drawn != END).nonzero()[:, 0]
            if not len(going):
                break
            token = drawn.to(z.device)
            if len(going) < len(live):
                kept = going.to(z.device)
                live, token, given = live[going], token[kept], given[kept]
                state = _rows_of(state, kept)
        return rows


def _start(y: Tensor) -> Tensor:
    """What stands before a row's first token: its label's control token, ``[n]``."""
    return FIRST_LABEL + y


def _rows_of(state: Any, kept: Tensor) -> Any:
    """The state of some of the rows, as torch's recurrent layers want it."""
    if isinstance(state, tuple):
        return tuple(part[:, kept].contiguous() for part in state)
    return state[:, kept].contiguous()
