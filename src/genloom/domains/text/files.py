"""A person's own text: one file, a folder of files, or a table with a column of text."""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from genloom.domains.text.corpus import Document
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

TEXT_SUFFIXES = (".txt", ".md", ".rst", ".text")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")
SPLIT_WORDS = {"train", "training", "val", "valid", "validation", "test", "testing"}
BETWEEN_PARAGRAPHS = re.compile(r"\n(?:[^\S\n]*\n)+")

Found = tuple[list[Document], list[tuple[str, str]]]  # documents, and what was set aside and why


def read_text(path: Path, encoding_errors: str) -> str:
    """Read a file of UTF-8, with or without a byte order mark; line ends become LF.

    Args:
        path: The file.
        encoding_errors: ``strict`` or ``replace``, which puts U+FFFD for what is not UTF-8.

    Raises:
        GenloomError: It cannot be read, has NUL characters or, with ``strict``, is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GenloomError(f"The file {path} cannot be read ({error.strerror}).") from error
    try:
        text = data.decode("utf-8-sig", errors=encoding_errors)
    except UnicodeDecodeError as error:
        # The position counts from behind a byte order mark.
        at = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, at) + 1
        raise GenloomError(
            f"{path} is not UTF-8: the byte 0x{data[at]:02x} at position {at} (line {line}) is not "
            "part of a character; save it as UTF-8, or set text.encoding_errors to replace."
        ) from error
    if "\0" in text:
        line = text.partition("\0")[0].count("\n") + 1
        raise GenloomError(
            f"{path} is no text in UTF-8: line {line} has a NUL character, as UTF-16 and files "
            "that are no text have; save it as UTF-8."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def paragraphs(text: str) -> list[str]:
    """What stands between blank lines.

    >>> paragraphs("one\\ntwo\\n\\nthree")
    ['one\\ntwo', 'three']
    """
    return [part for part in BETWEEN_PARAGRAPHS.split(text) if part.strip()]


def read_file(path: Path, encoding_errors: str = "strict") -> Found:
    """One text file as one unlabelled document, a piece per paragraph.

    Raises:
        GenloomError: There is no such file, it is empty, or not UTF-8.
    """
    if not path.is_file():
        raise GenloomError(
            f"The file {path} does not exist or is not a file: set text.file to a text file."
        )
    pieces = paragraphs(read_text(path, encoding_errors))
    if not pieces:
        raise GenloomError(f"The file {path} holds no text: set text.file to one that does.")
    return [Document(path.name, "", pieces)], []


def read_folder(folder: Path, encoding_errors: str = "strict") -> Found:
    """All text files of a folder to any depth, a document each, a piece per paragraph.

    Where two or more subfolders hold text files, each document's label is its subfolder;
    otherwise all are unlabelled. Hidden files and folders do not count.

    Raises:
        GenloomError: The folder is missing, has no text, is laid out by split, or a file is not
            UTF-8.
    """
    if not folder.is_dir():
        raise GenloomError(
            f"The folder {folder} does not exist or is not a folder: "
            "set text.folder to a folder of text files."
        )
    files = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    texts = [path for path in files if path.suffix.lower() in TEXT_SUFFIXES]
    subfolders = sorted({path.parts[0] for path in texts if len(path.parts) > 1})
    labelled = len(subfolders) > 1
    if labelled and {name.lower() for name in subfolders} <= SPLIT_WORDS:
        raise GenloomError(
            f"The subfolders of {folder} are splits ({', '.join(subfolders)}), not labels: put all "
            "files together or in a subfolder per label; Genloom makes the splits itself."
        )
    documents, rejects = [], []
    for path in files:
        if path not in texts:
            rejects.append((path.as_posix(), f"is not a text file ({', '.join(TEXT_SUFFIXES)})"))
        elif labelled and len(path.parts) == 1:
            rejects.append((path.as_posix(), "stands outside the labels' subfolders"))
        elif pieces := paragraphs(read_text(folder / path, encoding_errors)):
            label = path.parts[0] if labelled else ""
            documents.append(Document(path.as_posix(), label, pieces))
        else:
            rejects.append((path.as_posix(), "is empty"))
    if not documents:
        raise GenloomError(
            f"The folder {folder} holds no text: put text files ({', '.join(TEXT_SUFFIXES)}) "
            "that are not empty into it."
        )
    return documents, rejects


def read_table(
    path: Path,
    text_column: str | int,
    label_column: str | int | None = None,
    encoding_errors: str = "strict",
) -> Found:
    """A table with a text per row, each row a document.

    Args:
        path: CSV (commas, quotes), TSV (tabs, no quotes) or Parquet, told by the suffix.
        text_column: Its name; in CSV and TSV also its number, counted from 0, which says that the
            file has no header line.
        label_column: Its name or number, None for unlabelled text.
        encoding_errors: As in ``read_text``.

    Raises:
        GenloomError: The table is missing, damaged or empty, a column is not there or holds no
            text, there is one label only, or the file is not UTF-8.
    """
    if not path.is_file():
        raise GenloomError(
            f"The table {path} does not exist or is not a file: set text.table to a "
            f"{', '.join(TABLE_SUFFIXES)} file."
        )
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise GenloomError(
            f"The table {path} has the suffix {path.suffix!r}, which does not say how to read it: "
            f"save it as one of {', '.join(TABLE_SUFFIXES)}."
        )
    headerless = isinstance(text_column, int) or isinstance(label_column, int)
    table = _table(path, headerless, encoding_errors)
    texts = _column(table, path, "text_column", text_column)
    labels = [""] * len(texts)
    if label_column is not None:
        labels = _column(table, path, "label_column", label_column)
    documents, rejects = [], []
    for number, (text, label) in enumerate(zip(texts, labels, strict=True), start=1):
        if not text.strip():
            rejects.append((f"row {number}", "has no text"))
        elif label_column is not None and not label.strip():
            rejects.append((f"row {number}", "has no label"))
        else:
            documents.append(Document(f"row {number}", label.strip(), [text]))
    if not documents:
        raise GenloomError(
            f"The table {path} has no row whose text and label are there: "
            "set text.table to one that has."
        )
    found = Counter(document.label for document in documents)
    if label_column is not None and len(found) == 1:
        raise GenloomError(
            f"The column {label_column!r} of {path} holds one label only ({next(iter(found))!r}): "
            "set text.label_column to another column, or to null for unlabelled text."
        )
    return documents, rejects


def _table(path: Path, headerless: bool, encoding_errors: str) -> pd.DataFrame:
    import csv

    import pandas as pd
    import pyarrow

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        separator = "," if path.suffix.lower() == ".csv" else "\t"
        text = read_text(path, encoding_errors)
        with warnings.catch_warnings():
            # A first row longer than the header is cut with a warning, a later one is an error.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                header=None if headerless else 0,
                quoting=csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE,
                index_col=False,
                dtype=str,
                # Only an empty cell is missing: "NA" and "null" are words.
                keep_default_na=False,
            )
    except pd.errors.EmptyDataError as error:
        raise GenloomError(
            f"The table {path} is empty: set text.table to one with rows."
        ) from error
    except pd.errors.ParserWarning as error:
        raise GenloomError(
            f"The first row of {path} has more cells than its header: put quotes around texts that "
            "hold the separator, or give every cell a column."
        ) from error
    except (pd.errors.ParserError, pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1].removesuffix(".")
        raise GenloomError(
            f"The table {path} cannot be read as {path.suffix.lower()[1:].upper()} ({reason}): "
            "save it again in that format, or give it the suffix of the format that it has."
        ) from error


def _column(table: pd.DataFrame, path: Path, parameter: str, name: str | int) -> list[str]:
    """The cells of one column as text, ``""`` for a missing one."""
    import pandas as pd

    if name not in table.columns:
        columns = ", ".join(repr(_short(column)) for column in table.columns)
        raise GenloomError(
            f"The table {path} has no column {name!r}: set text.{parameter} to one of its columns "
            f"({columns}), or to a column's number, counted from 0, for a CSV or TSV file "
            "without a header line."
        )
    cells = table[name]
    if parameter == "text_column" and not all(isinstance(cell, str) for cell in cells.dropna()):
        raise GenloomError(
            f"The column {name!r} of {path} holds {cells.dtype} values, not text: "
            f"set text.{parameter} to a column of text."
        )
    return [
        "" if missing else str(cell) for cell, missing in zip(cells, pd.isna(cells), strict=True)
    ]


def _short(column: object) -> object:
    return f"{column[:37]}..." if isinstance(column, str) and len(column) > 40 else column
