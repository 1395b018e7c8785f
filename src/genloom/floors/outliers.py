"""Detectors of outliers that a sensible person would try first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import FloorMapper
from genloom.floors.estimators import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Outliers"]


class Outliers(FloorMapper):
    """One of PyOD's detectors, with the settings that PyOD gives it.

    Chen et al., PyOD 2 (2024), arXiv 2412.12154. The detectors: Liu, Ting and Zhou, Isolation
    forest (2008); Ramaswamy et al. (2000) for nearest neighbours; Shyu et al. (2003) for principal
    components; Breunig et al., LOF (2000); Schölkopf et al. (2001) for one class.

    Columns of vectors are standardised by the training samples first. What it keeps are those, from
    which it is built again.

    Args:
        shape: Shape of one sample.
        classes: Unused.
        method: ``isolation_forest``, ``neighbours`` (distance to the fifth nearest), ``pca``
            (distances along the components, of more weight the less a component varies),
            ``local_outlier_factor`` or ``one_class`` (support vectors).
        max_samples: Fit to at most so many samples, drawn at random.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        method: Literal[
            "isolation_forest", "neighbours", "pca", "local_outlier_factor", "one_class"
        ] = "isolation_forest",
        max_samples: Annotated[int, Gt(1)] = 10_000,
    ) -> None:
        super().__init__(shape, classes)
        self.method = method
        self.max_samples = max_samples
        self._kept: Any = None
        self._mean: Any = None
        self._scale: Any = None
        self._seed = 0
        self._detector: Any = None

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np
        from sklearn.preprocessing import StandardScaler

        if (rows == rows[0]).all():
            raise GenloomError(
                "Outliers needs training samples that differ, but all that it got are equal: there "
                "is nothing to tell strange ones by."
            )
        if len(rows) > self.max_samples:
            some = np.random.default_rng(seed).choice(len(rows), self.max_samples, replace=False)
            rows = rows[np.sort(some)]
        self._kept, self._seed = np.array(rows), seed
        self._mean, self._scale = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
        if len(self.shape) == 1:
            own = StandardScaler().fit(rows.astype(np.float64))
            self._mean, self._scale = own.mean_, own.scale_
        rows = self._standardised(rows)
        self._detector = self._new(rows).fit(rows)

    def _standardised(self, rows: NDArray[Any]) -> NDArray[Any]:
        return (rows - self._mean) / self._scale

    def _new(self, rows: NDArray[Any]) -> Any:
        from pyod.models.iforest import IForest
        from pyod.models.knn import KNN
        from pyod.models.lof import LOF
        from pyod.models.ocsvm import OCSVM
        from pyod.models.pca import PCA

        if self.method == "isolation_forest":
            return IForest(random_state=self._seed)
        if self.method == "neighbours":
            return KNN(n_neighbors=max(1, min(5, len(rows) - 1)))
        if self.method == "pca":
            return PCA(n_components=_dimensions(rows), random_state=self._seed)
        if self.method == "local_outlier_factor":
            return LOF(n_neighbors=max(1, min(20, len(rows) - 1)))
        return OCSVM()

    def anomaly_score(self, x: Tensor) -> Tensor:
        """How strange samples ``[n, *shape]`` are, ``[n]`` float32, in the method's own unit.

        Raises:
            GenloomError: It is not fitted, or the samples hold NaN or have another shape.
        """
        rows = self._standardised(self._asked(x))
        with one_thread():
            scores: Any = self._detector.decision_function(rows) if len(rows) else []
        return torch.as_tensor(scores, dtype=torch.float32)

    def _weights(self) -> dict[str, Tensor]:
        return {"rows": torch.from_numpy(self._kept.copy()), "seed": torch.tensor([self._seed])}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        rows, seed = weights["rows"].numpy(), int(weights["seed"])
        with one_thread():
            self._fit(rows, rows[:, 0], seed)


def _dimensions(rows: NDArray[Any]) -> int:
    """In how many directions rows ``[n, d]`` vary at all, once their columns are standardised."""
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    return int(np.linalg.matrix_rank(StandardScaler().fit_transform(rows), rtol=1e-3))
