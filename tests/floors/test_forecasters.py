"""Floors that forecast: what they say of series whose future is known, and what they promise."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from scipy.stats import norm
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing as Model
from statsmodels.tsa.statespace.sarimax import SARIMAX

from genloom import members
from genloom.errors import GenloomError
from genloom.floors.arima import Arima
from genloom.floors.exponential_smoothing import ExponentialSmoothing
from genloom.floors.forecaster import histories
from genloom.floors.last_value import LastValue
from genloom.floors.seasonal_naive import SeasonalNaive

CONTEXT, HORIZON = 24, 6
LEVELS = [0.1, 0.5, 0.9]
FLOORS = {
    "last_value": {},
    "seasonal_naive": {"season": 6.0},
    "exponential_smoothing": {"season": 6.0},
    "arima": {"order": [1, 0, 0]},
}


def cut(*series, steps=None):
    """Windows of the form ``levels`` and what followed, of some series."""
    rows, came = [], []
    for number, values in enumerate(series):
        for start in range(len(values) - CONTEXT - HORIZON + 1):
            known = values[start : start + CONTEXT]
            places = np.arange(start, start + CONTEXT)
            rows.append(np.stack([known, np.full(CONTEXT, number), places], axis=1))
            came.append(values[start + CONTEXT : start + CONTEXT + HORIZON])
    return torch.tensor(np.array(rows)).float(), torch.tensor(np.array(came)).float()


def autoregressive(n=300, coefficient=0.8, seed=0):
    random = np.random.default_rng(seed)
    values = np.zeros(n)
    for step in range(1, n):
        values[step] = coefficient * values[step - 1] + random.normal()
    return values + 5


def wave(n=300, season=6, slope=0.05):
    steps = np.arange(n)
    noise = np.random.default_rng(0).normal(0, 0.05, n)
    return 3 * np.sin(2 * np.pi * steps / season) + slope * steps + noise


def built(network, **more):
    block = {"network": network, "horizon": HORIZON, "quantiles": LEVELS} | FLOORS[network] | more
    return members.build(block, (CONTEXT, 3), 0, seed=0)


@pytest.mark.parametrize("network", FLOORS)
def test_weights_bring_it_back_and_fitting_repeats(network):
    x, y = cut(wave(120), autoregressive(120))
    floor, again, twin = built(network), built(network), built(network)
    history = floor.fit(x, y, seed=0, validation=(x[:5], y[:5]))
    assert list(history.columns) == ["step", "metric", "value"]
    again.load_weights(load(save(floor.weights())))
    twin.fit(x, y, seed=1, validation=(x[:5], y[:5]))
    q = floor.predict(x[::20])
    assert q.shape == (len(x[::20]), HORIZON, 3)
    assert q.dtype == torch.float32
    assert (q.diff(dim=2) > 0).all()
    assert torch.equal(q, again.predict(x[::20]))
    assert torch.equal(q, twin.predict(x[::20]))
    assert save(again.weights()) == save(floor.weights()) == save(twin.weights())
    assert floor.predict(x[:0]).shape == (0, HORIZON, 3)
    assert 0 < floor.parameter_count < 100


@pytest.mark.parametrize("network", FLOORS)
def test_what_does_not_fit_is_refused(network):
    x, y = cut(wave(60))
    with pytest.raises(GenloomError, match="is not fitted"):
        built(network).predict(x)
    with pytest.raises(GenloomError, match="learns the 6 finite numbers that follow each"):
        built(network).fit(x, y[:, :3], seed=0)
    with pytest.raises(GenloomError, match="was built for samples of shape"):
        built(network).fit(x[:, :5], y, seed=0)
    with pytest.raises(GenloomError, match="hold NaN or infinity"):
        built(network).fit(x * torch.nan, y, seed=0)


def test_the_naive_ones_repeat_what_was():
    x, y = cut(wave(120))
    last = LastValue((CONTEXT, 3), 0, horizon=HORIZON, quantiles=LEVELS)
    last.fit(x, y, seed=0)
    assert torch.equal(last.predict(x)[:, :, 1], x[:, -1:, 0].expand(-1, HORIZON))
    for season, known in ((4.2, [20, 21, 22, 23, 20, 21]), (30, [23] * 6), (1, [23] * 6)):
        naive = SeasonalNaive((CONTEXT, 3), 0, horizon=HORIZON, season=season, quantiles=LEVELS)
        naive.fit(x, y, seed=0)
        assert torch.equal(naive.predict(x)[:, :, 1], x[:, known, 0])


def test_the_naive_ones_know_how_wrong_they_were():
    x, y = cut(np.random.default_rng(1).normal(size=3000).cumsum())
    floor = LastValue((CONTEXT, 3), 0, horizon=HORIZON, quantiles=LEVELS)
    floor.fit(x, y, seed=0)
    q = floor.predict(x)
    held = ((q[:, :, 0] <= y) & (y <= q[:, :, 2])).float().mean(dim=0)
    assert torch.allclose(held, torch.full((HORIZON,), 0.8), atol=0.01)
    # A random walk's errors grow with the root of the steps; 80 % lie within 1.28 deviations.
    reach = (q[0, :, 2] - q[0, :, 1]).numpy()
    assert np.allclose(reach, norm.ppf(0.9) * np.sqrt(np.arange(1, HORIZON + 1)), rtol=0.12)


def test_arima_says_what_statsmodels_says_and_what_theory_does():
    values = autoregressive(1500)
    x, y = cut(values)
    floor = built("arima")
    floor.fit(x, y, seed=0)
    q = floor.predict(x[-1:])[0].numpy()
    training = values.astype(np.float32).astype(float)
    fit = SARIMAX(training / training.std(), order=(1, 0, 0), trend="c").fit(disp=0)
    ahead = fit.apply(x[-1, :, 0].numpy().astype(float) / training.std()).get_forecast(HORIZON)
    assert np.allclose(q[:, 1], ahead.predicted_mean * training.std(), rtol=1e-3)
    inner = ahead.conf_int(alpha=0.2) * training.std()
    assert np.allclose(q[:, [0, 2]], inner, rtol=1e-3)
    # The forecast of y = 5 + 0.8 (y before - 5) + noise, and the variance of its errors.
    steps = np.arange(1, HORIZON + 1)
    assert np.allclose(q[:, 1], 5 + 0.8**steps * (values[-HORIZON - 1] - 5), atol=0.3)
    deviation = np.sqrt((1 - 0.64**steps) / (1 - 0.64))
    assert np.allclose((q[:, 2] - q[:, 0]) / 2 / norm.ppf(0.9), deviation, rtol=0.1)


def test_arima_finds_the_order_and_the_waves_of_the_calendar():
    x, y = cut(np.random.default_rng(0).normal(size=400).cumsum(), autoregressive(400))
    floor = built("arima", order="auto")
    floor.fit(x, y, seed=0)
    assert floor._models[0].choice[1] == 1  # a random walk needs a difference
    assert floor._models[1].choice[1] == 0
    season = 8.5
    x, y = cut(wave(300, season))
    error = {}
    for calendar in (False, True):
        floor = built("arima", order=[0, 1, 1], season=season, calendar=calendar)
        floor.fit(x[:200], y[:200], seed=0)
        error[calendar] = (floor.predict(x[-40:])[:, :, 1] - y[-40:]).abs().mean()
    assert error[True] < 0.1
    assert error[False] > 1


def test_exponential_smoothing_says_what_statsmodels_says():
    values = wave(200)
    x, y = cut(values)
    floor = built("exponential_smoothing", seasonal=True)
    floor.fit(x, y, seed=0)
    q = floor.predict(x[-1:])[0].numpy()
    size = values.std()
    how = {"trend": True, "damped_trend": True, "seasonal": 6}
    how |= {"initialization_method": "heuristic"}
    fit = Model(values.astype(np.float32) / size, **how).fit(disp=0)
    ahead = fit.apply(x[-1, :, 0].numpy().astype(float) / size).forecast(HORIZON) * size
    assert np.allclose(q[:, 1], ahead, rtol=1e-2, atol=1e-2)
    assert np.allclose(q[:, 1], y[-1], atol=0.3)


def test_exponential_smoothing_takes_a_season_where_it_helps():
    for values, seasonal in ((wave(200), 1), (autoregressive(200), 0)):
        x, y = cut(values)
        floor = built("exponential_smoothing")
        floor.fit(x[:120], y[:120], seed=0, validation=(x[130:], y[130:]))
        assert floor._models[0].choice == [seasonal]
    short = ExponentialSmoothing((10, 3), 0, horizon=2, season=6.0)
    assert short.candidates == [0]  # two seasons do not fit into ten steps


def test_series_are_put_together_again_with_lines_across_what_no_window_reaches():
    one, other = wave(100), autoregressive(90)
    x, y = cut(one, other)
    found = histories(x.double().numpy(), y.double().numpy())
    assert found[0][0] == found[1][0] == 0
    assert np.allclose(found[0][1], one, atol=1e-5)
    assert np.allclose(found[1][1], other, atol=1e-5)
    own = x[:, 0, 1] == 1
    apart = torch.tensor([0, 50])
    start, values = histories(x[own][apart].double().numpy(), y[own][apart].double().numpy())[1]
    assert start == 0
    assert np.allclose(values[:30], other[:30], atol=1e-5)
    assert np.allclose(np.diff(values[29:51], 2), 0, atol=1e-4)


def test_a_window_of_no_known_series_is_refused():
    x, y = cut(wave(60))
    floor = Arima((CONTEXT, 3), 0, horizon=HORIZON, order=[0, 1, 0])
    floor.fit(x, y, seed=0)
    x[:, :, 1] = -1
    with pytest.raises(
        GenloomError, match="has a model of each of 1 series, but a window is of no"
    ):
        floor.predict(x)
