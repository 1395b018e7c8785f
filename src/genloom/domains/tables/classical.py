"""Classical augmentation: small changes to the numbers of rows that leave their label alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

if TYPE_CHECKING:
    from torch import Tensor


def classical_moves(
    x: Tensor,
    *,
    codec: Any,
    seed: int,
    copies: Annotated[int, Ge(1)] = 4,
    noise: Annotated[float, Ge(0)] = 0.1,
) -> Tensor:
    """Make copies of rows whose numbers are a little off.

    Categories, truth values and what says that a cell is missing stay; so do numbers that are
    missing.

    Args:
        x: Vectors ``[n, d]``.
        codec: Wrote ``x``.
        seed: Other seeds draw other noise.
        copies: How many copies of each row.
        noise: Standard deviation of the noise, in the columns' own.

    Returns:
        ``[copies * n, d]`` float32 on ``x``'s device: the first copy of every row, then the second
        of every row, and so on.
    """
    import torch

    random = torch.Generator().manual_seed(seed)
    drawn = torch.randn(copies * len(x), x.shape[1], generator=random) * noise
    moves = torch.zeros_like(drawn)
    start = 0
    for scale in codec.scales:
        if scale.kind in ("number", "date"):
            moves[:, start] = drawn[:, start]
            if scale.gaps:
                moves[:, start] *= 1 - x[:, start + 1].cpu().repeat(copies)
        start += scale.width
    return x.repeat(copies, 1) + moves.to(x)
