"""Where images come from: every source as one table of samples, split once and for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.images.folder import check_folder, load_folder
from genloom.domains.images.loaders import (
    load_digits,
    load_fashion_mnist,
    load_mnist,
    load_pneumonia_mnist,
)
from genloom.domains.images.pictures import MODES, Pictures, picture_contents
from genloom.domains.split import check_shares, leaks, stratified_limit, stratified_split
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd

LOADERS = {
    "digits": load_digits,
    "mnist": load_mnist,
    "fashion_mnist": load_fashion_mnist,
    "pneumonia_mnist": load_pneumonia_mnist,
}
SOURCES = (*LOADERS, "folder")
SMALLEST, LARGEST = 8, 64
FOLDER_SIZE = 32


def check(parameters: dict[str, Any]) -> None:
    """Find what is wrong with the parameters of ``images`` before anything runs.

    Args:
        parameters: The whole block of the domain. Read here: ``source``, ``size``,
            ``colour``, ``folder``, ``limit``, ``raw_folder``, ``split``.

    Raises:
        GenloomError: In one sentence, the first thing that is wrong.
    """
    source, folder = parameters.get("source"), parameters.get("folder")
    if source not in SOURCES:
        raise GenloomError(
            f"There is no image source {source!r}: set images.source to one of "
            f"{', '.join(SOURCES)}."
        )
    size = parameters.get("size")
    if size is not None and not (_is_whole(size) and SMALLEST <= size <= LARGEST):
        raise GenloomError(
            f"images.size is {size!r}, but has to be a whole number of pixels from {SMALLEST} "
            f"to {LARGEST}, or null for the source's own size."
        )
    colour = parameters.get("colour")
    if colour is not None and colour not in tuple(MODES):
        raise GenloomError(f"images.colour is {colour!r}, but has to be grey, rgb or null.")
    limit = parameters.get("limit")
    if limit is not None and not (_is_whole(limit) and limit > 0):
        raise GenloomError(
            f"images.limit is {limit!r}, but has to be a whole number above 0, "
            "or null for all samples."
        )
    raw_folder = parameters.get("raw_folder", "data/01_raw")
    if not isinstance(raw_folder, str | Path) or not str(raw_folder):
        raise GenloomError(
            f"images.raw_folder is {raw_folder!r}, but has to be the path of a folder "
            "such as data/01_raw."
        )
    check_shares(parameters.get("split"))
    if source == "folder":
        if not isinstance(folder, str | Path) or not str(folder):
            raise GenloomError(
                f"The source folder needs images.folder, which is {folder!r}: "
                "set it to the path of a folder with one subfolder of images per class."
            )
        check_folder(folder)


def ingest(parameters: dict[str, Any], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a source and turn it into samples with splits.

    Splits that the source brings along stay as they are; a missing one is drawn from its
    training samples, class by class, with equal images on one side. An image that a source
    shows in two of its own splits is set aside from the earlier one.

    Args:
        parameters: The whole block of the domain:

            - ``source``: one of ``SOURCES``;
            - ``size``: side of the square in pixels, 8 to 64; null (default) keeps the
              source's own, for a folder it means 32;
            - ``colour``: ``grey``, ``rgb`` or null (default) for the source's own;
            - ``folder``: path, for the source ``folder``;
            - ``limit``: at most this many samples, classes in proportion; null (default): all;
            - ``raw_folder``: where downloads are kept, default ``data/01_raw``;
            - ``split``: ``{validation: 0.1, test: 0.25}``, shares of what is split.
        seed: The project's seed.

    Returns:
        Samples with the columns ``content`` (PNG bytes), ``label``, ``split`` and ``source``
        (``real``), in the source's order; and rejects with the columns ``file`` and ``reason``.

    Raises:
        GenloomError: Whatever ``check`` raises, a download that fails, or a class with too
            few samples to stand in every split.
    """
    import pandas as pd

    check(parameters)
    size, limit = parameters.get("size"), parameters.get("limit")
    pictures, rejects = _load(parameters)
    carved = {
        name: share
        for name, share in check_shares(parameters.get("split")).items()
        if name not in pictures.splits
    }
    if limit is not None:
        rows = stratified_limit(
            list(zip(pictures.splits, pictures.labels, strict=True)),
            limit,
            at_least=1 + len(carved),
            seed=derive_seed(seed, "images"),
        )
        pictures = _chosen(pictures, rows.tolist())

    samples = pd.DataFrame(
        {
            "content": pd.Series(
                list(picture_contents(pictures.pixels, size=size, colour=parameters.get("colour"))),
                dtype=object,
            ),
            "label": pd.Series(pictures.labels, dtype="str"),
            "split": pd.Series(pictures.splits, dtype="str"),
            "source": pd.Series("real", index=range(len(pictures.labels)), dtype="str"),
        }
    )
    leaked = leaks(list(samples["content"]), pictures.splits)
    rejects += [
        (pictures.files[row], f"is the same image as one in the {split} split")
        for row, split in enumerate(leaked)
        if split
    ]
    samples = samples[[not split for split in leaked]].reset_index(drop=True)

    if carved:
        train = samples[samples["split"] == "train"]
        samples.loc[train.index, "split"] = stratified_split(
            list(train["content"]), list(train["label"]), carved, seed=derive_seed(seed, "images")
        )
    return samples, pd.DataFrame(rejects, columns=["file", "reason"], dtype="str")


def _load(parameters: dict[str, Any]) -> tuple[Pictures, list[tuple[str, str]]]:
    if parameters["source"] == "folder":
        return load_folder(parameters["folder"], parameters.get("size") or FOLDER_SIZE)
    load = LOADERS[parameters["source"]]
    return load(parameters.get("raw_folder", "data/01_raw")), []


def _chosen(pictures: Pictures, rows: list[int]) -> Pictures:
    return Pictures(
        pictures.pixels[rows],
        [pictures.labels[row] for row in rows],
        [pictures.splits[row] for row in rows],
        [pictures.files[row] for row in rows],
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
