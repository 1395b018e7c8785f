"""Pictures as arrays of bytes, and as PNG files in memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

MODES = {"grey": "L", "rgb": "RGB"}


class Pictures(NamedTuple):
    """What a source hands over, before anything is resized or set aside.

    Attributes:
        pixels: ``[n, height, width]`` (grey) or ``[n, height, width, 3]`` (RGB), uint8.
        labels: ``n`` class names.
        splits: ``n`` split names: the source's own, or all ``train`` if it has none.
        files: ``n`` names by which a person finds the picture again.
    """

    pixels: np.ndarray
    labels: list[str]
    splits: list[str]
    files: list[str]


def picture_contents(
    pixels: np.ndarray, *, size: int | None = None, colour: str | None = None
) -> Iterator[bytes]:
    """Turn arrays into PNG bytes, one after the other.

    Args:
        pixels: ``[n, height, width]`` or ``[n, height, width, 3]`` uint8.
        size: Side of the square to resize to, in pixels; None keeps the size.
        colour: ``grey``, ``rgb`` or None for what the arrays are.

    Yields:
        ``n`` PNG files.
    """
    import PIL.Image

    for array in pixels:
        image = PIL.Image.fromarray(array)
        if colour is not None:
            image = image.convert(MODES[colour])
        if size is not None:
            image = resized(image, size)
        yield to_png(image)


def resized(image: Image, size: int) -> Image:
    """Squeeze or stretch an image to ``size`` x ``size`` pixels."""
    from PIL.Image import Resampling

    return image if image.size == (size, size) else image.resize((size, size), Resampling.BICUBIC)


def to_png(image: Image) -> bytes:
    """Write a grey or RGB image as PNG bytes, the same bytes for the same pixels."""
    buffer = BytesIO()
    # Pictures this small gain next to nothing from zlib's slower levels.
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def from_png(content: bytes) -> np.ndarray:
    """Read PNG bytes into ``[height, width]`` or ``[height, width, 3]`` uint8.

    Raises:
        OSError: The bytes are no PNG file, or a damaged one.
    """
    import numpy as np
    import PIL.Image

    with PIL.Image.open(BytesIO(content), formats=("PNG",)) as image:
        return np.asarray(image if image.mode in MODES.values() else image.convert("RGB"))
