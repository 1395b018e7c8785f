"""Mixture: a trained language model beside an n-gram that goes on counting what it reads.

Jelinek and Mercer, Interpolated estimation of Markov source parameters (1980): weights by how much
the context has been seen, found by expectation maximisation on held-out text.
Grave et al., Improving neural language models with a continuous cache (2016), arXiv 1612.04426:
what was just read is likely to come again.
"""

from typing import Annotated, Any

import pandas as pd
import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor

from genloom.floors.ngram import NGram
from genloom.networks.hardware import Hardware
from genloom.networks.language_model import LanguageModel, Memory
from genloom.tokens import END, stream

__all__ = ["Mixture"]

ROUNDS = 30  # of expectation maximisation
SHARE = 0.8  # of the network, where there is no held-out text to choose by


class Mixture(LanguageModel):
    """The next token by a network and an n-gram, trusted by how long a context the n-gram knows.

    In scoring with full context, the n-gram counts the text as it goes, as a compressor does; in
    windows and in drawing it knows the training text alone.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many labels.
        model: A language model, fitted or not; what is not yet fitted is fitted first.
        order: The n-gram's longest.
        temperature: Logarithms of probabilities are divided by it in drawing, unless a draw says
            otherwise.
        top_p: Draws are among the fewest likeliest tokens that have so much probability together.
        prior: Pseudo-counts that hold each weight near the network's own share.
    """

    share: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        model: Any,
        order: Annotated[int, Ge(2), Lt(10)] = 5,
        temperature: Annotated[float, Ge(0)] = 1.0,
        top_p: Annotated[float, Gt(0), Le(1)] = 1.0,
        prior: Annotated[float, Gt(0)] = 10.0,
    ) -> None:
        super().__init__()
        self.shape, self.classes = shape, classes
        self.temperature, self.top_p = temperature, top_p
        self.model, self.context, self.embedding = model, model.context, model.embedding
        self.order, self.prior, self.draw_length = order, prior, model.draw_length
        self.steps = 1
        self.ngram = NGram(shape, classes, order=order)
        # The network's share, by how many tokens of context the n-gram knows.
        self.register_buffer("share", torch.full((order,), SHARE, dtype=torch.float64))

    def fit(
        self,
        x: Tensor,
        y: Tensor,
        *,
        seed: int,
        hardware: Hardware | None = None,
        progress: str | None = None,
        validation: tuple[Tensor, Tensor] | None = None,
    ) -> pd.DataFrame:
        """Fit the model if it is not, count the n-grams, and weigh the two on held-out text."""
        history = pd.DataFrame({"step": [], "metric": [], "value": []})
        if not self.model.fitted:
            history = self.model.fit(
                x, y, seed=seed, hardware=hardware, progress=progress, validation=validation
            )
        self.ngram.fit(x, y, seed=seed)
        if validation is not None:
            text = torch.cat([torch.tensor([END]), stream(*validation)])
            with torch.no_grad():
                network = -self.model.full_context_nats(text)
            counted, known = self.ngram.adaptive_log_p(text[1:])
            rounds = self._weigh(network.double().exp(), counted.exp(), known)
            history = pd.concat([history, rounds], ignore_index=True) if len(history) else rounds
        self.fitted = True
        self.eval()
        return history

    def _weigh(self, network: Tensor, counted: Tensor, known: Tensor) -> pd.DataFrame:
        """Shares that make held-out tokens likeliest, by expectation maximisation."""
        nats = []
        tokens = torch.bincount(known, minlength=self.order)
        for _ in range(ROUNDS):
            share = self.share[known]
            both = share * network + (1 - share) * counted
            nats.append(-float(both.log().mean()))
            from_network = torch.bincount(known, share * network / both, minlength=self.order)
            self.share = (from_network + self.prior * SHARE) / (tokens + self.prior)
        rows = [
            {"step": step, "metric": "validation_loss", "value": v} for step, v in enumerate(nats)
        ]
        return pd.DataFrame(rows)

    # ------------------------------------------------------------------ scoring
    def full_context_nats(self, text: Tensor) -> Tensor:
        network = -self.model.full_context_nats(text)
        return self._mixed(network, *self.ngram.adaptive_log_p(text[1:]))

    def window_nats(self, text: Tensor) -> Tensor:
        network = -self.model.window_nats(text)  # [windows, t]
        predicted = text[1 : 1 + network.numel()]
        counted = self.ngram.log_p(predicted)
        known = self.ngram.matched(_contexts(text, self.order)[: len(predicted)])
        return self._mixed(network.flatten(), counted, known).view_as(network)

    def _mixed(self, network: Tensor, counted: Tensor, known: Tensor) -> Tensor:
        share = self.share[known]
        return -torch.logaddexp(share.log() + network.double(), (1 - share).log() + counted)

    # ------------------------------------------------------------------ drawing
    def hidden(self, tokens: Tensor, memory: Memory | None, before: Tensor | None = None) -> Tensor:
        """States of the network, behind them the tokens that the n-gram needs: ``[b, t, d + c]``.

        The tokens travel as floating-point numbers, which hold whole numbers up to 2**24 exactly.
        """
        if memory is None:
            counted = torch.full((len(tokens), self.order - 1), END)
        else:
            counted = memory["counted"]
        text = torch.cat([counted, tokens.cpu()], dim=1)
        if memory is not None:
            memory["counted"] = text[:, text.shape[1] - (self.order - 1) :]
        states = self.model.hidden(tokens, memory, before)
        latest = text.unfold(1, self.order, 1)[:, :, 1:]  # [b, t, order - 1]
        return torch.cat([states, latest.to(states)], dim=-1)

    def logits(self, hidden: Tensor) -> Tensor:
        width = hidden.shape[-1] - (self.order - 1)
        network = self.model.logits(hidden[..., :width]).double().log_softmax(-1)
        latest = hidden[..., width:].round().long().cpu().flatten(0, -2)
        counted = self.ngram.next_log_probabilities(latest).view_as(network)
        share = self.share[self.ngram.matched(latest)].view(*network.shape[:-1], 1)
        return torch.logaddexp(share.log() + network, (1 - share).log() + counted)

    def empty_memory(self, rows: int, tokens: int) -> Memory:
        counted = torch.full((rows, self.order - 1), END)
        return self.model.empty_memory(rows, tokens) | {"counted": counted}

    def features(self, x: Tensor) -> Tensor:
        return self.model.features(x)

    # ------------------------------------------------------------------ on disk
    def weights(self) -> dict[str, Tensor]:
        counts = {f"ngram.{name}": value for name, value in self.ngram.weights().items()}
        model = {f"model.{name}": value for name, value in self.model.weights().items()}
        return counts | model | {"share": self.share.contiguous()}

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        parts: dict[str, dict[str, Tensor]] = {"ngram": {}, "model": {}}
        for name, value in weights.items():
            part, _, rest = name.partition(".")
            if part in parts:
                parts[part][rest] = value
        self.ngram.load_weights(parts["ngram"])
        self.model.load_weights(parts["model"])
        self.share = weights["share"]
        self.fitted = True
        self.eval()

    @property
    def parameter_count(self) -> int:
        return self.model.parameter_count + self.ngram.parameter_count + self.share.numel()


def _contexts(text: Tensor, order: int) -> Tensor:
    """The tokens before each but the first token of a text, ``[t - 1, order - 1]``."""
    padded = torch.cat([text.new_full((order - 2,), END), text]) if order > 2 else text
    return padded.unfold(0, order - 1, 1)[: len(text) - 1]
