"""The verb *ingest*: read a domain's source, set bad rows aside, and split once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genloom.domains.split import FAULTS
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd


NEIGHBOURHOOD = 6  # precision, recall, density and coverage look at 5 neighbours


def ingest(
    seed: int, *, read: Callable[..., Any], **parameters: Any
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Read the source that the parameters name.

    Args:
        seed: The project's seed, for the split.
        read: The domain's own reader.
        parameters: The domain's own parameters, one input each, so that DVC sees which of them
            the data depends on.

    Returns:
        The samples, and the rejects with what was wrong with them.
    """
    samples, rejects = read(parameters, seed)
    require_enough(samples)
    return samples, rejects


def require_enough(samples: "pd.DataFrame") -> None:
    """Refuse data with which some later step would fail, before anything trains.

    Raises:
        GenloomError: When a class has fewer than 2 training samples (a mixture or an interpolation
            needs two), or the training or test split fewer than ``NEIGHBOURHOOD`` in all.
    """
    train = samples[samples["split"] == "train"]
    counts = train["label"].value_counts()
    for label in samples.loc[samples["split"] != FAULTS, "label"].unique():
        if counts.get(label, 0) < 2:
            raise GenloomError(
                f"Class '{label}' has {counts.get(label, 0)} samples in the training split, but "
                "needs at least 2: add samples of it, or make the other shares smaller."
            )
    for split in ("train", "test"):
        size = int((samples["split"] == split).sum())
        if size < NEIGHBOURHOOD:
            raise GenloomError(
                f"The {split} split has {size} samples, but neighbourhoods in it need at least "
                f"{NEIGHBOURHOOD}: add samples, or change the shares of the split."
            )
