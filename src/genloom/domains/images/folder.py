"""A person's own images: a folder with one subfolder per class."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from genloom.domains.images.pictures import Pictures, resized
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

# Named, because Pillow would also hand PostScript files to an interpreter if left free.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000")
SPLIT_WORDS = {"train", "training", "val", "valid", "validation", "test", "testing"}


def check_folder(folder: str | Path) -> None:
    """Check that a folder of images can be used, reading few of them.

    Args:
        folder: Has one subfolder per class; hidden subfolders do not count.

    Raises:
        GenloomError: The folder is missing, empty, has one class only, is laid out by split
            instead of by class, or a class has no readable image.
    """
    classes = _class_folders(Path(folder))
    unreadable = [
        name
        for name, files in classes.items()
        if all(isinstance(_read(file, size=8), str) for file in files)
    ]
    if len(unreadable) == len(classes):
        raise GenloomError(
            f"The folder {folder} holds no readable image: "
            f"put images ({', '.join(FORMATS)}) into its subfolders, one per class."
        )
    if unreadable:
        raise GenloomError(
            f"The class folder {unreadable[0]!r} in {folder} holds no readable image: "
            "put images into it or remove it."
        )


def load_folder(folder: str | Path, size: int) -> tuple[Pictures, list[tuple[str, str]]]:
    """Read a folder of images of any size and mode.

    Every image is turned as its EXIF orientation says, laid on white where it is
    transparent, brought to 8 bits and squeezed to a square. All become grey if all
    are grey by their pixels, else RGB. Of an animation or a multi-page file the first
    picture is taken.

    Args:
        folder: Has one subfolder per class, searched to any depth.
        size: Side of the square in pixels.

    Returns:
        The pictures, ``[n, size, size]`` or ``[n, size, size, 3]``, in the order of their
        paths, all in the split ``train``; and for each file set aside its path within the
        folder and the reason.

    Raises:
        GenloomError: The folder is missing, empty or has one class only.
    """
    import numpy as np

    folder = Path(folder)
    classes = _class_folders(folder)
    rejects = [
        (file.name, "stands outside the class folders")
        for file in sorted(folder.iterdir())
        if file.is_file()
    ]
    found = [(name, file) for name, files in classes.items() for file in files]
    pixels, labels, kept = [], [], []
    # Pillow decodes outside Python's lock, so threads help; map keeps the order.
    with ThreadPoolExecutor() as pool:
        for (name, file), read in zip(
            found, pool.map(partial(_read, size=size), [file for _, file in found]), strict=True
        ):
            path = file.relative_to(folder).as_posix()
            if isinstance(read, str):
                rejects.append((path, read))
            else:
                pixels.append(read)
                labels.append(name)
                kept.append(path)
    stack = np.stack(pixels) if pixels else np.empty((0, size, size, 3), np.uint8)
    if (stack == stack[..., :1]).all():
        stack = stack[..., 0]
    return Pictures(stack, labels, ["train"] * len(labels), kept), rejects


def _class_folders(folder: Path) -> dict[str, list[Path]]:
    """Class name to its files, both sorted, so that every machine sees one order."""
    if not folder.is_dir():
        raise GenloomError(
            f"The folder {folder} does not exist or is not a folder: "
            "set images.folder to a folder with one subfolder of images per class."
        )
    found = sorted(f for f in folder.iterdir() if f.is_dir() and not f.name.startswith("."))
    if not found:
        raise GenloomError(
            f"The folder {folder} has no subfolders: put the images of each class into "
            "a subfolder that has the name of the class."
        )
    names = [sub.name for sub in found]
    if {name.lower() for name in names} <= SPLIT_WORDS:
        raise GenloomError(
            f"The subfolders of {folder} are splits ({', '.join(names)}), not classes: "
            "point images.folder at one subfolder per class; Genloom makes the splits itself."
        )
    if len(found) == 1:
        raise GenloomError(
            f"The folder {folder} has one class only ({names[0]!r}): "
            "add a subfolder for at least one more class."
        )
    return {sub.name: sorted(f for f in sub.rglob("*") if f.is_file()) for sub in found}


def _read(file: Path, *, size: int) -> np.ndarray | str:
    """One file as ``[size, size, 3]`` uint8, or the reason why it cannot be had."""
    import numpy as np
    import PIL.Image
    import PIL.ImageOps

    try:
        if file.stat().st_size == 0:
            return "is empty"
        with PIL.Image.open(file, formats=FORMATS) as opened:
            image = PIL.ImageOps.exif_transpose(opened)
            return np.asarray(resized(_as_rgb(image), size))
    except PIL.UnidentifiedImageError:
        return f"is not an image of a known format ({', '.join(FORMATS)})"
    # A damaged file can fail in any way a decoder can; none of them may end the run.
    except Exception as error:
        return f"is truncated or damaged ({error})"


def _as_rgb(image: Image) -> Image:
    """Bring an image of any mode to 8 bits RGB, on white where it is transparent."""
    import numpy as np
    import PIL.Image

    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > 65535:
            raise ValueError("its values have no fixed range, save it with 8 or 16 bits")
        image = PIL.Image.fromarray(np.round(values / 257).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = PIL.Image.alpha_composite(PIL.Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
