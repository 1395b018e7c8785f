"""The verb *evaluate* for predictors of series: forecasts from origins that roll through time."""

from typing import TYPE_CHECKING, Any

from genloom.domains.series.codec import targets_of
from genloom.domains.series.contents import read_contents
from genloom.fitted import Fitted
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def judge_forecasts(
    part: "pd.DataFrame", predictor: Fitted, seed: int
) -> tuple[list[dict[str, Any]], "pd.DataFrame"]:
    """Scaled and relative errors of medians, the score of all quantiles, what intervals hold.

    The intervals of these numbers come from runs of neighbouring origins, all series together, each
    run as long as the horizon; see ``metrics.forecasting.mean_interval``.

    Returns:
        Rows of the metrics table, and the forecasts: a row per window and step, with the columns
        ``series``, ``time`` (of the last known step), ``step`` (1, 2, ...), ``target``, ``scale``
        and one per quantile, such as ``q0.1``.
    """
    from genloom.metrics import forecasting

    codec = predictor.own_codec
    levels = codec.quantiles
    quantiles = codec.decode_forecasts(part, predictor.member.predict(codec.encode(part)))
    targets, scales = targets_of(part), part["scale"].to_numpy()
    median = quantiles[:, :, forecasting.level_place(levels, 0.5)]
    measured = {
        "mase": forecasting.mase(median, targets, scales),
        "smape": forecasting.smape(median, targets),
        "crps": forecasting.crps(quantiles, targets, levels, scales),
        "interval_coverage": forecasting.interval_coverage(quantiles, targets, levels),
    }
    block = origins_alike(part, codec.horizon)
    rows = []
    for metric, values in measured.items():
        own_seed = derive_seed(seed, "bootstrap", metric)
        low, high = forecasting.mean_interval(_by_origin(part, values), block, seed=own_seed)
        rows.append({"metric": metric, "value": float(values.mean()), "low": low, "high": high})
    return rows, forecasts_table(part, targets, quantiles, levels)


def forecasts_table(
    part: "pd.DataFrame", targets: "NDArray[Any]", quantiles: "NDArray[Any]", levels: list[float]
) -> "pd.DataFrame":
    """Forecasts as a table, a row per window and step; see ``judge_forecasts``."""
    import numpy as np

    horizon = targets.shape[1]
    table = part[["series", "time", "scale"]].iloc[np.repeat(np.arange(len(part)), horizon)]
    table = table.reset_index(drop=True)
    table["step"], table["target"] = np.tile(np.arange(1, horizon + 1), len(part)), targets.ravel()
    for place, level in enumerate(levels):
        table[f"q{level:g}"] = quantiles[:, :, place].ravel()
    return table


def origins_alike(part: "pd.DataFrame", horizon: int) -> int:
    """How many neighbouring origins forecast a step in common."""
    import numpy as np

    starts = np.unique(read_contents(part["content"]).starts)
    apart = int(np.median(np.diff(starts))) if len(starts) > 1 else horizon
    return max(1, -(-horizon // apart))


def _by_origin(part: "pd.DataFrame", values: "NDArray[Any]") -> "NDArray[Any]":
    """The mean over the series of each origin, in the order of time."""
    import pandas as pd

    means: NDArray[Any] = (
        pd.Series(values).groupby(part["time"].to_numpy(), sort=False).mean().to_numpy()
    )
    return means
