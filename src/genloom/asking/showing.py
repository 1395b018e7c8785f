"""Show samples: on the terminal, while they are made or afterwards, and in files."""

import csv
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genloom.errors import GenloomError
from genloom.io.whole import whole

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


def print_all(samples: "pd.DataFrame", makes: str) -> None:
    """Print texts with a line of dashes between them, or each row of a table as a line of JSON."""
    say(_as_jsonl(samples) if makes == "rows" else f"\n{LINE}\n".join(samples["content"]) + "\n")


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


def check_output(output: Path | None, name: str, makes: str) -> None:
    """Refuse a place that cannot take the samples, before any is drawn.

    Args:
        output: Where they shall go; None prints them.
        name: The generator, for the sentences.
        makes: What its samples are: ``texts``, ``rows`` or ``pictures``.

    Raises:
        GenloomError: A file where a folder is needed or the other way round, an ending that stands
            for no format, or a folder that cannot be written.
    """
    in_a_file = makes in _ENDINGS
    if output is None:
        if in_a_file:
            return
        raise GenloomError(
            f"{name} makes pictures, which cannot be printed: give a folder for them with --output."
        )
    try:
        if in_a_file and (output.suffix not in _ENDINGS[makes] or output.is_dir()):
            raise GenloomError(
                f"--output is {output}, but {makes} go into a file that ends in one of "
                f"{', '.join(_ENDINGS[makes])}."
            )
        if not in_a_file and (output.is_file() or output.suffix.lower() == ".png"):
            raise GenloomError(
                f"--output is {output}, but {name} makes a file for every picture, so it has to be "
                "a folder."
            )
        folder = output.absolute().parent if in_a_file else output.absolute()
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
    except OSError as error:
        raise _unwritable(output, error) from None
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise _unwritable(output, f"{nearest} is no folder that you may write to")


def write(samples: "pd.DataFrame", output: Path, makes: str) -> str:
    """Write samples; every file is there whole or not at all.

    Args:
        samples: The columns ``label`` and ``content``; of rows a column for each of the table's.
        output: A file whose ending says the format; for pictures a folder, in which they are called
            ``<label>-<number>.png``.
        makes: What the samples are: ``texts``, ``rows`` or ``pictures``.

    Returns:
        What was written, in words.

    Raises:
        GenloomError: It cannot be written.
    """
    n, kind = len(samples), "sample"
    try:
        if makes in _ENDINGS:
            with whole(output) as beside:
                _FORMATS[output.suffix](samples, beside)
        else:
            kind = "picture"
            rows = zip(samples["label"], samples["content"], strict=True)
            for number, (label, content) in enumerate(rows, start=1):
                name = re.sub(r"[^\w.-]", "_", label)  # a label may hold what no file's name can
                with whole(output / f"{name}-{number:0{len(str(n))}d}.png") as beside:
                    beside.write_bytes(content)
    except OSError as error:
        raise _unwritable(output, error) from None
    return f"{n} {kind}{'s' * (n > 1)}"


def _as_jsonl(samples: "pd.DataFrame") -> str:
    rows = samples.to_dict("records")
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_jsonl(samples: "pd.DataFrame", path: Path) -> None:
    path.write_bytes(_as_jsonl(samples).encode())


def _write_csv(samples: "pd.DataFrame", path: Path) -> None:
    # All text is quoted, because Python would leave a lone carriage return bare, which ends a row.
    samples.to_csv(path, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)


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
# Of what goes into one file; a row of a table is no running text.
_ENDINGS = {"texts": tuple(_FORMATS), "rows": (".jsonl", ".csv", ".parquet")}


def _unwritable(output: Path, reason: OSError | str) -> GenloomError:
    if isinstance(reason, OSError):
        reason = reason.strerror or str(reason)
    return GenloomError(f"{output} cannot be written ({reason}): give another --output.")
