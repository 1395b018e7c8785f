"""Where molecules stand towards each other: what the copy test measures distances between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genloom.domains.molecules.arrays import RADIUS, read

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from genloom.domains.molecules.codec import MoleculeCodec

DIMENSIONS = 1024


def places(samples: pd.DataFrame, codec: MoleculeCodec) -> Tensor:
    """Molecules as points, near to each other if their atoms have the same surroundings.

    Says which surroundings of up to 2 bonds a molecule has (Rogers and Hahn, 2010,
    "Extended-connectivity fingerprints"), hashed to 1,024 numbers: nothing is fitted, so real and
    generated molecules have the same space. Left and right hand are one.

    Args:
        samples: Column ``content``.
        codec: Not needed for molecules; the answer is the same for all.

    Returns:
        ``[n, 1024]`` float32, each of length 1. A text that is no molecule is farther from every
        molecule than any molecule is.
    """
    import numpy as np
    import torch
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=DIMENSIONS)
    contents = samples["content"].tolist()
    rows = np.full((len(contents), DIMENSIONS), -1, np.float32)
    for row, molecule in zip(rows, read(contents), strict=True):
        if molecule is not None:
            row[:] = generator.GetFingerprintAsNumPy(molecule)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return torch.from_numpy(rows)
