"""Naive Bayes over n-grams of tokens: the floor that fits in one pass over the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.estimators import estimator_state, restore_estimator
from genloom.floors.token_base import TokenFloor, count_ngrams

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NaiveBayes"]

# What prediction needs. Left out are the raw counts.
_LEARNT = ("feature_log_prob_", "class_log_prior_", "classes_", "n_features_in_")


class NaiveBayes(TokenFloor, FloorPredictor):
    """Multinomial naive Bayes (McCallum and Nigam 1998) over counts of hashed token n-grams.

    It takes n-grams for independent, although they overlap. That costs little accuracy, but makes
    its probabilities far too sure of themselves.

    Args:
        shape: ``(length, vocabulary)``.
        classes: How many classes the labels have.
        longest: Count n-grams of 1 to so many tokens.
        features: Columns that the n-grams are hashed into.
        alpha: Added to every count.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        longest: Annotated[int, Gt(0)] = 5,
        features: Annotated[int, Gt(0)] = 2**16,
        alpha: Annotated[float, Gt(0)] = 0.1,
    ) -> None:
        super().__init__(shape, classes)
        self.longest = longest
        self.features = features
        self.alpha = alpha
        self._bayes: Any = None

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._bayes = self._new().fit(self._counts(rows), labels)

    def _new(self) -> Any:
        from sklearn.naive_bayes import MultinomialNB

        return MultinomialNB(alpha=self.alpha)

    def _counts(self, rows: NDArray[Any]) -> Any:
        return count_ngrams(
            rows, classes=self.classes, longest=self.longest, features=self.features
        )

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._bayes.classes_, self._bayes.predict_proba(self._counts(rows))

    def _weights(self) -> dict[str, Tensor]:
        return estimator_state(self._bayes, "bayes", only=_LEARNT)

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._bayes = restore_estimator(self._new(), "bayes", weights)
