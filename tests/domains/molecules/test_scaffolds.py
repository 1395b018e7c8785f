"""Scaffolds are whole ring systems, and whole scaffolds are held out."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from genloom.domains.molecules.scaffolds import held_out, scaffold
from genloom.errors import GenloomError


@pytest.mark.parametrize(
    ("smiles", "frame"),
    [
        ("CCCCO", ""),
        ("Cc1ccccc1O", "c1ccccc1"),
        ("OC(=O)CCc1ccc(CCC2CCCC2)cc1", "c1cc(CCC2CCCC2)ccc1"),
        ("C[C@H]1CCCC[C@@H]1/C=C/c1ccccc1", "C(=CC1CCCCC1)c1ccccc1"),
    ],
)
def test_scaffold(smiles: str, frame: str) -> None:
    assert scaffold(Chem.MolFromSmiles(smiles)) == (Chem.CanonSmiles(frame) if frame else "")


def test_stereoisomers_share_their_scaffold() -> None:
    one, other = (scaffold(Chem.MolFromSmiles(f"C1CC[C{x}]2(C1)CCCN2")) for x in ("@", "@@"))
    assert one == other


frames = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e", "f"]), min_size=30, max_size=60)


@settings(deadline=None)
@given(frames, st.floats(0.05, 0.5), st.integers(0, 99))
def test_held_out_scaffolds_are_whole(scaffolds: list[str], share: float, seed: int) -> None:
    label = ["x" if row % 3 else "y" for row in range(len(scaffolds))]
    sizes = Counter(name for name in scaffolds if name)
    try:
        chosen = held_out(scaffolds, label, share, seed=seed)
    except GenloomError:
        limit = max(1, round(share * len(scaffolds)))
        halves = Counter(label)
        for name, size in sizes.items():
            inside = Counter(la for la, of in zip(label, scaffolds, strict=True) if of == name)
            assert size > limit or any(inside[la] > halves[la] // 2 for la in inside)
        return
    assert chosen == held_out(scaffolds, label, share, seed=seed)
    assert 0 < sum(chosen) <= max(1, round(share * len(scaffolds)))
    held = {name for name, out in zip(scaffolds, chosen, strict=True) if out}
    assert "" not in held
    assert held.isdisjoint(name for name, out in zip(scaffolds, chosen, strict=True) if not out)
    left = Counter(la for la, out in zip(label, chosen, strict=True) if not out)
    assert all(2 * left[la] >= count for la, count in Counter(label).items())


def test_the_share_is_filled_at_random() -> None:
    scaffolds = ["common"] * 50 + [f"rare {n // 2}" for n in range(50)]
    first, second = (held_out(scaffolds, [""] * 100, 0.1, seed=seed) for seed in (0, 1))
    assert sum(first) == sum(second) == 10
    assert first != second
    assert not any(first[:50])


def test_nothing_to_hold_out() -> None:
    with pytest.raises(GenloomError, match=r"no molecule has a ring: set .*scaffold to 0 to do"):
        held_out([""] * 30, [""] * 30, 0.1, seed=0)
    with pytest.raises(GenloomError, match=r"each is of more than 10% of the molecules .* larger"):
        held_out(["a"] * 30, [""] * 30, 0.1, seed=0)
