"""Errors of predicted numbers, and whether doubt points to them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from genloom.errors import GenloomError
from genloom.metrics.regression import mae, r2, rmse, spread_correlation, with_spread

NUMBERS = st.lists(
    st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=3, max_size=30
).map(np.array)


@given(NUMBERS)
def test_they_are_those_of_scikit_learn(pairs):
    predicted, targets = pairs.T
    assert math.isclose(
        rmse(predicted, targets), metrics.root_mean_squared_error(targets, predicted)
    )
    assert math.isclose(mae(predicted, targets), metrics.mean_absolute_error(targets, predicted))
    if targets.std() > 1e-3:
        assert math.isclose(
            r2(predicted, targets), metrics.r2_score(targets, predicted), abs_tol=1e-9
        )


def test_equal_targets_leave_no_variance_to_explain():
    assert math.isnan(r2([1.0, 2.0], [3.0, 3.0]))


def test_spread_that_grows_with_the_error_correlates_fully():
    targets, error = np.zeros(5), np.array([0.1, -0.4, 0.2, 0.9, -0.3])
    assert spread_correlation(with_spread(error, 2 * abs(error)), targets) == pytest.approx(1)
    assert spread_correlation(with_spread(error, -abs(error)), targets) == pytest.approx(-1)
    assert math.isnan(spread_correlation(with_spread(error, np.ones(5)), targets))


@pytest.mark.parametrize(
    ("predicted", "targets", "said"),
    [
        ([], [], "no samples"),
        ([1.0], [1.0, 2.0], "do not belong together"),
        ([math.nan], [1.0], "NaN"),
    ],
)
def test_what_cannot_be_compared_is_refused(predicted, targets, said):
    with pytest.raises(GenloomError, match=said):
        rmse(predicted, targets)
