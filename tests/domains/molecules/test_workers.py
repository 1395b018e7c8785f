"""Any number of processes gives the same molecules in the same order, holding few at a time."""

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from genloom.domains.molecules import workers
from genloom.domains.molecules.files import Row
from genloom.domains.molecules.targets import Targets
from genloom.domains.molecules.workers import (
    AHEAD,
    CHUNK,
    Gathered,
    Record,
    describe,
    describe_chunk,
    gather,
    refuse_many_rejects,
    refuse_no_smiles,
)
from genloom.errors import GenloomError

TEXTS = ["OCC", "c1ccccc1C", "xyz", "CC[NH3+].[Cl-]", "C[C@H](N)O", "C*", "C1CCCC1"]


def test_records() -> None:
    found = describe_chunk(TEXTS, 80, "weight")
    assert found[0] == Record("CCO", "CCO", "", pytest.approx(46.07, abs=0.01))
    assert found[1][:3] == ("Cc1ccccc1", "Cc1ccccc1", "c1ccccc1")  # type: ignore[index]
    assert found[2] == "cannot be read as SMILES"
    assert found[3][:3] == ("CCN", "CCN", "")  # type: ignore[index]
    assert found[4][:2] == ("C[C@H](N)O", "CC(N)O")  # type: ignore[index]
    assert found[5] == "has a wildcard in place of an atom"


def test_processes_change_nothing() -> None:
    texts = TEXTS * 150
    alone = list(describe(iter(texts), length=80, measured="logp", workers=1))
    assert alone == describe_chunk(TEXTS, 80, "logp") * 150
    assert list(describe(iter(texts), length=80, measured="logp", workers=2)) == alone


def test_a_process_that_dies_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(workers.ProcessPoolExecutor, "submit", dies)
    with pytest.raises(GenloomError, match=r"ended early: if memory ran out, close .*limit; if"):
        list(describe(["CO"] * 3, length=80, measured=None, workers=2))


def test_few_rows_are_held() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "CO"

    found = describe(endless(), length=80, measured=None, workers=1)
    for _ in range(3 * CHUNK):
        next(found)
    assert taken <= 4 * CHUNK
    assert AHEAD < 10


def test_gather() -> None:
    rows = [Row(n + 5, text, str(n)) for n, text in enumerate(TEXTS)]
    gathered = gather(rows, length=80, measured=None, targets=Targets(numeric=True, whole=False))
    assert gathered.molecules["where"].tolist() == [5, 6, 8, 9, 11]
    assert gathered.molecules["value"].tolist() == [0, 1, 3, 4, 6]
    assert gathered.molecules["text"].tolist()[2] == "CC[NH3+].[Cl-]"
    assert [(where, text) for where, text, _ in gathered.rejects] == [(7, "xyz"), (10, "C*")]

    cells = ["1", "", "x"]
    rows = [Row(n, "CO", cell) for n, cell in enumerate(cells)]
    gathered = gather(rows, length=80, measured=None, targets=Targets(numeric=True, whole=False))
    reasons = [reason for _, _, reason in gathered.rejects]
    assert reasons == ["has no target", "has the target 'x', which is no number"]


def test_many_rejects_stop_the_run() -> None:
    def gathered(count: int) -> Gathered:
        rows = [Row(n, "C" * n + "O") for n in range(1, 11)]
        rows += [Row(11, "C*")] + [Row(n, "wrong" * 20) for n in range(12, 11 + count)]
        return gather(rows, length=80, measured=None, targets=None)

    refuse_many_rejects(gathered(2), 0.2, "m.smi")
    with pytest.raises(GenloomError) as error:
        refuse_many_rejects(gathered(6), 0.2, "m.smi")
    said = error.value.message
    assert (
        "38% of the 16 rows of m.smi cannot be used, but molecules.most_rejects allows 20%" in said
    )
    assert "of 5 rows, is that a row cannot be read as SMILES, such as row 12 ('wrongwrong" in said
    assert said.endswith("or raise molecules.most_rejects.")
    refuse_many_rejects(gathered(6), 0.5, "m.smi")


def test_first_rows_have_to_be_smiles() -> None:
    refuse_no_smiles([Row(1, "aspirin"), Row(2, "CCO")], "m.smi", "do this")
    with pytest.raises(GenloomError, match=r"None of the first 2 rows of m\.smi .*'aspirin'.*this"):
        refuse_no_smiles([Row(1, "aspirin"), Row(2, "")], "m.smi", "do this")
    with pytest.raises(GenloomError, match=r"^m\.smi holds no molecules: do this\.$"):
        refuse_no_smiles([], "m.smi", "do this")
