"""Every step has its own seed, the same everywhere."""

from hypothesis import given
from hypothesis import strategies as st

from genloom.seeds import derive_seed


def test_seeds_do_not_change_between_versions():
    assert derive_seed(0, "fit", "gan") == 2008067023


@given(st.integers(0, 2**31), st.text(), st.integers(0, 100))
def test_seeds_are_in_range_and_differ_by_name(seed, name, repeat):
    own = derive_seed(seed, name, repeat)
    assert 0 <= own < 2**31
    assert own != derive_seed(seed, name, repeat + 1)
