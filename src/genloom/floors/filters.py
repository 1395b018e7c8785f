"""Filters that take noise away without having learnt what samples look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor

from genloom.floors.base import FloorMapper
from genloom.floors.estimators import one_thread
from genloom.noise import mixed_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Filters"]

MOST = 100  # samples that the strength is chosen on
# Radii of the median's window, deviations of noise for wavelets, weights for total variation.
STRENGTHS: dict[str, tuple[float, ...]] = {
    "median": (0, 1, 2, 3, 4),
    "wavelet": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8),
    "total_variation": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8),
}


class Filters(FloorMapper):
    """One of scikit-image's filters, with the strength that cleans noisy training samples best.

    Of images each is cleaned by itself; of vectors, whose numbers have to be ordered in time, too.
    The strength is chosen once, by the squared error on at most 100 validation samples, or training
    samples where there are none, with noise as an ``autoencoder`` is trained on; so neither knows
    the noise of a sample beforehand.

    Tukey (1977) for the median; Chang, Yu and Vetterli, Adaptive wavelet thresholding for image
    denoising and compression (2000); Chambolle, An algorithm for total variation minimization and
    applications (2004).

    Args:
        shape: Shape of one sample.
        classes: Unused.
        method: ``median``, ``wavelet`` or ``total_variation``.
        gaussian: Highest standard deviation of Gaussian noise to choose on. A sample gets one of
            the three kinds of noise that are not 0, at a level drawn evenly from 0 to the highest.
        salt_and_pepper: Highest share of numbers that become the lowest or the highest.
        masking: Highest share of numbers that become blank.

    Attributes:
        strength: What was chosen: the radius of the window, the deviation of the noise to take
            away, or the weight of the variation. The least leaves samples as they are.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        method: Literal["median", "wavelet", "total_variation"] = "median",
        gaussian: Annotated[float, Ge(0)] = 0.5,
        salt_and_pepper: Annotated[float, Ge(0), Le(1)] = 0.0,
        masking: Annotated[float, Ge(0), Le(1)] = 0.0,
    ) -> None:
        super().__init__(shape, classes)
        self.method = method
        self.noise = {
            "gaussian": gaussian,
            "salt_and_pepper": salt_and_pepper,
            "masking": masking,
        }
        self.strength = STRENGTHS[method][0]
        self._held_out: Any = None

    def _choose(
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        self._held_out = rows
        if validation is not None and len(validation[0]):
            self._held_out = self._rows(validation[0])

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        random = np.random.default_rng(seed)
        some = np.sort(random.permutation(len(self._held_out))[:MOST])
        clean = self._samples(self._held_out[some])
        self._held_out = None
        noisy = mixed_noise(clean, self.noise, seed=seed).numpy()
        errors = [
            float(((self._filtered(noisy, strength) - clean.numpy()) ** 2).mean())
            for strength in STRENGTHS[self.method]
        ]
        self.strength = STRENGTHS[self.method][int(np.argmin(errors))]

    def reconstruct(self, x: Tensor) -> Tensor:
        """Noisy samples, cleaned, ``[n, *shape]`` float32.

        Args:
            x: ``[n, *shape]``.

        Raises:
            GenloomError: It is not fitted, or the samples hold NaN or have another shape.
        """
        noisy = self._samples(self._asked(x)).numpy()
        with one_thread():
            return self._samples(self._filtered(noisy, self.strength))

    def _filtered(self, x: NDArray[Any], strength: float) -> NDArray[Any]:
        """Samples ``[n, *shape]`` filtered with a strength."""
        import numpy as np

        if strength == STRENGTHS[self.method][0] or not len(x):
            return x
        if self.method == "median":
            from skimage.filters import median
            from skimage.morphology import disk

            window = disk(int(strength)) if x.ndim == 4 else np.ones(2 * int(strength) + 1)
            own = (1,) * (x.ndim - window.ndim) + window.shape  # never across samples or channels
            return np.asarray(median(x, window.reshape(own), mode="nearest"))
        one = _wavelet if self.method == "wavelet" else _total_variation
        return np.stack([one(sample, strength) for sample in x])

    def _weights(self) -> dict[str, Tensor]:
        return {"strength": torch.tensor([self.strength], dtype=torch.float64)}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self.strength = float(weights["strength"])


def _wavelet(sample: NDArray[Any], sigma: float) -> NDArray[Any]:
    """One sample, with wavelets' coefficients drawn to 0 as far as such noise explains them."""
    from skimage.restoration import denoise_wavelet

    channels = 0 if sample.ndim == 3 else None
    return denoise_wavelet(sample, sigma=sigma, channel_axis=channels, rescale_sigma=False)


def _total_variation(sample: NDArray[Any], weight: float) -> NDArray[Any]:
    """One sample, near to the given one and with little difference between neighbours."""
    from skimage.restoration import denoise_tv_chambolle

    channels = 0 if sample.ndim == 3 else None
    return denoise_tv_chambolle(sample, weight=weight, channel_axis=channels)
