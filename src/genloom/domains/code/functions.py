"""Functions as they stand in Python files, cut out whole."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from genloom.errors import GenloomError

Rejects = list[tuple[str, str]]


@dataclass(frozen=True)
class Function:
    """A function or method with its decorators, moved to the left margin.

    Attributes:
        name: With the classes around it: ``Message.as_string``.
        line: Where it begins in its file, counted from 1.
        source: What it says, comments and docstring included.
    """

    name: str
    line: int
    source: str


@dataclass(frozen=True)
class CodeFile:
    """A file's functions.

    Attributes:
        name: Its path within its folder.
        label: Its class; ``""`` for unlabelled code.
        functions: In the file's order.
    """

    name: str
    label: str
    functions: list[Function]


def read_files(
    folder: Path, labels: Iterable[tuple[str, str]], encoding_errors: str
) -> tuple[list[CodeFile], Rejects]:
    """Read files and cut their functions out; nothing is imported or run.

    Args:
        folder: Holds the files.
        labels: Path within the folder and label of each.
        encoding_errors: ``strict`` or ``replace``, which puts U+FFFD for what cannot be decoded.

    Returns:
        The files that have functions; and for each other one its path and the reason.

    Raises:
        GenloomError: A file cannot be read or, with ``strict``, decoded.
    """
    files: list[CodeFile] = []
    rejects: Rejects = []
    for name, label in labels:
        code = read_code(folder / name, encoding_errors)
        try:
            functions = cut_functions(code)
        except SyntaxError as error:
            rejects.append((name, f"is not valid Python (line {error.lineno}: {error.msg})"))
        # A null character, or code that is nested too deeply.
        except (ValueError, RecursionError, MemoryError) as error:
            rejects.append((name, f"is not valid Python ({error})"))
        else:
            if functions:
                files.append(CodeFile(name, label, functions))
            else:
                rejects.append((name, "has no functions"))
    return files, rejects


def read_code(path: Path, encoding_errors: str) -> str:
    """Read a file in the encoding that it declares (PEP 263), else UTF-8; line ends become LF.

    Raises:
        GenloomError: It cannot be read or, with ``strict``, decoded.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GenloomError(f"The file {path} cannot be read ({error.strerror}).") from error
    encoding = _encoding(data)
    try:
        code = data.decode(encoding, errors=encoding_errors)
    except UnicodeDecodeError as error:
        # The position counts from behind a byte order mark.
        at = error.start + len(data) - len(error.object)
        name = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
        raise GenloomError(
            f"{path} is not {name}: the byte 0x{data[at]:02x} at position {at} "
            f"(line {data[:at].count(10) + 1}) is not part of a character; save it as "
            "UTF-8, declare its encoding in its first line, or set code.encoding_errors to replace."
        ) from error
    return code.replace("\r\n", "\n").replace("\r", "\n")


def cut_functions(code: str) -> list[Function]:
    """All functions of a module outside of other functions, methods included.

    Args:
        code: Of a whole file; line ends are LF.

    Returns:
        Functions in the order in which they stand there, each with whole lines from its first
        decorator on. The indentation of its ``def`` is taken from every line that has it, be it in
        a string, so that each stands alone as valid Python.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is not valid Python.

    >>> cut_functions("class A:\\n  @property\\n  def b(self):\\n    return 1  # one\\n")[0].source
    '@property\\ndef b(self):\\n  return 1  # one'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd escapes in code that is not ours
        module = ast.parse(code)
    lines = code.split("\n")
    found = []
    for name, node in _defined(module, ""):
        start = min([node.lineno, *(part.lineno for part in node.decorator_list)]) - 1
        # A decorator in parentheses begins behind its @, which may stand on an earlier line.
        while node.decorator_list and not lines[start].lstrip().startswith("@"):
            start -= 1
        indentation = lines[node.lineno - 1][: node.col_offset]
        own = [line.removeprefix(indentation) for line in lines[start : node.end_lineno]]
        found.append(Function(name, start + 1, "\n".join(own).rstrip()))
    return found


def _defined(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions below a node with their full names, without those inside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child  # type: ignore[misc]  # alike in all that is used
        # Expressions define no functions, and long ones nest too deeply to be searched.
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            inner = f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix
            yield from _defined(child, inner)


def _encoding(data: bytes) -> str:
    """What a file declares; UTF-8 where that is nothing or no encoding of text."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        b" ".decode(encoding)
    except (SyntaxError, LookupError, UnicodeError):
        return "utf-8-sig"
    return "utf-8-sig" if encoding == "utf-8" else encoding
