"""What may be drawn from logits, and how often."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genloom.drawing import draw, filter_logits
from genloom.errors import GenloomError

number = st.floats(-20, 20, width=32)
rows = st.integers(1, 30).flatmap(
    lambda v: st.lists(st.lists(number, min_size=v, max_size=v), min_size=1, max_size=4)
)
logits_of = rows.map(lambda values: torch.tensor(values, dtype=torch.float64))


def kept(logits):
    return torch.isfinite(logits)


@given(logits_of, st.integers(1, 40))
def test_top_k_keeps_the_k_largest_as_they_were(logits, k):
    left = filter_logits(logits, top_k=k)
    k = min(k, logits.shape[1])
    assert (kept(left).sum(1) == k).all()
    assert torch.equal(left[kept(left)], logits[kept(left)])
    assert torch.equal(left.topk(k).values, logits.topk(k).values)


@given(logits_of, st.floats(0.01, 0.999))
def test_top_p_keeps_the_smallest_set_that_reaches_p(logits, p):
    left = kept(filter_logits(logits, top_p=p))
    for probabilities, inside in zip(logits.softmax(1), left, strict=True):
        inside_them = probabilities[inside].sort(descending=True).values
        assert inside_them.sum() >= p - 1e-9
        assert inside_them[:-1].sum() < p + 1e-9  # without its last one it does not reach p
        if (~inside).any():
            assert inside_them.min() >= probabilities[~inside].max()


@given(logits_of)
def test_no_filter_and_full_filters_change_nothing(logits):
    assert torch.equal(filter_logits(logits), logits)
    assert torch.equal(filter_logits(logits, top_p=1.0, top_k=logits.shape[1]), logits)


@given(logits_of, st.integers(0, 9))
def test_temperature_zero_is_the_argmax_whatever_the_seed(logits, seed):
    left = filter_logits(logits, temperature=0, top_k=3, top_p=0.5)
    drawn = draw(left, torch.Generator().manual_seed(seed))
    assert torch.equal(drawn, logits.argmax(1))
    # Of equals, the first.
    assert draw(filter_logits(torch.zeros(1, 4), temperature=0)).tolist() == [0]


@given(
    logits_of,
    st.floats(0.05, 5),
    st.none() | st.integers(1, 9),
    st.none() | st.floats(1e-9, 1),
)
def test_what_is_left_is_a_distribution_and_the_draw_is_from_it(logits, temperature, k, p):
    left = filter_logits(logits, temperature=temperature, top_k=k, top_p=p)
    sums = left.softmax(1).sum(1)
    assert torch.allclose(sums, torch.ones_like(sums))
    drawn = draw(left, torch.Generator().manual_seed(0))
    assert drawn.shape == (len(logits),)
    assert kept(left.gather(1, drawn[:, None])).all()


def test_top_p_counts_among_what_top_k_left():
    logits = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    # Alone, 0.5 needs two tokens; of the two largest, renormalised to 4/7 and 3/7, one is enough.
    assert kept(filter_logits(logits, top_p=0.5)).tolist() == [[True, True, False, False]]
    assert kept(filter_logits(logits, top_p=0.5, top_k=2)).tolist() == [[True, False, False, False]]


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9, 0.999])
def test_top_p_of_many_tokens_is_that_of_sorting_them_all(p):
    # Rows from nearly flat, most of whose tokens are kept, to steep, and with equals among them.
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(40, 300, generator=random, dtype=torch.float64).round(decimals=1)
    logits *= torch.logspace(-2, 1, 40)[:, None]
    falling, order = logits.sort(dim=1, descending=True, stable=True)
    before = falling.softmax(1).cumsum(1) - falling.softmax(1)
    expected = torch.zeros(40, 300, dtype=torch.bool).scatter(1, order, before < p)
    assert torch.equal(kept(filter_logits(logits, top_p=p)), expected)


def test_a_lower_temperature_sharpens():
    logits = torch.tensor([[0.25, 0.75]]).log()
    cold = filter_logits(logits, temperature=0.5).softmax(1)
    assert torch.allclose(cold, torch.tensor([[0.1, 0.9]]))


def test_tokens_are_drawn_as_often_as_their_probabilities_say():
    p = torch.tensor([0.6, 0.3, 0.1])
    drawn = draw(p.log().expand(20_000, 3), torch.Generator().manual_seed(0))
    assert torch.allclose(drawn.bincount(minlength=3) / 20_000, p, atol=0.015)
    again = draw(p.log().expand(20_000, 3), torch.Generator().manual_seed(0))
    assert torch.equal(drawn, again)
    assert draw(torch.empty(0, 3)).shape == (0,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nothing_without_a_probability_is_ever_drawn(dtype):
    # Sums of these are rounded, and impossible tokens stand before, between and behind the others.
    logits = torch.full((200_000, 9), -torch.inf, dtype=dtype)
    logits[:, [1, 4, 6]] = torch.tensor([0.1, 0.7, 0.2], dtype=dtype).log()
    assert draw(logits, torch.Generator().manual_seed(0)).unique().tolist() == [1, 4, 6]
    one = torch.full((1000, 3), -torch.inf, dtype=dtype)
    one[:, 1] = 0
    assert (draw(one, torch.Generator().manual_seed(0)) == 1).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"temperature": -0.1}, r"temperature is -0\.1, but has to be 0"),
        ({"temperature": float("nan")}, "temperature is nan, but has to be 0"),
        ({"top_k": 0}, "top_k is 0, but at least 1 token"),
        ({"top_p": 0.0}, r"top_p is 0\.0, but has to be above 0"),
        ({"top_p": 1.1}, r"top_p is 1\.1, but has to be above 0 and at most 1"),
    ],
)
def test_arguments_out_of_range_end_in_a_sentence(arguments, sentence):
    with pytest.raises(GenloomError, match=sentence):
        filter_logits(torch.zeros(1, 3), **arguments)
