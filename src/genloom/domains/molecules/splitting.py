"""From standardised rows to samples: repeats merged, splits made, labels given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genloom.domains.molecules.scaffolds import held_out
from genloom.domains.molecules.targets import band_edges, band_names, bands_of
from genloom.domains.molecules.workers import Rejects
from genloom.domains.split import check_shares, stratified_limit, stratified_split
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_SHARES = {"validation": 0.05, "test": 0.1, "scaffold": 0.1}
LEAST = 20  # molecules: with fewer, the smallest split would hold none
TOLERANCE = 0.05  # of the standard deviation: numbers of one molecule that differ by less agree
SHOWN = 5


def check_split(split: object) -> dict[str, float]:
    """The shares of ``split``, with the defaults for what it leaves out.

    Args:
        split: As ``genloom.domains.split.check_shares`` wants it; ``scaffold: 0`` is allowed, too.

    Returns:
        Shares of ``validation``, ``test`` and, unless it is 0, ``scaffold``.

    Raises:
        GenloomError: See ``check_shares``.
    """
    if not isinstance(split, Mapping) or split.get("scaffold") != 0:
        return check_shares(split, DEFAULT_SHARES)
    given, defaults = dict(split), dict(DEFAULT_SHARES)
    del given["scaffold"], defaults["scaffold"]
    return check_shares(given, defaults)


def without_repeats(molecules: pd.DataFrame) -> tuple[pd.DataFrame, Rejects]:
    """Keep each molecule once, and none of which the rows say different things.

    Numbers of one molecule that differ by no more than 5 % of all numbers' standard deviation
    agree: the mean is kept.

    Args:
        molecules: As ``gather`` gives them.

    Returns:
        The first row of each molecule, and what was set aside.
    """
    groups = molecules.groupby("content", sort=False)
    first = groups["where"].transform("first")
    several = molecules[groups["where"].transform("size") > 1]
    contradicting: dict[str, str] = {}
    kept = molecules[molecules["where"] == first].copy()
    numeric = molecules["value"].dtype == float
    tolerance = TOLERANCE * molecules["value"].std(ddof=0) if numeric else 0.0
    for content, rows in several.groupby("content", sort=False):
        values = list(rows["value"])
        agree = max(values) - min(values) <= tolerance if numeric else len(set(values)) == 1
        if not agree:
            said = [f"{row}: {value}" for row, value in zip(rows["where"], values, strict=True)]
            more = ", ..." if len(said) > SHOWN else ""
            contradicting[str(content)] = (
                f"is a molecule of several rows with contradicting targets "
                f"({', '.join(said[:SHOWN])}{more})"
            )
    if numeric:
        kept["value"] = kept["content"].map(groups["value"].mean())
    rejects: Rejects = []
    columns = (several[name].tolist() for name in ("where", "text", "content"))
    for where, text, content, earliest in zip(*columns, first[several.index], strict=True):
        if content in contradicting:
            rejects.append((where, text, contradicting[content]))
        elif where != earliest:
            rejects.append((where, text, f"is the same molecule as row {earliest}"))
    return kept[~kept["content"].isin(contradicting)].reset_index(drop=True), rejects


def limited(molecules: pd.DataFrame, limit: int | None, seed: int) -> pd.DataFrame:
    """At most so many molecules, at random; of classes each keeps its share."""
    if limit is None:
        return molecules
    numeric = molecules["value"].dtype == float
    strata = [""] * len(molecules) if numeric else molecules["value"].tolist()
    rows = stratified_limit(strata, limit, at_least=LEAST, seed=derive_seed(seed, "molecules"))
    return molecules.iloc[rows].reset_index(drop=True)


def samples_of(
    molecules: pd.DataFrame,
    *,
    shares: Mapping[str, float],
    bands: int,
    name: str,
    keep_numbers: bool,
    seed: int,
) -> pd.DataFrame:
    """Split molecules and label them.

    First whole scaffolds are held out (unless ``shares`` has no part ``scaffold``), then the rest
    is split at random, stereoisomers always together. Bands are those of the training split.

    Args:
        molecules: Each once.
        shares: Of all molecules, for ``validation``, ``test`` and ``scaffold``.
        bands: How many bands numbers are cut into.
        name: What the numbers are, for the bands' names.
        keep_numbers: Whether the numbers become the column ``target``.
        seed: Other seeds give other splits.

    Returns:
        Samples with the columns ``content``, ``label``, ``split``, ``source`` (``real``),
        ``scaffold`` and, with ``keep_numbers``, ``target``.

    Raises:
        GenloomError: There are too few molecules, of a class or at all, no scaffold can be held
            out, or all numbers are equal.
    """
    import pandas as pd

    if len(molecules) < LEAST:
        raise GenloomError(
            f"The rows give {len(molecules)} different molecules that can be used, but the splits "
            f"need at least {LEAST}: add molecules."
        )
    numeric = molecules["value"].dtype == float
    strata = [str(value) for value in molecules["value"]]
    if numeric:
        edges = _edges(molecules["value"], bands, name)
        strata = [str(band) for band in bands_of(molecules["value"].tolist(), edges)]
    held = [False] * len(molecules)
    if "scaffold" in shares:
        held = held_out(list(molecules["scaffold"]), strata, shares["scaffold"], seed=seed)
    rest = [row for row, out in enumerate(held) if not out]
    scale = len(molecules) / len(rest)
    parts = stratified_split(
        molecules["flat"].iloc[rest].tolist(),
        [strata[row] for row in rest],
        {part: share * scale for part, share in shares.items() if part != "scaffold"},
        seed=seed,
    )
    split = ["scaffold"] * len(molecules)
    for row, part in zip(rest, parts, strict=True):
        split[row] = part
    label = molecules["value"].tolist()
    if numeric:
        train = molecules["value"][[part == "train" for part in split]]
        edges = _edges(train, bands, name)
        names = band_names(name, edges)
        label = [names[band] for band in bands_of(label, edges)]
    samples = pd.DataFrame(
        {"content": molecules["content"], "label": label, "split": split, "source": "real"}
        | {"scaffold": molecules["scaffold"]}
    ).astype("str")
    if keep_numbers:
        samples["target"] = molecules["value"].astype(float)
    return samples


def _edges(values: pd.Series, bands: int, name: str) -> tuple[float, ...]:
    edges = band_edges(values.tolist(), bands)
    if not edges:
        raise GenloomError(
            f"All molecules have the same {name} ({values.iloc[0]:g}), so there is nothing to "
            "tell them apart by: choose another target_column or property."
        )
    return edges
