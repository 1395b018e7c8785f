"""The documentation that comes with Python is read as it stands there, the same every time."""

import logging
import platform
import sys
from pathlib import Path

import pytest

from genloom.domains.text import pydocs
from genloom.domains.text.corpus import Document
from genloom.domains.text.pydocs import KNOWN_DIGESTS, corpus_digest, load_pydocs
from genloom.errors import GenloomError


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return load_pydocs()


def by_name(documents: list[Document]) -> dict[str, Document]:
    names = {document.name: document for document in documents}
    assert len(names) == len(documents)
    return names


def test_what_is_read(documents: list[Document]) -> None:
    import email.message
    import inspect

    names = by_name(documents)
    message = names["email/message.py"]
    assert message.label == "email"
    assert message.pieces[0] == inspect.getdoc(email.message)
    places = [
        message.pieces.index(inspect.getdoc(thing))
        for thing in (email.message.Message, email.message.Message.as_string)
    ]
    assert places == sorted(places), "docstrings stand in the file's order"
    assert names["textwrap.py"].label == "other"
    assert {document.label for document in documents} == {*pydocs.LABELS, "other", "reference"}
    parts = {part for name in names for part in name.split("/")[:-1]}
    assert not parts & {"test", "tests", "idle_test", "site-packages", "lib2to3", "pydoc_data"}


def test_topics_keep_their_paragraphs(documents: list[Document]) -> None:
    from pydoc_data.topics import topics

    names = by_name(documents)
    reference = [document for document in documents if document.label == "reference"]
    assert len(reference) == len(topics)
    assert names["topic assert"].pieces == [topics["assert"]]
    assert "\n\n" in topics["assert"]


def test_order_is_that_of_names(documents: list[Document]) -> None:
    files = [document.name for document in documents if document.label != "reference"]
    assert files == sorted(files)
    assert documents[-1].label == "reference"


def test_nothing_is_imported(documents: list[Document]) -> None:
    # Importing the first opens a browser, the second prints a poem.
    assert "antigravity.py" in {document.name for document in documents}
    assert not {"antigravity", "this", "turtledemo", "idlelib.run"} & set(sys.modules)


def test_the_corpus_is_the_one_that_figures_were_made_with(documents: list[Document]) -> None:
    if platform.python_version() not in KNOWN_DIGESTS:
        pytest.skip(f"no digest is known of Python {platform.python_version()}")
    assert corpus_digest(documents) == KNOWN_DIGESTS[platform.python_version()]


def test_digest_sees_every_part() -> None:
    base = Document("a", "x", ["one", "two"])
    others = [
        Document("b", "x", ["one", "two"]),
        Document("a", "y", ["one", "two"]),
        Document("a", "x", ["two", "one"]),
        Document("a", "x", ["onetwo"]),
    ]
    assert len({corpus_digest([document]) for document in [base, *others]}) == 5
    assert corpus_digest([base, others[0]]) != corpus_digest([others[0], base])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small standard library in the place of the real one."""
    monkeypatch.setattr(pydocs.sysconfig, "get_path", lambda name: str(tmp_path))
    return tmp_path


def test_another_python_is_said_once(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    (library / "xml").mkdir()
    (library / "xml" / "b.py").write_text('def f():\n    """Inner \\d."""\n')
    (library / "a.py").write_text('"""Über."""\nclass C:\n    """C."""\n', encoding="utf-8")
    (library / "silent.py").write_text("x = 1\n")
    (library / "old.py").write_bytes(b'# -*- coding: latin-1 -*-\n"""\xfcber"""\n')
    for skipped in ("tests", "config-3.11-here"):
        (library / skipped).mkdir()
        (library / skipped / "c.py").write_text('"""No."""')
    with caplog.at_level(logging.INFO):
        documents = load_pydocs()
    assert documents == [
        Document("a.py", "other", ["Über.", "C."]),
        Document("old.py", "other", ["über"]),
        Document("xml/b.py", "xml", ["Inner \\d."]),
    ]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "3.11.7, with which the figures in the documentation were made" in said[0]


def test_python_without_its_source(library: Path) -> None:
    with pytest.raises(
        GenloomError, match=r"no source of Python's standard library at .*text.sour"
    ):
        load_pydocs()
