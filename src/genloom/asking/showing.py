"""Show samples: on the terminal, while they are made or afterwards, and in files."""

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd

LINE = "-" * 40  # between samples that are printed
# A terminal obeys control characters, and a model may write any: it is shown their pictures.
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), "\ufffd") | {0x7F: "\u2421"}


def on_terminal() -> bool:
    """Whether what is printed goes to a terminal rather than into a file or another program."""
    return sys.stdout.isatty()


def say(text: str) -> None:
    """Print text, in UTF-8 on every machine and at once."""
    click.echo((text.translate(_PICTURES) if on_terminal() else text).encode(), nl=False)


def print_all(contents: Iterable[str]) -> None:
    """Print texts with a line of dashes between them."""
    say(f"\n{LINE}\n".join(contents) + "\n")


class Live:
    """Prints a single text while it is made, token by token.

    It is called with the rows so far, ``[1, t]`` int64, and prints of them what no further token
    can change.

    Args:
        codec: Its ``decode`` turns rows into texts.
    """

    def __init__(self, codec: Any) -> None:
        self._codec = codec
        self._printed = ""

    def __call__(self, rows: Any) -> None:
        # The bytes of a character that is not complete yet are decoded as one U+FFFD at the end.
        self._go_on(self._codec.decode(rows)[0].removesuffix("\ufffd"))

    def finish(self, text: str) -> None:
        """Print what is left of the whole text."""
        self._go_on(text)
        say("\n")

    def _go_on(self, text: str) -> None:
        if len(text) > len(self._printed):
            say(text[len(self._printed) :])
            self._printed = text


def check_output(output: Path | None, name: str, *, text: bool) -> None:
    """Refuse a place that cannot take the samples, before any is drawn.

    Args:
        output: Where they shall go; None prints them.
        name: The generator, for the sentences.
        text: Whether the samples are text; they are pictures otherwise.

    Raises:
        GenloomError: A file where a folder is needed or the other way round, an ending that stands
            for no format, or a folder that cannot be written.
    """
    if output is None:
        if text:
            return
        raise GenloomError(
            f"{name} makes pictures, which cannot be printed: give a folder for them with --output."
        )
    try:
        if text and (output.suffix not in _FORMATS or output.is_dir()):
            raise GenloomError(
                f"--output is {output}, but texts go into a file that ends in one of "
                f"{', '.join(_FORMATS)}."
            )
        if not text and (output.is_file() or output.suffix.lower() == ".png"):
            raise GenloomError(
                f"--output is {output}, but {name} makes a file for every picture, so it has to be "
                "a folder."
            )
        folder = output.absolute().parent if text else output.absolute()
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
    except OSError as error:
        raise _unwritable(output, error) from None
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise _unwritable(output, f"{nearest} is no folder that you may write to")


def write(samples: "pd.DataFrame", output: Path) -> str:
    """Write samples; every file is there whole or not at all.

    Args:
        samples: The columns ``label`` and ``content``.
        output: A file for texts, whose ending says the format; a folder for pictures, which are
            called ``<label>-<number>.png``.

    Returns:
        What was written, in words.

    Raises:
        GenloomError: It cannot be written.
    """
    n, kind = len(samples), "sample"
    try:
        if isinstance(samples["content"].iloc[0], str):
            _whole(output, partial(_FORMATS[output.suffix], samples))
        else:
            kind = "picture"
            rows = zip(samples["label"], samples["content"], strict=True)
            for number, (label, content) in enumerate(rows, start=1):
                name = re.sub(r"[^\w.-]", "_", label)  # a label may hold what no file's name can
                file = output / f"{name}-{number:0{len(str(n))}d}.png"
                _whole(file, partial(_write_png, content))
    except OSError as error:
        raise _unwritable(output, error) from None
    return f"{n} {kind}{'s' * (n > 1)}"


def _whole(path: Path, save: Callable[[Path], Any]) -> None:
    """Save beside a file's place, and move it there when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial-{path.name}")
    try:
        save(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_png(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _write_jsonl(samples: "pd.DataFrame", path: Path) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in samples.to_dict("records")]
    path.write_bytes("".join(lines).encode())


def _write_csv(samples: "pd.DataFrame", path: Path) -> None:
    # All quoted, because Python would leave a lone carriage return bare, which ends a row.
    samples.to_csv(path, index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)


def _write_parquet(samples: "pd.DataFrame", path: Path) -> None:
    samples.to_parquet(path, index=False)


def _write_txt(samples: "pd.DataFrame", path: Path) -> None:
    path.write_bytes(("\n\n".join(samples["content"]) + "\n").encode())


_FORMATS: dict[str, Callable[[Any, Path], None]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".txt": _write_txt,
}


def _unwritable(output: Path, reason: OSError | str) -> GenloomError:
    if isinstance(reason, OSError):
        reason = reason.strerror or str(reason)
    return GenloomError(f"{output} cannot be written ({reason}): give another --output.")
