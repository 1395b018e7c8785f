"""How one token is drawn from a model's logits: temperature, top-k and top-p, for all models."""

from __future__ import annotations

import torch
from torch import Tensor

from genloom.errors import GenloomError

__all__ = ["draw", "filter_logits"]

_FEW = 64  # tokens that are looked at first


def filter_logits(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Logits in which everything that shall not be drawn is minus infinity.

    First the temperature, then top-k (Fan et al. 2018, arXiv:1805.04833), then top-p among what is
    left (Holtzman et al. 2020, arXiv:1904.09751).

    Args:
        logits: ``[b, v]`` floating point; logarithms of probabilities will do.
        temperature: Divides the logits; 0 leaves the largest alone (the first of equals).
        top_k: Keep the ``top_k`` largest; all by default.
        top_p: Keep the fewest whose probabilities sum to at least ``top_p``; all by default.

    Returns:
        ``[b, v]``, a new tensor.

    Raises:
        GenloomError: For a temperature below 0, a ``top_k`` below 1, or a ``top_p`` not in (0, 1].

    >>> filter_logits(torch.tensor([[1.0, 3.0, 2.0]]), top_k=2)
    tensor([[-inf, 3., 2.]])
    """
    _check(temperature, top_k, top_p)
    if temperature == 0:
        return _only(logits, logits.argmax(dim=-1, keepdim=True))
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        logits = _only(logits, logits.topk(top_k, dim=-1).indices)
    # Rounding may let the sum reach 1 before the last token, so 1 means all by itself.
    if top_p is not None and top_p < 1:
        logits = _smallest_set(logits, top_p)
    return logits


def draw(logits: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw a token per row.

    Args:
        logits: ``[b, v]``, e.g. as ``filter_logits`` gives them; a row with a single finite entry
            leaves nothing to chance.
        generator: Where the randomness comes from, on the device of the logits.

    Returns:
        ``[b]`` int64.
    """
    # One random number a row: torch.multinomial draws one per token, ten times the time of this.
    risen = logits.softmax(dim=-1).cumsum(dim=-1)
    whole = risen[:, -1:].contiguous()
    chance = torch.rand(len(logits), 1, generator=generator, dtype=risen.dtype, device=risen.device)
    place = torch.searchsorted(risen, chance * whole, right=True)
    # Rounding may lead behind the last token that has a probability.
    return torch.minimum(place, torch.searchsorted(risen, whole))[:, 0]


def _only(logits: Tensor, kept: Tensor) -> Tensor:
    nothing = torch.full_like(logits, -torch.inf)
    return nothing.scatter(-1, kept, logits.gather(-1, kept))


def _smallest_set(logits: Tensor, top_p: float) -> Tensor:
    # A few tokens mostly have so much probability, and all are sorted only where they have not.
    few = min(_FEW, logits.shape[-1])
    size, least = _size_of_set(logits, top_p, few)
    larger = size[:, 0] == few
    if larger.any():
        size[larger], least[larger] = _size_of_set(logits[larger], top_p, logits.shape[-1])
    above, equal = logits > least, logits == least
    first = equal.cumsum(dim=-1) <= size - above.sum(dim=-1, keepdim=True)  # of equals
    return logits.masked_fill(~(above | equal & first), -torch.inf)


def _size_of_set(logits: Tensor, top_p: float, most: int) -> tuple[Tensor, Tensor]:
    """How many of the largest ``most`` are kept, and the least of those, each ``[b, 1]``."""
    falling = logits.topk(most, dim=-1).values
    probabilities = (falling - logits.logsumexp(dim=-1, keepdim=True)).exp()
    # A token is kept as long as those before it do not reach top_p; the first always is.
    before = probabilities.cumsum(dim=-1) - probabilities
    size = (before < top_p).sum(dim=-1, keepdim=True).clamp(min=1)
    return size, falling.gather(-1, size - 1)


def _check(temperature: float, top_k: int | None, top_p: float | None) -> None:
    if not 0 <= temperature < float("inf"):
        raise GenloomError(
            f"temperature is {temperature}, but has to be 0 (always the likeliest token) or more."
        )
    if top_k is not None and top_k < 1:
        raise GenloomError(f"top_k is {top_k}, but at least 1 token has to be left to draw.")
    if top_p is not None and not 0 < top_p <= 1:
        raise GenloomError(f"top_p is {top_p}, but has to be above 0 and at most 1.")
