"""Many trees, each grown on its own draw of the samples: the floor that needs no tuning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Gt, Le
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.trees import Trees, from_forest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RandomForest"]


class RandomForest(FloorPredictor):
    """Random forest (Breiman 2001): the mean of trees grown on bootstrap draws of the samples.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have; 0 for numbers.
        trees: How many.
        max_features: Share of the columns that each split chooses among, drawn anew for every
            split; ``sqrt`` for the square root of their number.
        min_leaf: Fewest training samples in a leaf.
    """

    takes = ("vectors", "images")
    learns_numbers = True

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        trees: Annotated[int, Gt(0)] = 200,
        max_features: Annotated[float, Gt(0), Le(1)] | Literal["sqrt"] = 0.2,
        min_leaf: Annotated[int, Gt(0)] = 1,
    ) -> None:
        super().__init__(shape, classes)
        self.trees = trees
        self.max_features = max_features
        self.min_leaf = min_leaf
        self._present: Any = None  # the classes in the training data
        self._trees: Any = None

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestClassifier if self.classes else RandomForestRegressor
        forest = kind(
            self.trees,
            max_features=self.max_features,
            min_samples_leaf=self.min_leaf,
            random_state=seed,
            n_jobs=1,
        ).fit(rows, labels)
        self._trees = from_forest(forest.estimators_)
        self._present = forest.classes_ if self.classes else None

    def _mean(self, rows: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        total = np.zeros((len(rows), self._trees.value.shape[1]))
        for value in self._trees.values(rows):
            total += value
        return total / len(self._trees)

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._present, self._mean(rows)

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        return self._mean(rows)[:, 0]

    def _weights(self) -> dict[str, Tensor]:
        present = {"present": torch.tensor(self._present)} if self.classes else {}
        return present | self._trees.weights()

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._present = weights["present"].numpy().copy() if self.classes else None
        self._trees = Trees.from_weights(weights)
