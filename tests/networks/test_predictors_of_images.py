"""Networks over vectors predict images, too, by configuration alone: their pixels in a row."""

import pytest

from genloom import members
from genloom.domains import images

BLOCKS = {
    "fnn": {"layers": 2, "hidden_size": 64, "activation": "gelu", "residual": True, "steps": 300},
    "rbf_network": {"units": 400, "reach": 2.0, "output": "closed"},
}


@pytest.fixture(scope="module")
def digits():
    samples = images.ingest({"source": "digits"}, 0)[0]
    codec = images.fit_codec(samples)
    train, test = (samples[samples["split"] == split] for split in ("train", "test"))
    return codec, *((codec.encode(part), codec.encode_labels(part)) for part in (train, test))


@pytest.mark.parametrize("network", BLOCKS)
def test_digits_are_told_apart_by_their_pixels(digits, network):
    codec, (x, y), (test, truth) = digits
    block = {"role": "predictor", "network": network} | BLOCKS[network]
    members.check(f"images.{network}", block, "images")
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(x, y, seed=0)
    probabilities = member.predict(test)
    assert probabilities.shape == (len(test), 10)
    assert probabilities.sum(dim=1).allclose(probabilities.new_ones(len(test)), atol=1e-4)
    right = (probabilities.argmax(dim=1) == truth).double().mean()
    assert right > {"fnn": 0.96, "rbf_network": 0.975}[network]
    assert member.features(test).shape[0] == len(test)
