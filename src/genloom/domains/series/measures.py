"""What the numbers of forecasts are called and say; ``metrics.forecasting`` computes them."""

from __future__ import annotations

from genloom.metrics.table import Measure

METRICS: dict[str, Measure] = {
    "mase": Measure(
        "lower",
        "MASE",
        "Mean absolute scaled error of the median: 1 is the error that the seasonal naive forecast "
        "makes one season ahead within the training part of a series.",
    ),
    "smape": Measure(
        "lower",
        "sMAPE",
        "Symmetric mean absolute percentage error of the median, 0 to 200; it means little for "
        "series that come near 0.",
    ),
    "crps": Measure(
        "lower",
        "CRPS",
        "Continuous ranked probability score of all quantiles, in the unit of MASE: it is small "
        "where forecasts are near, and as sure of themselves as they may be.",
    ),
    "interval_coverage": Measure(
        "closer:0.8",
        "coverage of 80 %",
        "Share of what came that lies between the quantiles 0.1 and 0.9; 0.8 is honest, less is "
        "too sure, more too timid.",
    ),
}
