"""Principal components, then a Gaussian mixture per class: the floor under every image generator.

Tipping and Bishop (1999), "Mixtures of probabilistic principal component analysers", is the
idea in one model; here the components are shared and the mixtures live among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Gt
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import FloorGenerator
from genloom.floors.estimators import estimator_state, restore_estimator
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PcaGmm"]


class PcaGmm(FloorGenerator):
    """Principal component analysis followed by one Gaussian mixture per class.

    Args:
        shape: Shape of one sample.
        classes: How many classes the labels have.
        components: Principal components kept, at most as many as the data allow.
        mixtures: Gaussians per class; fewer, down to one, where a class has not more samples for
            each than there are components.
        regularisation: Added to the variances of every Gaussian.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        components: Annotated[int, Gt(0)] = 20,
        mixtures: Annotated[int, Gt(0)] = 3,
        regularisation: Annotated[float, Gt(0)] = 1e-3,
    ) -> None:
        super().__init__(shape, classes)
        self.components = components
        self.mixtures = mixtures
        self.regularisation = regularisation
        self._pca: Any = None
        self._mixtures: list[Any] = []

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np
        from sklearn.decomposition import PCA

        counts = np.bincount(labels)
        smallest = int(counts.argmin())
        if counts[smallest] < 2:
            raise GenloomError(
                f"PcaGmm needs at least 2 training samples per class, but class {smallest} has 1."
            )
        self._pca = PCA(min(self.components, *rows.shape), random_state=seed)
        places = self._pca.fit_transform(rows.astype(np.float64))
        self._mixtures = [
            self._fit_mixture(places[labels == label], derive_seed(seed, label))
            for label in range(self.classes)
        ]

    def _fit_mixture(self, places: NDArray[Any], seed: int) -> Any:
        import warnings

        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        n, dimensions = places.shape
        mixture = GaussianMixture(
            max(1, min(self.mixtures, n // (dimensions + 1))),
            covariance_type="full",
            reg_covar=self.regularisation,
            random_state=seed,
        )
        with warnings.catch_warnings():
            # A mixture that still moves a little after 100 rounds samples well enough.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return mixture.fit(places)

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        import numpy as np

        mixture = self._mixtures[label]
        mixture.random_state = seed
        places, _ = mixture.sample(count)
        # They come grouped by Gaussian; shuffled, any part of them is a fair draw.
        places = np.random.default_rng(seed).permutation(places)
        rows: NDArray[Any] = self._pca.inverse_transform(places)
        return rows

    def _weights(self) -> dict[str, Tensor]:
        weights = estimator_state(self._pca, "pca", only=("components_", "mean_"))
        for label, mixture in enumerate(self._mixtures):
            learnt = ("weights_", "means_", "covariances_")
            weights |= estimator_state(mixture, f"mixture.{label}", only=learnt)
        return weights

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        from sklearn.decomposition import PCA
        from sklearn.mixture import GaussianMixture

        self._pca = restore_estimator(PCA(), "pca", weights)
        self._mixtures = [
            restore_estimator(GaussianMixture(), f"mixture.{label}", weights)
            for label in range(self.classes)
        ]
