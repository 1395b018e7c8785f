"""Standardising many molecules: in chunks, by several processes, in the order they came."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from genloom.domains.molecules.files import Row
from genloom.domains.molecules.scaffolds import scaffold
from genloom.domains.molecules.standardise import UnusableError, standardise, without_stereo
from genloom.domains.molecules.targets import PROPERTIES, Targets
from genloom.errors import GenloomError
from genloom.processes import cores, end_with_parent

if TYPE_CHECKING:
    import pandas as pd

Rejects = list[tuple[int, str, str]]  # where, what stood there, why it was set aside

PROBED = 200  # rows of which one at least has to be SMILES
CHUNK = 500  # texts that a process gets at a time
ALONE = 8000  # so many texts are done sooner than processes start
AHEAD = 3  # chunks per process that wait, so that none idles and little is held


class Record(NamedTuple):
    """What the samples need to know of a molecule.

    Attributes:
        content: Its canonical SMILES.
        flat: The same without stereo.
        scaffold: Its Murcko scaffold's SMILES without stereo, ``""`` if it has no ring.
        value: The property that was asked for, NaN if none was.
    """

    content: str
    flat: str
    scaffold: str
    value: float


class Gathered(NamedTuple):
    """What the rows of a source gave.

    Attributes:
        molecules: One row per usable row, in its order, with the columns ``where``, ``text``,
            ``content``, ``flat``, ``scaffold`` and ``value``: the number of the target or of the
            property, or the class.
        rejects: The other rows.
    """

    molecules: pd.DataFrame
    rejects: Rejects


def gather(
    rows: Iterable[Row],
    *,
    length: int,
    measured: str | None,
    targets: Targets | None,
    workers: int | None = None,
) -> Gathered:
    """Standardise rows as they come.

    Args:
        rows: Any number of them; few are held at a time.
        length: The most tokens of a molecule.
        measured: The property to compute where there are no targets, else None.
        targets: How the targets' cells are read.
        workers: See ``workers.describe``.
    """
    import pandas as pd

    waiting: deque[Row] = deque()

    def texts() -> Iterator[str]:
        for row in rows:
            waiting.append(row)
            yield row.text

    found: dict[str, list[object]] = {
        name: [] for name in ("where", "text", "content", "flat", "scaffold", "value")
    }
    known: dict[str, str] = {}
    rejects: Rejects = []
    for record in describe(texts(), length=length, measured=measured, workers=workers):
        row = waiting.popleft()
        if isinstance(record, str):
            rejects.append((row.where, row.text, record))
            continue
        value = record.value if targets is None else targets.read(row.target)
        if value is None:
            no_number = f"has the target {row.target!r}, which is no number"
            rejects.append((row.where, row.text, no_number if row.target else "has no target"))
            continue
        # Equal texts are held once: most molecules stand in their one spelling.
        text = record.content if record.content == row.text else row.text
        frame = known.setdefault(record.scaffold, record.scaffold)
        cells = (row.where, text, record.content, record.flat, frame, value)
        for column, cell in zip(found.values(), cells, strict=True):
            column.append(cell)
    return Gathered(pd.DataFrame(found), rejects)


def refuse_no_smiles(rows: Iterable[Row], name: str, way_out: str) -> None:
    """Look at the first rows of a file: one of them at least has to be SMILES.

    Args:
        rows: Of which the first 200 are read.
        name: Of the file, for the sentence.
        way_out: What to do, for the sentence.

    Raises:
        GenloomError: There are no rows, or all of them are something else.
    """
    from rdkit import Chem, rdBase

    first = list(islice(rows, PROBED))
    if not first:
        raise GenloomError(f"{name} holds no molecules: {way_out}.")
    with rdBase.BlockLogs():
        if any(
            Chem.MolFromSmiles(word) is not None
            for row in first
            for word in row.text.split(maxsplit=1)[:1]
        ):
            return
    raise GenloomError(
        f"None of the first {len(first)} rows of {name} can be read as SMILES (row "
        f"{first[0].where} is {_short(first[0].text)!r}): {way_out}."
    )


def refuse_many_rejects(gathered: Gathered, most: float, name: str) -> None:
    """Stop where so much cannot be used that the file is not what it was taken for.

    Args:
        gathered: Before repeats are set aside, which are no fault.
        most: The largest share of rows that may be rejected.
        name: Of the source, for the sentence.

    Raises:
        GenloomError: There are more.
    """
    rejects = gathered.rejects
    total = len(rejects) + len(gathered.molecules)
    if len(rejects) <= most * total:
        return
    reason, count = Counter(_kind(reason) for _, _, reason in rejects).most_common(1)[0]
    where, text, _ = next(row for row in rejects if _kind(row[2]) == reason)
    raise GenloomError(
        f"{len(rejects) / total:.0%} of the {total} rows of {name} cannot be used, but "
        f"molecules.most_rejects allows {most:.0%}; the most frequent reason, of {count} rows, is "
        f"that a row {reason}, such as row {where} ({_short(text)!r}): mend the file or the "
        "parameters, or raise molecules.most_rejects."
    )


def describe(
    texts: Iterable[str], *, length: int, measured: str | None, workers: int | None = None
) -> Iterator[Record | str]:
    """Standardise SMILES one after another, with little of them held at a time.

    Args:
        texts: SMILES as they stand in a file.
        length: The most tokens of a molecule, see ``standardise``.
        measured: One of ``targets.PROPERTIES``, or None.
        workers: How many processes; by default as many as there are processors, and none beside
            this one for few texts. It does not change what comes out.

    Yields:
        For each text, in order, the molecule, or in words why it gives none.

    Raises:
        GenloomError: A process ended early, usually because memory ran out.
    """
    texts = iter(texts)
    if workers is None:
        first = list(islice(texts, ALONE))
        texts = chain(first, texts)
        workers = 1 if len(first) < ALONE else cores()
    chunks = iter(lambda: list(islice(texts, CHUNK)), [])
    if workers <= 1:
        for chunk in chunks:
            yield from describe_chunk(chunk, length, measured)
        return
    waiting: deque[Future[list[Record | str]]] = deque()
    # Forking a process in which PyTorch has started threads may hang.
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=end_with_parent) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(describe_chunk, chunk, length, measured))
                if len(waiting) >= AHEAD * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise GenloomError(
                "A process that standardises molecules ended early: if memory ran out, close other "
                "programs or set molecules.limit; if this runs in a script of your own, put what "
                'that does below if __name__ == "__main__".'
            ) from error
        finally:
            for future in waiting:
                future.cancel()


def describe_chunk(texts: Sequence[str], length: int, measured: str | None) -> list[Record | str]:
    """What ``describe`` yields of some texts, in this process."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        known = {text: _described(text, length, measured) for text in dict.fromkeys(texts)}
    return [known[text] for text in texts]


def _described(text: str, length: int, measured: str | None) -> Record | str:
    try:
        found = standardise(text, length)
    except UnusableError as error:
        return str(error)
    value = PROPERTIES[measured](found.mol) if measured else float("nan")
    return Record(found.content, without_stereo(found), scaffold(found.mol), value)


def _kind(reason: str) -> str:
    """A reason without what differs from row to row."""
    return "has a target that is no number" if reason.startswith("has the target") else reason


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
