"""Support vectors with a radial kernel: the floor under classifiers of images and of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Gt
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import FloorPredictor
from genloom.floors.estimators import estimator_state, restore_estimator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SVC"]

# What prediction needs. Left out are the signed copies of the dual coefficients and intercepts.
_LEARNT = (
    "support_",
    "support_vectors_",
    "_n_support",
    "_dual_coef_",
    "_intercept_",
    "_probA",
    "_probB",
    "_gamma",
    "_sparse",
    "fit_status_",
    "shape_fit_",
    "n_features_in_",
)
_FOLDS = 3


class SVC(FloorPredictor):
    """Support vector classifier with a radial kernel (Cortes and Vapnik 1995); of numbers, the
    regression of the same kind (Drucker et al. 1997), on targets of mean 0 and deviation 1.

    Probabilities are a softmax of the one-against-rest scores, divided by one temperature fitted on
    cross-validated scores (Guo et al. 2017, arXiv:1706.04599). So the most probable class is always
    the one with the highest score, and calibration costs no accuracy. Where a class has a single
    sample, cross-validation is impossible and the temperature stays 1.

    Args:
        shape: Shape of one sample.
        classes: How many classes the labels have; 0 for numbers.
        C: Price of a training sample on the wrong side; 10 unless given, and 1 for
            numbers, which are noisier.
        gamma: Inverse squared width of the kernel, or ``scale`` for one over the number of features
            times their variance.
        max_samples: Fit to at most so many samples, drawn at random in the proportions of the
            classes, because time grows with their square.
    """

    takes = ("vectors", "images")
    learns_numbers = True

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        C: Annotated[float, Gt(0)] | None = None,
        gamma: Annotated[float, Gt(0)] | Literal["scale"] = "scale",
        max_samples: Annotated[int, Gt(1)] = 10_000,
    ) -> None:
        super().__init__(shape, classes)
        self.C = C or (10.0 if classes else 1.0)
        self.gamma = gamma
        self.max_samples = max_samples
        self._svc: Any = None
        self._inverse_temperature = 1.0
        self._mean, self._deviation = 0.0, 1.0  # of the numbers to predict

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.utils import resample

        if len(labels) > self.max_samples:
            rows, labels = resample(
                rows,
                labels,
                replace=False,
                n_samples=self.max_samples,
                stratify=labels if self.classes else None,
                random_state=seed,
            )
        if not self.classes:
            self._mean, self._deviation = float(labels.mean()), float(labels.std()) or 1.0
            self._svc = self._new().fit(rows, (labels - self._mean) / self._deviation)
            return
        present, counts = np.unique(labels, return_counts=True)
        if len(present) < 2:
            raise GenloomError(
                f"SVC separates classes, but all its training samples are of class {present[0]}: "
                "give samples of a second one."
            )
        folds = min(_FOLDS, int(counts.min()))
        if folds < 2:
            self._svc, self._inverse_temperature = self._new().fit(rows, labels), 1.0
            return
        calibrated = CalibratedClassifierCV(
            self._new(), method="temperature", cv=folds, ensemble=False
        ).fit(rows, labels)
        (fitted,) = calibrated.calibrated_classifiers_
        self._svc, self._inverse_temperature = fitted.estimator, float(fitted.calibrators[0].beta_)

    def _new(self) -> Any:
        from sklearn import svm

        machine = svm.SVC if self.classes else svm.SVR
        return machine(C=self.C, gamma=self.gamma, kernel="rbf", cache_size=500)

    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np
        from scipy.special import softmax

        scores = self._svc.decision_function(rows)
        if scores.ndim == 1:  # two classes share one score
            scores = np.stack([-scores, scores], axis=1)
        return self._svc.classes_, softmax(self._inverse_temperature * scores, axis=1)

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        numbers: NDArray[Any] = self._svc.predict(rows) * self._deviation + self._mean
        return numbers

    def _weights(self) -> dict[str, Tensor]:
        if not self.classes:
            target = torch.tensor([self._mean, self._deviation], dtype=torch.float64)
            return {"target": target, **estimator_state(self._svc, "svc", only=_LEARNT)}
        temperature = torch.tensor([self._inverse_temperature], dtype=torch.float64)
        state = estimator_state(self._svc, "svc", only=(*_LEARNT, "classes_"))
        return {"inverse_temperature": temperature, **state}

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        if self.classes:
            self._inverse_temperature = float(weights["inverse_temperature"])
        else:
            self._mean, self._deviation = weights["target"].tolist()
        self._svc = restore_estimator(self._new(), "svc", weights)
