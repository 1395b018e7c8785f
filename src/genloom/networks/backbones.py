"""What several networks share: bodies between images or vectors and vectors, and small moves."""

import math

import torch
from torch import Tensor, nn

from genloom.networks.base import Generator


def halvings(height: int, width: int, *, down_to: int = 4) -> int:
    """How often a grid can be halved until a side is odd or would fall below ``down_to``.

    >>> halvings(8, 8), halvings(28, 28), halvings(32, 32), halvings(64, 64)
    (1, 2, 3, 4)
    """
    times = 0
    while height % 2 == 0 and width % 2 == 0 and min(height, width) >= 2 * down_to:
        height, width, times = height // 2, width // 2, times + 1
    return times


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity.

    The second one starts at zero: so no normalisation is needed for the start of training
    (Zhang et al., Fixup (2019), arXiv 1901.09321).
    """

    def __init__(self, width: int, activation: nn.Module) -> None:
        super().__init__()
        self.activation = activation
        self.convolution1 = nn.Conv2d(width, width, 3, padding=1)
        self.convolution2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.zeros_(self.convolution2.weight)

    def forward(self, x: Tensor) -> Tensor:
        h = self.convolution1(self.activation(x))
        return x + self.convolution2(self.activation(h))  # [n, width, h, w]


class ImageToVector(nn.Module):
    """Images ``[n, *shape]`` to vectors ``[n, size]``.

    Every halving of the grid turns 2x2 pixels into channels, so nothing is lost, and convolves on
    the smaller grid; nothing is computed at full size. Finer grids have fewer channels.
    """

    def __init__(
        self, shape: tuple[int, ...], size: int, width: int, depth: int, activation: nn.Module
    ) -> None:
        super().__init__()
        channels, height, width_ = shape
        times = halvings(height, width_)
        layers: list[nn.Module] = []
        before = channels
        for finer in reversed(range(max(1, times))):  # how many halvings are still to come
            if times:
                layers.append(nn.PixelUnshuffle(2))
                before *= 4
            after = max(16, width >> finer)
            layers.append(nn.Conv2d(before, after, 3, padding=1))
            layers += [Residual(after, activation) for _ in range(depth)]
            before = after
        self.body = nn.Sequential(*layers, activation)
        self.body.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.flat = nn.Linear(before * (height >> times) * (width_ >> times), size)

    def forward(self, x: Tensor) -> Tensor:
        h = self.body(x.contiguous(memory_format=torch.channels_last))  # [n, width, 4, 4]
        return self.flat(h.flatten(1))  # [n, size]


class VectorToImage(nn.Module):
    """Vectors ``[n, size]`` to images ``[n, *shape]`` in ``[-1, 1]``.

    The mirror of ``ImageToVector``: most of the work is done on the coarsest grid, and the last
    convolution paints 2x2 pixels at once.
    """

    def __init__(
        self, shape: tuple[int, ...], size: int, width: int, depth: int, activation: nn.Module
    ) -> None:
        super().__init__()
        channels, height, width_ = shape
        times = halvings(height, width_)
        self.grid = (width, height >> times, width_ >> times)
        self.flat = nn.Linear(size, math.prod(self.grid))
        layers: list[nn.Module] = []
        before = width
        for finer in reversed(range(max(1, times))):
            after = channels if finer == 0 else max(16, before // 2)
            layers += [Residual(before, activation) for _ in range(depth)]
            layers += [activation, nn.Conv2d(before, after * (4 if times else 1), 3, padding=1)]
            if times:
                layers.append(nn.PixelShuffle(2))
            before = after
        self.body = nn.Sequential(*layers)
        self.body.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, h: Tensor) -> Tensor:
        h = self.flat(h).reshape(-1, *self.grid)  # [n, width, 4, 4]
        return self.body(h.contiguous(memory_format=torch.channels_last)).tanh()


class Dense(nn.Module):
    """Vectors ``[n, before]`` to vectors ``[n, after]``: dense layers, the inner ones residual."""

    def __init__(
        self, before: int, after: int, hidden: int, depth: int, activation: nn.Module
    ) -> None:
        super().__init__()
        self.activation = activation
        self.first = nn.Linear(before, hidden)
        self.inner = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth))
        self.last = nn.Linear(hidden, after)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        for layer in self.inner:
            h = h + layer(self.activation(h))
        return self.last(self.activation(h))


def to_vector(
    shape: tuple[int, ...], size: int, width: int, depth: int, activation: nn.Module
) -> nn.Module:
    """A body from samples, images or vectors, to vectors ``[n, size]``.

    Args:
        shape: ``(channels, height, width)`` or ``(size of a vector,)``.
        size: Of the vectors that come out; of vectors that go in, the hidden layers', too.
        width: Channels on the coarsest grid of images.
        depth: Residual blocks per grid, or inner layers.
        activation: Between layers.
    """
    if len(shape) == 3:
        return ImageToVector(shape, size, width, depth, activation)
    return Dense(shape[0], size, size, depth, activation)


def from_vector(
    shape: tuple[int, ...], size: int, width: int, depth: int, activation: nn.Module
) -> nn.Module:
    """A body from vectors ``[n, size]`` to images in ``[-1, 1]`` or vectors; see ``to_vector``."""
    if len(shape) == 3:
        return VectorToImage(shape, size, width, depth, activation)
    return Dense(size, shape[0], size, depth, activation)


class ImageOrVectorGenerator(Generator):
    """A generator of images in [-1, 1], or of vectors in whatever range they have."""

    takes = ("images", "vectors")

    def _in_batches(self, z: Tensor, y: Tensor) -> Tensor:
        if len(self.shape) == 3:
            return super()._in_batches(z, y)
        parts = [
            self.generate(some_z.to(self.device), some_y.to(self.device)).cpu()
            for some_z, some_y in zip(z.split(1024), y.split(1024), strict=True)
        ]
        return torch.cat(parts).contiguous() if parts else torch.empty(0, *self.shape)


def random_affine(x: Tensor, strength: float = 1.0) -> Tensor:
    """Turn, shear, scale and shift every image a little, each in its own way.

    At strength 1 an image turns by up to 12 degrees, shears and scales by up to 10 % and shifts
    by up to 10 % of its side.

    Args:
        x: Images ``[n, channels, height, width]``.
        strength: Scales all the ranges; 0 moves nothing. Vectors are never moved.
    """
    if strength == 0 or x.ndim == 2:
        return x
    n, _, height, width = x.shape

    def uniform(limit: float) -> Tensor:  # [n, 1, 1] in [-limit, limit]
        return (torch.rand(n, 1, 1, device=x.device) * 2 - 1) * (limit * strength)

    turn, scale = uniform(0.21), 1 + uniform(0.1)
    rows = torch.arange(height, device=x.device)[:, None] - (height - 1) / 2  # from the middle
    columns = torch.arange(width, device=x.device) - (width - 1) / 2
    u = scale * columns + (turn + uniform(0.1)) * rows + uniform(0.1) * width
    v = (scale + uniform(0.1)) * rows - turn * columns + uniform(0.1) * height
    return warp(x, u + (width - 1) / 2, v + (height - 1) / 2)


def warp(x: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Fetch pixels from other places: first along the rows, then along the columns.

    Two passes of linear interpolation, as matrix products: differentiable (twice, if need be),
    and deterministic on every device. What comes in from outside has the median colour of the
    image's own border.

    Args:
        x: Images ``[n, channels, height, width]``.
        u: Column that a pixel comes from in the first pass, ``[n, height or 1, width]``.
        v: Row that a pixel comes from in the second pass, ``[n, height, width or 1]``.
    """
    n, _, height, width = x.shape
    rows = torch.arange(height, device=x.device)
    columns = torch.arange(width, device=x.device)
    along_rows = _interpolation(u.expand(n, height, width), columns)  # [n, h, w, w]
    along_columns = _interpolation(v.expand(n, height, width).transpose(1, 2), rows)  # [n, w, h, h]
    edge = _border_median(x)
    moved = torch.einsum("nhwk,nchk->nchw", along_rows, x - edge)
    moved = torch.einsum("nwhk,nckw->nchw", along_columns, moved)
    return moved + edge


def _interpolation(at: Tensor, grid: Tensor) -> Tensor:
    """Weights of linear interpolation at places ``[..., m]`` between points ``[k]``."""
    return (1 - (at[..., None] - grid).abs()).clamp(min=0)


def _border_median(x: Tensor) -> Tensor:
    """The median of each channel's outermost pixels, ``[n, channels, 1, 1]``."""
    sides = x[..., 0, :], x[..., -1, :], x[..., :, 0], x[..., :, -1]
    border = torch.cat(sides, dim=-1).sort(dim=-1).values
    return border[..., border.shape[-1] // 2, None, None].detach()
