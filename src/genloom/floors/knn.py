"""The labels of the nearest training samples: the floor that needs no training at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.estimators import estimator_state, restore_estimator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KNN"]


class KNN(FloorPredictor):
    """Nearest neighbours by Euclidean distance (Cover and Hart 1967).

    Args:
        shape: Shape of one sample.
        classes: How many classes the labels have.
        k: Neighbours asked, at most as many as there are training samples. Each votes with one
            over its distance.
    """

    def __init__(
        self, shape: tuple[int, ...], classes: int, *, k: Annotated[int, Gt(0)] = 3
    ) -> None:
        super().__init__(shape, classes)
        self.k = k
        self._knn: Any = None

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._knn = self._new(len(rows)).fit(rows, labels)

    def _new(self, n: int) -> Any:
        from sklearn.neighbors import KNeighborsClassifier

        # A tree would be no faster in hundreds of dimensions, and it cannot be saved as arrays.
        return KNeighborsClassifier(min(self.k, n), weights="distance", algorithm="brute")

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._knn.classes_, self._knn.predict_proba(rows)

    def _weights(self) -> dict[str, Tensor]:
        return estimator_state(self._knn, "knn")

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        n = len(weights["knn._fit_X"])
        self._knn = restore_estimator(self._new(n), "knn", weights)
