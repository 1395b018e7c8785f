"""Windows as tensors and forecasts back, in every form."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from genloom.domains.codecs import codec_from_dict, codec_to_dict
from genloom.domains.series.codec import FORMS, fit_codec, places, targets_of
from genloom.domains.series.sources import ingest
from genloom.errors import GenloomError

LEVELS = [0.1, 0.5, 0.9]


@pytest.fixture(scope="module")
def several():
    samples, _ = ingest({"source": "macrodata", "target_column": ["unemp", "cpi"]}, 0)
    return samples, fit_codec(samples, quantiles=LEVELS)


@pytest.fixture(scope="module")
def weekly():
    samples, _ = ingest({"source": "co2", "limit": 50, "origins": 10}, 0)
    return samples, fit_codec(samples, quantiles=LEVELS)


def values_of(samples):
    return np.array([json.loads(text)["values"] for text in samples["content"]])


def test_it_learns_what_the_training_windows_say(several, weekly):
    samples, codec = several
    assert (codec.context, codec.horizon, codec.season, codec.calendar) == (24, 8, 4.0, False)
    assert codec.series == ["unemp", "cpi"]
    train = samples[(samples["split"] == "train") & (samples["series"] == "cpi")]
    assert codec.levels[1] == pytest.approx(values_of(train).mean())
    assert codec.scales[1] == pytest.approx(values_of(train).std(axis=1).mean())
    assert codec.classes == ["1 falls", "2 holds", "3 rises"]
    assert weekly[1].told["season"] == pytest.approx(52.18, abs=0.01)
    with pytest.raises(GenloomError, match="no training windows"):
        fit_codec(samples[samples["split"] == "test"], quantiles=LEVELS)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_makes_tensors_of_its_shape(several, weekly, form):
    for samples, codec in (several, weekly):
        x = codec.of(form).encode(samples)
        assert x.dtype == torch.float32
        assert tuple(x.shape) == (len(samples), *codec.of(form).shape)
        assert x.isfinite().all()
    with pytest.raises(GenloomError, match="no series codec 'waves': use one of sequences"):
        codec.of("waves")


def test_sequences_have_the_last_value_at_0_and_a_deviation_of_1(several):
    samples, codec = several
    x = codec.encode(samples)
    assert (x[:, -1, 0] == 0).all()
    assert torch.allclose(x[:, :, 0].std(dim=1, correction=0), torch.ones(len(x)), atol=1e-4)
    own = torch.tensor([codec.series.index(name) for name in samples["series"]])
    assert torch.equal(x[:, :, 1:], torch.eye(2)[own][:, None].expand(-1, 24, -1))


def test_a_window_that_hardly_moves_is_not_blown_up(several):
    _, codec = several
    flat = pd.DataFrame(
        {"content": [json.dumps({"series": "cpi", "values": [3.0] * 23 + [3.001]})]}
    )
    x = codec.encode(flat)
    assert x[:, :, 0].abs().max() < 0.1
    alone = pd.DataFrame({"content": [json.dumps({"values": [3.0] * 24})]})
    assert codec.encode(alone).isfinite().all()


def test_a_growing_series_looks_the_same_at_any_level(several):
    samples, codec = several
    window = json.loads(samples["content"].iloc[0])
    scaled = window | {"values": [100 + 7 * value for value in window["values"]]}
    both = pd.DataFrame({"content": [json.dumps(window), json.dumps(scaled)]})
    one, other = codec.encode(both)
    assert torch.allclose(one, other, atol=1e-4)


def test_the_place_in_the_season_stands_beside_each_value(weekly):
    samples, codec = weekly
    x = codec.encode(samples)
    start = json.loads(samples["content"].iloc[3])["start"]
    turn = 2 * np.pi * (start + np.arange(104)) / codec.season
    assert np.allclose(x[3, :, 1], np.sin(turn), atol=1e-5)
    assert np.allclose(x[3, :, 2], np.cos(turn), atol=1e-5)


def test_levels_are_the_values_with_their_series_and_step(several):
    samples, codec = several
    x = codec.of("levels").encode(samples)
    assert np.allclose(x[:, :, 0], values_of(samples), rtol=1e-6)
    starts = [json.loads(text)["start"] for text in samples["content"]]
    assert (x[:, 0, 2].numpy() == starts).all()
    assert ((x[:, 1:, 2] - x[:, :-1, 2]) == 1).all()
    unknown = pd.DataFrame({"content": [json.dumps({"series": "gold", "values": [1.0] * 24})]})
    assert codec.of("levels").encode(unknown)[0, 0, 1] == -1
    assert (codec.encode(unknown)[0, :, 1:] == 0).all()


@pytest.mark.parametrize("form", ["sequences", "levels"])
def test_targets_come_back_as_they_were(several, form):
    samples, codec = several
    codec = codec.of(form)
    y = codec.encode_targets(samples)
    assert y.shape == (len(samples), 8)
    quantiles = torch.stack([y - 1, y, y + 1], dim=2)
    back = codec.decode_forecasts(samples, quantiles)
    assert back.shape == (len(samples), 8, 3)
    assert np.allclose(back[:, :, 1], targets_of(samples), rtol=1e-5)
    assert (np.diff(back, axis=2) > 0).all()


def test_vectors_come_back_as_windows(several):
    samples, codec = several
    codec = codec.of("vectors")
    x = codec.encode(samples)
    assert torch.allclose(x.mean(dim=1), torch.zeros(len(x)), atol=1e-5)
    back = pd.DataFrame({"content": codec.decode(x[:5])})
    assert torch.allclose(codec.encode(back), x[:5], atol=1e-4)
    assert torch.equal(places(samples, codec), x)
    with pytest.raises(GenloomError, match="cannot be decoded to windows"):
        codec.decode(x[:, :5])


@pytest.mark.parametrize("form", FORMS)
def test_it_lives_again_from_a_dictionary(several, form):
    samples, codec = several
    codec = codec.of(form)
    again = codec_from_dict(json.loads(json.dumps(codec_to_dict(codec))))
    assert again == codec
    assert torch.equal(again.encode(samples), codec.encode(samples))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no", "row 0 is not the JSON text of a window"),
        ("[1, 2]", "row 0 has no list of numbers called values"),
        ('{"values": [1, "a"]}', "row 0 has no list of numbers called values"),
        ('{"values": [1.0, 2.0]}', "row 0 has 2 values, but forecasts are made from 24"),
        (
            json.dumps({"values": [1.0] * 23 + [float("nan")]}),
            "row 0 holds a value that is not a f",
        ),
    ],
)
def test_contents_that_are_no_windows_are_refused(several, content, sentence):
    with pytest.raises(GenloomError, match=sentence):
        several[1].encode(pd.DataFrame({"content": [content]}))
