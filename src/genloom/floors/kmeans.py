"""k-means: prototypes without a map, as close to the training samples as so many can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from genloom.floors.prototypes import PrototypeFloor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KMeans"]


class KMeans(PrototypeFloor):
    """Clusters around means (Lloyd, Least squares quantization in PCM, 1982).

    scikit-learn's, from centres drawn by k-means++ (Arthur and Vassilvitskii 2007). It shows what a
    map of as many units gives up for its order. ``positions`` and ``distances`` are None.

    Args:
        shape: Shape of one sample.
        classes: Not used; labels are not looked at.
        units: How many clusters; fewer where there are fewer samples.
        restarts: From how many first centres it is tried; the best is kept.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        units: Annotated[int, Ge(1)] = 144,
        restarts: Annotated[int, Ge(1)] = 3,
    ) -> None:
        super().__init__(shape, classes)
        self.units, self.restarts = units, restarts

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import warnings

        import sklearn.cluster
        from sklearn.exceptions import ConvergenceWarning

        means = sklearn.cluster.KMeans(
            min(self.units, len(rows)), n_init=self.restarts, random_state=seed
        )
        with warnings.catch_warnings():
            # Of samples that are equal to each other, some clusters are, too.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._codebook = means.fit(rows.astype("float64")).cluster_centers_
