"""Distances of counts and of numbers against values known beforehand."""

import numpy as np
import pytest
from scipy.stats import entropy

from genloom.metrics.molecules.distribution import count_similarity, kl_score, wasserstein
from genloom.metrics.molecules.records import Records, records
from genloom.metrics.molecules.suite import _described, _kl_score


def rows(smiles: list[str]) -> Records:
    return records(smiles, ("descriptors",))


def score_of(made: Records, real: Records) -> float:
    size = min(len(set(each.flat)) for each in (made, real))
    return _kl_score(_described(made, size), _described(real, size))


def test_cosine_by_hand() -> None:
    assert count_similarity("aab", "abb") == pytest.approx(4 / 5)
    assert count_similarity("aab", "c") == 0
    assert count_similarity(["a", None], ["a", None, None]) == 1
    assert np.isnan(count_similarity([None], ["a"]))
    assert np.isnan(count_similarity([], []))


def test_wasserstein_by_hand() -> None:
    assert wasserstein(np.array([0.0, 1.0]), np.array([2.0, 5.0])) == 3
    assert np.isnan(wasserstein(np.array([]), np.array([1.0])))


# The next two sets are those of tests/test_distribution_learning_benchmarks.py of
# github.com/BenevolentAI/guacamol, which expects 1 of the one and less of the other.
def test_kl_score_of_the_same_molecules() -> None:
    same = rows(["CCOCC", "NNNNONNN", "C=CC=C"])
    assert score_of(same, same) == pytest.approx(1)


def test_kl_score_of_other_molecules() -> None:
    made, real = (
        rows(["CCOCC", "NNNNONNN", "C=CC=C"]),
        rows(["FCCOCC", "CC(CC)CCCCNONNN", "C=CC=O"]),
    )
    score = score_of(made, real)
    assert 0 < score < 1
    repeated = rows(["C(C)OCC", "CCOCC", "NNNNONNN", "C=CC=C", "C=CC=C"])
    assert score_of(repeated, real) == pytest.approx(score)  # repeats do not count


def test_kl_of_counts_by_hand() -> None:
    random = np.random.default_rng(0)
    real, made = random.normal(size=(50, 9)), random.normal(size=(50, 9))
    real[:, 4:], made[:, 4:] = real[:, :1], real[:, :1]
    made[:, :4] = real[:, :4]
    nearest = random.random(50)
    assert kl_score(made, real, nearest, nearest) == pytest.approx(1)
    real[:, 8] = np.arange(50) // 25  # half in the first bin of ten, half in the last
    made[:, 8] = np.arange(50) // 40
    divergence = entropy([0.5, 0.5], [0.8, 0.2])
    expected = (9 + np.exp(-divergence)) / 10
    assert kl_score(made, real, nearest, nearest) == pytest.approx(expected, rel=1e-6)
    made[:, 8] = 7  # in no bin at all
    assert kl_score(made, real, nearest, nearest) == pytest.approx(9 / 10)


def test_kl_of_densities_that_cannot_be_fitted() -> None:
    real = np.random.default_rng(0).normal(size=(50, 9))
    assert np.isnan(kl_score(np.ones((50, 9)), real, real[:, 0], real[:, 0]))
    assert np.isnan(kl_score(real[:1], real, real[:1, 0], real[:, 0]))
