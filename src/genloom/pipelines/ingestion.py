"""The verb *ingest*: read a domain's source, set bad rows aside, and split once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


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
    return read(parameters, seed)
