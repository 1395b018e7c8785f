"""One training of a predictor on what a recipe makes, and how right it is then."""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from genloom import members, recipes
from genloom.metrics.classification import accuracy, auroc
from genloom.metrics.regression import r2, rmse
from genloom.networks.hardware import Hardware
from genloom.pipelines.arms import Arm
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

Encode = Callable[..., tuple["Tensor", "Tensor"]]  # ``Trial.with_classes`` or ``with_numbers``


class Trial:
    """What trains a predictor on some samples, and says how right it is on the real test split.

    Args:
        samples: The domain's samples.
        codec: What the predictor's samples are encoded by.
        block: The predictor's block of parameters.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
    """

    def __init__(
        self,
        samples: "pd.DataFrame",
        codec: Any,
        block: dict[str, Any],
        seed: int,
        hardware: dict[str, Any],
    ) -> None:
        self.codec, self.block, self.seed, self.hardware = codec, block, seed, hardware
        self.test = samples[samples["split"] == "test"]
        self.x = codec.encode(self.test)
        self._all: Tensor | None = None
        # Whether generators make numbers to predict, so that a predictor can learn them.
        self.has_numbers = "target" in samples and hasattr(codec, "beside_target")

    def real(self, arm: Arm) -> "Tensor":
        """An arm's real samples, encoded; all of them only once, as every repeat has the same."""
        if arm.low_data:
            return self._encoded(arm.rows)
        if self._all is None:
            self._all = self._encoded(arm.rows)
        return self._all

    def _encoded(self, rows: "pd.DataFrame") -> "Tensor":
        x: Tensor = self.codec.encode(rows)
        return x

    def with_classes(
        self, rows: "pd.DataFrame", x: "Tensor | None" = None
    ) -> "tuple[Tensor, Tensor]":
        """Samples, encoded here unless given, and their soft labels ``[n, classes]``."""
        labels = recipes.soft(self.codec.encode_labels(rows), len(self.codec.classes))
        return self._encoded(rows) if x is None else x, labels

    def with_numbers(
        self, rows: "pd.DataFrame", x: "Tensor | None" = None
    ) -> "tuple[Tensor, Tensor]":
        """Samples, encoded here unless given, and their numbers to predict ``[n]``."""
        return self._encoded(rows) if x is None else x, self.codec.encode_targets(rows)

    def classes(self, arm: Arm, recipe: str, train_on: Callable[[], Any]) -> list[dict[str, Any]]:
        """A row of ``recipe_accuracy`` and one of ``recipe_auroc``; NaN of a single class."""
        size, y = len(self.codec.classes), self.codec.encode_labels(self.test)
        found = self._predicted(arm, train_on, size) if size > 1 else None
        return self._rows(arm, recipe, found, y, {"accuracy": accuracy, "auroc": auroc})

    def numbers(self, arm: Arm, recipe: str, train_on: Callable[[], Any]) -> list[dict[str, Any]]:
        """A row of ``recipe_rmse`` and one of ``recipe_r2``."""
        found, y = self._predicted(arm, train_on, 0), self.codec.encode_targets(self.test)
        return self._rows(arm, recipe, found, y, {"rmse": rmse, "r2": r2})

    def _predicted(self, arm: Arm, train_on: Callable[[], Any], classes: int) -> "Tensor | None":
        x, y = train_on()
        if not len(x):  # a generator of which no sample is usable teaches nothing
            return None
        own_seed = derive_seed(self.seed, "predictor", arm.repeat)
        member = members.build(self.block, self.codec.shape, classes, seed=own_seed)
        member.fit(x, y, seed=own_seed, hardware=Hardware(**self.hardware))
        predicted: Tensor = member.predict(self.x)
        return predicted

    def _rows(
        self,
        arm: Arm,
        recipe: str,
        predicted: "Tensor | None",
        y: "Tensor",
        measured: dict[str, Callable[..., float]],
    ) -> list[dict[str, Any]]:
        row = {"recipe": recipe + arm.ending, "n": len(self.test), "seed": arm.repeat}
        return [
            row
            | {
                "metric": f"recipe_{name}",
                "value": nan if predicted is None else measure(predicted, y),
            }
            for name, measure in measured.items()
        ]
