"""Ridge and logistic regression: the floor under every predictor from vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.floors.base import FloorPredictor
from genloom.floors.estimators import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Linear"]

_PENALTIES = (1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e-1)  # what `validation` chooses among
_USUAL = 1e2  # where there is nothing to choose by
_ROUNDS = 100
_FURTHEST = 5.0  # standard deviations


class Linear(FloorPredictor):
    """Ridge regression for numbers (Hoerl and Kennard 1970), logistic regression for classes.

    Every column is brought to mean 0 and standard deviation 1 on the training samples first, and
    cut at 5: a fingerprint's bit that almost no training molecule has would otherwise outweigh
    all others where a molecule has it. Where all training samples are of one class, that class gets
    probability 1.

    Args:
        shape: Shape of one sample; samples with more than one dimension are flattened.
        classes: How many classes the labels have; 0 for numbers.
        penalty: Price of the squared coefficients, beside the sum over the training samples of
            half the squared error, or of the log loss. ``validation`` takes the power of ten from
            0.1 to 100,000 that does best on the validation samples (on every tenth training
            sample where none are given), and then fits to all training samples.

    Attributes:
        chosen_penalty: The penalty in use; 0 until it is chosen.
    """

    takes = ("vectors", "images")
    learns_numbers = True
    uses_seed = False

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        penalty: Annotated[float, Gt(0)] | Literal["validation"] = "validation",
    ) -> None:
        super().__init__(shape, classes)
        self.penalty = penalty
        self.chosen_penalty = 0.0 if penalty == "validation" else penalty
        self._arrays: dict[str, NDArray[Any]] = {}

    def _choose(
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        import numpy as np

        if self.penalty != "validation":
            return
        if validation is not None and len(validation[0]):
            held_out = self._rows(validation[0])
            truth = self._labels(validation[1], len(held_out))
        else:
            held = np.arange(len(rows)) % 10 == 9
            held_out, truth = rows[held], labels[held]
            rows, labels = rows[~held], labels[~held]
        if self.classes:
            known = np.isin(truth, labels)
            held_out, truth = held_out[known], truth[known]
        self.chosen_penalty = _USUAL
        if len(truth) and len(np.unique(labels)) > 1:
            loss = {
                penalty: self._loss(self._learn(rows, labels, penalty), held_out, truth)
                for penalty in _PENALTIES
            }
            self.chosen_penalty = min(_PENALTIES, key=lambda penalty: loss[penalty])

    def _loss(
        self, arrays: dict[str, NDArray[Any]], rows: NDArray[Any], truth: NDArray[Any]
    ) -> float:
        import numpy as np
        from scipy.special import log_softmax

        scores = _scores(arrays, rows)
        if not self.classes:
            return float(np.mean((scores[:, 0] - truth) ** 2))
        place = np.searchsorted(arrays["present"], truth)
        return float(-log_softmax(scores, axis=1)[np.arange(len(truth)), place].mean())

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        self._arrays = self._learn(rows, labels, self.chosen_penalty)

    def _learn(
        self, rows: NDArray[Any], labels: NDArray[Any], penalty: float
    ) -> dict[str, NDArray[Any]]:
        """Mean and scale of the columns, coefficients ``[d, k]``, intercepts ``[k]``, classes."""
        import numpy as np

        mean, scale = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        constant = rows.min(axis=0) == rows.max(axis=0)
        arrays = {"mean": mean, "scale": np.where(constant, 1.0, scale)}
        places = _standard(arrays, rows)
        places[:, constant] = 0.0
        if self.classes:
            arrays["present"] = np.unique(labels)
        learn = _logistic if self.classes else _ridge
        coefficients, intercept = learn(places, labels, penalty)
        coefficients[constant] = 0.0
        return arrays | {"coefficients": coefficients, "intercept": intercept}

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        from scipy.special import softmax

        return self._arrays["present"], softmax(_scores(self._arrays, rows), axis=1)

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        return _scores(self._arrays, rows)[:, 0]

    def _weights(self) -> dict[str, Tensor]:
        penalty = torch.tensor([self.chosen_penalty], dtype=torch.float64)
        arrays = {name: torch.from_numpy(array.copy()) for name, array in self._arrays.items()}
        return {"penalty": penalty, **arrays}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self.chosen_penalty = float(weights["penalty"])
        names = ["mean", "scale", "coefficients", "intercept"]
        names += ["present"] if self.classes else []
        self._arrays = {name: weights[name].numpy().copy() for name in names}


def _standard(arrays: Mapping[str, NDArray[Any]], rows: NDArray[Any]) -> NDArray[Any]:
    """Rows ``[n, d]`` in standard deviations from the training samples' mean."""
    import numpy as np

    places: NDArray[Any] = (rows - arrays["mean"]) / arrays["scale"]
    return np.clip(places, -_FURTHEST, _FURTHEST)


def _scores(arrays: Mapping[str, NDArray[Any]], rows: NDArray[Any]) -> NDArray[Any]:
    """Numbers ``[n, 1]``, or logits ``[n, classes present]``."""
    with one_thread():
        scores: NDArray[Any] = _standard(arrays, rows) @ arrays["coefficients"]
        return scores + arrays["intercept"]


def _ridge(
    places: NDArray[Any], numbers: NDArray[Any], penalty: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np
    from sklearn.linear_model import Ridge

    found = Ridge(alpha=penalty, solver="cholesky").fit(places, numbers)
    return found.coef_[:, None].copy(), np.array([found.intercept_])


def _logistic(
    places: NDArray[Any], labels: NDArray[Any], penalty: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        return np.zeros((places.shape[1], 1)), np.zeros(1)
    with warnings.catch_warnings():
        # Coefficients that still grow a little, with next to no penalty, predict well enough.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = LogisticRegression(C=1 / penalty, max_iter=_ROUNDS).fit(places, labels)
    coefficients, intercept = found.coef_.T.copy(), found.intercept_.copy()
    if coefficients.shape[1] == 1:  # two classes share one score
        coefficients = np.hstack([np.zeros_like(coefficients), coefficients])
        intercept = np.concatenate([[0.0], intercept])
    return coefficients, intercept
