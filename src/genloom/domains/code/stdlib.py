"""The source ``stdlib``: functions of the library that comes with the running Python."""

from __future__ import annotations

import logging
import platform
import sysconfig
from pathlib import Path

from genloom.domains.code.functions import CodeFile, Rejects, read_files
from genloom.domains.text.corpus import Document
from genloom.domains.text.pydocs import corpus_digest, library_files, library_label
from genloom.errors import GenloomError

_logger = logging.getLogger(__name__)

# Of all functions, by the Python version that figures in the documentation were made with.
KNOWN_DIGESTS = {"3.11.7": "ba51bf8cfcfaf08b514bb70f93df6131664dd5e620914141a4eab1d9b9994e7a"}


def load_stdlib() -> tuple[list[CodeFile], Rejects]:
    """All functions of the standard library's files in Python, which are read, never imported.

    The files are those of the text source ``pydocs``, in the same order, each labelled by its
    package.

    Returns:
        The files that have functions; and for each other one its path and the reason.

    Raises:
        GenloomError: The running Python came without its library's source.
    """
    library = Path(sysconfig.get_path("stdlib"))
    files, rejects = read_files(
        library, [(path, library_label(path)) for path in library_files(library)], "replace"
    )
    if not files:
        raise GenloomError(
            f"There is no source of Python's standard library at {library}: "
            "use a Python that has it, or set code.source to folder."
        )
    version = platform.python_version()
    if KNOWN_DIGESTS.get(version) != stdlib_digest(files):
        _logger.info(
            "Python %s has other functions than %s, with which the figures in the documentation "
            "were made: expect other numbers.",
            version,
            ", ".join(KNOWN_DIGESTS),
        )
    return files, rejects


def stdlib_digest(files: list[CodeFile]) -> str:
    """SHA-256 of all names, labels and functions in their order, in hexadecimal."""
    return corpus_digest(
        [
            Document(file.name, file.label, [function.source for function in file.functions])
            for file in files
        ]
    )
