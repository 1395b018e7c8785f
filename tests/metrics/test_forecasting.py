"""Measures of forecasts against numbers worked out by hand, and against formulas."""

import numpy as np
import pytest
from scipy.stats import norm

from genloom.errors import GenloomError
from genloom.metrics import forecasting

LEVELS = [0.1, 0.5, 0.9]
# Two windows, a horizon of two steps.
TARGETS = [[10.0, 12.0], [-4.0, 0.0]]
QUANTILES = [[[8.0, 9.0, 11.0], [9.0, 10.0, 11.0]], [[-6.0, -5.0, -4.0], [-1.0, 0.0, 3.0]]]
MEDIANS = [[9.0, 10.0], [-5.0, 0.0]]


def test_mase_by_hand():
    # Errors 1 and 2, and 1 and 0; scales 3 and 0.5.
    assert forecasting.mase(MEDIANS, TARGETS, [3.0, 0.5]) == pytest.approx([0.5, 1.0])


def test_the_seasonal_naive_forecast_has_a_mase_of_one_where_it_was_scaled():
    series = np.random.default_rng(0).normal(size=200).cumsum()
    season = 5
    scale = abs(series[season:] - series[:-season]).mean()
    naive, came = series[:-season, None], series[season:, None]
    found = forecasting.mase(naive, came, np.full(len(naive), scale))
    assert found.mean() == pytest.approx(1)


def test_smape_by_hand():
    # 200 * 1 / 19, 200 * 2 / 22; 200 * 1 / 9, and 0 where both are 0.
    expected = [(200 / 19 + 400 / 22) / 2, (200 / 9 + 0) / 2]
    assert forecasting.smape(MEDIANS, TARGETS) == pytest.approx(expected)


def test_smape_is_symmetric_and_at_most_200():
    assert forecasting.smape([[3.0]], [[1.0]]) == forecasting.smape([[1.0]], [[3.0]])
    assert forecasting.smape([[-1.0]], [[1.0]]) == pytest.approx([200])


def test_pinball_loss_by_hand():
    # First window: 10 against 8, 9, 11: 0.1 * 2, 0.5 * 1, 0.1 * 1; 12 against 9, 10, 11:
    # 0.1 * 3, 0.5 * 2, 0.9 * 1. Second: -4 against -6, -5, -4: 0.2, 0.5, 0; 0 against -1, 0, 3:
    # 0.1, 0, 0.3.
    expected = [(0.2 + 0.5 + 0.1 + 0.3 + 1.0 + 0.9) / 6, (0.2 + 0.5 + 0 + 0.1 + 0 + 0.3) / 6]
    assert forecasting.pinball_loss(QUANTILES, TARGETS, LEVELS) == pytest.approx(expected)
    assert forecasting.crps(QUANTILES, TARGETS, LEVELS, [2.0, 4.0]) == pytest.approx(
        [2 * expected[0] / 2, 2 * expected[1] / 4]
    )


def test_crps_of_many_quantiles_is_that_of_the_distribution():
    # The score of a standard normal forecast at y: y (2 F(y) - 1) + 2 f(y) - 1 / sqrt(pi).
    levels = ((np.arange(2000) + 0.5) / 2000).tolist()
    for y in (-1.5, 0.0, 0.7):
        expected = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
        found = forecasting.crps(norm.ppf(levels)[None, None], [[y]], levels, [1.0])
        assert found == pytest.approx([expected], abs=1e-3)


def test_coverage_by_hand():
    # 10 is in [8, 11], 12 is not in [9, 11]; -4 is the end of [-6, -4], 0 is in [-1, 3].
    assert forecasting.interval_coverage(QUANTILES, TARGETS, LEVELS).tolist() == [0.5, 1.0]
    with pytest.raises(
        GenloomError, match=r"The quantile 0\.05 is needed, but the levels are 0\.1"
    ):
        forecasting.interval_coverage(QUANTILES, TARGETS, LEVELS, share=0.9)


def test_the_interval_of_a_mean_is_wider_where_neighbours_err_alike():
    random = np.random.default_rng(0)
    alone = random.normal(size=400)
    alike = np.repeat(random.normal(size=40), 10)
    widths = {}
    for name, values, block in (("alone", alone, 1), ("alike", alike, 10), ("wrong", alike, 1)):
        low, high = forecasting.mean_interval(values, block, seed=0)
        assert low < values.mean() < high
        widths[name] = high - low
    # Standard errors are 1 / sqrt(400) and 1 / sqrt(40).
    assert widths["alone"] == pytest.approx(2 * 1.96 * alone.std() / 20, rel=0.15)
    assert widths["alike"] == pytest.approx(2 * 1.96 * alike.std() / np.sqrt(40), rel=0.25)
    assert widths["wrong"] < 0.5 * widths["alike"]
    assert forecasting.mean_interval(alone, 7, seed=3) == forecasting.mean_interval(
        alone, 7, seed=3
    )
    assert forecasting.mean_interval([2.0, 2.0], 9, seed=0) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: forecasting.mase([[1.0]], [[1.0, 2.0]], [1.0]), "do not belong together"),
        (lambda: forecasting.mase([[1.0]], [[1.0]], [0.0]), "need 1 scales above 0"),
        (lambda: forecasting.mase([[1.0]], [[1.0]], [1.0, 1.0]), "need 1 scales above 0"),
        (lambda: forecasting.smape(np.empty((0, 2)), np.empty((0, 2))), "no forecasts to judge"),
        (lambda: forecasting.smape([[np.nan]], [[1.0]]), "NaN or infinity"),
        (lambda: forecasting.pinball_loss([[1.0]], [[1.0]], [0.5]), "have to be"),
        (lambda: forecasting.mean_interval([], 1, seed=0), "needs values"),
        (lambda: forecasting.mean_interval([1.0], 0, seed=0), "needs values"),
    ],
)
def test_what_does_not_fit_together_is_refused(call, sentence):
    with pytest.raises(GenloomError, match=sentence):
        call()
