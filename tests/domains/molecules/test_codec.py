"""What the codec encodes comes back where it can, and every form says how it looks."""

import copy
import json
import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.codecs import codec_from_dict, codec_to_dict
from genloom.domains.molecules.codec import FORMS, fit_codec
from genloom.domains.molecules.descriptors import names
from genloom.domains.molecules.notations import canonical, tokens
from genloom.errors import GenloomError
from genloom.graphs import ATOM_FEATURES
from genloom.tokens import END, FIRST_LABEL, PAD, first_content

MOLECULES = [
    "C",
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)O",
    "C[C@H](F)/C=C/Br",
    "CC[N+](C)(C)CC(=O)[O-]",
    "O=[N+]([O-])c1cc[nH]c1Cl",
    "O=S(=O)(O)c1ccc(I)cc1",
    "N#Cc1ccc2c(c1)CCC2",
    "CCO[Si](CC)(OCC)OCC",
    "C1CC2CCC1C2",
]
BANDS = ["logp 1: below 1", "logp 2: 1 to 2", "logp 3: above 2"]
ODD = "Fc1ccc([I]c2ccc(F)cc2)cc1"  # has no SELFIES
ROWS = [form for form, kind in FORMS.items() if kind in ("tokens", "characters")]
OTHERS = [form for form in FORMS if form not in ROWS]
UNKNOWN = first_content(3)


def samples_of(contents, labels=None, **more):
    labels = labels or [BANDS[n % 3] for n in range(len(contents))]
    return pd.DataFrame({"content": contents, "label": labels, "split": "train", **more})


@pytest.fixture(scope="module")
def samples():
    return samples_of(MOLECULES)


@pytest.fixture(scope="module")
def codec(samples):
    return fit_codec(samples, length=50, views=4)


@settings(deadline=None, max_examples=40)
@given(contents=st.lists(st.sampled_from(MOLECULES), max_size=5))
@pytest.mark.parametrize("form", ROWS)
def test_round_trip(codec, form, contents):
    codec = codec.of(form)
    x = codec.encode(samples_of(contents))
    assert tuple(x.shape) == (len(contents), codec.shape[0])
    assert x.dtype == torch.int64
    assert not ((x == UNKNOWN).any() and form != "characters")
    decoded = codec.decode(x)
    if form == "selfies":
        decoded = [canonical(text) for text in decoded]
    assert decoded == contents
    for row, content in zip(x, contents, strict=True):
        found = codec.encode_text(content)
        assert found.dtype == torch.int64
        assert ((found >= first_content(3)) & (found < codec.shape[1])).all()
        assert canonical(codec.decode_text(found.tolist())) == content
        rest = [END] + [PAD] * (codec.shape[0] - 1 - len(found))
        assert row.tolist() == [*found.tolist(), *rest]


def test_shapes_and_kinds(codec, samples):
    assert codec.form == "smiles"
    assert codec.shape[0] == 51
    assert codec.of("selfies").shape[0] == 51
    assert codec.of("characters").shape == (51, first_content(3) + 128)
    assert codec.of("fingerprints").shape == (2048,)
    assert codec.of("descriptors").shape == (len(names("logp")),)
    assert codec.of("both").shape == (len(names("logp")) + 2048,)
    assert codec.of("graphs").shape == (13, len(ATOM_FEATURES) + 13)
    for form in FORMS:
        x = codec.of(form).encode(samples)
        own = codec.of(form).shape[:1] if form in ROWS else codec.of(form).shape
        assert tuple(x.shape) == (len(samples), *own)
        assert x.dtype == {"vectors": torch.float32, "graphs": torch.uint8}.get(
            FORMS[form], torch.int64
        )
        assert tuple(codec.of(form).encode(samples[:0]).shape) == (0, *own)


def test_both_are_descriptors_and_then_fingerprints(codec, samples):
    described, hashed = (codec.of(f).encode(samples) for f in ("descriptors", "fingerprints"))
    assert torch.equal(codec.of("both").encode(samples), torch.cat([described, hashed], dim=1))
    assert codec.of("both").fingerprint_columns == hashed.shape[1]
    assert codec.of("descriptors").fingerprint_columns == 0


def test_rows_grow_where_the_notation_needs_it(samples):
    long = "O=[N+]([O-])" + "c1cc[nH]c1" * 4  # 24 + more characters than tokens
    codec = fit_codec(samples_of([*MOLECULES, long]), length=40)
    assert codec.of("characters").shape[0] == len(long) + 1 > 41
    assert codec.shape[0] == 41
    assert fit_codec(samples_of(["C" * 90, "C[C@@H](O)N"]), length=20).of("selfies").shape[0] == 41
    assert fit_codec(samples_of(["C" * 90]), length=20).of("graphs").shape[0] == 20


@pytest.mark.parametrize("form", ["smiles", "selfies"])
def test_unknown_tokens_have_one_of_their_own(codec, form):
    codec = codec.of(form)
    x = codec.encode(samples_of(["C[Se]C"]))
    assert x[0, 1] == UNKNOWN
    assert (x == UNKNOWN).sum() == 1
    assert codec.decode(x) == [{"smiles": "C?C", "selfies": "?"}[form]]
    assert canonical(codec.decode(x)[0]) is None
    assert not codec.holds("C[Se]C")
    assert codec.holds("CC")
    with pytest.raises(GenloomError, match=rf"'C\[Se\]' .* {form}: the training split has no \["):
        codec.encode_text("C[Se]")


def test_a_molecule_without_selfies(codec, samples):
    more = samples_of([*MOLECULES, ODD])
    fitted = fit_codec(more, length=50).of("selfies")
    assert fitted.vocabularies["selfies"] == codec.vocabularies["selfies"]
    assert fitted.augmented(more, seed=0)["content"].tolist() == MOLECULES
    x = fitted.encode(samples_of([ODD]))
    assert x[0].tolist() == [UNKNOWN] * len(tokens(ODD)) + [END] + [PAD] * (50 - len(tokens(ODD)))
    assert fitted.decode(x) == ["?"]
    with pytest.raises(GenloomError, match=r"'c1cc' .* no such notation, so begin with a whole"):
        fitted.encode_text("c1cc")


def test_a_question_mark_is_no_known_token(codec):
    assert codec.encode_text("CC").tolist() == codec.encode(samples_of(["CC"]))[0, :2].tolist()
    with pytest.raises(GenloomError, match="cannot be encoded as smiles"):
        codec.encode_text("C?")


@pytest.mark.parametrize("form", ROWS)
def test_too_long_is_cut_and_has_no_end(codec, form):
    codec = codec.of(form)
    room = codec.shape[0]
    x = codec.encode(samples_of(["C" * (room - 1), "C" * room, "C" * 99]))
    assert (x == END).sum(dim=1).tolist() == [1, 0, 0]
    assert codec.decode(x) == ["C" * (room - 1), "C" * room, "C" * room]
    assert [codec.holds("C" * count) for count in (room - 1, room)] == [True, False]


def test_decode_stops_at_the_end_and_ignores_labels(codec):
    c, o = codec.encode_text("CO").tolist()
    rows = [[c, FIRST_LABEL, o, END], [c, PAD, o, o], [END, c, c, c], [c, o, FIRST_LABEL + 2, c]]
    assert codec.decode(torch.tensor(rows)) == ["CO", "C", "", "COC"]
    assert codec.decode_text([FIRST_LABEL, c, END, o, PAD]) == "CO"
    assert codec.decode(torch.empty((0, 5), dtype=torch.int64)) == []


def test_training_samples_in_several_spellings(codec, samples):
    first = codec.augmented(samples.assign(target=range(10)), seed=3)
    assert first["content"].tolist()[:10] == MOLECULES
    assert [canonical(text) for text in first["content"]] == MOLECULES * 4
    assert first["label"].tolist() == samples["label"].tolist() * 4
    assert first["target"].tolist() == list(range(10)) * 4
    assert first.index.tolist() == list(range(40))
    assert first["content"].nunique() > 25
    assert first.equals(codec.augmented(samples.assign(target=range(10)), seed=3))
    other = codec.augmented(samples, seed=4)
    assert other["content"].tolist() != first["content"].tolist()
    x = codec.encode(first)
    assert not (x == UNKNOWN).any()
    assert (x == END).sum() == 40
    assert codec.decode(x) == first["content"].tolist(), "spellings are taken as they stand"


def test_spellings_fit_their_rows():
    samples = samples_of(["CCC(C)C(C)O", "OC(C)(C)C(F)(F)C(Cl)Cl"])
    codec = fit_codec(samples, length=22, views=60)
    found = codec.augmented(samples, seed=0)["content"]
    assert max(len(tokens(text)) for text in found) <= 22
    assert set(map(canonical, found)) == set(map(canonical, samples["content"]))


def test_other_forms_and_one_view_are_as_they_are(codec, samples):
    for form in FORMS:
        if form != "smiles":
            assert codec.of(form).augmented(samples, seed=0).equals(samples)
    assert fit_codec(samples, views=1).augmented(samples, seed=0).equals(samples)


def test_labels_are_sorted_and_come_back(codec, samples):
    assert codec.classes == BANDS
    y = codec.encode_labels(samples)
    assert y.dtype == torch.int64
    assert codec.decode_labels(y) == samples["label"].tolist()
    with pytest.raises(GenloomError, match=r"label 'new' is unknown .* has 'logp 1: below 1', "):
        codec.encode_labels(samples_of(["C"], ["new"]))
    for place in (-1, 3):
        with pytest.raises(GenloomError, match=f"no class number {place}: .* knows 0 to 2"):
            codec.decode_labels([place])


def test_targets_and_their_bands(samples):
    targets = np.array([0.5, 2.0, 9.0, 0.1, 1.5, 4.0, -3.0, 2.5, 5.0, 1.0])
    labels = [f"height {1 + (t > 1) + (t > 3)}: x" for t in targets]
    codec = fit_codec(samples_of(MOLECULES, labels, target=targets))
    found = codec.encode_targets(samples_of(MOLECULES, labels, target=targets))
    assert found.dtype == torch.float32
    assert found.tolist() == pytest.approx(targets.tolist())
    assert codec.edges == [1.25, 3.25]
    assert codec.classes_of(found).tolist() == [1 * (t > 1) + (t > 3) for t in targets]
    assert codec.classes_of(torch.tensor([-math.inf, 1.24, 1.25, 3.26, 99])).tolist() == [
        *(0, 0, 1, 2, 2)
    ]
    assert codec.classes_of(found).dtype == torch.int64
    assert codec.left_out == ""
    with pytest.raises(GenloomError, match=r"no numbers to predict: .* target_column"):
        codec.encode_targets(samples)


def test_labels_that_are_no_bands_give_numbers_no_class(codec):
    mixed = fit_codec(samples_of(MOLECULES, ["a", "b"] * 5, target=np.arange(10.0)))
    for none in (codec, mixed):
        assert none.edges == []
        with pytest.raises(GenloomError, match=r"Numbers have no class: .* are not bands"):
            none.classes_of(torch.tensor([1.0]))
    one = fit_codec(samples_of(MOLECULES, [""] * 10, target=np.arange(10.0)))
    assert one.classes_of(torch.tensor([1.0, 2.0])).tolist() == [0, 0]


def test_descriptors_leave_out_what_the_labels_were_computed_from(samples):
    assert fit_codec(samples, property="logp").left_out == "logp"
    assert fit_codec(samples, property="qed").left_out == ""
    heavy = [f"weight {1 + n % 3}: x" for n in range(10)]
    assert fit_codec(samples_of(MOLECULES, heavy), property="weight").left_out == "weight"
    for measured in (["0", "1"] * 5, ["logp high", "logp low"] * 5):
        assert fit_codec(samples_of(MOLECULES, measured)).left_out == ""
    with_target = samples_of(MOLECULES, target=np.arange(10.0))
    assert fit_codec(with_target).of("descriptors").shape == (len(names()),)


def test_fit_reads_the_training_split_only(samples, codec):
    other = samples_of(["C[Se]" * 30], ["new"]).assign(split="scaffold")
    assert fit_codec(pd.concat([samples, other]), length=50, views=4) == codec
    with pytest.raises(GenloomError, match="There are no training samples"):
        fit_codec(other)


@pytest.mark.parametrize("form", FORMS)
def test_survives_json_and_copies(codec, samples, form):
    codec = codec.of(form)
    again = codec_from_dict(json.loads(json.dumps(codec_to_dict(codec))))
    assert again == codec == copy.deepcopy(codec) == codec.of("graphs").of(form)
    assert again.shape == codec.shape
    assert torch.equal(again.encode(samples), codec.encode(samples))


def test_forms_that_do_not_exist_or_have_no_way_back(codec):
    with pytest.raises(GenloomError, match="no molecule codec 'words': use one of smiles, selfies"):
        codec.of("words")
    for form in OTHERS:
        own = codec.of(form)
        x = own.encode(samples_of(["CC"]))
        for use in (own.decode, own.decode_text, own.encode_text, own.holds):
            argument = x if use in (own.decode, own.decode_text) else "CC"
            with pytest.raises(GenloomError, match=rf"as text in the form {form}: use .* smiles"):
                use(argument)


@pytest.mark.parametrize("form", ROWS)
def test_token_outside_the_vocabulary(codec, form):
    codec = codec.of(form)
    size = codec.shape[1]
    for wrong in (-1, size):
        sentence = f"Tokens from .* cannot be decoded .* {form} has the numbers 0 to {size - 1}"
        with pytest.raises(GenloomError, match=sentence):
            codec.decode(torch.tensor([[6, wrong]]))
        with pytest.raises(GenloomError, match=sentence):
            codec.decode_text([6, wrong])
    with pytest.raises(GenloomError, match=r"shape \[3\] cannot be decoded .* \[n, length\]"):
        codec.decode(torch.tensor([6, 6, 6]))


@pytest.mark.parametrize("form", FORMS)
def test_content_that_is_no_text(codec, form):
    with pytest.raises(GenloomError, match="row 1 is not text"):
        codec.of(form).encode(pd.DataFrame({"content": ["C", None]}, dtype=object))


@pytest.mark.parametrize("form", ROWS)
def test_any_text_can_be_encoded(codec, form):
    odd = ["", "é", "C(", "?", "not a molecule"]
    x = codec.of(form).encode(samples_of(odd))
    assert len(codec.of(form).decode(x)) == len(odd)
