"""Likeness of rows, against slow spellings of the same definitions."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from genloom.errors import GenloomError
from genloom.metrics.tables import (
    BINS,
    Mixed,
    column_pairs,
    column_shapes,
    correlations,
    detection_auroc,
    ks_complement,
    violations,
)


@pytest.fixture
def tables():
    random = np.random.default_rng(0)

    def table(n, shift):
        numbers = random.normal(size=(n, 3)) + shift
        numbers[:, 1] += numbers[:, 0]
        numbers[random.random((n, 3)) < 0.1] = np.nan
        codes = np.stack([random.integers(4, size=n), random.integers(3 + shift, size=n)], axis=1)
        return Mixed(numbers, codes)

    return table(200, 0), table(150, 1)


def shares(codes):
    return pd.Series(codes).value_counts(normalize=True)


def test_shapes_are_the_mean_of_what_their_definitions_say(tables):
    real, made = tables
    found = []
    for own, other in zip(real.numbers.T, made.numbers.T, strict=True):
        found.append(1 - ks_2samp(own[~np.isnan(own)], other[~np.isnan(other)]).statistic)
    for own, other in zip(real.codes.T, made.codes.T, strict=True):
        found.append(1 - shares(own).sub(shares(other), fill_value=0).abs().sum() / 2)
    assert column_shapes(real, made) == pytest.approx(np.mean(found))
    assert column_shapes(real, real) == 1
    assert column_shapes(real, made) < 0.9


def test_pairs_are_the_mean_of_what_their_definitions_say(tables):
    real, made = tables
    own, other = (pd.DataFrame(side.numbers).corr().to_numpy() for side in tables)
    found = [1 - abs(own[a, b] - other[a, b]) / 2 for a, b in combinations(range(3), 2)]
    edges = [
        np.linspace(np.nanmin(column), np.nanmax(column), BINS + 1)[1:-1]
        for column in real.numbers.T
    ]

    def texts(side):
        binned = [
            ["none" if math.isnan(v) else str(np.digitize(v, e)) for v in column]
            for column, e in zip(side.numbers.T, edges, strict=True)
        ]
        return binned + [[str(code) for code in column] for column in side.codes.T]

    one, two = texts(real), texts(made)
    for a, b in combinations(range(5), 2):
        if b < 3:
            continue
        p = shares([f"{x}|{y}" for x, y in zip(one[a], one[b], strict=True)])
        q = shares([f"{x}|{y}" for x, y in zip(two[a], two[b], strict=True)])
        found.append(1 - p.sub(q, fill_value=0).abs().sum() / 2)
    assert len(found) == 10
    assert column_pairs(real, made) == pytest.approx(np.mean(found))
    assert column_pairs(real, real) == pytest.approx(1)


def test_pairs_see_what_shapes_do_not(tables):
    real, _ = tables
    random = np.random.default_rng(1)
    apart = Mixed(
        np.stack([random.permutation(column) for column in real.numbers.T], axis=1), real.codes
    )
    assert column_shapes(real, apart) == 1
    assert column_pairs(real, apart) < 0.95


def test_correlations_with_missing_and_constant_columns(tables):
    numbers = tables[0].numbers
    assert np.allclose(correlations(numbers), pd.DataFrame(numbers).corr())
    far = np.column_stack([numbers[:, 0] + 1e6, np.full(len(numbers), 0.1), numbers[:, 1]])
    found = correlations(far)
    assert found[0, 2] == pytest.approx(pd.DataFrame(numbers).corr().iloc[0, 1], abs=1e-6)
    assert np.isnan(found[1]).all()
    constant = Mixed(np.zeros((9, 2)), np.zeros((9, 0), dtype=int))
    varies = Mixed(np.arange(18.0).reshape(9, 2), np.zeros((9, 0), dtype=int))
    assert column_pairs(varies, constant) == 0.5
    assert math.isnan(column_pairs(constant, varies))


def test_columns_that_are_missing_altogether():
    gone = np.full(5, np.nan)
    assert ks_complement(np.arange(5.0), gone) == 0
    assert math.isnan(ks_complement(gone, np.arange(5.0)))


def test_detection_is_blind_to_equal_and_sees_different_rows():
    random = np.random.default_rng(0)
    real, same, other = (random.normal(size=(400, 5)) for _ in range(3))
    assert detection_auroc(real, same) == pytest.approx(0.5, abs=0.06)
    assert detection_auroc(real, other + 1) > 0.9
    assert detection_auroc(real, other + 1) == detection_auroc(real, other + 1)
    assert math.isnan(detection_auroc(real[:2], same))


def test_violations_are_counted_by_row():
    train = Mixed(np.array([[1.0, 0.5], [3.0, np.nan]]), np.array([[0], [2]]))
    made = Mixed(
        np.array([[1, 0.5], [2, np.nan], [2.5, 0.5], [4, 0.5], [np.nan, 0.5], [1, 0.6], [9, 9]]),
        np.array([[0], [2], [0], [0], [0], [0], [1]]),
    )
    assert violations(made, train) == pytest.approx(5 / 7)
    assert violations(train, train) == 0
    assert violations(Mixed(train.numbers, np.array([[0], [1]])), train) == 0.5


def test_tables_that_cannot_be_compared_are_refused(tables):
    real, made = tables
    for compare in (column_shapes, column_pairs, violations):
        with pytest.raises(GenloomError, match="some on both sides"):
            compare(real, Mixed(made.numbers[:0], made.codes[:0]))
        with pytest.raises(GenloomError, match=r"Tables of \d and \d columns of codes"):
            compare(real, Mixed(made.numbers, made.codes[:, :1]))
