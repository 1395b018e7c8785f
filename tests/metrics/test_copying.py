"""The copy test: copies score 1, fresh draws one half."""

import pytest
import torch

from genloom.errors import GenloomError
from genloom.metrics import copying
from genloom.metrics.copying import dcr_ceiling, dcr_share


def draw(n, seed, shape=(1, 4, 4)):
    return torch.rand(n, *shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_copies_of_the_training_data_score_one():
    train, holdout = draw(300, 0), draw(300, 1)
    assert dcr_share(train, train, holdout, seed=0) == 1
    nearly = train + 0.01 * draw(300, 2)
    assert dcr_share(nearly, train, holdout, seed=0) > 0.98
    assert dcr_share(holdout, train, holdout, seed=0) == 0


@pytest.mark.parametrize(("n_train", "n_holdout"), [(400, 400), (1100, 400), (400, 1100)])
def test_fresh_samples_score_one_half(n_train, n_holdout):
    share = dcr_share(draw(2000, 2), draw(n_train, 0), draw(n_holdout, 1), seed=0)
    assert share == pytest.approx(0.5, abs=0.04)


def test_ties_count_one_half():
    both, train, holdout = draw(50, 0), draw(50, 1), draw(50, 2)
    share = dcr_share(both, torch.cat([train, both]), torch.cat([both, holdout]), seed=0)
    assert share == 0.5


def test_by_hand_on_a_line():
    train, holdout = torch.tensor([[0.0], [10.0]]), torch.tensor([[4.0], [20.0]])
    samples = torch.tensor([[1.0], [3.0], [9.0], [2.0]])  # train, holdout, train, tie
    assert dcr_share(samples, train, holdout, seed=0) == (1 + 0 + 1 + 0.5) / 4


def test_all_of_the_larger_set_is_used_in_parts_as_large_as_the_smaller():
    for n, size in [(10, 3), (9, 3), (10, 10), (11, 10), (5, 1)]:
        parts = copying._parts(n, size, seed=0)
        assert all(len(part) == size == len(part.unique()) for part in parts)
        assert torch.equal(torch.cat(parts).unique(), torch.arange(n))
        assert len(parts) == -(-n // size)


def test_one_copied_part_of_many_counts_for_its_share():
    train, holdout = draw(400, 0), draw(100, 1)
    # The copied rows are in one part of four; against the other three parts they are fresh.
    share = dcr_share(train, train, holdout, seed=0)
    assert share == pytest.approx(dcr_ceiling(400, 100), abs=0.06)
    assert dcr_ceiling(100, 400) == dcr_ceiling(100, 100) == 1


def test_chunks_change_nothing_and_the_seed_decides(monkeypatch):
    samples, train, holdout = draw(200, 0), draw(330, 1), draw(100, 2)
    whole = dcr_share(samples, train, holdout, seed=0)
    assert whole == dcr_share(samples, train, holdout, seed=0)
    assert whole != dcr_share(samples, train, holdout, seed=1)
    monkeypatch.setattr(copying, "_SAMPLES_AT_ONCE", 33)
    monkeypatch.setattr(copying, "_REFERENCE_AT_ONCE", 17)
    assert dcr_share(samples, train, holdout, seed=0) == whole


def test_what_cannot_be_compared_is_refused():
    good = draw(5, 0)
    with pytest.raises(GenloomError, match="needs held-out samples"):
        dcr_share(good, good, good[:0], seed=0)
    with pytest.raises(GenloomError, match="one codec"):
        dcr_share(draw(5, 0, (1, 3, 3)), good, good, seed=0)
    with pytest.raises(GenloomError, match="generated samples that hold NaN"):
        dcr_share(good * torch.nan, good, good, seed=0)


def test_equal_distances_are_ties_in_spite_of_rounding():
    """Unit vectors that share nothing are all equally far apart, whatever their last bit says."""
    random = torch.Generator().manual_seed(0)
    rows = torch.zeros(90, 270)
    for row in range(90):
        rows[row, 3 * row : 3 * row + 3] = torch.rand(3, generator=random)
    rows /= rows.norm(dim=1, keepdim=True)
    assert dcr_share(rows[:30], rows[30:60], rows[60:], seed=0) == 0.5
