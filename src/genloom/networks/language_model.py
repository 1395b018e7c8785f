"""What language models share: learning from a stream of tokens, drawing from it, and scoring it.

A language model gives the probability of the next token from those before it. The stream that it
learns is every sample behind its label (``genloom.tokens``), so that the label's control token at
the start of a sample makes drawing conditional.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from genloom.errors import GenloomError
from genloom.networks.base import Network
from genloom.networks.token_batches import each_by_itself, spread, trimmed, whole_rows, windows
from genloom.networks.token_drawing import at_once, draw_rows
from genloom.networks.token_embedding import TokenEmbedding
from genloom.tokens import END, PAD, stream

WINDOWS_AT_ONCE = 32  # windows that are scored together
# How often, and on how much, a training looks at new text.
VALIDATIONS, VALIDATION_WINDOWS, VALIDATION_ROWS = 20, 8, 64

Memory = dict[str, Tensor]  # what a model keeps of the tokens before


class LanguageModel(Network):
    """A network that predicts the next token.

    A subclass sets ``shape``, ``classes``, ``context``, ``temperature`` and ``top_p``, has a
    ``TokenEmbedding`` called ``embedding``, and writes ``hidden``, ``logits`` and ``empty_memory``.
    """

    takes = ("tokens",)
    shape: tuple[int, ...]  # (length of a row, vocabulary)
    classes: int
    context: int
    temperature: float
    top_p: float
    packed: bool = True  # whether it learns the stream, or each sample by itself
    draw_length: int | None = None  # the most tokens that a draw adds to its prompt; None for a row
    embedding: TokenEmbedding

    def hidden(self, tokens: Tensor, memory: Memory | None, before: Tensor | None = None) -> Tensor:
        """States ``[b, t, d]`` after each of some tokens.

        Args:
            tokens: ``[b, t]`` int64.
            memory: What is kept of the tokens before; it is updated in place.
            before: Where there is no memory: tokens before, ``[b, looks_back]`` int64, in which
                the embedding finds what to recall.
        """
        raise NotImplementedError

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits ``[..., vocabulary]`` of the token that follows each state ``[..., d]``."""
        raise NotImplementedError

    def empty_memory(self, rows: int, tokens: int) -> Memory:
        """A memory for ``rows`` texts of at most ``tokens`` tokens, none of which is read yet."""
        raise NotImplementedError

    def forward(
        self, tokens: Tensor, memory: Memory | None = None, before: Tensor | None = None
    ) -> Tensor:
        """Logits ``[b, t, vocabulary]`` of what follows each of ``tokens``; see ``hidden``."""
        return self.logits(self.hidden(tokens, memory, before))

    @property
    def looks_back(self) -> int:
        """How many tokens before a window of one context it has to be given, to recall from."""
        return self.embedding.reach if self.embedding.reach >= self.context else 0

    def read(self, tokens: Tensor, memory: Memory | None, before: Tensor | None) -> Tensor:
        """Embed tokens; the memory lends, and then keeps, those before."""
        if memory is None:
            before = self.embedding.nothing(len(tokens)) if before is None else before
        else:
            before = memory["recent"]
            text = torch.cat([before, tokens], dim=1)
            memory["recent"] = text[:, max(0, text.shape[1] - self.embedding.reach) :]
        return self.embedding(tokens, before)

    # ------------------------------------------------------------------ learning
    def batches(self, x: Tensor, y: Tensor, seed: int) -> DataLoader[Any]:
        """``steps`` batches of windows ``[batch, t + 1]`` of the stream, or of whole samples."""
        sizes = {"steps": self.steps, "batch_size": self.batch_size, "seed": seed}
        if not self.packed:
            if self.validation is not None:
                self._watched = trimmed(spread(self._rows(*self.validation), VALIDATION_ROWS))
            return whole_rows(self._rows(x, y), **sizes)
        text = _with_start(stream(x, y))
        length = min(self.context, len(text) - 1)
        if self.validation is not None:
            held_out = _with_start(stream(*self.validation))
            size = min(length, len(held_out) - 1) + 1
            unfolded = self._behind_nothing(held_out).unfold(0, self.looks_back + size, 1)
            self._watched = spread(unfolded, VALIDATION_WINDOWS)
        return windows(self._behind_nothing(text), length, before=self.looks_back, **sizes)

    def _behind_nothing(self, text: Tensor) -> Tensor:
        """A text ``[t]`` behind as much padding as the model looks back."""
        return F.pad(text, (self.looks_back, 0), value=PAD)

    def _rows(self, x: Tensor, y: Tensor) -> Tensor:
        """Samples each by itself, as far as the context reaches: ``[n, t + 1]``."""
        return each_by_itself(x, y)[:, : self.context + 1]

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        loss = self._loss(batch)
        every = max(1, self.steps // VALIDATIONS)
        if self.validation is not None and (batch_idx + 1) % every == 0:
            self.eval()
            with torch.no_grad():
                fresh = self._loss(self._watched.to(self.device))
            self.train()
            assert self.logger is not None  # ``Network.fit`` gives every trainer one
            self.logger.log_metrics({"validation_loss": float(fresh)}, self.global_step)
        self.record({"loss": loss})  # nats per token
        return loss

    def _loss(self, texts: Tensor) -> Tensor:
        """Nats per token of all but the first, padding left out."""
        before, texts = self._parted(texts) if self.packed else (None, texts)
        if before is not None and self.training:
            before = before.clone()
            before[1::2] = PAD  # a draw begins with nothing before it, so half of the windows do
        logits = self(texts[:, :-1], before=before).flatten(0, 1)
        return F.cross_entropy(logits, texts[:, 1:].flatten(), ignore_index=PAD)

    def _parted(self, texts: Tensor) -> tuple[Tensor | None, Tensor]:
        """What is only looked back at, if there is such, and the rest of texts ``[b, t]``."""
        if not self.looks_back:
            return None, texts
        return texts[:, : self.looks_back], texts[:, self.looks_back :]

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    # ------------------------------------------------------------------ drawing
    @torch.no_grad()
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
        """Draw samples token by token; the same seed gives the same bytes.

        Args:
            n: How many.
            labels: Which class each one shall be, ``[n]`` int64; uniformly drawn if not given.
            seed: Seeds labels and tokens; torch's global random numbers are not touched.
            prompt: Content ``[t]`` int64 that every sample begins with.
            temperature: Logits are divided by it; 0 takes the likeliest token, the model's own
                ``temperature`` unless given.
            top_k: Draw among so many likeliest tokens only.
            top_p: Draw among the fewest likeliest tokens that have so much probability together;
                the model's own ``top_p`` unless given.
            length: The most tokens of content, prompt included; what ``draw_length`` leaves of a
                row's length less one unless given.
            on_token: Called with the rows so far, ``[n, t]`` int64, after every token (draws all
                rows together).

        Returns:
            Rows ``[n, length of a row]`` int64: content, ``END`` unless cut, ``PAD``.

        Raises:
            GenloomError: For a prompt or length that does not fit into the context or a row, labels
                that are not ``n``, or a filter out of range.
        """
        random = torch.Generator().manual_seed(seed)
        if labels is None:
            labels = torch.randint(self.classes, (n,), generator=random)
        if len(labels) != n:
            raise GenloomError(f"{n} samples were asked for with {len(labels)} labels.")
        prompt = torch.empty(0, dtype=torch.int64) if prompt is None else prompt
        most = self.check_length(len(prompt), length)
        filters = {
            "temperature": self.temperature if temperature is None else temperature,
            "top_k": top_k,
            "top_p": self.top_p if top_p is None else top_p,
        }
        rows = torch.full((n, self.shape[0]), PAD, dtype=torch.int64)
        for part in torch.arange(n).split(n if on_token else at_once(most)):
            rows[part] = draw_rows(self, labels[part], prompt, most, filters, random, on_token)
        return rows

    def check_length(self, prompt: int, length: int | None) -> int:
        """The most tokens of content that a draw may have.

        Raises:
            GenloomError: The prompt is too long, or the length out of range.
        """
        most = self.shape[0] - 1
        room = min(most, self.context - 2)  # the label and the last token need a place, too
        if prompt >= room:
            raise GenloomError(
                f"The prompt has {prompt} tokens, but {type(self).__name__} has room for "
                f"{room - 1} before what it adds: shorten the prompt, or train it with a larger "
                "context."
            )
        if length is not None and not prompt < length <= most:
            raise GenloomError(
                f"length is {length}, but has to be more than the prompt's {prompt} tokens and at "
                f"most {most}."
            )
        return length or min(most, prompt + (self.draw_length or most))

    # ------------------------------------------------------------------ scoring
    @torch.no_grad()
    def score(self, x: Tensor, y: Tensor) -> dict[str, float]:
        """How well it predicts samples that stand behind one another in this order.

        What did not learn from a stream predicts each sample by itself.

        Args:
            x: Rows ``[n, length]`` int64.
            y: Their labels ``[n]``, whose control tokens are predicted and paid for like the rest.

        Returns:
            ``nats`` and ``tokens``: minus the log probability of all tokens, each given at least
            half a context before it (where there is so much); ``window_nats`` and
            ``window_tokens``: the same over windows of one context that start anew.
        """
        self.eval()
        if not self.packed:
            return self._score_rows(x, y)
        text = _with_start(stream(x, y)).to(self.device)
        full, window = self.full_context_nats(text), self.window_nats(text)
        return {
            "nats": float(full.double().sum()),
            "tokens": len(full),
            "window_nats": float(window.double().sum()),
            "window_tokens": window.numel(),
        }

    def _score_rows(self, x: Tensor, y: Tensor) -> dict[str, float]:
        """The same for samples that stand each by itself."""
        nats, tokens = 0.0, 0
        for some in self._rows(x, y).split(WINDOWS_AT_ONCE):
            rows = trimmed(some).to(self.device)
            counted = rows[:, 1:] != PAD
            nats += float(self._nats(rows)[counted.cpu()].double().sum())
            tokens += int(counted.sum())
        return {"nats": nats, "tokens": tokens, "window_nats": nats, "window_tokens": tokens}

    def window_nats(self, text: Tensor) -> Tensor:
        """Nats of each token by its place in windows that start anew, ``[windows, t]``."""
        length = min(self.context, len(text) - 1)
        return self._nats(text.unfold(0, length + 1, length))

    def full_context_nats(self, text: Tensor) -> Tensor:
        """Nats of all tokens but the first, ``[t - 1]``: windows overlap by half a context."""
        length = min(self.context, len(text) - 1)
        half, whole = max(1, length // 2), self.looks_back + length + 1
        padded = self._behind_nothing(text)
        windows = padded.unfold(0, whole, half)
        parts = [self._nats(*self._parted(windows[:1])[::-1])]
        parts.append(self._nats(*self._parted(windows[1:])[::-1], counted=half))
        rest = len(text) - 1 - sum(part.numel() for part in parts)  # what no whole window reaches
        if rest:
            parts.append(self._nats(*self._parted(padded[None, -whole:])[::-1], counted=rest))
        return torch.cat([part.flatten() for part in parts])

    def _nats(
        self, windows: Tensor, before: Tensor | None = None, counted: int | None = None
    ) -> Tensor:
        """Nats ``[w, counted]`` of the last ``counted`` tokens of windows ``[w, t + 1]``.

        The tokens before are read all the same. Unless given, all but the first are counted.
        """
        length = windows.shape[1] - 1
        first = length - (counted or length)
        parts = [torch.empty(0, length - first)]
        for start in range(0, len(windows), WINDOWS_AT_ONCE):
            some = slice(start, start + WINDOWS_AT_ONCE)
            said = None if before is None else before[some]
            states = self.hidden(windows[some, :-1], None, said)[:, first:]
            logits, target = self.logits(states), windows[some, first + 1 :]
            nats = F.cross_entropy(logits.float().flatten(0, 1), target.flatten(), reduction="none")
            parts.append(nats.view(target.shape).cpu())
        return torch.cat(parts)

    @torch.no_grad()
    def next_log_probabilities(self, text: Tensor, memory: Memory) -> Tensor:
        """Log probabilities ``[b, vocabulary]`` of what follows ``text`` ``[b, t]``."""
        return self.logits(self.hidden(text, memory)[:, -1]).float().log_softmax(-1)

    @property
    def longest_read(self) -> int:
        """The most tokens of a row that it can read at once."""
        return self.context

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """The mean state over the tokens of rows ``[n, length]``, without labels: ``[n, d]``.

        Of long rows the first ``longest_read`` tokens count.
        """
        self.eval()
        found = []
        for rows in x[:, : self.longest_read].split(WINDOWS_AT_ONCE):
            counted = (rows != PAD).to(self.device)
            width = max(1, int(counted.sum(dim=1).max()))
            states = self.hidden(rows[:, :width].to(self.device), None)
            weight = counted[:, :width, None] / counted.sum(dim=1).clamp(min=1)[:, None, None]
            found.append((states * weight).sum(dim=1).float().cpu())
        return torch.cat(found)


def _with_start(text: Tensor) -> Tensor:
    """A stream with an ``END`` before it, so that its first token is predicted as well."""
    return torch.cat([text.new_tensor([END]), text])
