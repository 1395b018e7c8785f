"""Files and folders that are there whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Write a file or folder beside its place first, and move it there when it is complete.

    Work that is killed or meets a full disk so leaves either what was there before or nothing,
    never half of it; and what it had written by then is removed, unless it was killed.

    Args:
        path: Where the finished file or folder shall stand, in place of an older one.

    Yields:
        Where to write it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The ending stays, because some choose the format by it.
    beside = path.with_name(f".partial-{path.name}")
    _remove(beside)  # somebody who was killed may have left it
    try:
        yield beside
        if beside.is_dir():  # which takes the place of nothing but an empty folder
            _remove(path)
        beside.replace(path)
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
