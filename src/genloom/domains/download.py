"""Files from the network: fetched once, checked always, or read from a local mirror."""

from __future__ import annotations

import os
from pathlib import Path

from genloom.errors import GenloomError

MIRROR = "GENLOOM_MIRROR"


def fetch(source: str, file: str, url: str, sha256: str, raw_dir: str | Path) -> Path:
    """Bring one file of a source to this machine and return where it lies.

    Looks first for ``$GENLOOM_MIRROR/<source>/<file>``, which is read where it is, then for
    ``<raw_dir>/<source>/<file>``; only if neither is there, or the second has another
    checksum, it is downloaded. A download that fails leaves no file behind.

    Args:
        source: The source's name, also the folder's.
        file: The file's name.
        url: The official address, ``http``, ``https`` or ``ftp``.
        sha256: The expected SHA-256 in hexadecimal.
        raw_dir: Where downloads are kept, usually ``data/01_raw``.

    Returns:
        The path of a file whose SHA-256 is ``sha256``.

    Raises:
        GenloomError: The mirror's file or the download has another checksum, the address
            does not answer, or the folder cannot be written.
    """
    import pooch
    import requests

    mirror = os.environ.get(MIRROR)
    if mirror and (mirrored := Path(mirror) / source / file).is_file():
        if pooch.file_hash(str(mirrored), alg="sha256") != sha256:
            raise GenloomError(
                f"{mirrored} does not have the SHA-256 {sha256} of the file at {url}: "
                f"delete it or replace it by a good copy, or unset {MIRROR} to download it."
            )
        return mirrored

    folder = Path(raw_dir) / source
    try:
        # pooch writes to a temporary file and moves it only once its checksum is right.
        return Path(pooch.retrieve(url, f"sha256:{sha256}", fname=file, path=folder))
    except requests.RequestException as error:
        raise GenloomError(
            f"{file} could not be fetched from {url} ({type(error).__name__}): check the network, "
            f"or put a copy at <mirror>/{source}/{file} and set {MIRROR} to that mirror."
        ) from error
    except ValueError as error:  # how pooch reports a wrong checksum
        raise GenloomError(
            f"What {url} sent for {source}/{file} does not have the SHA-256 {sha256}: try again, "
            f"or put a good copy at <mirror>/{source}/{file} and set {MIRROR} to that mirror."
        ) from error
    except OSError as error:
        raise GenloomError(
            f"{file} from {url} could not be written to {folder} ({error}): make room, "
            "make that folder writable, or choose another raw_folder."
        ) from error
