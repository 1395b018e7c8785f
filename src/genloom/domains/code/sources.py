"""Where code comes from: every source as one table of functions, split once and for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.code.functions import CodeFile, Rejects, read_files
from genloom.domains.code.stdlib import load_stdlib
from genloom.domains.split import check_shares
from genloom.domains.text.corpus import Document, make_samples
from genloom.domains.text.files import SPLIT_WORDS
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

SOURCES = ("stdlib", "folder")
ENCODING_ERRORS = ("strict", "replace")
LENGTHS, VOCABULARIES = (64, 4096), (300, 32000)
DEFAULT_LENGTH, DEFAULT_VOCABULARY = 768, 1024
DEFAULT_SHARES = {"validation": 0.05, "test": 0.15}


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``code`` before anything runs.

    A person's own files are read for it.

    Args:
        parameters: The whole block of the domain; what is read of it says ``ingest``.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    source = parameters.get("source")
    if source not in SOURCES:
        raise GenloomError(
            f"There is no code source {source!r}: set code.source to one of {', '.join(SOURCES)}."
        )
    _check_whole(parameters, "length", DEFAULT_LENGTH, *LENGTHS)
    _check_whole(parameters, "vocabulary", DEFAULT_VOCABULARY, *VOCABULARIES)
    limit = parameters.get("limit")
    if limit is not None and not (_is_whole(limit) and limit > 0):
        raise GenloomError(
            f"code.limit is {limit!r}, but has to be a whole number above 0, or null for all rows."
        )
    errors = parameters.get("encoding_errors", "strict")
    if errors not in ENCODING_ERRORS:
        raise GenloomError(f"code.encoding_errors is {errors!r}, but has to be strict or replace.")
    check_shares(parameters.get("split"), DEFAULT_SHARES)
    if source == "folder":
        folder = parameters.get("folder")
        if not isinstance(folder, str | Path) or not str(folder):
            raise GenloomError(
                f"The source folder needs code.folder, which is {folder!r}: "
                "set it to the path of a folder of Python files."
            )
        _read(parameters)


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and turn its functions into samples with splits.

    A sample is a whole function; those that do not fit are set aside, never cut. The functions of
    a file stay on one side of the split. Repeated ones are set aside, see ``text.corpus``.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``folder``: path, for the source ``folder``: its files that end in ``.py``, to any
              depth, hidden ones left out. Where two or more subfolders hold some, each file's label
              is its subfolder; otherwise all are unlabelled;
            - ``encoding_errors``: ``strict`` (default) or ``replace``, what to do with bytes in a
              person's own file that are not in its encoding;
            - ``length``: bytes of a row with its end, 64 to 4096, default 768;
            - ``vocabulary``: size of the learned vocabulary, 300 to 32000, default 1024;
            - ``limit``: about so many rows, see ``text.corpus``; null (default): all;
            - ``split``: ``{validation: 0.05, test: 0.15}``, shares of the code's bytes.
        seed: The project's seed.

    Returns:
        Samples with the columns ``content``, ``label`` (``""`` for unlabelled code), ``split``,
        ``source`` (``real``) and ``document``, the file; and rejects with the columns ``file`` and
        ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, or whatever ``text.corpus`` finds wrong.
    """
    import pandas as pd

    check(parameters)
    files, rejects = _read(parameters)
    documents = [
        Document(file.name, file.label, [function.source for function in file.functions])
        for file in files
    ]
    samples, repeated = make_samples(
        documents,
        length=parameters.get("length", DEFAULT_LENGTH),
        shares=check_shares(parameters.get("split"), DEFAULT_SHARES),
        seed=seed,
        limit=parameters.get("limit"),
        domain="code",
    )
    # No function was cut, so the number of a part is that of a function.
    names = {
        f"{file.name}, part {place}": _where(file, place - 1)
        for file in files
        for place in range(1, len(file.functions) + 1)
    }
    rejects += [(names.get(place, place), reason) for place, reason in repeated]
    return samples, pd.DataFrame(rejects, columns=["file", "reason"], dtype="str")


def _read(parameters: dict[str, Any]) -> tuple[list[CodeFile], Rejects]:
    """The functions that fit into a row, and what was set aside."""
    if parameters["source"] == "stdlib":
        files, rejects = load_stdlib()
    else:
        folder = Path(parameters["folder"])
        files, rejects = _read_folder(folder, parameters.get("encoding_errors", "strict"))
    size = parameters.get("length", DEFAULT_LENGTH) - 1
    fitting: list[CodeFile] = []
    for file in files:
        sizes = [len(function.source.encode(errors="replace")) for function in file.functions]
        kept = [f for f, bytes_ in zip(file.functions, sizes, strict=True) if bytes_ <= size]
        if kept:
            fitting.append(CodeFile(file.name, file.label, kept))
        rejects += [
            (_where(file, place), f"has {bytes_} bytes, more than the {size} that fit into a row")
            for place, bytes_ in enumerate(sizes)
            if bytes_ > size
        ]
    if not fitting:
        raise GenloomError(
            f"Not one function fits into a row of code.length ({size + 1} bytes, one of which is "
            "its end): make code.length larger, or give shorter functions."
        )
    if len(fitting) == 1:
        raise GenloomError(
            f"The source has functions that fit into a row in one file only ({fitting[0].name}), "
            "which cannot be split: put more Python files into the folder."
        )
    return fitting, rejects


def _read_folder(folder: Path, encoding_errors: str) -> tuple[list[CodeFile], Rejects]:
    if not folder.is_dir():
        raise GenloomError(
            f"The folder {folder} does not exist or is not a folder: "
            "set code.folder to a folder of Python files."
        )
    found = [path.relative_to(folder) for path in sorted(folder.rglob("*.py")) if path.is_file()]
    paths = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    if not paths:
        raise GenloomError(
            f"The folder {folder} has no Python files: put files that end in .py into it."
        )
    subfolders = sorted({path.parts[0] for path in paths if len(path.parts) > 1})
    labelled = len(subfolders) > 1
    if labelled and {name.lower() for name in subfolders} <= SPLIT_WORDS:
        raise GenloomError(
            f"The subfolders of {folder} are splits ({', '.join(subfolders)}), not labels: put all "
            "files together or in a subfolder per label; Genloom makes the splits itself."
        )
    stray = [path for path in paths if labelled and len(path.parts) == 1]
    labels = [
        (path.as_posix(), path.parts[0] if labelled else "") for path in paths if path not in stray
    ]
    files, rejects = read_files(folder, labels, encoding_errors)
    if not files:
        name, reason = rejects[0]
        raise GenloomError(
            f"No file in {folder} has a function that can be used, for example {name} {reason}: "
            "put files of valid Python with functions into it."
        )
    return files, rejects + [(p.as_posix(), "stands outside the labels' subfolders") for p in stray]


def _where(file: CodeFile, place: int) -> str:
    function = file.functions[place]
    return f"{file.name}, {function.name} (line {function.line})"


def _check_whole(
    parameters: dict[str, Any], name: str, default: int, lowest: int, highest: int
) -> None:
    value = parameters.get(name, default)
    if not (_is_whole(value) and lowest <= value <= highest):
        raise GenloomError(
            f"code.{name} is {value!r}, but has to be a whole number from {lowest} to {highest}."
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
