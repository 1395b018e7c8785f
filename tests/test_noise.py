"""Noise on samples."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genloom.errors import GenloomError
from genloom.noise import NOISES, add_noise, check_noise, mixed_noise

SHARES = [kind for kind, noise in NOISES.items() if noise.highest == 1]


def images(n=50, channels=3):
    random = torch.Generator().manual_seed(0)
    return torch.rand(n, channels, 8, 8, generator=random) * 1.6 - 0.8  # neither black nor white


def vectors(n=200):
    return torch.rand(n, 20, generator=torch.Generator().manual_seed(0)) + 0.5


def test_gaussian_noise_has_its_deviation():
    for x in (images(), vectors()):
        added = add_noise(x, "gaussian", 0.3, seed=0) - x
        assert added.std() == pytest.approx(0.3, rel=0.03)
        assert added.mean() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("kind", SHARES)
def test_a_share_of_the_numbers_is_hit_and_the_rest_stays(kind):
    for x, values in (
        (images(), {"salt_and_pepper": [-1, 1], "masking": [-1]}),
        (vectors(), {"salt_and_pepper": [-3, 3], "masking": [0]}),
    ):
        noisy = add_noise(x, kind, 0.2, seed=0)
        hit = noisy != x
        assert hit.float().mean() == pytest.approx(0.2, abs=0.02)
        assert noisy[hit].unique().tolist() == values[kind]
        if kind == "salt_and_pepper":
            assert (noisy[hit] > 0).float().mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kind", SHARES)
def test_all_channels_of_a_pixel_are_hit_together(kind):
    x = images()
    hit = add_noise(x, kind, 0.3, seed=0) != x
    assert torch.equal(hit.all(dim=1), hit.any(dim=1))


@given(
    kind=st.sampled_from(sorted(NOISES)),
    level=st.floats(0, 1),
    seed=st.integers(0, 2**31 - 1),
    n=st.integers(0, 5),
)
def test_noise_depends_on_the_seed_alone_and_leaves_the_samples_as_they_were(kind, level, seed, n):
    x = images(n)
    before, state = x.clone(), torch.get_rng_state()
    noisy = add_noise(x, kind, level, seed=seed)
    assert torch.equal(x, before)
    assert torch.equal(state, torch.get_rng_state())
    assert noisy.shape == x.shape
    assert noisy.dtype == torch.float32
    assert torch.equal(noisy, add_noise(x, kind, level, seed=seed))
    assert torch.equal(noisy, add_noise(x, kind, level, seed=torch.Generator().manual_seed(seed)))
    if level == 0:
        assert torch.equal(noisy, x)


@pytest.mark.parametrize("kind", NOISES)
def test_each_sample_can_have_a_level_of_its_own(kind):
    x = vectors(4)
    noisy = add_noise(x, kind, torch.tensor([0.0, 1.0, 0.0, 1.0]), seed=0)
    assert (noisy == x).all(dim=1).tolist() == [True, False, True, False]
    assert (noisy[1::2] != x[1::2]).all()


def test_without_a_seed_torchs_own_numbers_are_drawn():
    x = vectors()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = (add_noise(x, "gaussian", 1.0) for _ in range(2))
        torch.manual_seed(0)
        assert torch.equal(first, add_noise(x, "gaussian", 1.0))
    assert not torch.equal(first, second)


def test_mixed_noise_gives_each_sample_one_kind_up_to_its_highest_level():
    x = vectors(3000)
    noisy = mixed_noise(x, {"gaussian": 0.4, "masking": 0.5, "salt_and_pepper": 0.0}, seed=0)
    masked = ((noisy == x) | (noisy == 0)).all(dim=1)
    assert masked.float().mean() == pytest.approx(0.5, abs=0.05)
    shares = (noisy[masked] == 0).float().mean(dim=1)
    assert shares.mean() == pytest.approx(0.25, abs=0.03)
    deviations = (noisy - x)[~masked].std(dim=1)
    assert deviations.mean() == pytest.approx(0.2, abs=0.02)
    assert deviations.max() < 0.4 * 2
    assert torch.equal(noisy, mixed_noise(x, {"gaussian": 0.4, "masking": 0.5}, seed=0))
    assert not torch.equal(noisy, mixed_noise(x, {"gaussian": 0.4, "masking": 0.5}, seed=1))


def test_mixed_noise_of_nothing_is_nothing():
    x = vectors()
    assert torch.equal(mixed_noise(x, {}, seed=0), x)
    assert torch.equal(mixed_noise(x, {"gaussian": 0.0}, seed=0), x)


@pytest.mark.parametrize("kind", NOISES)
def test_levels_at_the_ends_of_a_range_are_allowed(kind):
    check_noise("images.mapping.noises", kind, 0)
    check_noise("images.mapping.noises", kind, 1)


@pytest.mark.parametrize(
    ("kind", "level", "said"),
    [
        ("fog", 0.1, "names the noise 'fog', but there are only: gaussian, salt_and_pepper, mask"),
        ("gaussian", -0.1, r"noises\.gaussian is -0\.1, .* standard deviation .* 0 or more"),
        ("gaussian", float("nan"), r"noises\.gaussian is nan"),
        ("gaussian", float("inf"), r"noises\.gaussian is inf"),
        ("gaussian", "much", r"noises\.gaussian is 'much'"),
        ("masking", 1.5, r"noises\.masking is 1\.5, .* a number, 0 to 1\."),
        ("salt_and_pepper", True, r"noises\.salt_and_pepper is True"),
    ],
)
def test_a_wrong_kind_or_level_is_refused_in_one_sentence(kind, level, said):
    with pytest.raises(GenloomError, match=said):
        check_noise("images.mapping.noises", kind, level)


def test_adding_refuses_what_the_check_refuses():
    with pytest.raises(GenloomError, match="fog"):
        add_noise(vectors(), "fog", 0.1, seed=0)
    with pytest.raises(GenloomError, match="0 to 1"):
        add_noise(vectors(2), "masking", torch.tensor([0.5, 1.5]), seed=0)
    with pytest.raises(GenloomError, match="fog"):
        mixed_noise(vectors(), {"fog": 0.5}, seed=0)
