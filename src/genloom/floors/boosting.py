"""Trees that each mend what those before them got wrong: the floor to beat on tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.trees import Trees, from_boosting

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Boosting"]

_PATIENCE = 20  # rounds without a better validation loss that end the growing


class Boosting(FloorPredictor):
    """Gradient boosting over histograms (Friedman 2001; Ke et al. 2017, LightGBM).

    Of the rounds, those up to the lowest loss on the validation samples are kept; without such
    samples, all of them. Where all training samples are of one class, that class gets
    probability 1.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have; 0 for numbers.
        rounds: At most so many; each grows one tree, or one for each class from three classes on.
        rate: What each tree's values are multiplied by.
        leaves: Most leaves of a tree.
        min_leaf: Fewest training samples in a leaf.
        bins: Most values of a column that are told apart.

    Attributes:
        chosen_rounds: How many rounds were kept; 0 until it is fitted.
    """

    takes = ("vectors", "images")
    learns_numbers = True
    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        rounds: Annotated[int, Gt(0)] = 200,
        rate: Annotated[float, Gt(0), Le(1)] = 0.1,
        leaves: Annotated[int, Ge(2)] = 16,
        min_leaf: Annotated[int, Gt(0)] = 10,
        bins: Annotated[int, Ge(2), Le(255)] = 64,
    ) -> None:
        super().__init__(shape, classes)
        self.rounds = rounds
        self.rate = rate
        self.leaves = leaves
        self.min_leaf = min_leaf
        self.bins = bins
        self.chosen_rounds = 0
        self._held_out: tuple[NDArray[Any], NDArray[Any]] | None = None
        self._present: Any = None  # the classes in the training data
        self._start: Any = None  # what is predicted before the first tree, [1, scores]
        self._trees: Trees | None = None  # None where there is but one class

    def _choose(
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        import numpy as np

        # Only kept here: how many trees are best shows while they grow.
        self._held_out = None
        if validation is not None and len(validation[0]):
            held_out = self._rows(validation[0])
            truth = self._labels(validation[1], len(held_out))
            known = np.isin(truth, labels) if self.classes else np.full(len(truth), True)
            if known.any():
                self._held_out = held_out[known], truth[known]

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        self._present = np.unique(labels) if self.classes else None
        self._start, self._trees, self.chosen_rounds = np.zeros((1, 1)), None, 0
        if self.classes and len(self._present) == 1:
            return
        columns = self._splittable(rows)
        held_out: dict[str, Any] = {}
        if self._held_out is not None:
            held_out = {"X_val": self._held_out[0][:, columns], "y_val": self._held_out[1]}
        grown = self._new(seed, stop=bool(held_out)).fit(rows[:, columns], labels, **held_out)
        self._held_out = None
        predictors = grown._predictors
        if held_out:
            # The first score is from before the first round; one round is kept at least.
            predictors = predictors[: 1 + int(np.argmax(grown.validation_score_[1:]))]
        self.chosen_rounds = len(predictors)
        self._start = grown._baseline_prediction.astype(np.float64).reshape(1, -1)
        self._trees = from_boosting(predictors, columns)

    def _new(self, seed: int, *, stop: bool) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if self.classes else HistGradientBoostingRegressor
        return kind(
            learning_rate=self.rate,
            max_iter=self.rounds,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.min_leaf,
            max_bins=self.bins,
            categorical_features=None,
            early_stopping=stop,
            n_iter_no_change=_PATIENCE,
            tol=0.0,
            random_state=seed,
        )

    def _splittable(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The columns that can be split at all; of sparse ones many cannot, and they cost time.

        A split parts the rows with a column's commonest value from some of the others, of which
        there have to be enough for a leaf.
        """
        import numpy as np

        enough = [len(rows) - _commonest(column) >= self.min_leaf for column in rows.T]
        found = np.flatnonzero(enough)
        return found if len(found) else np.array([0])

    def _scores(self, rows: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        scores = np.repeat(self._start, len(rows), axis=0)
        if self._trees is not None:
            for number, value in enumerate(self._trees.values(rows)):
                scores[:, number % scores.shape[1]] += value[:, 0]
        return scores

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np
        from scipy.special import softmax

        scores = self._scores(rows)
        if len(self._present) == 2:  # two classes share one score
            scores = np.hstack([np.zeros_like(scores), scores])
        return self._present, softmax(scores, axis=1)

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        return self._scores(rows)[:, 0]

    def _weights(self) -> dict[str, Tensor]:
        present = {"present": torch.tensor(self._present)} if self.classes else {}
        rounds = torch.tensor([self.chosen_rounds])
        trees = {} if self._trees is None else self._trees.weights()
        return present | {"rounds": rounds, "start": torch.from_numpy(self._start.copy())} | trees

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._present = weights["present"].numpy().copy() if self.classes else None
        self._start = weights["start"].numpy().copy()
        self.chosen_rounds = int(weights["rounds"])
        self._trees = Trees.from_weights(weights) if self.chosen_rounds else None


def _commonest(column: NDArray[Any]) -> int:
    """How often a column's commonest value stands in it."""
    import numpy as np

    return int(np.unique(column, return_counts=True)[1].max())
