"""A cheap model of scores tells good molecules from bad ones after it has seen some."""

from random import Random

import pytest
import torch

from genloom.design.surrogate import Surrogate

ALKANES = ["C" * n for n in range(2, 12)]
AMINES = [f"N{'C' * n}N" for n in range(2, 12)]


def test_what_resembles_good_molecules_is_expected_to_be_good():
    surrogate = Surrogate()
    surrogate.learn(ALKANES[::2] + AMINES[::2], [0.1] * 5 + [0.9] * 5)
    chosen = surrogate.likeliest(ALKANES[1::2] + AMINES[1::2], 5)
    assert set(chosen) == set(AMINES[1::2])


def test_before_it_knows_anything_and_with_room_for_all_it_keeps_the_order():
    surrogate = Surrogate()
    assert surrogate.likeliest(ALKANES, 3) == ALKANES[:3]
    surrogate.learn([], [])
    surrogate.learn(AMINES, [1.0] * len(AMINES))
    assert surrogate.likeliest(ALKANES, 99) == ALKANES


def test_the_order_of_learning_does_not_matter():
    molecules, chance = ALKANES + AMINES, Random(0)
    scores = [chance.random() for _ in molecules]
    at_once, in_parts = Surrogate(), Surrogate()
    at_once.learn(molecules, scores)
    for part in (slice(10, None), slice(10)):
        in_parts.learn(molecules[part], scores[part])
    tests = ["CCO", "NCC(C)N", "CC(C)C", "NCCO"]
    assert at_once.likeliest(tests, 2) == in_parts.likeliest(tests, 2)
    assert torch.equal(at_once._squares, in_parts._squares)  # sums of whole numbers


def test_it_goes_on_learning_after_it_was_asked():
    surrogate = Surrogate()
    surrogate.learn(ALKANES, [0.9] * len(ALKANES))
    assert surrogate.likeliest(["NCCN", "CCC"], 1) == ["CCC"]
    surrogate.learn(AMINES, [1.0] * len(AMINES))
    surrogate.learn(ALKANES, [0.0] * len(ALKANES))
    assert surrogate.likeliest(["CCC", "NCCN"], 1) == ["NCCN"]


def test_expected_scores_are_those_of_ridge_regression():
    from sklearn.linear_model import Ridge

    surrogate = Surrogate()
    scores = [0.05 * n for n in range(len(ALKANES + AMINES))]
    surrogate.learn(ALKANES + AMINES, scores)
    surrogate.likeliest(ALKANES, 1)
    x = surrogate._counts(ALKANES + AMINES).numpy()
    expected = Ridge(alpha=1.0, fit_intercept=False).fit(x, scores).coef_
    assert surrogate._weights.numpy() == pytest.approx(expected, abs=1e-8)
