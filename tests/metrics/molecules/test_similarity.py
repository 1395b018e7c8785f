"""Similarities of fingerprints against sums by hand and RDKit's own."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from genloom.metrics.molecules import similarity
from genloom.metrics.molecules.records import records
from genloom.metrics.molecules.similarity import (
    internal_diversity,
    nearest_others,
    similarity_to_nearest,
)


def packed(*rows: list[int]) -> np.ndarray:
    return np.packbits(np.array(rows, dtype=np.uint8), axis=1)


A, B, C = [1, 1, 0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 1, 1]
NOTHING = [0] * 8


def test_nearest_by_hand() -> None:
    assert similarity_to_nearest(packed(A, C), packed(B)) == pytest.approx((1 / 3 + 0) / 2)
    assert similarity_to_nearest(packed(A, C), packed(B, C)) == pytest.approx((1 / 3 + 1) / 2)
    assert similarity_to_nearest(packed(NOTHING), packed(NOTHING)) == 1  # as in MOSES
    assert np.isnan(similarity_to_nearest(packed(A)[:0], packed(B)))


def test_diversity_by_hand() -> None:
    one, two = internal_diversity(packed(A, B, C))
    assert one == pytest.approx(1 - (3 + 2 / 3) / 9)
    roots = 2 * np.sqrt((1 + 1 / 9) / 3) + np.sqrt(1 / 3)
    assert two == pytest.approx(1 - roots / 3)
    assert internal_diversity(packed(A, A)) == (0, 0)
    assert all(np.isnan(internal_diversity(packed(A)[:0])))


def test_nearest_others_by_hand() -> None:
    assert nearest_others(packed(A, B, C)).tolist() == pytest.approx([1 / 3, 1 / 3, 0])
    assert nearest_others(packed(A)).tolist() == [0]


def test_rdkit_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    smiles = ["CCO", "CCCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1", "C1CCCCC1N", "CCN(CC)CC"]
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    vectors = [morgan.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    table = np.array([DataStructs.BulkTanimotoSimilarity(one, vectors) for one in vectors])
    own = records(smiles, ("shape",)).fingerprints
    monkeypatch.setattr(similarity, "_ROWS", 2)  # so that there are several blocks, and parts
    monkeypatch.setattr(similarity, "_PART", 4)  # of which the last is not whole
    assert internal_diversity(own)[0] == pytest.approx(1 - table.mean())
    assert similarity_to_nearest(own, own[:3]) == pytest.approx(table[:, :3].max(axis=1).mean())
    np.fill_diagonal(table, 0)
    np.testing.assert_allclose(nearest_others(own), table.max(axis=1))
