"""Classical moves spell molecules anew, or hide a little of what has one spelling only."""

import pandas as pd
import pytest
import torch

from genloom.domains.molecules.classical import classical_moves
from genloom.domains.molecules.codec import FORMS, MoleculeCodec
from genloom.domains.molecules.notations import canonical
from genloom.graphs import ELEMENT, ELEMENTS, parts, present

CONTENTS = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "C", "Cc1ccc(Cl)c(Br)c1", "CCN(CC)C(C)=O"]
ROWS = [form for form, kind in FORMS.items() if kind in ("tokens", "characters")]


def samples_of(contents):
    return pd.DataFrame({"content": contents, "label": "", "split": "train"})


@pytest.fixture(scope="module")
def codec():
    return MoleculeCodec.fit(samples_of(CONTENTS), length=40)


@pytest.mark.parametrize("form", FORMS)
def test_shape_type_and_seed(codec, form):
    codec = codec.of(form)
    x = codec.encode(samples_of(CONTENTS))
    before = x.clone()
    first, again, other = (classical_moves(x, codec=codec, seed=s, copies=3) for s in (0, 0, 1))
    assert tuple(first.shape) == (3 * len(x), *x.shape[1:])
    assert first.dtype == x.dtype
    assert torch.equal(x, before)
    assert torch.equal(first, again)
    if form != "graphs":  # so few atoms may all stay
        assert not torch.equal(first, other)
        assert not torch.equal(first[: len(x)], first[len(x) : 2 * len(x)])
    assert len(classical_moves(x[:0], codec=codec, seed=0)) == 0


@pytest.mark.parametrize("form", ROWS)
def test_rows_are_spelt_anew_copy_by_copy(codec, form):
    codec = codec.of(form)
    out = codec.decode(
        classical_moves(codec.encode(samples_of(CONTENTS)), codec=codec, seed=0, copies=20)
    )
    assert [canonical(text) for text in out] == [canonical(text) for text in CONTENTS] * 20
    assert len(set(out[:: len(CONTENTS)])) > 2


def test_what_is_no_molecule_stays(codec):
    x = codec.encode(samples_of(["c1cc", "", "CCC(", "[Xe]"]))
    assert torch.equal(classical_moves(x, codec=codec, seed=0, copies=2), x.repeat(2, 1))


def test_what_would_not_fit_stays():
    contents = ["CCC(C)C(C)O"]
    codec = MoleculeCodec.fit(samples_of(contents), length=11)
    x = codec.encode(samples_of(contents))
    out = codec.decode(classical_moves(x, codec=codec, seed=0, copies=40))
    assert {canonical(text) for text in out} == {canonical(contents[0])}
    assert max(map(len, out)) == 11
    assert len(set(out)) > 1


def test_fingerprints_lose_a_share_of_their_bits(codec):
    codec = codec.of("fingerprints")
    x = codec.encode(samples_of(CONTENTS))
    out = classical_moves(x, codec=codec, seed=0, copies=200, share=0.1)
    repeated = x.repeat(200, 1)
    lost = (out == 0) & (repeated > 0)
    assert torch.equal(out[~lost], repeated[~lost])
    assert 0.09 < float(lost.sum() / (repeated > 0).sum()) < 0.11


def test_descriptors_move_by_a_share_of_their_value(codec):
    codec = codec.of("descriptors")
    x = codec.encode(samples_of(CONTENTS))
    out = classical_moves(x, codec=codec, seed=0, copies=50, share=0.02)
    repeated = x.repeat(50, 1)
    assert not out[repeated == 0].any()
    moved = (out / repeated - 1)[repeated != 0]
    assert 0.018 < float(moved.std()) < 0.022
    assert abs(float(moved.mean())) < 0.002


def test_both_are_described_and_thinned(codec):
    both = codec.of("both")
    described = codec.of("descriptors").shape[0]
    x = both.encode(samples_of(CONTENTS))
    out = classical_moves(x, codec=both, seed=0, copies=1, share=0.3)
    bits = x[:, described:]
    assert set((out[:, described:][bits > 0] / bits[bits > 0]).tolist()) == {0.0, 1.0}
    assert ((out[:, :described] != 0) == (x[:, :described] != 0)).all()


def test_graphs_keep_their_bonds_and_lose_elements(codec):
    codec = codec.of("graphs")
    x = codec.encode(samples_of(CONTENTS))
    out = classical_moves(x, codec=codec, seed=0, copies=100, share=0.1)
    repeated = x.repeat(100, 1, 1)
    assert torch.equal(parts(out)[1], parts(repeated)[1])
    assert torch.equal(present(out), present(repeated))
    hidden = out[..., ELEMENT] != repeated[..., ELEMENT]
    assert {ELEMENTS[place] for place in out[..., ELEMENT][hidden].tolist()} == {"other"}
    assert 0.08 < float(hidden.sum() / present(repeated).sum()) < 0.12
