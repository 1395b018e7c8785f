"""Published image sources: what they hold, where they come from, how they are read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from genloom.domains.download import fetch
from genloom.domains.images.pictures import Pictures
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import numpy as np

MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
FASHION_MNIST = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
PNEUMONIA_MNIST = "https://zenodo.org/records/10519652/files/pneumoniamnist.npz?download=1"
PNEUMONIA_MNIST_SHA256 = "e1792d3f03751cb101e99f19a63b3c1941436c988665f47853417b05be250cd8"

# Split, the images' file and the labels' file, as both sources name them.
IDX_PARTS = (
    ("train", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    ("test", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)
IDX_SHA256 = {
    "mnist": {
        IDX_PARTS[0][1]: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        IDX_PARTS[0][2]: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        IDX_PARTS[1][1]: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        IDX_PARTS[1][2]: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion_mnist": {
        IDX_PARTS[0][1]: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        IDX_PARTS[0][2]: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        IDX_PARTS[1][1]: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        IDX_PARTS[1][2]: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
}
DIGITS = [str(digit) for digit in range(10)]
CLOTHES = [
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
]
FINDINGS = ["normal", "pneumonia"]


def load_digits(raw_dir: str | Path) -> Pictures:
    """scikit-learn's 1,797 handwritten digits, 8x8; nothing is downloaded."""
    import numpy as np
    import sklearn.datasets

    digits = sklearn.datasets.load_digits()
    pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)
    labels = [str(digit) for digit in digits.target]
    files = [f"digits#{row}" for row in range(len(labels))]
    return Pictures(pixels, labels, ["train"] * len(labels), files)


def load_mnist(raw_dir: str | Path) -> Pictures:
    """MNIST: 60,000 + 10,000 handwritten digits, 28x28 (LeCun et al., 1998)."""
    return _load_idx("mnist", MNIST, DIGITS, raw_dir)


def load_fashion_mnist(raw_dir: str | Path) -> Pictures:
    """Fashion-MNIST: 60,000 + 10,000 pieces of clothing, 28x28 (Xiao et al., 2017)."""
    return _load_idx("fashion_mnist", FASHION_MNIST, CLOTHES, raw_dir)


def load_pneumonia_mnist(raw_dir: str | Path) -> Pictures:
    """PneumoniaMNIST: 5,856 chest X-rays of children, 28x28 (MedMNIST; Yang et al., 2023)."""
    import numpy as np

    file = "pneumoniamnist.npz"
    path = fetch("pneumonia_mnist", file, PNEUMONIA_MNIST, PNEUMONIA_MNIST_SHA256, raw_dir)
    parts = []
    with np.load(path, allow_pickle=False) as arrays:
        for split, short in (("train", "train"), ("validation", "val"), ("test", "test")):
            images, labels = arrays[f"{short}_images"], arrays[f"{short}_labels"].ravel()
            parts.append((split, f"{file}/{short}", images, labels))
    return _joined(parts, FINDINGS)


def _load_idx(source: str, address: str, names: list[str], raw_dir: str | Path) -> Pictures:
    parts = []
    for split, images, labels in IDX_PARTS:
        paths = [
            fetch(source, file, address + file, IDX_SHA256[source][file], raw_dir)
            for file in (images, labels)
        ]
        parts.append((split, images, read_idx(paths[0]), read_idx(paths[1])))
    return _joined(parts, names)


def _joined(parts: list[tuple[str, str, np.ndarray, np.ndarray]], names: list[str]) -> Pictures:
    import numpy as np

    for split, file, images, labels in parts:
        if len(images) != len(labels):
            raise GenloomError(
                f"{file} holds {len(images)} images but {len(labels)} labels for the {split} "
                "split: delete the files so that they are fetched again."
            )
    return Pictures(
        np.concatenate([images for _, _, images, _ in parts]),
        [names[label] for _, _, _, labels in parts for label in labels],
        [split for split, _, _, labels in parts for _ in labels],
        [f"{file}#{row}" for _, file, _, labels in parts for row in range(len(labels))],
    )


def read_idx(path: str | Path) -> np.ndarray:
    """Read a gzipped IDX file of bytes, the format of MNIST.

    Args:
        path: A ``.gz`` file: two zero bytes, the type 8 (unsigned byte), the number of
            dimensions, each dimension as a big-endian int32, then the values.

    Returns:
        uint8 of the shape that the file states.

    Raises:
        GenloomError: The file is damaged, truncated, or of another type.
    """
    import gzip
    import zlib

    import numpy as np

    way_out = "delete it so that it is fetched again."
    try:
        data = gzip.decompress(Path(path).read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise GenloomError(f"{path} is not an intact gzip file: {way_out}") from error
    if len(data) < 4 or data[:3] != b"\x00\x00\x08":
        raise GenloomError(f"{path} is not an IDX file of unsigned bytes: {way_out}")
    start = 4 + 4 * data[3]
    shape = [int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4)]
    if len(data) != start + math.prod(shape):
        raise GenloomError(
            f"{path} announces {math.prod(shape)} values but holds {max(0, len(data) - start)}: "
            f"{way_out}"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
