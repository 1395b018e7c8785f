"""Where texts stand towards each other: what the copy test measures distances between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from genloom.domains.text.codec import TextCodec

DIMENSIONS = 4096
SPAN = 24  # characters: longer than what different authors write alike
WIDE = re.compile(r"\s\s+")


def places(samples: pd.DataFrame, codec: TextCodec) -> Tensor:
    """Texts as points, near to each other if they share long verbatim spans.

    Counts all runs of 24 characters, hashed to 4,096 numbers (Weinberger et al., 2009, arXiv
    0902.2206): nothing is fitted, so real and generated texts have the same space. Texts that share
    no such run are all equally far apart, so what a text is about does not count as copying:
    held-out documents are about other things than those for training, and words alone would make
    every generator look like a copier.

    Args:
        samples: Column ``content``.
        codec: Not needed for text; the answer is the same for all.

    Returns:
        ``[n, 4096]`` float32, each of length 1. Wide white space counts as one space, and a text
        shorter than a span as one run.
    """
    import numpy as np
    import torch
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        analyzer="char",
        ngram_range=(SPAN, SPAN),
        n_features=DIMENSIONS,
        norm="l2",
        lowercase=False,
        dtype=np.float32,
    )
    if samples.empty:
        return torch.empty((0, DIMENSIONS))
    # scikit-learn would take white space together after the filling up, and leave short texts
    # without a run; a place in the origin would be near to everybody.
    plain = (WIDE.sub(" ", text).ljust(SPAN, "\0") for text in samples["content"])
    counts = hashing.transform(plain)
    return torch.from_numpy(counts.toarray())
