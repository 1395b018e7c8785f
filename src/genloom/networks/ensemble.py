"""Ensemble: several networks of one kind that predict together, and disagree where they guess.

Lakshminarayanan, Pritzel and Blundell, Simple and scalable predictive uncertainty estimation using
deep ensembles (2017), arXiv 1612.01474: networks that differ in their first weights and in the
order of their batches alone are enough, and doubt most what is unlike the training samples.
"""

from typing import Annotated, Any

import pandas as pd
import torch
from annotated_types import Ge
from torch import Tensor, nn

from genloom.errors import GenloomError
from genloom.networks.base import Network
from genloom.networks.hardware import Hardware
from genloom.seeds import derive_seed

__all__ = ["Ensemble"]


class Ensemble(Network):
    """The mean of what several networks predict, and how far apart they are.

    Args:
        shape: Shape of one sample.
        classes: How many classes; 0 for a number.
        models: Predicting networks of one kind with different first weights, fitted or not; what
            is not yet fitted is fitted, each with another seed.
        size: How many there are.
        bootstrap: Whether each network learns from its own draw of as many training samples, with
            replacement (Breiman 1996), and not from all of them. A network that comes fitted
            stays as it is.

    Raises:
        GenloomError: When one of ``models`` does not predict, or there are not ``size`` of them.
    """

    takes = ("tokens", "vectors", "images", "graphs", "series")
    steps = 1  # its networks have their own

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        models: list[Any],
        size: Annotated[int, Ge(2)] = 3,
        bootstrap: bool = False,
    ) -> None:
        super().__init__()
        for model in models:
            if not (isinstance(model, Network) and hasattr(model, "predict")):
                raise GenloomError(
                    f"An ensemble is made of networks that predict, and {type(model).__name__} is "
                    "none: name another predictor in 'of'."
                )
        if len(models) != size:
            raise GenloomError(f"An ensemble of size {size} was given {len(models)} networks.")
        self.shape, self.classes, self.size = tuple(shape), classes, size
        self.bootstrap = bootstrap
        self.models: Any = nn.ModuleList(models)

    def fit(
        self,
        x: Tensor,
        y: Tensor,
        *,
        seed: int,
        hardware: Hardware | None = None,
        progress: str | None = None,
        validation: tuple[Tensor, Tensor] | None = None,
    ) -> pd.DataFrame:
        """Fit every network that is not fitted yet; see ``Network.fit``.

        Returns:
            The training curves, each the mean over the networks that were fitted here.
        """
        curves = []
        for number, model in enumerate(self.models):
            if model.fitted:
                continue
            own_seed = derive_seed(seed, "ensemble", number) if number else seed
            rows = torch.arange(len(x))
            if self.bootstrap:
                random = torch.Generator().manual_seed(derive_seed(own_seed, "bootstrap"))
                rows = torch.randint(len(x), (len(x),), generator=random)
            curves.append(
                model.fit(
                    x[rows],
                    y[rows],
                    seed=own_seed,
                    hardware=hardware,
                    progress=f"{progress} {number + 1} of {self.size}" if progress else None,
                    validation=validation,
                )
            )
        self.fitted = True
        self.eval()
        if not curves:
            return pd.DataFrame(columns=["step", "metric", "value"])
        return pd.concat(curves).groupby(["step", "metric"], sort=False, as_index=False).mean()

    def each(self, x: Tensor) -> Tensor:
        """What each network predicts: ``[size, n, classes]``, or ``[size, n]`` for a number."""
        return torch.stack([model.predict(x) for model in self.models])

    def predict(self, x: Tensor) -> Tensor:
        """Class probabilities ``[n, classes]`` or numbers ``[n]``: the mean of all networks."""
        return self.each(x).mean(dim=0)

    def spread(self, x: Tensor) -> Tensor:
        """How far apart the networks are: ``[n]``, a standard deviation.

        Of the predicted numbers, in their unit; of classes, of the probabilities that the networks
        give the class that they predict together.
        """
        each = self.each(x)
        if self.classes:
            chosen = each.mean(dim=0).argmax(dim=1)
            each = each[:, torch.arange(len(chosen)), chosen]
        return each.std(dim=0, correction=0)

    def features(self, x: Tensor) -> Tensor:
        """The features of all networks side by side, ``[n, size * d]``."""
        return torch.cat([model.features(x) for model in self.models], dim=1)

    def weights(self) -> dict[str, Tensor]:
        return {
            f"models.{number}.{name}": value
            for number, model in enumerate(self.models)
            for name, value in model.weights().items()
        }

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        for number, model in enumerate(self.models):
            start = f"models.{number}."
            own = {k.removeprefix(start): v for k, v in weights.items() if k.startswith(start)}
            model.load_weights(own)
        self.fitted = True
        self.eval()

    @property
    def parameter_count(self) -> int:
        return sum(model.parameter_count for model in self.models)
