"""Every source becomes samples; whatever a person can get wrong ends in one sentence."""

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genloom.domains.images import loaders
from genloom.domains.images.pictures import from_png
from genloom.domains.images.sources import SOURCES, check, ingest
from genloom.errors import GenloomError

PARTS = {"train", "validation", "test"}
BESIDE = Path(__file__).parents[4] / "shared" / "datasets"


def pixels_of(samples: pd.DataFrame) -> np.ndarray:
    return np.stack([from_png(content) for content in samples["content"]])


def splits_by_label(samples: pd.DataFrame) -> pd.DataFrame:
    return pd.crosstab(samples["label"], samples["split"])


# --- digits -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits() -> pd.DataFrame:
    return ingest({"source": "digits"}, 0)[0]


def test_digits(digits: pd.DataFrame) -> None:
    assert list(digits.columns) == ["content", "label", "split", "source"]
    assert len(digits) == 1797
    assert set(digits["source"]) == {"real"}
    assert set(digits["label"]) == set("0123456789")
    pixels = pixels_of(digits)
    assert pixels.shape == (1797, 8, 8)
    assert set(np.unique(pixels)) == {round(level * 255 / 16) for level in range(17)}
    shares = digits["split"].value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.25, abs=0.01)
    assert shares["validation"] == pytest.approx(0.1, abs=0.01)
    assert (splits_by_label(digits) > 0).all(axis=None)


def test_the_seed_decides_the_split_and_nothing_else(digits: pd.DataFrame) -> None:
    again, rejects = ingest({"source": "digits"}, 0)
    other, _ = ingest({"source": "digits"}, 1)
    pd.testing.assert_frame_equal(again, digits)
    assert (other["content"] == digits["content"]).all()
    assert not (other["split"] == digits["split"]).all()
    assert list(rejects.columns) == ["file", "reason"]
    assert rejects.empty


def test_size_colour_limit_and_shares() -> None:
    parameters = {
        "source": "digits",
        "size": 12,
        "colour": "rgb",
        "limit": 100,
        "split": {"validation": 0.2, "test": 0.4},
        "gan": {"role": "generator"},
    }
    samples, _ = ingest(parameters, 0)
    assert pixels_of(samples).shape == (100, 12, 12, 3)
    assert (splits_by_label(samples) == [4, 4, 2]).all(axis=None)  # test, train, validation


def test_limit_too_small_for_every_class() -> None:
    with pytest.raises(GenloomError, match="limit of 29 samples is too small: at least 30 are"):
        ingest({"source": "digits", "limit": 29}, 0)


# --- published files ----------------------------------------------------------------------


def write_mirror(
    monkeypatch: pytest.MonkeyPatch, mirror: Path, source: str, files: dict[str, bytes]
) -> None:
    """Put small files in the place of the published ones, with their own checksums."""
    (mirror / source).mkdir(parents=True)
    for file, data in files.items():
        (mirror / source / file).write_bytes(data)
        if source in loaders.IDX_SHA256:
            digest = hashlib.sha256(data).hexdigest()
            monkeypatch.setitem(loaders.IDX_SHA256[source], file, digest)
    monkeypatch.setenv("GENLOOM_MIRROR", str(mirror))


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\x00\x00\x08" + bytes([array.ndim]) + sizes + array.tobytes(), mtime=0)


def idx_files(train: int, test: int) -> dict[str, bytes]:
    """Two IDX parts of random images, labelled 0 to 9 in turn."""
    random = np.random.default_rng(0)
    files = {}
    for n, (_, images, labels) in zip((train, test), loaders.IDX_PARTS, strict=True):
        files[images] = idx(random.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        files[labels] = idx(np.arange(n, dtype=np.uint8) % 10)
    return files


@pytest.mark.parametrize(("source", "first"), [("mnist", "0"), ("fashion_mnist", "T-shirt/top")])
def test_idx_sources(
    source: str, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mirror(monkeypatch, tmp_path / "mirror", source, idx_files(200, 30))
    raw = tmp_path / "raw"
    samples, rejects = ingest({"source": source, "raw_folder": str(raw)}, 0)
    assert rejects.empty
    assert samples["label"].iloc[0] == first
    assert samples["label"].nunique() == 10
    # The official test part stays; a tenth of each class of the rest validates.
    assert (samples["split"].iloc[200:] == "test").all()
    assert (splits_by_label(samples) == [3, 18, 2]).all(axis=None)
    assert not raw.exists(), "a mirror is read in place"


def test_image_in_two_official_splits_is_set_aside_from_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = idx_files(200, 30)
    (_, train, _), (_, test, _) = loaders.IDX_PARTS
    images = [gzip.decompress(files[file]) for file in (train, test)]
    shown_again = images[0][16 + 17 * 784 :][:784]
    files[test] = gzip.compress(images[1][: 16 + 7 * 784] + shown_again + images[1][16 + 8 * 784 :])
    write_mirror(monkeypatch, tmp_path, "mnist", files)
    samples, rejects = ingest({"source": "mnist"}, 0)
    assert len(samples) == 229
    assert (samples["split"] == "test").sum() == 30
    assert rejects.to_dict("list") == {
        "file": ["train-images-idx3-ubyte.gz#17"],
        "reason": ["is the same image as one in the test split"],
    }


def test_pneumonia_npz_keeps_its_three_splits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        arrays[f"{part}_images"] = random.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        arrays[f"{part}_labels"] = (np.arange(n, dtype=np.uint8) % 2)[:, None]
    path = tmp_path / "made.npz"
    np.savez(path, **arrays)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(loaders, "PNEUMONIA_MNIST_SHA256", digest)
    files = {"pneumoniamnist.npz": path.read_bytes()}
    write_mirror(monkeypatch, tmp_path / "mirror", "pneumonia_mnist", files)
    samples, _ = ingest({"source": "pneumonia_mnist"}, 0)
    assert samples["split"].tolist() == ["train"] * 20 + ["validation"] * 6 + ["test"] * 8
    assert samples["label"].tolist()[:2] == ["normal", "pneumonia"]
    np.testing.assert_array_equal(pixels_of(samples)[26:], arrays["test_images"])


GOOD_IDX = idx(np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not an IDX file of unsigned bytes"),
        (b"not gzip", "is not an intact gzip file"),
        (GOOD_IDX[:-9], "is not an intact gzip file"),
        (
            gzip.compress(b"\x00\x00\x0d\x01" + b"\x00" * 8, mtime=0),
            "is not an IDX file of unsigned bytes",
        ),
        (gzip.compress(gzip.decompress(GOOD_IDX)[:-1], mtime=0), "announces 6 values but holds 5"),
        (gzip.compress(b"\x00\x00\x08\x03\x00", mtime=0), "is not an IDX file|announces"),
    ],
)
def test_damaged_idx(data: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(data)
    with pytest.raises(GenloomError, match=sentence) as error:
        loaders.read_idx(path)
    assert str(path) in error.value.message
    assert "delete it so that it is fetched again" in error.value.message


def test_as_many_labels_as_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = idx_files(20, 10)
    files["t10k-labels-idx1-ubyte.gz"] = idx(np.zeros(9, np.uint8))
    write_mirror(monkeypatch, tmp_path, "mnist", files)
    with pytest.raises(GenloomError, match="holds 10 images but 9 labels for the test split"):
        ingest({"source": "mnist"}, 0)


# --- the real files, where they lie on this machine ---------------------------------------


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Path:
    path = Path(os.environ.get("GENLOOM_MIRROR", BESIDE))
    if not (path / "fashion_mnist").is_dir() or not (path / "pneumonia_mnist").is_dir():
        pytest.skip("needs GENLOOM_MIRROR with fashion_mnist and pneumonia_mnist")
    monkeypatch.setenv("GENLOOM_MIRROR", str(path))
    return path


def test_real_fashion_mnist(mirror: Path) -> None:
    samples, _ = ingest({"source": "fashion_mnist", "limit": 700}, 0)
    assert (splits_by_label(samples) == [10, 54, 6]).all(axis=None)
    assert pixels_of(samples).shape == (700, 28, 28)
    assert "Ankle boot" in set(samples["label"])


def test_real_pneumonia_mnist(mirror: Path) -> None:
    samples, rejects = ingest({"source": "pneumonia_mnist"}, 0)
    counts = samples["split"].value_counts()
    assert (counts["validation"], counts["test"]) == (524, 624)
    assert counts["train"] + len(rejects) == 4708
    assert len(rejects) == 10
    assert samples.groupby("content")["split"].nunique().max() == 1


# --- a person's own folder ----------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten grey images in each of two classes, no two alike."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(10):
            array = random.integers(0, 256, (20, 30), dtype=np.uint8)
            Image.fromarray(array).save(tmp_path / "images" / name / f"{number}.png")
    return tmp_path / "images"


def from_folder(folder: Path, **more: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    return ingest({"source": "folder", "folder": str(folder), **more}, 0)


def test_folder_of_grey_images(folder: Path) -> None:
    samples, rejects = from_folder(folder)
    assert pixels_of(samples).shape == (20, 32, 32)
    assert samples["label"].tolist() == ["cat"] * 10 + ["dog"] * 10
    assert (splits_by_label(samples) > 0).all(axis=None)
    assert rejects.empty
    assert pixels_of(from_folder(folder, size=8, colour="rgb")[0]).shape == (20, 8, 8, 3)


def test_odd_modes(folder: Path) -> None:
    ramp = np.linspace(0, 255, 16 * 16).astype(np.uint8).reshape(16, 16)
    grey, red = Image.fromarray(ramp), Image.new("RGB", (16, 16), "red")
    odd = folder / "odd"
    odd.mkdir()
    Image.fromarray(ramp.astype(np.uint16) * 257).save(odd / "16bit.png")
    Image.fromarray(ramp.astype(np.uint16) * 257).save(odd / "16bit.tiff")
    Image.fromarray(ramp.astype(np.int32) * 257).save(odd / "32bit.tiff")
    grey.convert("LA").save(odd / "alpha.png")
    grey.convert("RGB").save(odd / "rgb.bmp")
    grey.save(odd / "grey.jpg", quality=100)
    grey.save(odd / "grey.webp", lossless=True)
    # Equal images count once, so the class needs two more to be split; they sort last.
    Image.new("L", (9, 9), 1).save(odd / "x.png")
    Image.new("L", (9, 9), 2).save(odd / "y.png")
    samples, rejects = from_folder(folder, size=16)
    assert rejects.empty
    same = pixels_of(samples[samples["label"] == "odd"])[:-2]
    assert same.shape == (7, 16, 16), "all are grey by their pixels"
    assert np.abs(same.astype(int) - ramp).max() <= 3

    Image.new("1", (16, 16), 1).save(odd / "bilevel.png")
    red.quantize().save(odd / "palette.png")
    red.quantize().save(odd / "animated.gif", save_all=True, append_images=[grey])
    red.convert("CMYK").save(odd / "cmyk.jpg")
    Image.new("RGBA", (16, 16), (255, 0, 0, 0)).save(odd / "transparent.png")
    see_through = red.quantize()
    see_through.save(odd / "see-through.png", transparency=see_through.getpixel((0, 0)))
    samples, rejects = from_folder(folder, size=16)
    assert rejects.empty
    pixels = pixels_of(samples)
    assert pixels.shape == (35, 16, 16, 3), "one is in colour, so all are"
    files = sorted(path.name for path in odd.iterdir())
    colours = dict(zip(files, pixels[-15:, 0, 0].tolist(), strict=True))
    assert colours["palette.png"] == colours["animated.gif"] == [255, 0, 0]
    assert colours["transparent.png"] == colours["see-through.png"] == [255, 255, 255]
    assert colours["bilevel.png"] == [255, 255, 255]
    assert colours["cmyk.jpg"] == pytest.approx([255, 0, 0], abs=4)
    assert pixels_of(from_folder(folder, size=16, colour="grey")[0]).shape == (35, 16, 16)


def test_exif_orientation_is_obeyed(folder: Path) -> None:
    array = np.zeros((32, 32), np.uint8)
    array[:16] = 255  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise for viewing, so bright on the right
    Image.fromarray(array).save(folder / "cat" / "0.png", exif=exif)
    samples, _ = from_folder(folder)
    assert from_png(samples["content"].iloc[0])[16].tolist() == [0] * 16 + [255] * 16


def test_unusable_files_are_set_aside_and_counted(folder: Path) -> None:
    photo = folder / "dog" / "photo.jpg"
    Image.effect_noise((64, 64), 50).save(photo)
    photo.write_bytes(photo.read_bytes()[:-600])
    (folder / "dog" / "zero.png").touch()
    (folder / "dog" / "notes.txt").write_text("good boy")
    (folder / "cat" / "script.eps").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    )
    Image.fromarray(np.ones((9, 9), np.float32)).save(folder / "cat" / "float.tiff")
    (folder / "stray.png").write_bytes((folder / "cat" / "0.png").read_bytes())
    deeper = folder / "cat" / "more"
    deeper.mkdir()
    Image.new("L", (9, 9), 77).save(deeper / "deep.png")
    (folder / ".cache").mkdir()

    samples, rejects = from_folder(folder)
    assert samples["label"].value_counts().to_dict() == {"cat": 11, "dog": 10}
    reasons = dict(zip(rejects["file"], rejects["reason"], strict=True))
    assert len(rejects) == len(reasons) == 6
    assert reasons["stray.png"] == "stands outside the class folders"
    assert reasons["dog/zero.png"] == "is empty"
    assert reasons["dog/notes.txt"].startswith("is not an image of a known format (PNG")
    assert reasons["cat/script.eps"].startswith("is not an image of a known format")
    assert reasons["dog/photo.jpg"].startswith("is truncated or damaged (")
    assert "save it with 8 or 16 bits" in reasons["cat/float.tiff"]


def test_duplicates_stay_on_one_side(folder: Path) -> None:
    for number in range(5):
        copy = folder / "dog" / f"copy{number}.png"
        copy.write_bytes((folder / "dog" / "3.png").read_bytes())
    samples, _ = from_folder(folder)
    assert len(samples) == 25
    assert samples.groupby("content")["split"].nunique().max() == 1


def test_class_with_too_few_images(folder: Path) -> None:
    for number in range(8):
        (folder / "cat" / f"{number}.png").unlink()
    with pytest.raises(GenloomError, match="class 'cat' has 2 different samples, but needs at lea"):
        from_folder(folder)


# --- check --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"source": "digit"}, f"no image source 'digit': set .* {', '.join(SOURCES)}"),
        ({}, "no image source None"),
        ({"source": ["digits"]}, r"no image source \['digits'\]"),
        ({"source": "digits", "size": 7}, r"images\.size is 7, but .* from 8 to 64"),
        ({"source": "digits", "size": 65}, r"images\.size is 65"),
        ({"source": "digits", "size": 8.0}, r"images\.size is 8\.0"),
        ({"source": "digits", "size": True}, r"images\.size is True"),
        ({"source": "digits", "size": "32"}, r"images\.size is '32'"),
        ({"source": "digits", "colour": "sepia"}, r"colour is 'sepia', .* grey, rgb or null"),
        ({"source": "digits", "colour": ["rgb"]}, r"colour is \['rgb'\]"),
        ({"source": "digits", "limit": 0}, r"images\.limit is 0, but .* above 0"),
        ({"source": "digits", "limit": 2.5}, r"images\.limit is 2\.5"),
        ({"source": "digits", "raw_folder": 1}, r"images\.raw_folder is 1, but"),
        ({"source": "digits", "split": {"test": 1.5}}, r"split\.test is 1\.5"),
        ({"source": "folder"}, r"needs images\.folder, which is None"),
        ({"source": "folder", "folder": 3}, r"needs images\.folder, which is 3"),
        ({"source": "folder", "folder": "no/such"}, "folder no/such does not exist"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], sentence: str) -> None:
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError, match=sentence):
            use(parameters)


def test_wrong_folders(folder: Path, tmp_path: Path) -> None:
    def complaint(path: Path) -> str:
        with pytest.raises(GenloomError) as error:
            check({"source": "folder", "folder": str(path)})
        return error.value.message

    check({"source": "folder", "folder": str(folder)})
    assert "is not a folder" in complaint(folder / "cat" / "0.png")
    assert "has no subfolders" in complaint(folder / "cat")

    (folder / "empty").mkdir()
    assert "class folder 'empty'" in complaint(folder)
    (folder / "empty" / "broken.png").write_bytes(b"\x89PNG")
    assert "class folder 'empty'" in complaint(folder)

    (tmp_path / "one" / "cat").mkdir(parents=True)
    assert "has one class only ('cat')" in complaint(tmp_path / "one")
    (tmp_path / "one" / "dog").mkdir()
    assert "holds no readable image" in complaint(tmp_path / "one")

    for name in ("train", "Val"):
        (tmp_path / "parts" / name).mkdir(parents=True)
    assert "are splits (Val, train), not classes" in complaint(tmp_path / "parts")


def test_good_parameters() -> None:
    check({"source": "digits", "size": None, "colour": None, "limit": None, "folder": None})
    check({"source": "mnist", "size": 64, "colour": "grey", "split": {"test": 0.3}})


def test_importing_is_cheap() -> None:
    modules = "sources", "codec", "classical"
    code = "; ".join(f"import genloom.domains.images.{module}" for module in modules)
    heavy = "{'torch', 'pandas', 'numpy', 'PIL', 'sklearn', 'pooch'}"
    code += f"; import sys; print(sorted({heavy} & set(sys.modules)))"
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=paths
    )
    assert done.stdout.strip() == "[]", done.stderr
