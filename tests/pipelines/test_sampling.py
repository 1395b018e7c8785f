"""Label proportions of what is drawn."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from genloom.pipelines.sampling import proportional_labels


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(1, 200))
def test_labels_are_as_proportional_as_whole_numbers_allow(labels, n):
    train = torch.tensor(labels)
    drawn = torch.bincount(proportional_labels(train, 5, n), minlength=5)
    wanted = torch.bincount(train, minlength=5).double() * n / len(train)
    assert int(drawn.sum()) == n
    assert ((drawn - wanted).abs() < 1 + 1e-9).all()
