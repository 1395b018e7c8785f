"""Where molecules come from: every source as one table of samples, split once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.molecules.files import Row, Table, bbbp, esol, nci, read_smiles, read_table
from genloom.domains.molecules.splitting import (
    LEAST,
    check_split,
    limited,
    samples_of,
    without_repeats,
)
from genloom.domains.molecules.targets import PROPERTIES, Targets
from genloom.domains.molecules.workers import gather, refuse_many_rejects, refuse_no_smiles
from genloom.domains.split import stratified_limit
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

SOURCES = ("nci", "esol", "bbbp", "file", "table")
OWN = {"file": "a file with a SMILES per line", "table": "a table"}
LENGTHS, BANDS = (10, 400), (2, 9)
DEFAULT_LENGTH, DEFAULT_BANDS, DEFAULT_PROPERTY = 80, 3, "logp"
DEFAULT_MOST_REJECTS = 0.2
DEFAULT_SMILES_COLUMN = "smiles"
MARGIN = 1.5  # rows that are standardised per molecule that a limit asks for


class _Read(NamedTuple):
    """A source as it was read.

    Attributes:
        name: Of it, for sentences.
        table: Its rows, where they are in a table; otherwise they are read from ``path``.
        path: A file with a SMILES per line.
        targets: How its target column is read, if it has one.
        measure: What the target is, for the bands' names.
    """

    name: str
    table: Table | None = None
    path: Path = Path()
    targets: Targets | None = None
    measure: str = ""

    def rows(self) -> Iterator[Row]:
        return self.table.rows() if self.table is not None else read_smiles(self.path)


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``molecules`` before anything runs.

    A person's own files are looked at for it: their columns, their targets, their first rows.

    Args:
        parameters: The whole block of the domain; what is read of it says ``ingest``.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    _check_drawing()
    source = parameters.get("source")
    if source not in SOURCES:
        raise GenloomError(
            f"There is no molecule source {source!r}: set molecules.source to one of "
            f"{', '.join(SOURCES)}."
        )
    _check_whole(parameters, "length", DEFAULT_LENGTH, *LENGTHS)
    _check_whole(parameters, "bands", DEFAULT_BANDS, *BANDS)
    measured = parameters.get("property", DEFAULT_PROPERTY)
    if not isinstance(measured, str) or measured not in PROPERTIES:
        raise GenloomError(
            f"molecules.property is {measured!r}, but has to be one of {', '.join(PROPERTIES)}."
        )
    limit = parameters.get("limit")
    if limit is not None and not (_is_whole(limit) and limit >= LEAST):
        raise GenloomError(
            f"molecules.limit is {limit!r}, but has to be a whole number from {LEAST} up, or null "
            "for all molecules."
        )
    most = parameters.get("most_rejects", DEFAULT_MOST_REJECTS)
    if isinstance(most, bool) or not isinstance(most, int | float) or not 0 <= most <= 1:
        raise GenloomError(
            f"molecules.most_rejects is {most!r}, but has to be a share of the rows from 0 to 1."
        )
    raw_folder = parameters.get("raw_folder", "data/01_raw")
    if not _is_path(raw_folder):
        raise GenloomError(
            f"molecules.raw_folder is {raw_folder!r}, but has to be the path of a folder "
            "such as data/01_raw."
        )
    check_split(parameters.get("split"))
    column = parameters.get("target_column")
    if source != "table" and column is not None:
        raise GenloomError(
            f"The source {source} has no column to choose by molecules.target_column, which is "
            f"{column!r}: set it to null, or set molecules.source to table and molecules.table to "
            "the path of a table that has the column."
        )
    if source in OWN:
        _check_own(parameters, source)
        read = _read(parameters)
        way_out = (
            "set molecules.file to a file with a SMILES at the start of every line"
            if read.table is None
            else "set molecules.smiles_column to the column with SMILES"
        )
        refuse_no_smiles(read.rows(), read.name, way_out)


def _check_drawing() -> None:
    """Pictures are made late in a run; what RDKit needs for them is no Python package."""
    try:
        from rdkit.Chem.Draw import rdMolDraw2D  # noqa: F401
    except ImportError as error:
        raise GenloomError(
            f"RDKit cannot draw molecules on this machine ({error}): install the system library, "
            "on Debian and Ubuntu by `apt-get install libxrender1 libxext6`."
        ) from error


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and turn it into samples with splits.

    Every row is standardised, see ``standardise``; repeats are set aside, see
    ``splitting.without_repeats``; splits and labels are made, see ``splitting.samples_of``.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``file``, ``table``: path, for the source of that name;
            - ``smiles_column``, ``target_column``: name or number of a table's columns, see
              ``files.read_table``; default ``smiles`` and null, a table without target; other
              sources are refused with a ``target_column``;
            - ``property``: what molecules without target are labelled by, one of
              ``targets.PROPERTIES``, default ``logp``;
            - ``bands``: how many classes numbers are cut into, 2 to 9, default 3;
            - ``length``: the most tokens of a molecule, 10 to 400, default 80;
            - ``limit``: at most so many molecules, drawn at random; null (default): all. Of a
              large file hardly more rows are standardised;
            - ``most_rejects``: the share of rows from which on unusable ones stop the run, default
              0.2; repeats do not count;
            - ``raw_folder``: where downloads are kept, default ``data/01_raw``;
            - ``split``: ``{validation: 0.05, test: 0.1, scaffold: 0.1}``, shares of the
              molecules; ``scaffold: 0`` does without the held-out scaffolds.
        seed: The project's seed.

    Returns:
        Samples with the columns ``content``, ``label``, ``split``, ``source`` (``real``),
        ``scaffold`` (``""`` for a molecule without rings) and, where the source has numbers to
        predict, ``target``; and rejects with the columns ``row``, ``content`` and ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, a download that fails, too many rows that
            cannot be used, too few that can, or nothing to tell them apart by.
    """
    import pandas as pd

    check(parameters)
    read = _read(parameters)
    limit = parameters.get("limit")
    measured = parameters.get("property", DEFAULT_PROPERTY)
    gathered = gather(
        _chosen(read, limit, seed),
        length=parameters.get("length", DEFAULT_LENGTH),
        measured=None if read.targets else measured,
        targets=read.targets,
    )
    most = parameters.get("most_rejects", DEFAULT_MOST_REJECTS)
    refuse_many_rejects(gathered, most, read.name)
    molecules, repeats = without_repeats(gathered.molecules)
    samples = samples_of(
        limited(molecules, limit, seed),
        shares=check_split(parameters.get("split")),
        bands=parameters.get("bands", DEFAULT_BANDS),
        name=read.measure or measured,
        keep_numbers=read.targets is not None and read.targets.numeric,
        seed=seed,
    )
    rejects = pd.DataFrame(
        sorted(gathered.rejects + repeats), columns=["row", "content", "reason"]
    ).astype("str")
    return samples, rejects


def _read(parameters: dict[str, Any]) -> _Read:
    source = parameters["source"]
    if source == "nci":
        return _Read("nci", path=nci())
    if source == "file":
        return _Read(str(parameters["file"]), path=Path(parameters["file"]))
    if source == "esol":
        table, name = esol(parameters.get("raw_folder", "data/01_raw")), "esol"
        column: str | int | None = "solubility"
    elif source == "bbbp":
        table, name = bbbp(parameters.get("raw_folder", "data/01_raw")), "bbbp"
        column = "p_np"
    else:
        name, column = str(parameters["table"]), parameters.get("target_column")
        smiles_column = parameters.get("smiles_column", DEFAULT_SMILES_COLUMN)
        table = read_table(Path(name), smiles_column, column)
    if table.targets is None:
        return _Read(name, table)
    targets = Targets.of(table.targets, column if column is not None else "", name)
    measure = column if isinstance(column, str) else f"column {column}"
    return _Read(name, table, targets=targets, measure=measure)


def _chosen(read: _Read, limit: int | None, seed: int) -> Iterator[Row]:
    """All rows; with a limit some more than that, classes in proportion."""
    if limit is None:
        return read.rows()
    strata: list[str] = [
        row.target if read.targets and not read.targets.numeric else "" for row in read.rows()
    ]
    wanted = round(MARGIN * limit) + 100
    rows = stratified_limit(strata, wanted, seed=derive_seed(seed, "molecules", "rows"))
    keep = set(rows.tolist())
    return (row for number, row in enumerate(read.rows()) if number in keep)


def _check_own(parameters: dict[str, Any], source: str) -> None:
    path = parameters.get(source)
    if not _is_path(path):
        raise GenloomError(
            f"The source {source} needs molecules.{source}, which is {path!r}: "
            f"set it to the path of {OWN[source]}."
        )
    if source != "table":
        return
    defaults = {"smiles_column": DEFAULT_SMILES_COLUMN, "target_column": None}
    for name, default in defaults.items():
        column = parameters.get(name, default)
        if name == "target_column" and column is None:
            continue
        named = isinstance(column, str) and column != ""
        numbered = isinstance(column, int) and _is_whole(column) and column >= 0
        if not (named or numbered):
            raise GenloomError(
                f"The source table needs molecules.{name}, which is {column!r}: set it to the name "
                "of a column, or to its number, counted from 0, if the file has no header line."
            )


def _check_whole(
    parameters: dict[str, Any], name: str, default: int, lowest: int, highest: int
) -> None:
    value = parameters.get(name, default)
    if not (_is_whole(value) and lowest <= value <= highest):
        raise GenloomError(
            f"molecules.{name} is {value!r}, but has to be a whole number from {lowest} to "
            f"{highest}."
        )


def _is_path(value: object) -> bool:
    return isinstance(value, str | Path) and bool(str(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
