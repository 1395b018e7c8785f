"""Splits are stratified, reproducible, and never tear equal contents apart."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.split import check_shares, leaks, stratified_limit, stratified_split
from genloom.errors import GenloomError

SHARES = {"validation": 0.1, "test": 0.25}


@st.composite
def labelled_contents(draw: st.DrawFn) -> tuple[list[int], list[str]]:
    """Classes of 3 to 40 contents, each standing there up to three times, in any order."""
    rows, number = [], 0
    for name in draw(
        st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=4, unique=True)
    ):
        for copies in draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=3, max_size=40)):
            rows += [(number, name)] * copies
            number += 1
    rows = draw(st.permutations(rows))
    return [content for content, _ in rows], [name for _, name in rows]


@settings(deadline=None, max_examples=60)
@given(labelled_contents(), st.integers(0, 2**31 - 1))
def test_split_keeps_its_promises(rows: tuple[list[int], list[str]], seed: int) -> None:
    content, label = rows
    split = stratified_split(content, label, SHARES, seed=seed)
    assert split == stratified_split(content, label, SHARES, seed=seed)

    sides: dict[int, set[str]] = {}
    for value, part in zip(content, split, strict=True):
        sides.setdefault(value, set()).add(part)
    assert all(len(parts) == 1 for parts in sides.values()), "equal contents were torn apart"

    cells, sizes = Counter(zip(label, split, strict=True)), Counter(label)
    for name in set(label):
        for part, share in SHARES.items():
            assert cells[name, part] >= 1
            # One for rounding and two for a group of three that does not divide.
            assert abs(cells[name, part] - share * sizes[name]) <= 3
        assert cells[name, "train"] >= 1


def test_different_contents_are_shared_out_exactly() -> None:
    split = stratified_split(range(200), ["a"] * 100 + ["b"] * 100, SHARES, seed=1)
    for half in (split[:100], split[100:]):
        assert Counter(half) == {"train": 65, "validation": 10, "test": 25}


def test_seed_decides() -> None:
    label = ["a"] * 50
    splits = [stratified_split(range(50), label, SHARES, seed=seed) for seed in (0, 1)]
    assert splits[0] != splits[1]


def test_other_classes_do_not_matter() -> None:
    alone = stratified_split(range(30), ["a"] * 30, SHARES, seed=0)
    together = stratified_split(range(60), ["a"] * 30 + ["b"] * 30, SHARES, seed=0)
    assert together[:30] == alone


@pytest.mark.parametrize("contents", [[1, 2], [1, 1, 2, 2]])
def test_class_with_too_few_samples(contents: list[int]) -> None:
    content, label = [*contents, 7, 8, 9], ["rare"] * len(contents) + ["common"] * 3
    with pytest.raises(GenloomError) as error:
        stratified_split(content, label, SHARES, seed=0)
    assert error.value.message == (
        "The class 'rare' has 2 different samples, but needs at least 3 to stand in train, "
        "validation and test: add samples to it or leave it out."
    )


def test_class_whose_samples_all_belong_to_another_class() -> None:
    with pytest.raises(GenloomError, match="'shadow' has 0 different samples"):
        stratified_split([1, 2, 3, 1, 2, 3], ["a"] * 3 + ["shadow"] * 3, SHARES, seed=0)


def test_leaks_point_at_the_later_split() -> None:
    content = ["x", "x", "y", "x", "z", "z", "y"]
    split = ["train", "validation", "validation", "test", "train", "train", "train"]
    assert leaks(content, split) == ["test", "test", "", "", "", "", "validation"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=200),
    st.integers(1, 220),
    st.integers(1, 3),
)
def test_limit_keeps_proportions(strata: list[str], limit: int, at_least: int) -> None:
    sizes = Counter(strata)
    if limit < min(len(strata), sum(min(size, at_least) for size in sizes.values())):
        with pytest.raises(GenloomError, match=f"A limit of {limit} samples is too small"):
            stratified_limit(strata, limit, at_least=at_least, seed=0)
        return
    rows = stratified_limit(strata, limit, at_least=at_least, seed=0).tolist()
    assert rows == sorted(set(rows))
    assert len(rows) == min(limit, len(strata))
    kept = Counter(strata[row] for row in rows)
    for name, size in sizes.items():
        assert kept[name] >= min(size, at_least)
        share = size * min(limit, len(strata)) / len(strata)
        assert kept[name] <= max(share + 1, at_least)


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ([0.1, 0.2], "split is .* has to be a mapping"),
        ({"holdout": 0.1}, "split has no part 'holdout': use validation and test"),
        ({"test": 0}, r"split\.test is 0, but has to be between 0 and 1"),
        ({"test": "many"}, r"split\.test is 'many'"),
        ({"test": True}, r"split\.test is True"),
        ({"test": float("nan")}, r"split\.test is nan"),
        ({"validation": 0.5, "test": 0.5}, "sum to 1 and leave nothing to train on"),
    ],
)
def test_wrong_shares(shares: Any, sentence: str) -> None:
    with pytest.raises(GenloomError, match=sentence):
        check_shares(shares)


def test_shares_left_out_have_defaults() -> None:
    assert check_shares(None) == SHARES
    assert check_shares({"test": 0.5}) == {"validation": 0.1, "test": 0.5}
