"""GPT: a small decoder-only transformer that writes sequences token by token.

Radford et al., Language models are unsupervised multitask learners (2019).
Su et al., RoFormer: rotary positions (2021), arXiv 2104.09864.
Zhang and Sennrich, Root mean square layer normalization (2019), arXiv 1910.07467.
Henry et al., Query-key normalization (2020), arXiv 2010.04245.
So et al., Primer: squared ReLU (2021), arXiv 2109.08668.
Press and Wolf, Using the output embedding: weight tying (2016), arXiv 1608.05859.
"""

from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.language_model import LanguageModel, Memory, TokenEmbedding
from genloom.networks.optimizers import optimizer_and_schedule

__all__ = ["GPT"]

ROOM = 32  # tokens by which the memory of what was read grows

Cache = tuple[Tensor, Tensor]  # a layer's keys and values of tokens, each [b, heads, room, d]


def norm(x: Tensor) -> Tensor:
    """Vectors of root mean square one; nothing in it is learnt."""
    return F.rms_norm(x, (x.shape[-1],))


def rotate(x: Tensor, turn: Tensor) -> Tensor:
    """Turn the pairs of ``x`` ``[..., t, d]`` by their positions' angles ``[2, t, d/2]``."""
    cos, sin = turn.to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class Attention(nn.Module):
    """Causal self-attention in several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)  # every block begins as the identity

    def project(self, x: Tensor, turn: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each ``[b, heads, t, d]``."""
        b, t, _ = x.shape
        parts = self.query_key_value(x).view(b, t, 3, self.heads, self.head_width)
        parts = parts.permute(2, 0, 3, 1, 4)  # [3, b, heads, t, d]
        q, k = rotate(norm(parts[:2]), turn)
        return q, k, parts[2]

    def forward(self, x: Tensor, turn: Tensor, cache: Cache | None, held: int) -> Tensor:
        """``[b, t, width]`` to the same.

        Args:
            x: The new tokens' vectors.
            turn: Their rotary angles.
            cache: Keys and values of the tokens before; the new ones are written into it.
            held: How many tokens it holds.
        """
        q, k, v = self.project(x, turn)
        mask = None
        if cache is not None:
            end = held + q.shape[2]
            for kept, new in zip(cache, (k, v), strict=True):
                kept[:, :, held:end] = new
            k, v = (kept[:, :, :end] for kept in cache)
            if held and q.shape[2] > 1:
                mask = torch.ones(q.shape[2], end, dtype=torch.bool, device=x.device).tril(held)
        if cache is not None and q.shape[2] == 1:
            # One token against all before: two products take less time than the fused kernel.
            h = (q @ k.mT * self.head_width**-0.5).softmax(-1) @ v
        else:
            h = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=not held)
        return self.out(h.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then a feedforward layer, each beside an identity."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.down.weight)

    def forward(self, x: Tensor, turn: Tensor, cache: Cache | None, held: int) -> Tensor:
        x = x + self.dropout(self.attention(norm(x), turn, cache, held))
        return x + self.dropout(self.down(F.relu(self.up(norm(x)), inplace=True).square()))


class GPT(LanguageModel):
    """The next token from up to ``context`` tokens before it, by self-attention.

    Args:
        shape: ``(length of a row, vocabulary)``.
        classes: How many labels.
        width: Numbers per token between the layers.
        layers: How many blocks.
        heads: Attention heads per block; has to divide ``width`` into even parts.
        context: Tokens that it sees at once.
        ngrams: Lengths of hashed n-grams whose vectors are added to a token's own.
        buckets: Vectors per length of n-gram.
        recall: Lengths of runs of the latest tokens that are looked for in what was read, to recall
            what followed them.
        reach: How many tokens back they are looked for; 0 as far as the context.
        dropout: Share of each layer's output that is switched off while training.
        tie_weights: Whether the output layer is the embedding of tokens, turned around.
        softcap: Logits are squeezed between plus and minus this (Gemma 2, arXiv 2408.00118).
        optimizer: ``muon`` for the matrices of the blocks, or ``adamw`` for all.
        packed: Whether it learns windows of all samples behind one another, or each by itself.
        steps: Batches to train for.
        batch_size: Windows of ``context`` tokens, or samples, per batch.
        lr: AdamW's learning rate.
        embedding_lr: AdamW's learning rate for embeddings.
        muon_lr: Muon's learning rate.
        weight_decay: Decay of weights.
        warmup: Share of the steps in which learning rates rise.
        decay: Share of the steps in which they fall.
        temperature: Logits are divided by it in drawing, unless a draw says otherwise.
        top_p: Draws are among the fewest likeliest tokens that have so much probability together.
        draw_length: The most tokens that a draw adds to its prompt; as many as a row holds if null.

    Raises:
        GenloomError: When ``width`` cannot be shared out among the heads.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        width: Annotated[int, Ge(2)] = 128,
        layers: Annotated[int, Ge(1)] = 2,
        heads: Annotated[int, Ge(1)] = 4,
        context: Annotated[int, Ge(4)] = 256,
        ngrams: list[Annotated[int, Ge(2), Le(8)]] = [2],  # noqa: B006  # read, never written
        buckets: Annotated[int, Ge(1)] = 8192,
        recall: list[Annotated[int, Ge(1), Le(8)]] = [1, 2, 3],  # noqa: B006  # read, never written
        reach: Annotated[int, Ge(0)] = 0,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        tie_weights: bool = False,
        softcap: Annotated[float, Gt(0)] = 15.0,
        optimizer: Literal["muon", "adamw"] = "muon",
        packed: bool = True,
        steps: Annotated[int, Ge(1)] = 400,
        batch_size: Annotated[int, Ge(1)] = 4,
        lr: Annotated[float, Gt(0)] = 3e-3,
        embedding_lr: Annotated[float, Gt(0)] = 4e-3,
        muon_lr: Annotated[float, Gt(0)] = 2e-2,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        warmup: Annotated[float, Ge(0), Le(1)] = 0.02,
        decay: Annotated[float, Ge(0), Le(1)] = 0.6,
        temperature: Annotated[float, Ge(0)] = 1.0,
        top_p: Annotated[float, Gt(0), Le(1)] = 1.0,
        draw_length: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        super().__init__()
        if width % (2 * heads):
            raise GenloomError(
                f"A GPT of width {width} cannot have {heads} heads: width has to be a multiple of "
                f"{2 * heads}."
            )
        self.shape, self.classes, self.context = shape, classes, context
        self.temperature, self.top_p = temperature, top_p
        self.softcap, self.optimizer = softcap, optimizer
        self.packed, self.draw_length = packed, draw_length
        self.steps, self.batch_size, self.weight_decay = steps, batch_size, weight_decay
        self.lr, self.embedding_lr, self.muon_lr = lr, embedding_lr, muon_lr
        self.warmup, self.decay = warmup, decay
        vocabulary = shape[1]
        self.embedding = TokenEmbedding(
            vocabulary,
            width,
            ngrams=ngrams,
            buckets=buckets,
            recall=recall,
            reach=reach or context - 1,
        )
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.head = None if tie_weights else nn.Linear(width, vocabulary, bias=False)
        if self.head is not None:
            nn.init.zeros_(self.head.weight)
        self.heads, self.head_width = heads, width // heads

    def hidden(self, tokens: Tensor, memory: Memory | None, before: Tensor | None = None) -> Tensor:
        place, held = (0, 0) if memory is None else self._room_for(tokens.shape[1], memory)
        turn = self._turn(place, tokens.shape[1])
        x = norm(self.read(tokens, memory, before))  # [b, t, width]
        for layer, block in enumerate(self.blocks):
            cache = None if memory is None else tuple(memory[name] for name in _cached(layer))
            x = block(x, turn, cache, held)
        if memory is not None:
            memory["place"] += tokens.shape[1]
            memory["held"] += tokens.shape[1]
        return norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        if self.head is not None:
            logits = self.head(hidden)
        else:
            logits = F.linear(hidden, self.embedding.token.weight)
        return self.softcap * torch.tanh(logits / self.softcap)

    def empty_memory(self, rows: int, tokens: int) -> Memory:
        tokens = min(tokens, self.context, ROOM)
        room = (rows, self.heads, tokens, self.head_width)
        return {name: torch.empty(room, device=self.device) for name in self._caches()} | {
            "recent": self.embedding.nothing(rows),
            # One number per row, all the same, so that rows can be taken out of a memory.
            "place": torch.zeros(rows, dtype=torch.int64),
            "held": torch.zeros(rows, dtype=torch.int64),
        }

    def _room_for(self, tokens: int, memory: Memory) -> tuple[int, int]:
        """The position of the next token and how many the cache holds, once there is room in it.

        A cache grows up to the context; then it forgets its older half. Positions go on counting,
        because only the distance between two of them shows in attention.
        """
        place, held = int(memory["place"][0]), int(memory["held"][0])
        names = self._caches()
        room = memory[names[0]].shape[2]
        if room < min(held + tokens, self.context):
            room = min(max(held + tokens, room + ROOM), self.context)
            for name in names:
                cache = memory[name]
                memory[name] = cache.new_empty(*cache.shape[:2], room, self.head_width)
                memory[name][:, :, :held] = cache[:, :, :held]
        if held + tokens > room:
            kept = min(held, room - max(tokens, room // 2))
            for name in names:
                memory[name][:, :, :kept] = memory[name][:, :, held - kept : held].clone()
            memory["held"] += kept - held
            held = kept
        return place, held

    def _caches(self) -> list[str]:
        """What a memory calls the keys and the values of all layers."""
        return [name for layer in range(len(self.blocks)) for name in _cached(layer)]

    def _turn(self, start: int, tokens: int) -> Tensor:
        """Rotary angles of some positions as cosine and sine, ``[2, t, d/2]``."""
        pairs = torch.arange(0, self.head_width, 2, device=self.device)
        speed = 10_000.0 ** (-pairs / self.head_width)
        angle = torch.arange(start, start + tokens, device=self.device)[:, None] * speed
        return torch.stack([angle.cos(), angle.sin()])

    def configure_optimizers(self) -> Any:
        matrices = [p for p in self.blocks.parameters() if p.ndim == 2]
        rest = [] if self.head is None else list(self.head.parameters())
        if self.optimizer == "adamw":
            rest, matrices = rest + matrices, []
        others: list[dict[str, Any]] = [
            {"params": list(self.embedding.parameters()), "lr": self.embedding_lr}
        ]
        if rest:
            others.append({"params": rest, "lr": self.lr})
        return optimizer_and_schedule(
            matrices,
            others,
            muon_lr=self.muon_lr,
            weight_decay=self.weight_decay,
            steps=self.steps,
            warmup=self.warmup,
            decay=self.decay,
        )

    @torch.no_grad()
    def attention(self, tokens: Tensor) -> Tensor:
        """What each token of a text ``[t]`` attends to: ``[layers, heads, t, t]``."""
        self.eval()
        turn = self._turn(0, len(tokens))
        x = norm(self.read(tokens[None], None, None))
        found = []
        for block in self.blocks:
            assert isinstance(block, Block)  # which a list of modules does not say
            q, k, _ = block.attention.project(norm(x), turn)
            scores = q @ k.transpose(-1, -2) / self.head_width**0.5
            future = torch.ones_like(scores, dtype=torch.bool).triu(1)
            found.append(scores.masked_fill(future, float("-inf")).softmax(-1)[0].cpu())
            x = block(x, turn, None, 0)
        return torch.stack(found)


def _cached(layer: int) -> tuple[str, str]:
    """The same of one layer."""
    return f"keys of layer {layer}", f"values of layer {layer}"
