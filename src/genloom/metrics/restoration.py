"""How near samples that went through a code, or were cleaned of noise, are to the originals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["explained_variance", "noise_reduction", "psnr", "reconstruction_error", "ssim"]

LOW, HIGH = -1.0, 1.0  # the darkest and the brightest that a pixel can be
WINDOW = 7  # widest side of the windows that structural similarity looks through


def reconstruction_error(original: Any, restored: Any) -> float:
    """Mean squared error of a number of a sample, in squared units of the samples.

    Args:
        original: ``[n, *shape]``.
        restored: ``[n, *shape]``.

    Raises:
        GenloomError: There are no samples, or the two do not fit together, or are not finite.

    >>> reconstruction_error([[0.0, 2.0]], [[0.0, 0.0]])
    2.0
    """
    x, restored = _checked(original, restored)
    return float(((x - restored) ** 2).mean())


def explained_variance(original: Any, restored: Any) -> float:
    """Share of the variance of the samples around their mean that is kept.

    1 where all is, 0 where the mean sample would do as well; NaN where all samples are equal.

    Args:
        original: ``[n, *shape]``.
        restored: ``[n, *shape]``.

    Raises:
        GenloomError: As ``reconstruction_error``.

    >>> explained_variance([[1.0], [3.0]], [[1.0], [3.0]])
    1.0
    """
    x, restored = _checked(original, restored)
    total = float(((x - x.mean(axis=0)) ** 2).mean())
    return 1 - float(((x - restored) ** 2).mean()) / total if total > 0 else math.nan


def noise_reduction(original: Any, noisy: Any, restored: Any) -> float:
    """By how many decibels the mean squared error falls when noisy samples are restored.

    0 where nothing is won, negative where restoring does harm; infinite where nothing is left.

    Args:
        original: ``[n, *shape]``, before the noise.
        noisy: ``[n, *shape]``.
        restored: ``[n, *shape]``.

    Raises:
        GenloomError: As ``reconstruction_error``, or the noisy samples are the originals.

    >>> noise_reduction([[0.0]], [[1.0]], [[0.1]])
    20.0
    """
    before, after = reconstruction_error(original, noisy), reconstruction_error(original, restored)
    if before == 0:
        raise GenloomError("The noisy samples are the originals: there is no noise to reduce.")
    return 10 * math.log10(before / after) if after > 0 else math.inf


def psnr(original: Any, restored: Any) -> float:
    """Peak signal-to-noise ratio in decibels, of the mean squared error of all samples together.

    Args:
        original: ``[n, *shape]`` in [-1, 1].
        restored: The same shape.

    Returns:
        Infinite where nothing differs.

    Raises:
        GenloomError: As ``reconstruction_error``.

    >>> psnr([[-1.0, 1.0]], [[-0.8, 0.8]])
    20.0
    """
    error = reconstruction_error(original, restored)
    return 10 * math.log10((HIGH - LOW) ** 2 / error) if error > 0 else math.inf


def ssim(original: Any, restored: Any) -> float:
    """Structural similarity, the mean over the images; 1 where they are the same.

    Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility to
    structural similarity (2004). It looks through square windows of 7 pixels a side; on images of
    less than 14, of the largest odd number that is at most half of their shorter side, and 3 at
    least, for a window as large as the image would tell nothing of its structure.

    Args:
        original: ``[n, channels, height, width]`` in [-1, 1], sides of at least 3.
        restored: The same shape; what is beyond [-1, 1] is cut off, as when it is shown.

    Raises:
        GenloomError: As ``reconstruction_error``, or they are no images, or smaller.
    """
    from skimage.metrics import structural_similarity

    x, restored = _checked(original, restored)
    if x.ndim != 4 or min(x.shape[2:]) < 3:
        raise GenloomError(
            "Structural similarity is of images [n, channels, height, width] of at least 3 x 3 "
            f"pixels, but these are of shape {list(x.shape)}."
        )
    half = min(x.shape[2:]) // 2
    window = max(3, min(WINDOW, half - (half + 1) % 2))
    # It compares means by their ratio, so black has to be 0.
    pairs = zip(x.clip(LOW, HIGH) - LOW, restored.clip(LOW, HIGH) - LOW, strict=True)
    each = [
        structural_similarity(one, two, win_size=window, data_range=HIGH - LOW, channel_axis=0)
        for one, two in pairs
    ]
    return float(sum(each)) / len(each)


def _checked(original: Any, restored: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    x, found = np.asarray(original, dtype=np.float64), np.asarray(restored, dtype=np.float64)
    if x.shape != found.shape:
        raise GenloomError(
            f"Samples of shape {x.shape} cannot be compared with samples of shape {found.shape}."
        )
    if x.size == 0:
        raise GenloomError("There are no samples to compare: the split has none.")
    if not (np.isfinite(x).all() and np.isfinite(found).all()):
        raise GenloomError("Samples hold NaN or infinity: they cannot be compared.")
    return x, found
