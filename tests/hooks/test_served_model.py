"""What MLflow serves: a fitted folder that samples or predicts, and says what it cannot do."""

import base64
from pathlib import Path
from types import SimpleNamespace

import mlflow
import numpy as np
import pandas as pd
import PIL.Image
import pytest
import torch

from genloom import fitted, members
from genloom.domains.codecs import codec_to_dict
from genloom.domains.images.codec import ImageCodec
from genloom.domains.images.pictures import to_png


@pytest.fixture(scope="module")
def codec() -> ImageCodec:
    return ImageCodec((1, 4, 4), ["a", "b"])


def served(role: str, network: str, codec: ImageCodec, folder: Path):
    """A served model around a floor that has seen dark (a) and light (b) pictures."""
    from genloom.hooks.served_model import ServedModel

    block = {"role": role, "network": network}
    y = torch.arange(20) % 2
    shades = torch.linspace(0.5, 1, 16).view(1, 1, 4, 4)
    x = (y.float() * 2 - 1).view(-1, 1, 1, 1) * shades
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(x, y, seed=0)
    made = fitted.Fitted(
        member, block, codec.shape, codec.classes, codec_to_dict(codec), seed=0, data_digest="0"
    )
    fitted.save(made, folder / network)
    model = ServedModel()
    artifacts = {"fitted": str(folder / network)}
    model.load_context(SimpleNamespace(artifacts=artifacts, model_config={"binary": True}))
    return model


def ask(model, **columns):
    return model.predict(None, pd.DataFrame(columns))


@pytest.fixture(scope="module")
def generator(codec: ImageCodec, tmp_path_factory: pytest.TempPathFactory):
    return served("generator", "kde", codec, tmp_path_factory.mktemp("fitted"))


@pytest.fixture(scope="module")
def predictor(codec: ImageCodec, tmp_path_factory: pytest.TempPathFactory):
    return served("predictor", "knn", codec, tmp_path_factory.mktemp("fitted"))


def test_a_generator_draws_what_each_row_asks_for(generator, codec: ImageCodec) -> None:
    made = ask(generator, label=["b", "a"], n=[2, 1], seed=[5, 6])
    assert list(made.columns) == ["label", "content"]
    assert made["label"].tolist() == ["b", "b", "a"]
    contents = [base64.b64decode(text) for text in made["content"]]
    assert codec.encode(pd.DataFrame({"content": contents})).shape == (3, 1, 4, 4)
    pd.testing.assert_frame_equal(made, ask(generator, label=["b", "a"], n=[2, 1], seed=[5, 6]))
    other = ask(generator, label=["b"], n=[2], seed=[7])
    assert other["content"].tolist() != made["content"].tolist()[:2]


@pytest.mark.parametrize("label", [None, np.nan])
def test_without_a_label_all_classes_take_turns(generator, label) -> None:
    assert ask(generator, n=[3])["label"].tolist() == ["a", "b", "a"]
    assert ask(generator, label=[label], n=[3], seed=[0])["label"].tolist() == ["a", "b", "a"]


def test_a_predictor_gives_the_class_and_all_probabilities(predictor) -> None:
    pictures = [PIL.Image.new("L", (4, 4), grey) for grey in (10, 250)]
    guessed = ask(predictor, content=[base64.b64encode(to_png(p)).decode() for p in pictures])
    assert guessed["label"].tolist() == ["a", "b"]
    assert list(guessed.columns) == ["label", "probability.a", "probability.b"]
    assert guessed[["probability.a", "probability.b"]].sum(axis=1).tolist() == [1.0, 1.0]


@pytest.fixture(scope="module")
def forecaster(tmp_path_factory: pytest.TempPathFactory):
    """A served seasonal naive forecast of two series of the economy."""
    from genloom.domains.series.codec import fit_codec
    from genloom.domains.series.sources import ingest
    from genloom.hooks.served_model import ServedModel

    samples, _ = ingest({"source": "macrodata", "target_column": ["cpi", "unemp"]}, 0)
    codec = fit_codec(samples, quantiles=[0.1, 0.5, 0.9])
    block = members.with_told({"role": "predictor", "network": "seasonal_naive"}, codec)
    member = members.build(block, codec.shape, 0, seed=0)
    train = samples[samples["split"] == "train"]
    member.fit(codec.encode(train), codec.encode_targets(train), seed=0)
    folder = tmp_path_factory.mktemp("fitted") / "naive"
    made = fitted.Fitted(member, block, codec.shape, [], codec_to_dict(codec), 0, "0")
    fitted.save(made, folder)
    model = ServedModel()
    artifacts = {"fitted": str(folder)}
    model.load_context(SimpleNamespace(artifacts=artifacts, model_config={"binary": False}))
    return model


def test_forecasts_are_rows_of_quantiles_in_the_series_own_unit(forecaster) -> None:
    values = [100.0 + n + 5 * (n % 4) for n in range(24)]
    contents = [f'{{"series": "cpi", "values": {values}}}', f'{{"values": {values}}}']
    found = ask(forecaster, content=contents)
    quantiles = ["quantile.0.1", "quantile.0.5", "quantile.0.9"]
    assert list(found.columns) == ["window", "step", *quantiles]
    assert found["window"].tolist() == [0] * 8 + [1] * 8
    assert found["step"].tolist() == [*range(1, 9)] * 2
    assert np.allclose(found["quantile.0.5"], 2 * values[-4:] * 2, rtol=1e-6)
    assert (found[quantiles].diff(axis=1)[quantiles[1:]] > 0).all(axis=None)
    with pytest.raises(
        mlflow.MlflowException, match="has 3 values, but forecasts are made from 24"
    ):
        ask(forecaster, content=['{"values": [1, 2, 3]}'])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"label": ["z"], "n": [1]}, "The label 'z' is unknown"),
        ({"n": [0]}, "n is 0 and seed is 0, but n has to be 1 to 10000"),
        ({"n": [10_001]}, "n has to be 1 to 10000"),
        ({"n": [1], "seed": [-1]}, "seed at least 0"),
    ],
)
def test_a_wrong_request_to_a_generator_is_a_sentence(generator, row, message: str) -> None:
    with pytest.raises(mlflow.MlflowException, match=message) as caught:
        ask(generator, **row)
    assert caught.value.get_http_status_code() == 400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no base64!", "content is not base64"),
        (base64.b64encode(b"no picture").decode(), "not a readable PNG"),
        (base64.b64encode(to_png(PIL.Image.new("L", (5, 5)))).decode(), "shape"),
    ],
)
def test_a_wrong_request_to_a_predictor_is_a_sentence(predictor, content, message: str) -> None:
    with pytest.raises(mlflow.MlflowException, match=message) as caught:
        ask(predictor, content=[content])
    assert caught.value.get_http_status_code() == 400
