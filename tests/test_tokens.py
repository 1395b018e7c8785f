"""Rows and streams of tokens."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from genloom.tokens import END, FIRST_LABEL, PAD, cut_at_end, first_content, lengths, stream

CLASSES = 2
CONTENT = st.integers(first_content(CLASSES), 20)


@given(st.lists(st.lists(CONTENT, max_size=6), min_size=1, max_size=5))
def test_a_stream_says_each_row_once_behind_its_label(contents):
    y = torch.arange(len(contents)) % CLASSES
    x = torch.full((len(contents), 8), PAD)
    expected = []
    for row, content in enumerate(contents):
        x[row, : len(content) + 1] = torch.tensor([*content, END])
        expected += [FIRST_LABEL + row % CLASSES, *content, END]
    assert stream(x, y).tolist() == expected
    assert lengths(x).tolist() == [len(content) + 1 for content in contents]
    assert torch.equal(cut_at_end(x), x)


def test_what_stands_behind_the_first_end_is_cut_off():
    rows = torch.tensor([[7, END, 8, END], [7, 8, 9, 6], [END, END, END, END]])
    expected = [[7, END, PAD, PAD], [7, 8, 9, 6], [END, PAD, PAD, PAD]]
    assert cut_at_end(rows).tolist() == expected
