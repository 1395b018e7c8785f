"""Where text comes from: every source as one table of samples, split once and for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.download import fetch
from genloom.domains.split import check_shares
from genloom.domains.text.corpus import Document, make_samples
from genloom.domains.text.files import (
    Found,
    paragraphs,
    read_file,
    read_folder,
    read_table,
    read_text,
)
from genloom.domains.text.pydocs import load_pydocs
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

SHAKESPEARE = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
SHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
SOURCES = ("pydocs", "shakespeare", "file", "folder", "table")
OWN = {"file": "a text file", "folder": "a folder of text files", "table": "a table"}
RUNNING = ("shakespeare", "file")  # one text, split in its running order
ENCODING_ERRORS = ("strict", "replace")
LENGTHS, VOCABULARIES = (64, 4096), (300, 32000)
DEFAULT_LENGTH, DEFAULT_VOCABULARY = 512, 1024
DEFAULT_SHARES = {"validation": 0.05, "test": 0.15}
SHAKESPEARE_TEST = 0.1  # as everybody else who trains on it


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``text`` before anything runs.

    A person's own files are read for it.

    Args:
        parameters: The whole block of the domain; what is read of it says ``ingest``.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    source = parameters.get("source")
    if source not in SOURCES:
        raise GenloomError(
            f"There is no text source {source!r}: set text.source to one of {', '.join(SOURCES)}."
        )
    _check_whole(parameters, "length", DEFAULT_LENGTH, *LENGTHS)
    _check_whole(parameters, "vocabulary", DEFAULT_VOCABULARY, *VOCABULARIES)
    limit = parameters.get("limit")
    if limit is not None and not (_is_whole(limit) and limit > 0):
        raise GenloomError(
            f"text.limit is {limit!r}, but has to be a whole number above 0, or null for all rows."
        )
    errors = parameters.get("encoding_errors", "strict")
    if errors not in ENCODING_ERRORS:
        raise GenloomError(f"text.encoding_errors is {errors!r}, but has to be strict or replace.")
    raw_folder = parameters.get("raw_folder", "data/01_raw")
    if not _is_path(raw_folder):
        raise GenloomError(
            f"text.raw_folder is {raw_folder!r}, but has to be the path of a folder "
            "such as data/01_raw."
        )
    _shares(parameters)
    if source in OWN:
        _check_own(parameters, source)
        _read(parameters)


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and turn it into samples with splits.

    Documents (files, rows of a table) stay whole; a source that is one text is split in its
    running order. Repeated text is set aside, see ``corpus.make_samples``.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``file``, ``folder``, ``table``: path, for the source of that name;
            - ``text_column``, ``label_column``: name or number of a table's columns, see
              ``files.read_table``; no label column means unlabelled text;
            - ``encoding_errors``: ``strict`` (default) or ``replace``, what to do with bytes in a
              person's own file that are not UTF-8;
            - ``length``: bytes of a row with its end, 64 to 4096, default 512;
            - ``vocabulary``: size of the learned vocabulary, 300 to 32000, default 1024;
            - ``limit``: about so many rows, see ``corpus.make_samples``; null (default): all;
            - ``raw_folder``: where downloads are kept, default ``data/01_raw``;
            - ``split``: ``{validation: 0.05, test: 0.15}``, shares of the text's bytes; the last
              tenth of shakespeare is its test split, whatever ``test`` says.
        seed: The project's seed.

    Returns:
        Samples with the columns ``content``, ``label`` (``""`` for unlabelled text), ``split``,
        ``source`` (``real``) and ``document``; and rejects with the columns ``file`` and
        ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, a download that fails, or whatever
            ``corpus.make_samples`` finds wrong with the text.
    """
    import pandas as pd

    check(parameters)
    documents, rejects = _read(parameters)
    samples, aside = make_samples(
        documents,
        length=parameters.get("length", DEFAULT_LENGTH),
        shares=_shares(parameters),
        seed=seed,
        running=parameters["source"] in RUNNING,
        limit=parameters.get("limit"),
    )
    return samples, pd.DataFrame(rejects + aside, columns=["file", "reason"], dtype="str")


def _read(parameters: dict[str, Any]) -> Found:
    source, errors = parameters["source"], parameters.get("encoding_errors", "strict")
    if source == "pydocs":
        return load_pydocs(), []
    if source == "shakespeare":
        folder = parameters.get("raw_folder", "data/01_raw")
        path = fetch("shakespeare", "input.txt", SHAKESPEARE, SHAKESPEARE_SHA256, folder)
        return [Document("shakespeare", "", paragraphs(read_text(path, "strict")))], []
    path = Path(parameters[source])
    if source == "file":
        return read_file(path, errors)
    if source == "folder":
        return read_folder(path, errors)
    return read_table(path, parameters["text_column"], parameters.get("label_column"), errors)


def _shares(parameters: dict[str, Any]) -> dict[str, float]:
    shares = check_shares(parameters.get("split"), DEFAULT_SHARES)
    if parameters["source"] == "shakespeare":
        return check_shares({**shares, "test": SHAKESPEARE_TEST})
    return shares


def _check_own(parameters: dict[str, Any], source: str) -> None:
    path = parameters.get(source)
    if not _is_path(path):
        raise GenloomError(
            f"The source {source} needs text.{source}, which is {path!r}: "
            f"set it to the path of {OWN[source]}."
        )
    if source != "table":
        return
    for name in ("text_column", "label_column"):
        column = parameters.get(name)
        if name == "label_column" and column is None:
            continue
        named = isinstance(column, str) and column != ""
        numbered = isinstance(column, int) and not isinstance(column, bool) and column >= 0
        if not (named or numbered):
            raise GenloomError(
                f"The source table needs text.{name}, which is {column!r}: set it to the name of "
                "a column, or to its number, counted from 0, if the file has no header line."
            )


def _check_whole(
    parameters: dict[str, Any], name: str, default: int, lowest: int, highest: int
) -> None:
    value = parameters.get(name, default)
    if not (_is_whole(value) and lowest <= value <= highest):
        raise GenloomError(
            f"text.{name} is {value!r}, but has to be a whole number from {lowest} to {highest}."
        )


def _is_path(value: object) -> bool:
    return isinstance(value, str | Path) and bool(str(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
