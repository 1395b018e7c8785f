"""Counts of n-grams, smoothed: the floor under every language model.

The counts of all lengths are mixed as Witten and Bell (1991, "The zero-frequency problem") do it;
Chen and Goodman (1998, "An empirical study of smoothing techniques for language modeling") compare
it with others. The counting itself is in ``ngram_counts``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt
from torch import Tensor

from genloom.drawing import draw, filter_logits
from genloom.errors import GenloomError
from genloom.floors.estimators import one_thread
from genloom.floors.ngram_counts import (
    Level,
    adaptive_mixture,
    count,
    matched,
    mixtures,
    next_probabilities,
)
from genloom.floors.token_base import TokenFloor
from genloom.tokens import END, FIRST_LABEL, PAD, first_content, stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NGram"]

_ORDERS = range(2, 9)  # what `validation` chooses among


class NGram(TokenFloor):
    """Interpolated Witten-Bell n-gram.

    The probability of a token is a mixture over contexts of 0 to ``order - 1`` tokens,

        p_k(w | c) = (count(c, w) + T(c) p_{k-1}(w | c')) / (count(c) + T(c)),

    with T(c) the number of distinct tokens that followed c, c' the context without its oldest
    token, and the uniform distribution below all. It reads the stream of ``genloom.tokens``, in
    which the label stands before each row; so a context that reaches back to it continues as
    samples of that label do.

    Args:
        shape: ``(length, vocabulary)``.
        classes: How many classes the labels have.
        order: The longest n-gram counted. ``validation`` takes the one from 2 to 8 that predicts
            the validation samples best (the last tenth of the training samples where none are
            given), and then counts on all training samples.
        temperature: Divides the log-probabilities in sampling; 0 takes the likeliest token.

    Attributes:
        chosen_order: The order in use; 0 until it is chosen.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        order: Annotated[int, Gt(0)] | Literal["validation"] = "validation",
        temperature: Annotated[float, Ge(0)] = 1.0,
    ) -> None:
        super().__init__(shape, classes)
        self.order = order
        self.temperature = temperature
        self.chosen_order = 0 if order == "validation" else order
        self._levels: list[Level] = []

    def _choose(
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        import numpy as np

        if self.order != "validation":
            return
        train, y = torch.from_numpy(rows), torch.from_numpy(labels)
        if validation is not None and len(validation[0]):
            held_out = self._stream(*validation)
        elif len(train) > 1:
            known = len(train) - max(1, len(train) // 10)
            held_out = stream(train[known:], y[known:])
            train, y = train[:known], y[:known]
        else:
            self.chosen_order = min(_ORDERS)  # there is nothing to choose by
            return
        levels = count(stream(train, y).numpy(), max(_ORDERS), self.vocabulary)
        by_order = mixtures(levels, held_out.numpy(), self.vocabulary)
        nats = {order: -np.log(p).sum() for order, p in enumerate(by_order, start=1)}
        self.chosen_order = min(_ORDERS, key=lambda order: nats[order])

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        absent = sorted(set(range(self.classes)) - set(labels.tolist()))
        if absent:
            raise GenloomError(
                f"NGram cannot learn to write class {absent[0]}: none of its training samples "
                "carries it. Give more samples or leave the class out."
            )
        text = stream(torch.from_numpy(rows), torch.from_numpy(labels)).numpy()
        self._levels = count(text, self.chosen_order, self.vocabulary)

    def _stream(self, x: Tensor, y: Tensor) -> Tensor:
        return stream(torch.from_numpy(self._rows(x)), torch.from_numpy(self._labels(y, len(x))))

    def log_p(self, text: Tensor) -> Tensor:
        """The natural logarithm of each token's probability, given those before it.

        Args:
            text: A stream, ``[t]`` int64; an ``END`` is taken to stand before it.

        Returns:
            ``[t]`` float64.

        Raises:
            GenloomError: It is not fitted, or a token is not in the vocabulary.
        """
        import numpy as np

        self._require_fitted()
        with one_thread():
            for mixture in mixtures(self._levels, self._tokens(text).numpy(), self.vocabulary):
                p = mixture
            return torch.from_numpy(np.log(p))

    def next_log_probabilities(self, context: Tensor) -> Tensor:
        """The natural logarithm of every token's probability after each context.

        Args:
            context: ``[b, c]`` int64, the latest token last; ``END`` stands for what is before the
                text. Contexts shorter than ``order - 1`` tokens say less.

        Returns:
            ``[b, vocabulary]`` float64.

        Raises:
            GenloomError: It is not fitted, or a token is not in the vocabulary.
        """
        self._require_fitted()
        return self._next(self._tokens(context).numpy())

    def _next(self, context: NDArray[Any]) -> Tensor:
        import numpy as np

        return torch.from_numpy(np.log(next_probabilities(self._levels, context, self.vocabulary)))

    def adaptive_log_p(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """As ``log_p``, with the stream's own past counted as well.

        Returns:
            ``[t]`` float64, and ``[t]`` int64: how many tokens long the context was that was found.

        Raises:
            GenloomError: It is not fitted, or a token is not in the vocabulary.
        """
        import numpy as np

        self._require_fitted()
        tokens = self._tokens(text).numpy()
        with one_thread():
            p, longest = adaptive_mixture(self._levels, tokens, self.vocabulary)
        return torch.from_numpy(np.log(p)), torch.from_numpy(longest)

    def matched(self, context: Tensor) -> Tensor:
        """How many of the latest tokens of each context ``[b, c]`` it knows as one, ``[b]``."""
        self._require_fitted()
        return torch.from_numpy(
            matched(self._levels, self._tokens(context).numpy(), self.vocabulary)
        )

    def score(self, x: Tensor, y: Tensor) -> dict[str, float]:
        """How well it predicts samples: the stream of all of them, each token given those before.

        Args:
            x: ``[n, length]`` int64.
            y: ``[n]`` int64.

        Returns:
            ``nats`` (minus the sum of log p) and ``tokens`` (how many); ``window_nats`` and
            ``window_tokens`` are the same, because an n-gram sees all of its context everywhere.

        Raises:
            GenloomError: It is not fitted, or the samples are none or do not fit ``shape`` and
                ``classes``.
        """
        self._require_fitted()
        if not len(x):
            raise GenloomError("NGram has no samples to be scored on.")
        log_p = self.log_p(self._stream(x, y)).numpy()  # torch's sum depends on its threads
        nats, tokens = -float(log_p.sum()), len(log_p)
        return {"nats": nats, "tokens": tokens, "window_nats": nats, "window_tokens": tokens}

    def sample(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        seed: int,
        prompt: Tensor | None = None,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        length: int | None = None,
        on_token: Callable[[Tensor], None] | None = None,
    ) -> Tensor:
        """Write new samples.

        Args:
            n: How many.
            labels: ``[n]`` int64, the class of each; uniformly drawn if not given.
            seed: The same seed and arguments give the same samples.
            prompt: ``[t]`` int64, content that every sample begins with.
            temperature: Instead of the one in the constructor; 0 takes the likeliest token.
            top_k: Draw among so many of the likeliest tokens.
            top_p: Draw among the fewest tokens whose probabilities sum to at least this.
            length: The most tokens of content, prompt included; a row's length less one by default.
            on_token: Called with the rows so far, ``[n, t]`` int64, after every token.

        Returns:
            ``[n, length of a row]`` int64: content, ``END`` unless cut, ``PAD``.

        Raises:
            GenloomError: It is not fitted, or an argument is out of its range.
        """
        self._require_fitted()
        random = torch.Generator().manual_seed(seed)
        labels = self._wanted(n, labels, random)
        prompt = torch.empty(0, dtype=torch.int64) if prompt is None else self._tokens(prompt)
        most = self.length - 1 if length is None else length
        self._check_prompt(prompt, most)
        filters: dict[str, Any] = {
            "temperature": self.temperature if temperature is None else temperature,
            "top_k": top_k,
            "top_p": top_p,
        }
        # What a row begins with is END and its label, which are cut off again in the end.
        text = torch.full((n, 2 + self.length), PAD)
        text[:, 0], text[:, 1], text[:, 2 : 2 + len(prompt)] = END, FIRST_LABEL + labels, prompt
        live = torch.arange(n)
        with one_thread():
            for place in range(2 + len(prompt), 2 + most):
                latest = text[live, max(0, place + 1 - self.chosen_order) : place]
                logits = self._next(latest.numpy())
                logits[:, PAD] = logits[:, FIRST_LABEL : first_content(self.classes)] = -torch.inf
                text[live, place] = drawn = draw(filter_logits(logits, **filters), random)
                if on_token:
                    on_token(text[:, 2 : place + 1])
                live = live[drawn != END]
                if not len(live):
                    break
        return text[:, 2:].clone()

    def _wanted(self, n: int, labels: Tensor | None, random: torch.Generator) -> Tensor:
        if labels is None:
            return torch.randint(self.classes, (n,), generator=random)
        if labels.shape != (n,):
            raise GenloomError(
                f"{n} samples need {n} labels, but their shape is {tuple(labels.shape)}."
            )
        wanted = labels.detach().cpu().to(torch.int64)
        for label in wanted.unique().tolist():
            if not 0 <= label < self.classes:
                raise GenloomError(
                    f"NGram cannot write class {label}: it knows 0 to {self.classes - 1}."
                )
        return wanted

    def _check_prompt(self, prompt: Tensor, most: int) -> None:
        if prompt.ndim != 1 or (prompt < first_content(self.classes)).any():
            raise GenloomError("A prompt is a row [t] of content tokens, without control tokens.")
        if not len(prompt) < most < self.length:
            raise GenloomError(
                f"The content would have at most {most} tokens, but that has to be more than the "
                f"prompt's {len(prompt)} and less than a row's {self.length}: change prompt or "
                "length."
            )

    def _weights(self) -> dict[str, Tensor]:
        weights = {"order": torch.tensor(len(self._levels))}
        for k, level in enumerate(self._levels):
            weights[f"contexts.{k}"] = torch.from_numpy(level.contexts.copy())
            weights[f"grams.{k}"] = torch.from_numpy(level.grams.copy())
            weights[f"counts.{k}"] = torch.from_numpy(level.counts.copy())
        return weights

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self.chosen_order = int(weights["order"])
        self._levels = []
        for k in range(self.chosen_order):
            names = (f"contexts.{k}", f"grams.{k}", f"counts.{k}")
            contexts, grams, counts = (weights[name].numpy().copy() for name in names)
            self._levels.append(Level(contexts, grams, counts, self.vocabulary))

    @property
    def parameter_count(self) -> int:
        """How many counts it keeps.

        Raises:
            GenloomError: It is not fitted.
        """
        self._require_fitted()
        return sum(len(level.counts) for level in self._levels)
