"""Principal components: the linear compressor under every autoencoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorMapper
from genloom.floors.estimators import estimator_state, restore_estimator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PCA"]


class PCA(FloorMapper):
    """Principal component analysis (Pearson 1901; Hotelling 1933).

    No linear code of the same size has a lower squared error on the training samples. What the
    code leaves out takes a share of the noise with it, so reconstruction cleans a little, too.

    Args:
        shape: Shape of one sample.
        classes: Unused.
        code: Components kept, at most as many as the training samples allow.
    """

    def __init__(
        self, shape: tuple[int, ...], classes: int, *, code: Annotated[int, Gt(0)] = 16
    ) -> None:
        super().__init__(shape, classes)
        self.code = code
        self._pca: Any = None

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        components = min(self.code, *rows.shape)
        with np.errstate(invalid="ignore"):  # equal samples have no variance to take shares of
            self._pca = self._new(components, seed).fit(rows.astype(np.float64))

    def _new(self, components: int, seed: int) -> Any:
        from sklearn.decomposition import PCA as Components

        return Components(components, random_state=seed)

    @property
    def code_size(self) -> int:
        """Numbers of a code.

        Raises:
            GenloomError: It is not fitted.
        """
        self._require_fitted()
        return len(self._pca.components_)

    def embed(self, x: Tensor) -> Tensor:
        """Codes ``[n, code_size]`` float32 of samples ``[n, *shape]``, the widest number first.

        Raises:
            GenloomError: It is not fitted, or the samples hold NaN or have another shape.
        """
        rows = self._asked(x)
        codes: Any = self._pca.transform(rows) if len(rows) else rows[:, : self.code_size]
        return torch.as_tensor(codes, dtype=torch.float32)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Samples ``[n, *shape]`` as their codes tell them.

        Raises:
            GenloomError: As ``embed``.
        """
        codes = self.embed(x).double().numpy()
        return self._samples(codes @ self._pca.components_ + self._pca.mean_)

    def anomaly_score(self, x: Tensor) -> Tensor:
        """Mean squared error of the reconstruction, ``[n]`` float32.

        Raises:
            GenloomError: As ``embed``.
        """
        return (self.reconstruct(x) - x.cpu()).flatten(1).square().mean(dim=1)

    def _weights(self) -> dict[str, Tensor]:
        learnt = ("components_", "mean_", "n_components_", "explained_variance_")
        return estimator_state(self._pca, "pca", only=learnt)

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        components = len(weights["pca.components_"])
        self._pca = restore_estimator(self._new(components, 0), "pca", weights)
