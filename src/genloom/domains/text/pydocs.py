"""The source ``pydocs``: the documentation that comes with the running Python."""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import platform
import sysconfig
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from genloom.domains.text.corpus import Document
from genloom.errors import GenloomError

_logger = logging.getLogger(__name__)

# Tests, other people's packages, and what is there on some machines only.
SKIPPED = {
    *("test", "tests", "idle_test", "site-packages", "dist-packages", "lib2to3"),
    *("__pycache__", "pydoc_data", "lib-dynload"),
}
SKIPPED_STARTS = ("config-", "_sysconfigdata", "sitecustomize", "usercustomize")
LABELS = (
    *("asyncio", "distutils", "email", "importlib", "logging", "multiprocessing"),
    *("unittest", "xml"),
)
OTHER, REFERENCE = "other", "reference"
# Of `corpus_digest`, by the Python version that figures in the documentation were made with.
KNOWN_DIGESTS = {"3.11.7": "6621127dbcdd44759f56e0098e97c6358614ab5e197ee3540d3cb2647685d750"}


def load_pydocs() -> list[Document]:
    """Docstrings of the standard library, and the topics of ``help()`` from its manual.

    Files are read, never imported. Each docstring is a piece and each file a document, labelled by
    its package; each topic is a document of one piece, labelled ``reference``.

    Raises:
        GenloomError: The running Python came without its library's source.
    """
    library = Path(sysconfig.get_path("stdlib"))
    documents = [
        Document(path, library_label(path), pieces)
        for path in library_files(library)
        if (pieces := _docstrings(library / path))
    ]
    topics = _topics(library / "pydoc_data" / "topics.py")
    documents += [Document(f"topic {name}", REFERENCE, [topics[name]]) for name in sorted(topics)]
    if not documents:
        raise GenloomError(
            f"There is no source of Python's standard library at {library}: "
            "use a Python that has it, or set text.source to another source."
        )
    version = platform.python_version()
    if KNOWN_DIGESTS.get(version) != corpus_digest(documents):
        _logger.info(
            "Python %s documents itself in other words than %s, with which the figures in the "
            "documentation were made: expect other numbers.",
            version,
            ", ".join(KNOWN_DIGESTS),
        )
    return documents


def corpus_digest(documents: Sequence[Document]) -> str:
    """SHA-256 of all names, labels and pieces in their order, in hexadecimal."""
    digest = hashlib.sha256()
    for document in documents:
        entry = [document.name, document.label, document.pieces]
        digest.update(json.dumps(entry).encode() + b"\n")
    return digest.hexdigest()


def library_files(library: Path) -> list[str]:
    """Paths within the library, sorted as text, so that every machine sees one order."""
    paths = [path.relative_to(library) for path in library.rglob("*.py")]
    return sorted(
        path.as_posix()
        for path in paths
        if not SKIPPED.intersection(path.parts[:-1])
        and not any(part.startswith(SKIPPED_STARTS) for part in path.parts)
    )


def library_label(path: str) -> str:
    package = path.split("/", maxsplit=1)[0]
    return package if package in LABELS else OTHER


def _docstrings(file: Path) -> list[str]:
    """The docstrings of one file in the order in which they stand there."""
    return list(_docstrings_below(_parsed(file)))


def _docstrings_below(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text:
            yield text
    for child in ast.iter_child_nodes(node):
        # Expressions hold no docstrings, and are most of what there is.
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _docstrings_below(child)


def _topics(file: Path) -> dict[str, str]:
    """What the assignment of ``topics`` holds: a dictionary written out, from name to text."""
    if not file.is_file():
        return {}
    for statement in _parsed(file).body:
        if isinstance(statement, ast.Assign):
            return dict(ast.literal_eval(statement.value))
    return {}


def _parsed(file: Path) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in code that is not ours
        return ast.parse(file.read_bytes())
