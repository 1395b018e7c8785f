"""Filters as denoisers."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from scipy.ndimage import median_filter
from sklearn.datasets import load_sample_image

from genloom.errors import GenloomError
from genloom.floors.filters import STRENGTHS, Filters
from genloom.metrics.restoration import noise_reduction
from genloom.noise import add_noise


@pytest.fixture(scope="module")
def flowers():
    """Pieces of a photograph, 16 x 16, to choose by and to judge by."""
    image = torch.tensor(load_sample_image("flower.jpg"), dtype=torch.float32) / 127.5 - 1
    grey = image.mean(dim=2)[:320:2, :320:2]
    pieces = grey.unfold(0, 16, 16).unfold(1, 16, 16).reshape(-1, 1, 16, 16)
    return pieces[::2], pieces[1::2]


@pytest.fixture(scope="module")
def waves():
    """Smooth series of 48 steps."""
    random = torch.Generator().manual_seed(0)
    start, pace = torch.rand(2, 80, 1, generator=random) * 6
    x = torch.sin(start + torch.arange(48) * (0.1 + pace / 20))
    return x[:40], x[40:]


def fitted(method, data, **noise):
    floor = Filters(tuple(data[0].shape[1:]), 0, method=method, **noise)
    assert floor.fit(data[0], torch.zeros(len(data[0])), seed=0).empty
    return floor


@pytest.mark.parametrize("method", STRENGTHS)
@pytest.mark.parametrize("kind", ["flowers", "waves"])
def test_noise_is_reduced(method, kind, request):
    data = request.getfixturevalue(kind)
    floor = fitted(method, data, gaussian=0.6)
    noisy = add_noise(data[1], "gaussian", 0.4, seed=5)
    found = floor.reconstruct(noisy)
    assert found.shape == data[1].shape
    assert found.dtype == torch.float32
    assert noise_reduction(data[1], noisy, found) > 2
    assert torch.equal(found[:3], floor.reconstruct(noisy[:3]))  # each sample by itself


def test_a_median_takes_grains_away(flowers):
    floor = fitted("median", flowers, gaussian=0, salt_and_pepper=0.2)
    noisy = add_noise(flowers[1], "salt_and_pepper", 0.1, seed=5)
    assert noise_reduction(flowers[1], noisy, floor.reconstruct(noisy)) > 5


@pytest.mark.parametrize("method", STRENGTHS)
def test_more_noise_asks_for_more_strength_and_none_for_none(method, flowers):
    few = [pieces[:20] for pieces in flowers]
    chosen = [fitted(method, few, gaussian=level).strength for level in (0.0, 0.1, 1.0)]
    assert chosen[0] == STRENGTHS[method][0]
    assert chosen[0] <= chosen[1] < chosen[2]
    still = fitted(method, few, gaussian=0.0)
    assert torch.equal(still.reconstruct(flowers[1]), flowers[1])


def test_the_strength_is_chosen_on_validation_samples_where_there_are_any(flowers):
    floor = Filters((1, 16, 16), 0, method="median", gaussian=0.6)
    # Any median would undo them.
    grains = torch.rand(20, 1, 16, 16, generator=torch.Generator().manual_seed(0)).round() * 2 - 1
    floor.fit(flowers[0], torch.zeros(len(flowers[0])), seed=0)
    assert floor.strength > 0
    floor.fit(
        flowers[0],
        torch.zeros(len(flowers[0])),
        seed=0,
        validation=(grains, torch.zeros(20)),
    )
    assert floor.strength == 0


def test_a_median_of_vectors_runs_along_time_alone(waves):
    floor = fitted("median", waves, gaussian=0.6)
    side = 2 * int(floor.strength) + 1
    expected = [median_filter(row, size=side, mode="nearest") for row in waves[1].numpy()]
    np.testing.assert_array_equal(floor.reconstruct(waves[1]), np.stack(expected))


@pytest.mark.parametrize("method", STRENGTHS)
def test_it_lives_again_from_its_strength(method, flowers):
    floor = fitted(method, flowers)
    again = Filters((1, 16, 16), 0, method=method)
    again.load_weights(load(save(floor.weights())))
    assert torch.equal(again.reconstruct(flowers[1]), floor.reconstruct(flowers[1]))
    assert floor.parameter_count == 1
    assert floor.reconstruct(flowers[1][:0]).shape == (0, 1, 16, 16)


@pytest.mark.parametrize("method", STRENGTHS)
@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 3, 5), (2,)])
def test_colours_and_small_samples_are_taken(method, shape):
    x = torch.rand(6, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    floor = Filters(shape, 0, method=method)
    floor.load_weights({"strength": torch.tensor([STRENGTHS[method][-1]])})
    found = floor.reconstruct(x)
    assert found.shape == x.shape
    assert found.isfinite().all()
    assert not torch.equal(found, x) or shape == (2,)  # a median of two is one of them


def test_what_it_cannot_work_with_is_refused(flowers):
    floor = Filters((1, 16, 16), 0)
    with pytest.raises(GenloomError, match="not fitted"):
        floor.reconstruct(flowers[1])
    with pytest.raises(GenloomError, match="lack 'strength'"):
        floor.load_weights({})
    floor.fit(flowers[0], torch.zeros(len(flowers[0])), seed=0)
    with pytest.raises(GenloomError, match="NaN or infinity"):
        floor.reconstruct(flowers[1] * torch.nan)
