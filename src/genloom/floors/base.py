"""What floors share: the contract of a member, and checks of what goes in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.estimators import PLAIN, one_thread
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Floor", "FloorGenerator", "FloorMapper", "FloorPredictor"]


class Floor(ABC):
    """A classical method behind the contract of a member.

    Args:
        shape: Shape of one sample, e.g. ``(1, 8, 8)``.
        classes: How many classes the labels have; 0 for a predictor of numbers.
    """

    takes: tuple[str, ...] = ("images",)  # the kinds of samples that it can learn from

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        self.shape = tuple(shape)
        self.classes = classes
        self._fitted = False

    def fit(
        self,
        x: Tensor,
        y: Tensor,
        *,
        seed: int,
        hardware: Any = None,
        progress: str | None = None,
        validation: tuple[Tensor, Tensor] | None = None,
    ) -> pd.DataFrame:
        """Fit to training samples.

        Args:
            x: ``[n, *shape]`` in [-1, 1].
            y: ``[n]`` int64; for predictors also ``[n, classes]`` float, of which the largest
                entry counts. For a predictor of numbers (``classes`` is 0) ``[n]`` float, in
                any unit.
            seed: Decides everything random.
            hardware: Unused: floors run on the CPU.
            progress: Unused: floors have no steps to show.
            validation: More samples and their labels, which only a floor that has something to
                choose looks at.

        Returns:
            The history, which floors do not have: no rows, columns ``step, metric, value``.

        Raises:
            GenloomError: The samples are empty, hold NaN or do not fit ``shape`` and ``classes``.
        """
        import pandas as pd

        rows, labels = self._rows(x), self._labels(y, len(x))
        with one_thread():
            self._choose(rows, labels, validation)
            self._fit(rows, labels, seed)
        self._fitted = True
        kinds = {"step": "int64", "metric": "str", "value": "float64"}
        return pd.DataFrame(columns=list(kinds)).astype(kinds)

    def _choose(  # noqa: B027  # most floors have nothing to choose
        self, rows: NDArray[Any], labels: NDArray[Any], validation: tuple[Tensor, Tensor] | None
    ) -> None:
        """Choose what the arguments leave open, before fitting."""

    @abstractmethod
    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        """Fit to rows and labels as ``_rows`` and ``_labels`` give them."""

    def weights(self) -> dict[str, Tensor]:
        """All that the fitted floor needs to live again, for safetensors.

        Raises:
            GenloomError: It is not fitted.
        """
        self._require_fitted()
        return self._weights()

    @abstractmethod
    def _weights(self) -> dict[str, Tensor]: ...

    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Become the floor that gave these ``weights()``, without fitting anew.

        Raises:
            GenloomError: The weights are not this class's.
        """
        try:
            self._load_weights(weights)
        except KeyError as error:
            raise GenloomError(
                f"These weights are not a {type(self).__name__}'s: they lack {error}."
            ) from error
        self._fitted = True

    @abstractmethod
    def _load_weights(self, weights: Mapping[str, Tensor]) -> None: ...

    @property
    def parameter_count(self) -> int:
        """How many numbers the floor keeps to predict or to sample.

        Raises:
            GenloomError: It is not fitted.
        """
        return sum(
            tensor.numel()
            for name, tensor in self.weights().items()
            if name.rpartition(".")[2] != PLAIN
        )

    def _rows(self, x: Tensor) -> NDArray[Any]:
        if tuple(x.shape[1:]) != self.shape:
            raise GenloomError(
                f"{type(self).__name__} was built for samples of shape {self.shape}, "
                f"but got {tuple(x.shape[1:])}."
            )
        rows: NDArray[Any] = x.detach().cpu().to(torch.float32).flatten(1).numpy()
        if not torch.isfinite(x).all():
            raise GenloomError(f"{type(self).__name__} got samples that hold NaN or infinity.")
        return rows

    def _labels(self, y: Tensor, n: int) -> NDArray[Any]:
        if n == 0:
            raise GenloomError(f"{type(self).__name__} has no samples to be fitted to.")
        labels = y.detach().cpu()
        if labels.ndim == 2 and labels.shape[1] == self.classes:
            labels = labels.argmax(dim=1)
        if labels.shape != (n,) or labels.is_floating_point():
            raise GenloomError(
                f"{type(self).__name__} got labels of shape {tuple(y.shape)} and type {y.dtype} "
                f"for {n} samples of {self.classes} classes."
            )
        if labels.min() < 0 or labels.max() >= self.classes:
            raise GenloomError(
                f"{type(self).__name__} knows labels from 0 to {self.classes - 1}, but got "
                f"{int(labels.min())} to {int(labels.max())}."
            )
        values: NDArray[Any] = labels.to(torch.int64).numpy()
        return values

    def _require_fitted(self) -> None:
        if not self._fitted:
            raise GenloomError(f"{type(self).__name__} is not fitted: fit it or load its weights.")


class FloorGenerator(Floor):
    """A floor that draws new samples of a class."""

    def _labels(self, y: Tensor, n: int) -> NDArray[Any]:
        labels = super()._labels(y, n)
        absent = sorted(set(range(self.classes)) - set(labels.tolist()))
        if absent:
            raise GenloomError(
                f"{type(self).__name__} cannot learn to draw class {absent[0]}: none of its "
                "training samples carries it. Give more samples or leave the class out."
            )
        return labels

    @abstractmethod
    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        """``count`` rows of one class, ``[count, d]``, in no particular order."""

    def sample(self, n: int, *, labels: Tensor, seed: int) -> Tensor:
        """Draw new samples.

        Args:
            n: How many.
            labels: ``[n]`` int64, the class of each.
            seed: The same seed and labels give the same samples.

        Returns:
            ``[n, *shape]`` float32, clipped to [-1, 1]; a floor for other kinds of samples than
            images gives them as its training samples were.

        Raises:
            GenloomError: It is not fitted, or there are not ``n`` labels that it knows.
        """
        self._require_fitted()
        wanted = labels.detach().cpu()
        if wanted.shape != (n,):
            raise GenloomError(
                f"{n} samples need {n} labels, but their shape is {tuple(labels.shape)}."
            )
        samples = self._blank(n)
        for label in wanted.unique().tolist():
            if not 0 <= label < self.classes:
                raise GenloomError(
                    f"{type(self).__name__} cannot draw class {label}: it knows 0 to "
                    f"{self.classes - 1}."
                )
            where = wanted == label
            count = int(where.sum())
            with one_thread():
                rows = self._draw(label, count, derive_seed(seed, label))
            drawn = torch.as_tensor(rows, dtype=samples.dtype)
            samples[where] = drawn.view(count, *samples.shape[1:])
        return self._in_range(samples)

    def _blank(self, n: int) -> Tensor:
        """Room for ``n`` samples, of the type that they shall have."""
        return torch.empty(n, *self.shape)

    def _in_range(self, samples: Tensor) -> Tensor:
        """Samples, brought into the codec's range."""
        return samples.clamp_(-1, 1)


class FloorPredictor(Floor):
    """A floor that gives the probability of every class or, built for 0 classes, a number.

    Attributes:
        learns_numbers: Whether it can be built for 0 classes.
    """

    learns_numbers = False

    def _labels(self, y: Tensor, n: int) -> NDArray[Any]:
        """Int64 classes ``[n]`` or, where there are none, float64 numbers ``[n]``."""
        if self.classes:
            return super()._labels(y, n)
        if not self.learns_numbers:
            raise GenloomError(
                f"{type(self).__name__} tells classes apart and cannot predict numbers: take "
                "another predictor for this target."
            )
        if n == 0:
            raise GenloomError(f"{type(self).__name__} has no samples to be fitted to.")
        if y.shape != (n,):
            raise GenloomError(
                f"{type(self).__name__} predicts one number for each sample, but got "
                f"{tuple(y.shape)} for {n} samples."
            )
        numbers: NDArray[Any] = y.detach().cpu().to(torch.float64).numpy()
        if not torch.isfinite(y).all():
            raise GenloomError(f"{type(self).__name__} got targets that hold NaN or infinity.")
        return numbers

    @abstractmethod
    def _probabilities(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The classes that were in the training data, and ``[n, len(those)]`` probabilities."""

    def _numbers(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The predicted numbers, ``[n]``; only asked where ``learns_numbers``."""
        raise NotImplementedError

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes, or numbers.

        Args:
            x: ``[n, *shape]``.

        Returns:
            ``[n, classes]`` float32, rows summing to 1; 0 for a class that was not in the
            training data. Built for 0 classes: ``[n]`` float32, in the unit of the training
            targets.

        Raises:
            GenloomError: It is not fitted, or the samples hold NaN or have another shape.
        """
        self._require_fitted()
        rows = self._rows(x)
        if not self.classes:
            numbers: Any = self._numbers(rows) if len(x) else []
            return torch.as_tensor(numbers, dtype=torch.float32)
        probabilities = torch.zeros(len(x), self.classes)
        if len(x):
            present, found = self._probabilities(rows)
            probabilities[:, torch.as_tensor(present)] = torch.as_tensor(found, dtype=torch.float32)
        return probabilities


class FloorMapper(Floor):
    """A floor that compresses, restores, places or flags samples, and learns without labels.

    A subclass has the methods of what it can do, and no others, so that ``hasattr`` tells:

    - ``embed(x)``: ``[n, k]`` float32, with the property ``code_size``, which is k;
    - ``reconstruct(x)``: ``[n, *shape]`` float32;
    - ``anomaly_score(x)``: ``[n]`` float32, the higher the stranger;
    - ``place(x)``: ``[n]`` int64, with ``prototypes``, ``positions`` and ``distances``.

    Each raises ``GenloomError`` where the floor is not fitted, or the samples hold NaN or have
    another shape. ``fit`` takes labels as every member does, and does not look at them.
    """

    takes = ("images", "vectors")

    def _labels(self, y: Tensor, n: int) -> NDArray[Any]:
        import numpy as np

        if n == 0:
            raise GenloomError(f"{type(self).__name__} has no samples to be fitted to.")
        return np.zeros(n, dtype=np.int64)

    def _asked(self, x: Tensor) -> NDArray[Any]:
        """The rows ``[n, d]`` of samples that a fitted floor is asked about."""
        self._require_fitted()
        return self._rows(x)

    def _samples(self, rows: NDArray[Any]) -> Tensor:
        """Rows ``[n, d]`` as samples ``[n, *shape]`` float32."""
        return torch.as_tensor(rows, dtype=torch.float32).reshape(-1, *self.shape)
