"""Classical augmentation: small movements that leave an image's class alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Lt

if TYPE_CHECKING:
    from torch import Tensor

BACKGROUND = -1.0
BATCH = 1024  # images moved at once: bounds the memory of the sampling grids


def classical_moves(
    x: Tensor,
    *,
    codec: object = None,
    seed: int,
    copies: Annotated[int, Ge(1)] = 4,
    degrees: Annotated[float, Ge(0)] = 12,
    shift: Annotated[float, Ge(0)] = 0.1,
    scale: Annotated[float, Ge(0), Lt(1)] = 0.1,
    shear: Annotated[float, Ge(0)] = 0.1,
) -> Tensor:
    """Make slightly turned, shifted, scaled and sheared copies of images.

    Each copy gets its own movement, drawn uniformly. What comes in from outside is
    background (-1) for an image whose border is mostly background, such as a digit on
    black, and the nearest pixel of the border for any other, such as a photograph.

    Args:
        x: ``[n, channels, height, width]`` in [-1, 1].
        codec: Not needed: images are moved as they are encoded.
        seed: Other seeds draw other movements.
        copies: How many copies of each image.
        degrees: Turned by up to this many degrees either way.
        shift: Shifted by up to this share of height and width either way.
        scale: Made larger or smaller by up to this share, below 1.
        shear: Slanted by up to this share of the height either way.

    Returns:
        ``[copies * n, channels, height, width]`` of ``x``'s type and device: the first
        copy of every image, then the second of every image, and so on.
    """
    import torch

    n = len(x)
    moves = _moves(
        copies * n,
        seed=seed,
        degrees=degrees,
        shift=shift,
        scale=scale,
        shear=shear,
        aspect=x.shape[-2] / x.shape[-1],
    )
    out = torch.empty((copies * n, *x.shape[1:]), dtype=x.dtype, device=x.device)
    for copy in range(copies):
        for start in range(0, n, BATCH):
            batch = x[start : start + BATCH]
            rows = slice(copy * n + start, copy * n + start + len(batch))
            out[rows] = _moved(batch, moves[rows].to(x))
    return out


def _moves(
    n: int,
    *,
    seed: int,
    degrees: float,
    shift: float,
    scale: float,
    shear: float,
    aspect: float,
) -> Tensor:
    """Draw affine maps from the output's to the input's coordinates, ``[n, 2, 3]``."""
    import torch

    # Drawn at once and on the CPU: the same for every batch size and device.
    random = torch.Generator().manual_seed(seed)
    turn, right, down, larger, slant = torch.rand((5, n), generator=random) * 2 - 1
    angle = torch.deg2rad(turn * degrees)
    size = 1 + larger * scale
    cos, sin, slant = angle.cos() / size, angle.sin() / size, slant * shear
    # Rotation times shear; coordinates run from -1 to 1 on both sides, whatever the aspect.
    top = torch.stack([cos, (cos * slant - sin) * aspect, 2 * shift * right], dim=1)
    bottom = torch.stack([sin / aspect, sin * slant + cos, 2 * shift * down], dim=1)
    return torch.stack([top, bottom], dim=1)


def _moved(x: Tensor, moves: Tensor) -> Tensor:
    """Apply one affine map to each image, ``[b, c, h, w]`` and ``[b, 2, 3]``."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    grid = affine_grid(moves, list(x.shape), align_corners=False)
    plain = _on_background(x)
    out = torch.empty_like(x)
    # Zeros padding fills with 0, so the background is shifted there and back.
    for rows, padding, offset in ((plain, "zeros", BACKGROUND), (~plain, "border", 0.0)):
        moved = grid_sample(x[rows] - offset, grid[rows], padding_mode=padding, align_corners=False)
        out[rows] = (moved + offset).clamp(-1, 1)
    return out


def _on_background(x: Tensor) -> Tensor:
    """Whether most of an image's border is background, ``[b]`` bool."""
    import torch

    border = torch.cat([x[..., 0, :], x[..., -1, :], x[..., 0], x[..., -1]], dim=-1)
    # A grey level or two above black still counts: scans and JPEGs are rarely quite black.
    return (border <= BACKGROUND + 0.05).flatten(1).float().mean(1) > 0.5
