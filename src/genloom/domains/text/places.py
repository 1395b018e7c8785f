"""Where texts stand towards each other: what the copy test measures distances between."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from genloom.domains.text.codec import TextCodec

DIMENSIONS = 1024
# Control characters, so that even an empty text has a run of three characters and thus a place.
START, STOP = "\x02\x02", "\x03"


def places(samples: pd.DataFrame, codec: TextCodec) -> Tensor:
    """Texts as points, near to each other if they share many short runs of characters.

    Counts all runs of 3 to 5 characters, hashed to ``DIMENSIONS`` numbers (Weinberger et al.,
    2009, arXiv 0902.2206): nothing is fitted, so real and generated texts have the same space.

    Args:
        samples: Column ``content``.
        codec: Not needed for text; the answer is the same for all.

    Returns:
        ``[n, 1024]`` float32, each of length 1.
    """
    import numpy as np
    import torch
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        analyzer="char",
        ngram_range=(3, 5),
        n_features=DIMENSIONS,
        norm="l2",
        lowercase=False,
        dtype=np.float32,
    )
    if samples.empty:
        return torch.empty((0, DIMENSIONS))
    counts = hashing.transform(START + text + STOP for text in samples["content"])
    return torch.from_numpy(counts.toarray())
