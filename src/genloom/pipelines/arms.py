"""What recipes are measured on: all the real training samples, or a few of every class.

The *full* arm has every real training sample. A *low-data* arm (recipe names end in ``@10`` for 10
labels per class) sees a few per class and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Arm:
    """The real training samples of one repeat, and the ending of its recipes' names."""

    ending: str
    low_data: bool
    repeat: int
    rows: "pd.DataFrame"


def arms(
    samples: "pd.DataFrame",
    classes: list[str],
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    title: str,
) -> Iterable[Arm]:
    """All arms of every repeat, with one progress bar for all the small trainings of a recipe.

    Args:
        samples: The domain's samples.
        classes: The labels.
        augmentation: ``repeats``, and ``per_class``, one number or several.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``, of which ``progress`` counts.
        title: What the bar is called.
    """
    from tqdm import tqdm

    return tqdm(
        _every_arm(samples, classes, augmentation, seed),
        desc=f"{title} augmentation",
        total=(1 + len(_sizes(augmentation))) * augmentation["repeats"],
        disable=not hardware.get("progress", True),
        unit="arm",
    )


def _every_arm(
    samples: "pd.DataFrame", classes: list[str], augmentation: dict[str, Any], seed: int
) -> Iterator[Arm]:
    """The full arm and the low-data arms; these draw their few samples by repeat."""
    import torch

    train = samples[samples["split"] == "train"]
    labels = train["label"].to_numpy()
    for repeat in range(augmentation["repeats"]):
        yield Arm("", False, repeat, train)
        own = torch.Generator().manual_seed(derive_seed(seed, "low_data", repeat))
        order = torch.randperm(len(train), generator=own).numpy()
        for per_class in _sizes(augmentation):
            # The few of a smaller arm are among those of a larger one.
            few = [row for name in classes for row in order[labels[order] == name][:per_class]]
            yield Arm(f"@{per_class}", True, repeat, train.iloc[few])


def _sizes(augmentation: dict[str, Any]) -> list[int]:
    """Labels per class in each low-data arm."""
    per_class = augmentation["per_class"]
    return per_class if isinstance(per_class, list) else [per_class]
