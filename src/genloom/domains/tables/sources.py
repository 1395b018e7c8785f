"""Where rows come from: every source as one table of samples, split once and for all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.split import check_shares, leaks, stratified_limit, stratified_split
from genloom.domains.tables.bands import band_edges, band_names, band_of
from genloom.domains.tables.checking import DEFAULTS, SOURCES, check
from genloom.domains.tables.columns import BOOLEAN, NUMBER, Column
from genloom.domains.tables.files import read
from genloom.domains.tables.loaders import (
    Source,
    load_adult,
    load_breast_cancer,
    load_diabetes,
    load_wine,
)
from genloom.domains.tables.own_table import Rejects, typed
from genloom.domains.tables.rows import to_contents
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SOURCES", "check", "ingest"]

LOADERS = {
    "breast_cancer": load_breast_cancer,
    "diabetes": load_diabetes,
    "wine": load_wine,
}
RESERVED = ("content", "label", "split", "source", "target", "draw")  # columns of samples
FEWEST = 4  # samples of a class: two to train with, one to validate, one to test
MOST_CLASSES = 10  # of a target of whole numbers


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and turn it into samples with splits.

    Splits that the source brings along stay as they are; a missing one is drawn from its
    training samples, class by class, with equal rows on one side. A row that a source has in two
    of its own splits is set aside from the earlier one.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``table``: path of a CSV, TSV or Parquet file, for the source ``table``;
            - ``target_column``: name of its column to predict; a number, counted from 0, says that
              the file has no header;
            - ``task``: ``classes`` or ``number``; null (default) takes a target of text, truth
              values or at most ten different whole numbers for classes;
            - ``bands``: how many classes numbers are cut into besides, 3;
            - ``categories``: columns to take as names although they hold numbers;
            - ``leave_out``: columns that are not used;
            - ``attributes``: columns that say to which group of people a row belongs, and that
              the samples have as columns of their own, too; null for the source's own;
            - ``encoding`` (utf-8), ``separator`` (null: told from the first line), ``decimal``
              (a point): how a CSV or TSV is written;
            - ``most_categories``: 100; a column of more different texts is refused;
            - ``most_rejects``: share of the rows that may be unreadable or have no target, 0.2;
            - ``limit``: at most this many samples, classes in proportion; null (default): all;
            - ``raw_folder``: where downloads are kept, default ``data/01_raw``;
            - ``split``: ``{validation: 0.1, test: 0.25}``, shares of what is split.
        seed: The project's seed.

    Returns:
        Samples with the columns ``content`` (JSON text of the row's values by the columns' names),
        ``label``, ``split`` and ``source`` (``real``), for numbers ``target`` (float64), and the
        attributes, in the source's order; and rejects with the columns ``row``, ``column`` and
        ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, a download that fails, or bad input, as ``files``,
            ``columns`` and ``own_table`` say.
    """
    import pandas as pd

    check(parameters)
    block = DEFAULTS | parameters
    source, rejects = _load(block)
    (target,) = [column for column in source.columns if column.name == source.target]
    rest = [column for column in source.columns if column.name != source.target]
    numbers = [float(cell) for cell in target.cells] if _is_number(target, block["task"]) else None
    samples = pd.DataFrame(
        {
            "content": pd.Series(to_contents(rest), dtype="str"),
            "label": pd.Series(_labels(target, numbers, block["bands"]), dtype="str"),
            "split": pd.Series(source.splits, dtype="str"),
            "source": pd.Series("real", index=range(len(target.cells)), dtype="str"),
        }
    )
    if numbers is not None:
        samples["target"] = numbers
    for column in rest:
        if column.name in source.attributes:
            _add_attribute(samples, column)
    _check_classes(samples["label"], source)
    carved = {
        name: share
        for name, share in check_shares(block.get("split")).items()
        if name not in source.splits
    }
    samples["place"] = source.places
    if block["limit"] is not None:
        kept = stratified_limit(
            list(zip(samples["split"], samples["label"], strict=True)),
            block["limit"],
            at_least=2 + len(carved),
            seed=derive_seed(seed, "tables"),
        )
        samples = samples.iloc[kept].reset_index(drop=True)
    leaked = leaks(samples["content"].tolist(), samples["split"].tolist())
    rejects += [
        (place, "", f"is the same as a row in the {split} split")
        for place, split in zip(samples["place"], leaked, strict=True)
        if split
    ]
    samples = samples[[not split for split in leaked]].drop(columns="place").reset_index(drop=True)
    if carved:
        train = samples[samples["split"] == "train"]
        samples.loc[train.index, "split"] = stratified_split(
            train["content"].tolist(),
            train["label"].tolist(),
            carved,
            seed=derive_seed(seed, "tables"),
        )
    if numbers is not None:
        # Bands of all numbers were good enough to split by; now only those to train with count.
        training = samples.loc[samples["split"] == "train", "target"]
        edges = band_edges(training, block["bands"])
        names = band_names(source.target, len(edges) + 1)
        samples["label"] = pd.Series(
            [names[band] for band in band_of(samples["target"], edges)], dtype="str"
        )
    return samples, pd.DataFrame(rejects, columns=["row", "column", "reason"], dtype="str")


def _load(block: dict[str, Any]) -> tuple[Source, Rejects]:
    name = block["source"]
    if name in LOADERS:
        source = LOADERS[name]()
        for key in ("categories", "leave_out"):
            if block[key]:
                raise GenloomError(f"tables.{key} is for the source table: set it to [].")
        if block["attributes"] is not None:
            known = [column.name for column in source.columns]
            for attribute in block["attributes"]:
                if attribute not in known:
                    raise GenloomError(
                        f"tables.attributes names the column {attribute!r}, which the source "
                        f"{name} does not have: it has {', '.join(known)}."
                    )
            source = source._replace(attributes=tuple(block["attributes"]))
        return source, []
    if name == "adult":
        cells = load_adult(block["raw_folder"])
        splits = ["test" if place.startswith("adult.test") else "train" for place in cells.places]
        attributes = block["attributes"] if block["attributes"] is not None else ["sex", "age"]
        own = block | {"target_column": "income", "attributes": attributes}
        return typed("adult", cells, own, splits=splits)
    target = block["target_column"]
    cells = read(
        Path(block["table"]),
        headerless=isinstance(target, int),
        encoding=block["encoding"],
        separator=block["separator"],
    )
    return typed(block["table"], cells, block)


def _is_number(target: Column, task: str | None) -> bool:
    if task == "number" and target.kind != NUMBER:
        raise GenloomError(
            f"The target {target.name!r} holds {target.kind} values, but tables.task asks for a "
            "number: set tables.task to classes, or tables.target_column to a column of numbers."
        )
    if task is not None:
        return task == "number"
    whole = all(isinstance(cell, int) for cell in target.cells)
    return target.kind == NUMBER and not (whole and len(set(target.cells)) <= MOST_CLASSES)


def _labels(target: Column, numbers: list[float] | None, bands: int) -> list[str]:
    """Class names, of numbers the bands that they lie in."""
    if numbers is None:
        as_text = {True: "true", False: "false"} if target.kind == BOOLEAN else {}
        return [as_text.get(cell, str(cell)) for cell in target.cells]
    edges = band_edges(numbers, bands)
    names = band_names(target.name, len(edges) + 1)
    return [names[band] for band in band_of(numbers, edges)]


def _check_classes(labels: pd.Series, source: Source) -> None:
    for label, size in Counter(labels).items():
        if size < FEWEST:
            row = labels.tolist().index(label)
            raise GenloomError(
                f"The class {label!r} of the target {source.target!r} has {size} "
                f"sample{'s' if size > 1 else ''} ({source.places[row]}), but needs at least "
                f"{FEWEST} to stand in every split: add samples to it or leave it out."
            )


def _add_attribute(samples: pd.DataFrame, column: Column) -> None:
    import pandas as pd

    if column.name in RESERVED:
        raise GenloomError(
            f"tables.attributes names the column {column.name!r}, but samples have a column of "
            "that name already: rename it in the table."
        )
    if column.kind == NUMBER:
        samples[column.name] = pd.Series(column.cells, dtype="float64")
    else:
        texts = [None if cell is None else str(cell) for cell in column.cells]
        samples[column.name] = pd.Series(texts, dtype="str")
