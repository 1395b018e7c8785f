"""Series that anyone can have: three of statsmodels, and a machine that is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.seeds import derive_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WEEKS = 365.25 / 7  # of a year
MACHINE_STEPS, MACHINE_SEASON = 2400, 48


class Recorded(NamedTuple):
    """Series that were recorded side by side, at even steps of time.

    Attributes:
        columns: The values of each by its name, ``[steps]`` float64, NaN where one is missing.
        times: Of each step, e.g. ``2024-01-31`` or ``1700``.
        step: How far apart they are: ``year``, ``quarter``, ``month``, ``week``, ``workday``,
            ``day``, ``hour``, or ``step`` where it is none of these.
        places: Where each step stands in a file, e.g. ``line 7``; "" for one that is not there.
    """

    columns: Mapping[str, NDArray[Any]]
    times: list[str]
    step: str
    places: list[str]


class Custom(NamedTuple):
    """How a source is usually forecast.

    Attributes:
        season: Steps after which it begins anew, 1 where it does not.
        calendar: Whether seasons keep to the calendar, so that a step's place in one tells
            something; the sun's cycle does not.
        horizon: Steps to forecast.
        context: Steps to forecast them from.
        longest_gap: Missing values in a row that a straight line may bridge.
    """

    season: float
    calendar: bool
    horizon: int
    context: int
    longest_gap: int = 0


CUSTOMS = {
    "sunspots": Custom(11, calendar=False, horizon=11, context=33),
    # Half a year from two; statsmodels' own examples bridge its gaps, too.
    "co2": Custom(WEEKS, calendar=True, horizon=26, context=104, longest_gap=18),
    # Seasonally adjusted, so its seasons tell nothing.
    "macrodata": Custom(4, calendar=False, horizon=8, context=24),
    "machine": Custom(MACHINE_SEASON, calendar=True, horizon=24, context=96),
}
# Of a person's own series, by their step. Horizons are those of the M4 competition (Makridakis et
# al. 2020), seasons the usual ones.
BY_STEP = {
    "year": Custom(1, calendar=False, horizon=6, context=24),
    "quarter": Custom(4, calendar=True, horizon=8, context=24),
    "month": Custom(12, calendar=True, horizon=18, context=54),
    "week": Custom(WEEKS, calendar=True, horizon=13, context=104),
    "workday": Custom(5, calendar=True, horizon=10, context=40),
    "day": Custom(7, calendar=True, horizon=14, context=42),
    "hour": Custom(24, calendar=True, horizon=48, context=144),
    "step": Custom(1, calendar=False, horizon=10, context=30),
}


def load_sunspots(seed: int) -> Recorded:
    """Yearly number of sunspots, 1700 to 2008: a cycle of about 11 years, never the same."""
    from statsmodels.datasets import sunspots

    table = sunspots.load_pandas().data
    times = [str(int(year)) for year in table["YEAR"]]
    values = table["SUNACTIVITY"].to_numpy("float64")
    return Recorded({"sunspots": values}, times, "year", times)


def load_co2(seed: int) -> Recorded:
    """Weekly carbon dioxide over Mauna Loa, 1958 to 2001, in ppmv; some weeks are missing."""
    from statsmodels.datasets import co2

    table = co2.load_pandas().data
    times = [f"{day:%Y-%m-%d}" for day in table.index]
    return Recorded({"co2": table["co2"].to_numpy("float64")}, times, "week", times)


def load_macrodata(seed: int) -> Recorded:
    """Twelve quarterly series of the economy of the United States, 1959 to 2009."""
    from statsmodels.datasets import macrodata

    table = macrodata.load_pandas().data
    days = zip(table["year"].astype(int), table["quarter"].astype(int), strict=True)
    times = [f"{year}-{3 * quarter - 2:02}-01" for year, quarter in days]
    names = [name for name in table.columns if name not in ("year", "quarter")]
    columns = {name: table[name].to_numpy("float64") for name in names}
    return Recorded(columns, times, "quarter", times)


def load_machine(seed: int) -> Recorded:
    """What a sensor on a machine that runs in shifts might say: a simulation without any fault.

    Two harmonics of a shift of 48 steps, a load that wanders (autoregressive, coefficient 0.98),
    and white noise.
    """
    import numpy as np

    random = np.random.default_rng(derive_seed(seed, "machine"))
    steps = np.arange(MACHINE_STEPS)
    turn = 2 * np.pi * steps / MACHINE_SEASON
    load = np.zeros(MACHINE_STEPS)
    for step, push in enumerate(random.normal(0, 0.06, MACHINE_STEPS)):
        load[step] = 0.98 * load[step - 1] + push
    values = 20 + np.sin(turn) * (1 + 0.3 * load) + 0.4 * np.sin(3 * turn + 1) + load
    values += random.normal(0, 0.08, MACHINE_STEPS)
    times = [str(step) for step in steps]
    return Recorded({"sensor": values.round(4)}, times, "step", times)


LOADERS = {
    "sunspots": load_sunspots,
    "co2": load_co2,
    "macrodata": load_macrodata,
    "machine": load_machine,
}
