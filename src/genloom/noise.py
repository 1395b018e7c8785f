"""Noise on samples: what networks that restore are trained against, and what they are judged by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor

__all__ = ["NOISES", "add_noise", "check_noise", "mixed_noise"]


class Noise(NamedTuple):
    """What the level of a kind of noise is, and how high it may be.

    Attributes:
        level: In words.
        highest: The level lies from 0 to here.
    """

    level: str
    highest: float


NOISES = {
    "gaussian": Noise("the standard deviation of what is added to every number", math.inf),
    "salt_and_pepper": Noise("the share of numbers that become the lowest or the highest", 1.0),
    "masking": Noise("the share of numbers that become blank", 1.0),
}
EXTREMES = {"images": (-1.0, 1.0), "vectors": (-3.0, 3.0)}  # pepper and salt
BLANK = {"images": -1.0, "vectors": 0.0}  # black, and the mean of a standardised column


def check_noise(name: str, kind: str, level: Any) -> None:
    """Refuse a noise that there is not, before anything trains.

    Args:
        name: Where it stands, e.g. ``"images.mapping.noises"``; the message begins with it.
        kind: One of ``NOISES``.
        level: A number, 0 or more; a share at most 1.

    Raises:
        GenloomError: There is no such kind, or the level is no number of its range.
    """
    if kind not in NOISES:
        raise GenloomError(
            f"{name} names the noise {kind!r}, but there are only: {', '.join(NOISES)}."
        )
    number = isinstance(level, int | float) and not isinstance(level, bool)
    if not (number and math.isfinite(level) and 0 <= level <= NOISES[kind].highest):
        least_and_most = (
            "0 or more" if math.isinf(NOISES[kind].highest) else f"0 to {NOISES[kind].highest:g}"
        )
        raise GenloomError(
            f"{name}.{kind} is {level!r}, but its level is {NOISES[kind].level}: a number, "
            f"{least_and_most}."
        )


def add_noise(
    x: Tensor, kind: str, level: float | Tensor, *, seed: int | torch.Generator | None = None
) -> Tensor:
    """Samples with noise of one kind.

    Salt and pepper are 1 and -1 in images, 3 and -3 in vectors, whose columns are standardised;
    blank is black in images and 0 in vectors. In images both befall all channels of a pixel.

    Args:
        x: Images ``[n, channels, height, width]`` in [-1, 1] or vectors ``[n, d]``.
        kind: One of ``NOISES``.
        level: Of all samples, or ``[n]``, of each; what it is, ``NOISES`` says.
        seed: Decides the noise, on every device the same; a generator, of the processor, is drawn
            from. None draws from torch's own random numbers on the device of ``x``.

    Returns:
        As ``x``, a tensor of its own. Gaussian noise may leave [-1, 1].

    Raises:
        GenloomError: There is no such kind, or the level is out of its range.
    """
    import torch

    if isinstance(level, torch.Tensor):
        for one in (level.min(), level.max()) if len(level) else ():
            check_noise("noise", kind, one.item())
        level = level.to(x).reshape(-1, *[1] * (x.ndim - 1))
    else:
        check_noise("noise", kind, level)
    random, device = _random(seed, x)
    if kind == "gaussian":
        return x + level * torch.randn(x.shape, generator=random, device=device).to(x)
    place = "images" if x.ndim == 4 else "vectors"
    places = (len(x), 1, *x.shape[2:]) if x.ndim == 4 else x.shape
    hit = torch.rand(places, generator=random, device=device).to(x) < level
    if kind == "masking":
        return torch.where(hit, BLANK[place], x)
    pepper, salt = EXTREMES[place]
    grains = torch.rand(places, generator=random, device=device).to(x) < 0.5
    return torch.where(hit, torch.where(grains, pepper, salt), x)


def mixed_noise(
    x: Tensor, highest: Mapping[str, float], *, seed: int | torch.Generator | None = None
) -> Tensor:
    """Samples with noise that is not known beforehand, to train and to choose by.

    Each sample gets one of the kinds, all as likely, at a level drawn evenly from 0 to the highest.

    Args:
        x: As for ``add_noise``.
        highest: The highest level by kind; a kind of level 0 is left out.
        seed: As for ``add_noise``.

    Returns:
        As ``x``; ``x`` itself where there is no noise.

    Raises:
        GenloomError: As ``add_noise``.
    """
    import torch

    present = {kind: level for kind, level in highest.items() if level != 0}
    random, device = _random(seed, x)
    kinds = torch.randint(max(1, len(present)), (len(x),), generator=random, device=device)
    kinds = kinds.to(x.device).reshape(-1, *[1] * (x.ndim - 1))
    noisy = x
    for number, (kind, level) in enumerate(present.items()):
        check_noise("noise", kind, level)
        levels = level * torch.rand(len(x), generator=random, device=device)
        noisy = torch.where(kinds == number, add_noise(x, kind, levels, seed=random), noisy)
    return noisy


def _random(
    seed: int | torch.Generator | None, x: Tensor
) -> tuple[torch.Generator | None, torch.device]:
    """What to draw from, and on which device."""
    import torch

    if seed is None:
        return None, x.device
    random = torch.Generator().manual_seed(seed) if isinstance(seed, int) else seed
    return random, torch.device("cpu")
