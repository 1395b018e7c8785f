"""What the codec encodes comes back, pixel for pixel and label for label."""

import json

import hypothesis.extra.numpy as hnp
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.images.codec import ImageCodec, fit_codec
from genloom.domains.images.pictures import from_png, picture_contents
from genloom.errors import GenloomError


def samples_of(pixels: np.ndarray, labels: list[str], split: str = "train") -> pd.DataFrame:
    return pd.DataFrame(
        {"content": list(picture_contents(pixels)), "label": labels, "split": split}
    )


@pytest.fixture
def samples() -> pd.DataFrame:
    pixels = np.arange(4 * 8 * 9, dtype=np.uint16).astype(np.uint8).reshape(4, 8, 9)
    return samples_of(pixels, ["10", "2", "1", "2"])


shapes = st.tuples(
    st.integers(1, 3), st.integers(8, 20), st.integers(8, 20), st.sampled_from([(), (3,)])
).map(lambda parts: (*parts[:3], *parts[3]))


@settings(deadline=None, max_examples=40)
@given(shapes.flatmap(lambda shape: hnp.arrays(np.uint8, shape)))
def test_round_trip_is_exact(pixels: np.ndarray) -> None:
    samples = samples_of(pixels, ["a"] * len(pixels))
    codec = ImageCodec.fit(samples)
    x = codec.encode(samples)
    channels = 3 if pixels.ndim == 4 else 1
    assert codec.shape == (channels, *pixels.shape[1:3])
    assert x.shape == (len(pixels), *codec.shape)
    assert x.dtype == torch.float32
    assert x.min() >= -1
    assert x.max() <= 1
    contents = codec.decode(x)
    assert contents == list(samples["content"])
    np.testing.assert_array_equal(np.stack([from_png(c) for c in contents]), pixels)


def test_every_grey_level_survives() -> None:
    samples = samples_of(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), ["a"])
    codec = fit_codec(samples)
    x = codec.encode(samples)
    assert (x.min(), x.max()) == (-1, 1)
    assert codec.decode(x) == list(samples["content"])


def test_decode_clamps_and_rounds() -> None:
    codec = ImageCodec((1, 1, 5), [])
    x = torch.tensor([-7.0, -0.999, 0.0, 0.999, float("inf")]).reshape(1, 1, 1, 5)
    assert from_png(codec.decode(x)[0]).tolist() == [[0, 0, 128, 255, 255]]


def test_labels_are_sorted_naturally_and_come_back(samples: pd.DataFrame) -> None:
    codec = ImageCodec.fit(samples)
    assert codec.classes == ["1", "2", "10"]
    y = codec.encode_labels(samples)
    assert y.dtype == torch.int64
    assert y.tolist() == [2, 1, 0, 1]
    assert codec.decode_labels(y) == list(samples["label"])


def test_fit_reads_the_training_split_only(samples: pd.DataFrame) -> None:
    samples.loc[0, "split"] = "test"
    codec = ImageCodec.fit(samples)
    assert codec.classes == ["1", "2"]
    with pytest.raises(GenloomError) as error:
        codec.encode_labels(samples)
    assert error.value.message == (
        "The label '10' is unknown to the image codec: the training split has '1', '2'."
    )


def test_survives_json(samples: pd.DataFrame) -> None:
    codec = ImageCodec.fit(samples)
    again = ImageCodec.from_dict(json.loads(json.dumps(codec.to_dict())))
    assert (again.shape, again.classes) == (codec.shape, codec.classes)
    assert isinstance(again.shape, tuple)
    assert torch.equal(again.encode(samples), codec.encode(samples))


def test_nothing_in_nothing_out(samples: pd.DataFrame) -> None:
    codec = ImageCodec.fit(samples)
    x, y = codec.encode(samples[:0]), codec.encode_labels(samples[:0])
    assert (tuple(x.shape), tuple(y.shape)) == ((0, 1, 8, 9), (0,))
    assert (codec.decode(x), codec.decode_labels(y)) == ([], [])


def test_no_training_samples(samples: pd.DataFrame) -> None:
    with pytest.raises(GenloomError, match="There are no training samples"):
        ImageCodec.fit(samples.assign(split="test"))


def test_image_of_another_shape(samples: pd.DataFrame) -> None:
    other = samples_of(np.zeros((1, 8, 8, 3), np.uint8), ["1"])
    both = pd.concat([samples, other])
    with pytest.raises(GenloomError, match=r"row 4 has the shape \(3, 8, 8\).*\(1, 8, 9\)"):
        ImageCodec.fit(samples).encode(both)


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_content_that_is_no_png(samples: pd.DataFrame, content: bytes | None) -> None:
    codec = ImageCodec.fit(samples)
    samples.at[2, "content"] = content
    with pytest.raises(GenloomError, match="row 2 is not a readable PNG file"):
        codec.encode(samples)


@pytest.mark.parametrize("shape", [(8, 9), (2, 8, 9), (2, 3, 8, 9), (2, 1, 9, 8)])
def test_tensor_of_a_wrong_shape(samples: pd.DataFrame, shape: tuple[int, ...]) -> None:
    with pytest.raises(GenloomError, match=r"cannot be decoded .* needs \[n, 1, 8, 9\]"):
        ImageCodec.fit(samples).decode(torch.zeros(shape))


def test_tensor_with_nan(samples: pd.DataFrame) -> None:
    with pytest.raises(GenloomError, match="not numbers"):
        ImageCodec.fit(samples).decode(torch.full((1, 1, 8, 9), torch.nan))


@pytest.mark.parametrize("place", [-1, 3])
def test_class_number_out_of_range(samples: pd.DataFrame, place: int) -> None:
    with pytest.raises(GenloomError, match=f"no class number {place}: .* knows 0 to 2"):
        ImageCodec.fit(samples).decode_labels([place])
