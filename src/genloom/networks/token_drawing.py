"""How rows are drawn from a language model, many at the same time."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genloom.drawing import draw, filter_logits
from genloom.tokens import END, FIRST_LABEL, PAD, cut_at_end, first_content

__all__ = ["at_once", "draw_rows"]

TOKENS_AT_ONCE, ROWS_AT_ONCE = 80_000, 1024


def at_once(most: int) -> int:
    """How many rows of at most so many tokens are drawn together.

    A step costs hardly more for many rows than for a few, but all need memory till they end.
    """
    return min(ROWS_AT_ONCE, max(1, TOKENS_AT_ONCE // most))


def draw_rows(
    model: Any,
    labels: Tensor,
    prompt: Tensor,
    most: int,
    filters: dict[str, Any],
    random: torch.Generator,
    on_token: Callable[[Tensor], None] | None,
) -> Tensor:
    """Draw rows from a language model, all at the same time, one token after another.

    Args:
        model: A ``LanguageModel``.
        labels: Which class each row shall be, ``[n]`` int64.
        prompt: Content ``[t]`` int64 that every row begins with.
        most: The most tokens of content, prompt included.
        filters: The arguments of ``filter_logits``.
        random: Where the randomness comes from.
        on_token: Called with the rows so far, ``[n, t]`` int64, after every token.

    Returns:
        Rows ``[n, length of a row]`` int64: content, ``END`` unless cut, ``PAD``.
    """
    rows = torch.full((len(labels), model.shape[0]), PAD, dtype=torch.int64)
    rows[:, : len(prompt)] = prompt
    start = torch.stack([torch.full_like(labels, END), FIRST_LABEL + labels], dim=1)
    text = torch.cat([start, prompt.expand(len(labels), -1)], dim=1).to(model.device)
    live = torch.arange(len(labels))  # the rows in the memory, in its order
    going = torch.ones(len(labels), dtype=torch.bool)  # which of them have not ended
    memory = model.empty_memory(len(labels), text.shape[1] + most - len(prompt))
    for place in range(len(prompt), most):
        logits = model.logits(model.hidden(text, memory)[:, -1]).float().cpu()
        logits[:, PAD] = logits[:, FIRST_LABEL : first_content(model.classes)] = -math.inf
        token = draw(filter_logits(logits, **filters), random)
        rows[live[going], place] = token[going]
        if on_token:
            on_token(rows[:, : place + 1])
        going &= token != END
        if not going.any():
            break
        text = token[:, None].to(model.device)
        # Copying the memory costs about as much as a step, so rows that ended wait for others.
        if going.sum() <= 0.75 * len(live) and not on_token:
            kept = going.nonzero()[:, 0]
            memory = {
                name: part.index_select(0, kept.to(part.device)) for name, part in memory.items()
            }
            live, text = live[going], text[kept.to(text.device)]
            going = going[going]
    return cut_at_end(rows)
