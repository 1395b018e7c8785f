"""Between pictures and tensors: the codec of the images domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.images.pictures import from_png, to_png
from genloom.domains.labels import Labels, classes_in
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


class ImageCodec(Labels):
    """Turns PNG bytes into tensors in [-1, 1] and back, and class names into numbers.

    Attributes:
        shape: ``(channels, height, width)``; one channel for grey, three for RGB.
        classes: The class names, sorted as a person would: ``"2"`` before ``"10"``.

    >>> ImageCodec((1, 8, 8), ["cat", "dog"]).decode_labels([1, 0])
    ['dog', 'cat']
    """

    called = "image codec"

    def __init__(self, shape: tuple[int, int, int], classes: list[str]) -> None:
        self.shape = shape
        self.classes = classes

    @classmethod
    def fit(cls, samples: pd.DataFrame) -> ImageCodec:
        """Read shape and classes from the training samples.

        Args:
            samples: Columns ``content``, ``label`` and ``split``; only ``train`` is read.

        Raises:
            GenloomError: There are no training samples, or the first is no PNG file.
        """
        train = samples[samples["split"] == "train"]
        if train.empty:
            raise GenloomError("There are no training samples, so no image codec can be fitted.")
        pixels = _read(train["content"].iloc[0], row=0)
        return cls(_shape_of(pixels), classes_in(train))

    def encode(self, samples: pd.DataFrame) -> Tensor:
        """Turn pictures into a tensor.

        Args:
            samples: Column ``content``, PNG bytes.

        Returns:
            ``[n, *shape]`` float32; black is -1 and white is 1.

        Raises:
            GenloomError: A picture has another shape than the codec, or cannot be read.
        """
        import numpy as np
        import torch

        bytes_ = np.empty((len(samples), *self.shape), np.uint8)
        for row, content in enumerate(samples["content"]):
            pixels = _read(content, row)
            if _shape_of(pixels) != self.shape:
                raise GenloomError(
                    f"The image in row {row} has the shape {_shape_of(pixels)}, but the codec was "
                    f"fitted on {self.shape}: bring all images to one size and colour "
                    "(images.size, images.colour)."
                )
            bytes_[row] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        # In place, because the float tensor of a large source is the biggest thing around.
        return torch.from_numpy(bytes_).float().div_(127.5).sub_(1)

    def decode(self, x: Tensor) -> list[bytes]:
        """Turn a tensor into pictures.

        Args:
            x: ``[n, *shape]``; values beyond [-1, 1] are clamped, all are rounded to 8 bits.

        Returns:
            ``n`` PNG files; what ``encode`` has read comes back pixel for pixel.

        Raises:
            GenloomError: The shape is another, or a value is not a number.
        """
        import PIL.Image
        import torch

        if x.ndim != 4 or tuple(x.shape[1:]) != self.shape:
            raise GenloomError(
                f"A tensor of the shape {list(x.shape)} cannot be decoded to images: "
                f"the codec needs [n, {', '.join(map(str, self.shape))}]."
            )
        if x.isnan().any():
            raise GenloomError(
                "A tensor with values that are not numbers (NaN) cannot be decoded to images: "
                "what made it has probably diverged."
            )
        contents: list[bytes] = []
        for start in range(0, len(x), 1024):  # or copies of a large tensor pile up
            part = x[start : start + 1024].detach().cpu()
            bytes_ = part.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
            for pixels in bytes_.permute(0, 2, 3, 1).squeeze(-1).contiguous().numpy():
                contents.append(to_png(PIL.Image.fromarray(pixels)))
        return contents

    def to_dict(self) -> dict[str, Any]:
        """All there is to the codec, ready for JSON."""
        return {"shape": list(self.shape), "classes": list(self.classes)}

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> ImageCodec:
        """Build the codec again from what ``to_dict`` returned."""
        channels, height, width = d["shape"]
        return cls((channels, height, width), list(d["classes"]))


def fit_codec(samples: pd.DataFrame) -> ImageCodec:
    """Fit the image codec on the training samples (node function)."""
    return ImageCodec.fit(samples)


def places(samples: pd.DataFrame, codec: ImageCodec) -> Tensor:
    """Where the copy test compares images: their pixels, ``[n, *shape]``."""
    return codec.encode(samples)


def _read(content: bytes, row: int) -> Any:
    try:
        return from_png(content)
    except (OSError, SyntaxError, TypeError) as error:
        raise GenloomError(
            f"The content in row {row} is not a readable PNG file: ingest the source again."
        ) from error


def _shape_of(pixels: Any) -> tuple[int, int, int]:
    height, width, *channels = pixels.shape
    return (channels[0] if channels else 1, height, width)
