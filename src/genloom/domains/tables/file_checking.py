"""What can be wrong with the parameters that say how a person's own table is written."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any, NoReturn

from genloom.errors import GenloomError

FILE_DEFAULTS: dict[str, Any] = {
    "encoding": "utf-8",
    "separator": None,
    "decimal": ".",
    "most_rejects": 0.2,
}
# Python takes them for text, but they are for names of hosts or for nothing at all.
NOT_OF_FILES = ("punycode", "idna", "undefined")


def check_file_parameters(block: Mapping[str, Any], domain: str) -> None:
    """Find what is wrong with the parameters of ``FILE_DEFAULTS``.

    Args:
        block: All parameters of the domain, with defaults.
        domain: Whose parameters the sentences name.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    share = block["most_rejects"]
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < 1:
        needed = "has to be a share of the rows from 0 to below 1"
        refuse(domain, "most_rejects", share, needed)
    if block["decimal"] not in (".", ","):
        refuse(domain, "decimal", block["decimal"], "has to be '.' or ','")
    separator = block["separator"]
    if separator is not None and not (isinstance(separator, str) and len(separator) == 1):
        refuse(domain, "separator", separator, "has to be one sign such as ';', or null")
    if not _is_of_files(block["encoding"]):
        needed = "has to be an encoding such as utf-8 or cp1252"
        refuse(domain, "encoding", block["encoding"], needed)


def refuse(domain: str, key: str, value: object, needed: str) -> NoReturn:
    """Say that a parameter is not what it has to be."""
    raise GenloomError(f"{domain}.{key} is {value!r}, but {needed}.")


def _is_of_files(encoding: Any) -> bool:
    try:
        "a".encode(encoding)  # hex, base64 and their like know bytes only
        return codecs.lookup(encoding).name not in NOT_OF_FILES
    except (LookupError, TypeError, ValueError):
        return False
