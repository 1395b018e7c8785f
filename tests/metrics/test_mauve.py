"""MAUVE against values that are known beforehand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genloom.errors import GenloomError
from genloom.metrics.mauve import _frontier_area, mauve


def clouds(n, seed, centres, d=6):
    """Points around unit vectors of the given numbers."""
    random = np.random.default_rng(seed)
    return np.eye(d)[random.choice(centres, n)] * 3 + random.normal(0, 0.1, (n, d))


def test_a_set_has_everything_in_common_with_itself():
    real = clouds(200, 0, [0, 1, 2])
    assert mauve(real, real.copy(), seed=0) == pytest.approx(1)
    assert mauve(real, real[::-1], seed=0) == pytest.approx(1), "the order says nothing"
    assert mauve(torch.tensor(real), torch.tensor(real).float(), seed=0) == pytest.approx(1)


def test_two_draws_of_one_distribution_have_nearly_everything_in_common():
    assert mauve(clouds(300, 0, [0, 1, 2]), clouds(300, 1, [0, 1, 2]), seed=0) > 0.9


def test_sets_apart_have_nothing_in_common():
    assert mauve(clouds(200, 0, [0, 1]), clouds(200, 1, [2, 3]), seed=0) < 0.01


def test_what_is_missing_and_what_is_made_up_both_count():
    whole, half = clouds(300, 0, [0, 1, 2, 3]), clouds(300, 1, [0, 1])
    missing, made_up = mauve(whole, half, seed=0), mauve(half, whole, seed=0)
    assert missing == pytest.approx(made_up, abs=0.1)
    assert 0.02 < missing < 0.6


def test_the_frontier_by_hand():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    # KL(P|R) = -log w and KL(Q|R) = -log(1 - w): points ((1 - w)^c, w^c), whose area is a beta
    # function, 5 B(5, 6) = 1 / 252 for c = 5, and 1/2 for c = 1.
    assert _frontier_area(p, q, 5.0) == pytest.approx(1 / 252, rel=0.05)
    assert _frontier_area(p, q, 1.0) == pytest.approx(1 / 2, abs=1e-5)
    assert _frontier_area(p, p, 5.0) == pytest.approx(1)
    # The middle of three mixtures is (1/2, 1/2), where both divergences are known.
    p, q = np.array([3 / 4, 1 / 4]), np.array([1 / 4, 3 / 4])
    middle = math.exp(-2 * (3 / 4 * math.log(3 / 2) + 1 / 4 * math.log(1 / 2)))
    edge = math.exp(-2 * (1 / 2 * math.log(3)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genloom.metrics.mauve.MIXTURES", 3)
        area = _frontier_area(p, q, 2.0)
    steps = edge + (middle - edge) * (1 + middle) / 2 + (1 - middle) * (middle + edge) / 2
    assert area == pytest.approx(steps, rel=1e-4)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_the_frontier_is_a_share_and_takes_both_sides_alike(counts):
    p, q = np.array([[1.0, 1.0], *counts]).T
    p, q = p / p.sum(), q / q.sum()
    area = _frontier_area(p, q, 5.0)
    assert 0 <= area <= 1
    assert area == pytest.approx(_frontier_area(q, p, 5.0))


def test_lengths_of_features_say_nothing():
    real, fake = clouds(100, 0, [0, 1, 2]), clouds(100, 1, [0, 1])
    scales = np.random.default_rng(0).uniform(0.5, 9, (100, 1))
    assert mauve(real * scales, fake, seed=0) == pytest.approx(mauve(real, fake, seed=0))


def test_the_seed_and_the_clusters_decide_and_the_global_generator_is_left_alone(recwarn):
    real, fake = np.random.default_rng(0).normal(size=(2, 150, 12))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    values = [mauve(real, fake, seed=seed) for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]
    assert mauve(real, fake, seed=0, clusters=15) == values[0]
    assert mauve(real, fake, seed=0, clusters=3) != values[0]
    assert mauve(real, fake, seed=0, clusters=1) == pytest.approx(1)
    assert mauve(real, fake, seed=0, scaling=1.0) > values[0]
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert not recwarn.list


def test_collapsed_and_tiny_sets_give_numbers(recwarn):
    real, collapsed = clouds(100, 0, [0, 1, 2]), np.ones((100, 6))
    assert mauve(real, collapsed, seed=0) < 0.05
    assert mauve(collapsed, collapsed, seed=0) == 1
    assert mauve(np.zeros((4, 3)), np.zeros((2, 3)), seed=0) == 1
    assert mauve([[1.0, 0.0]], [[0.0, 1.0]], seed=0) < 0.01
    assert not recwarn.list


@pytest.mark.parametrize(
    ("real", "fake", "clusters", "words"),
    [
        (np.ones((5, 3)), np.ones((5, 4)), None, "3 columns and generated ones 4"),
        (np.ones((5, 3)), np.ones(5), None, r"generated features have shape \(5,\)"),
        (np.ones((0, 3)), np.ones((5, 3)), None, r"real features have shape \(0, 3\)"),
        (np.ones((5, 3)), np.full((5, 3), np.nan), None, "generated features hold NaN"),
        (np.ones((5, 3)), np.ones((5, 3)), 0, "at least 1 cluster, not 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(real, fake, clusters, words):
    with pytest.raises(GenloomError, match=words):
        mauve(real, fake, seed=0, clusters=clusters)
