"""Where series come from: every source as one table of windows, split by time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from genloom.domains.series.checking import DEFAULTS, SOURCES, check
from genloom.domains.series.faults import faulty
from genloom.domains.series.loaders import BY_STEP, CUSTOMS, LOADERS, Custom, Recorded
from genloom.domains.series.own_table import Rejects, load_table
from genloom.domains.series.windows import Plan, Window, as_text, bridged, plan, scale_of, windows
from genloom.domains.split import FAULTS, check_shares
from genloom.domains.tables.bands import band_edges, band_of
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["SOURCES", "check", "ingest"]

TRENDS = ("1 falls", "2 holds", "3 rises")


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and cut its series into windows, split by time.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``table``: path of a CSV, TSV or Parquet file, for the source ``table``;
            - ``time_column``: name of its column of times; a number, counted from 0, says that the
              file has no header;
            - ``target_column``: the column to forecast, or several; null (default): every other
              column of numbers;
            - ``leave_out``: columns that are not used;
            - ``encoding`` (utf-8), ``separator`` (null: told from the first line), ``decimal``
              (a point): how a CSV or TSV is written;
            - ``most_rejects``: share of the rows that may be unreadable, 0.2;
            - ``longest_gap``: how many missing values in a row a straight line may bridge; longer
              gaps are refused. This and the next four: null (default) for what is usual for the
              source or, in a table, for its step of time;
            - ``season``: steps after which a series begins anew;
            - ``calendar``: whether seasons keep to the calendar, so that networks are told the
              place in it;
            - ``context``: steps that are known; ``horizon``: steps that are forecast;
            - ``origins``: at most so many windows of a series in the test split, 100;
            - ``limit``: at most so many windows to train with, 5000;
            - ``faults``: kinds of faults that copies of the test windows are given in turn, each
              with its strength; they are the split ``faults``, whose label is the kind;
            - ``split``: ``{validation: 0.1, test: 0.25}``, shares of the time.
        seed: The project's seed; it decides about faults, and what the source ``machine`` says.

    Returns:
        Samples with the columns ``content`` (JSON text: ``series``, ``start`` and the known
        ``values``), ``label`` (where the mean of what follows lies: a third of the training windows
        fall, hold, or rise most), ``target`` (JSON list of the values that follow), ``split``,
        ``source``, ``series``, ``time`` (of the last known step), ``season`` and ``calendar`` (the
        same in all rows), and ``scale`` (what the series' errors are divided by), by series and
        time; and rejects with the columns ``row``, ``column`` and ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, or bad input, as ``own_table``, ``timeline`` and
            ``windows`` say.
    """
    import pandas as pd

    check(parameters)
    block = DEFAULTS | parameters
    recorded, rejects = _load(block, seed)
    custom = customs(block, recorded)
    series = bridged(recorded, custom.longest_gap)
    parts = plan(
        len(recorded.times),
        custom.context,
        custom.horizon,
        custom.season,
        check_shares(block.get("split")),
    )
    scales = {name: scale_of(name, values, parts) for name, values in series.items()}
    cut = windows(series, parts, origins=block["origins"], limit=block["limit"])
    samples = _samples(cut, series, parts, scales, recorded.times)
    samples["season"], samples["calendar"] = float(custom.season), custom.calendar
    if block["faults"]:
        samples = pd.concat([samples, _faulty(samples, block["faults"], seed)], ignore_index=True)
    return samples, pd.DataFrame(rejects, columns=["row", "column", "reason"], dtype="str")


def customs(block: dict[str, Any], recorded: Recorded) -> Custom:
    """What parameters leave open, as it is usual for a source or for a step of time."""
    usual = CUSTOMS.get(block["source"]) or BY_STEP[recorded.step]
    given = {key: block[key] for key in Custom._fields if block[key] is not None}
    return usual._replace(**given)


def _load(block: dict[str, Any], seed: int) -> tuple[Recorded, Rejects]:
    name = block["source"]
    if name == "table":
        return load_table(block)
    recorded = LOADERS[name](seed)
    asked = block["target_column"]
    if asked is None:
        return recorded, []
    names = asked if isinstance(asked, list | tuple) else [asked]
    for column in names:
        if column not in recorded.columns:
            raise GenloomError(
                f"series.target_column names {column!r}, which the source {name} does not have: it "
                f"has {', '.join(recorded.columns)}."
            )
    return recorded._replace(columns={n: recorded.columns[n] for n in names}), []


def _samples(
    cut: list[Window],
    series: dict[str, NDArray[Any]],
    parts: Plan,
    scales: dict[str, float],
    times: list[str],
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    known = [series[w.series][w.origin - parts.context : w.origin] for w in cut]
    came = [series[w.series][w.origin : w.origin + parts.horizon] for w in cut]
    change = np.array(
        [
            (after.mean() - before[-1]) / scales[w.series]
            for w, before, after in zip(cut, known, came, strict=True)
        ]
    )
    training = np.array([w.split == "train" for w in cut])
    edges = band_edges(change[training], len(TRENDS))
    names = TRENDS if len(edges) == 2 else (TRENDS[0], TRENDS[2]) if edges else (TRENDS[1],)
    columns = {
        "content": [
            as_text(w.series, w.origin - parts.context, values)
            for w, values in zip(cut, known, strict=True)
        ],
        "label": [names[band] for band in band_of(change, edges)],
        "target": [json.dumps(values.tolist()) for values in came],
        "split": [w.split for w in cut],
        "source": ["real"] * len(cut),
        "series": [w.series for w in cut],
        "time": [times[w.origin - 1] for w in cut],
    }
    samples = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    samples["scale"] = [scales[w.series] for w in cut]
    return samples


def _faulty(samples: pd.DataFrame, faults: dict[str, float], seed: int) -> pd.DataFrame:
    """The test windows once more, with a fault each, the kinds in turn."""
    import numpy as np

    train, copies = (samples[samples["split"] == split].copy() for split in ("train", "test"))
    sizes = {
        name: float(np.mean([np.std(json.loads(text)["values"]) for text in part["content"]]))
        for name, part in train.groupby("series", sort=False)
    }
    kinds = [list(faults)[number % len(faults)] for number in range(len(copies))]
    contents = []
    for number, (kind, text) in enumerate(zip(kinds, copies["content"], strict=True)):
        window = json.loads(text)
        values = faulty(
            np.array(window["values"]),
            kind,
            faults[kind],
            size=sizes[window["series"]],
            seed=derive_seed(seed, "faults", number),
        )
        contents.append(as_text(window["series"], window["start"], values))
    copies["content"], copies["label"], copies["split"] = contents, kinds, FAULTS
    return copies
