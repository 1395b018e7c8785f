"""TF-IDF with logistic regression: the floor under every classifier of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.estimators import estimator_state, restore_estimator
from genloom.floors.token_base import TokenFloor, count_ngrams

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TfidfLogistic"]

# After so many the accuracy on the default texts no longer moves, though the loss still falls.
_ROUNDS = 20


class TfidfLogistic(TokenFloor, FloorPredictor):
    """Logistic regression on the TF-IDF of hashed token n-grams.

    Counts count by their logarithm, and the less the more samples hold the n-gram (Salton and
    Buckley 1988). Where all training samples are of one class, that class gets probability 1.

    Args:
        shape: ``(length, vocabulary)``.
        classes: How many classes the labels have.
        longest: Count n-grams of 1 to so many tokens.
        features: Columns that the n-grams are hashed into.
        C: Inverse strength of the L2 penalty.
    """

    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        longest: Annotated[int, Gt(0)] = 4,
        features: Annotated[int, Gt(0)] = 2**15,
        C: Annotated[float, Gt(0)] = 10.0,
    ) -> None:
        super().__init__(shape, classes)
        self.longest = longest
        self.features = features
        self.C = C
        self._present: Any = None  # the classes in the training data
        self._tfidf: Any = None
        self._regression: Any = None  # None where there is but one class

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import warnings

        import numpy as np
        from sklearn.exceptions import ConvergenceWarning

        self._present = np.unique(labels)
        self._tfidf, self._regression = self._new_tfidf(), None
        places = self._tfidf.fit_transform(self._counts(rows))
        if len(self._present) > 1:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                self._regression = self._new_regression().fit(places, labels)

    def _new_tfidf(self) -> Any:
        from sklearn.feature_extraction.text import TfidfTransformer

        return TfidfTransformer(sublinear_tf=True)

    def _new_regression(self) -> Any:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=self.C, solver="lbfgs", max_iter=_ROUNDS)

    def _counts(self, rows: NDArray[Any]) -> Any:
        return count_ngrams(
            rows, classes=self.classes, longest=self.longest, features=self.features
        )

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        if self._regression is None:
            return self._present, np.ones((len(rows), 1))
        places = self._tfidf.transform(self._counts(rows))
        return self._present, self._regression.predict_proba(places)

    def _weights(self) -> dict[str, Tensor]:
        present = {"present": torch.tensor(self._present)}
        if self._regression is None:
            return present
        return (
            present
            | estimator_state(self._tfidf, "tfidf")
            | estimator_state(self._regression, "regression")
        )

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._present = weights["present"].numpy().copy()
        self._tfidf = self._regression = None
        if len(self._present) > 1:
            self._tfidf = restore_estimator(self._new_tfidf(), "tfidf", weights)
            self._regression = restore_estimator(self._new_regression(), "regression", weights)
