"""Rows as vectors and back."""

import json
import math

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.codecs import codec_for, codec_from_dict, codec_to_dict, decoded
from genloom.domains.tables.classical import classical_moves
from genloom.domains.tables.codec import FORMS, TableCodec, fit_codec, places
from genloom.domains.tables.columns import Column
from genloom.domains.tables.rows import from_contents, to_contents
from genloom.domains.tables.sources import ingest
from genloom.errors import GenloomError

MIXED = {
    "age": [31, None, 40, 28, 90, 31],
    "weight": [60.25, 71.5, 60.25, 99.0, 80.75, 70.0],
    "town": ["Rome", "Oslo", None, "Rome", "town 10", "town 9"],
    "smokes": [True, False, None, True, False, False],
    "seen": ["2024-01-31", "2023-05-01", "2024-02-29", None, "2020-01-01", "2024-01-31"],
    "at": ["2024-01-31T10:00:00", *["2024-01-31T12:30:00"] * 5],
}


def table(columns=MIXED, **more):
    names = list(columns)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    n = len(rows)
    made = {"content": [json.dumps(row) for row in rows], "label": ["b", "a"] * (n // 2)}
    return pd.DataFrame(made | {"split": ["train"] * n} | more)


def test_kinds_come_back_from_contents():
    kinds = {column.name: column.kind for column in from_contents(table()["content"].tolist())}
    assert kinds == {
        "age": "number",
        "weight": "number",
        "town": "category",
        "smokes": "boolean",
        "seen": "date",
        "at": "date",
    }


@pytest.mark.parametrize("form", FORMS)
def test_rows_come_back(form):
    samples = table()
    codec = fit_codec(samples).of(form)
    x = codec.encode(samples)
    assert x.dtype == torch.float32
    assert x.shape == (6, *codec.shape)
    assert codec.decode(x) == samples["content"].tolist()
    again = codec_from_dict(json.loads(json.dumps(codec_to_dict(codec))))
    assert again == codec
    assert torch.equal(again.encode(samples), x)


def test_what_each_number_says():
    samples = table()
    codec = fit_codec(samples)
    x = codec.encode(samples)
    assert codec.names == [
        *("age", "age missing", "weight", "town = Oslo", "town = Rome", "town = town 9"),
        *("town = town 10", "town missing", "smokes", "smokes missing", "seen", "seen missing"),
        "at",
    ]
    assert len(codec.names) == x.shape[1]
    said = dict(zip(codec.names, x.T.tolist(), strict=True))
    assert said["age missing"] == [0, 1, 0, 0, 0, 0]
    assert said["age"][1] == 0  # the mean
    assert said["town = Rome"] == [1, 0, 0, 1, 0, 0]
    assert said["town missing"] == [0, 0, 1, 0, 0, 0]
    assert sum(said["weight"]) == pytest.approx(0, abs=1e-5)
    assert torch.tensor(said["weight"]).std(correction=0) == pytest.approx(1)
    assert codec.classes == ["a", "b"]


def test_the_form_normal_is_normal():
    samples, _ = ingest({"source": "breast_cancer"}, 0)
    codec = fit_codec(samples)
    train = samples[samples["split"] == "train"]
    plain, normal = codec.encode(train), codec.of("normal").encode(train)

    def skew(x):
        return ((x - x.mean(0)) / x.std(0)).pow(3).mean(0)

    assert skew(plain).abs().max() > 3
    assert skew(normal).abs().max() < 0.5
    assert (normal.std(0) - 1).abs().max() < 0.1
    # A held-out row comes back within its column's range, nearly as it was.
    test = samples[samples["split"] == "test"]
    real = from_contents(test["content"].tolist())
    for form in FORMS:
        own = codec.of(form)
        made = from_contents(own.decode(own.encode(test)))
        for scale, column, again in zip(codec.scales, real, made, strict=True):
            inside = [min(max(v, scale.low), scale.high) for v in column.cells]
            off = max(abs(a - b) for a, b in zip(inside, again.cells, strict=True))
            assert off < 1e-4 * (scale.high - scale.low) + 10**-scale.decimals, scale.name


@pytest.mark.parametrize("form", FORMS)
def test_decoded_rows_stay_in_range_and_whole(form):
    samples = table()
    codec = fit_codec(samples).of(form)
    x = torch.randn(200, *codec.shape, generator=torch.Generator().manual_seed(0)) * 3
    rows = [json.loads(content) for content in codec.decode(x)]
    ages = [row["age"] for row in rows if row["age"] is not None]
    assert all(isinstance(age, int) and 28 <= age <= 90 for age in ages)
    assert len(set(ages)) > 5
    assert None in [row["age"] for row in rows]
    weights = [row["weight"] for row in rows]
    assert all(60.25 <= weight <= 99 and weight == round(weight, 2) for weight in weights)
    assert {row["town"] for row in rows} == {"Rome", "Oslo", "town 9", "town 10", None}
    assert {row["smokes"] for row in rows} == {True, False, None}
    assert all("2020-01-01" <= row["seen"] <= "2024-02-29" for row in rows if row["seen"])


def test_a_number_that_stands_there_often_is_made_as_often():
    gain = [0] * 70 + list(range(100, 130))
    samples = table({"gain": gain, "other": list(range(100))})
    codec = fit_codec(samples).of("normal")
    x = torch.randn(2000, 2, generator=torch.Generator().manual_seed(0))
    made = from_contents(codec.decode(x))[0].cells
    assert made.count(0) / len(made) == pytest.approx(0.7, abs=0.03)
    assert len(set(made)) > 25


def test_unknown_categories_columns_and_missing_cells_can_be_encoded():
    samples = table()
    codec = fit_codec(samples)
    row = json.loads(samples["content"][0])
    other = pd.DataFrame({"content": [json.dumps(row | {"town": "Paris", "more": 1})]})
    said = dict(zip(codec.names, codec.encode(other)[0].tolist(), strict=True))
    assert not any(value for name, value in said.items() if name.startswith("town"))
    gone = pd.DataFrame({"content": [json.dumps(row | {"weight": None})]})
    assert codec.encode(gone)[0, codec.names.index("weight")] == 0


def test_a_column_that_only_other_splits_fill():
    samples = table({"a": [None, None, 3.5, 4.5], "b": [1, 2, 3, 4]})
    samples["split"] = ["train", "train", "test", "test"]
    codec = fit_codec(samples)
    assert codec.encode(samples)[:, 0].tolist() == [1, 1, 0, 0]
    assert json.loads(codec.decode(codec.encode(samples))[2]) == {"a": None, "b": 2}


def test_targets_and_their_classes():
    samples, _ = ingest({"source": "diabetes"}, 0)
    codec = fit_codec(samples, bands=3)
    train = samples[samples["split"] == "train"]
    targets = codec.encode_targets(samples)
    assert targets.dtype == torch.float32
    assert torch.equal(codec.classes_of(targets), codec.encode_labels(samples))
    assert codec.decode_labels(codec.classes_of(targets)) == samples["label"].tolist()
    assert codec.classes == ["progression 1 low", "progression 2 middle", "progression 3 high"]
    assert len(codec.edges) == 2
    assert train["target"].min() < codec.edges[0] < codec.edges[1] < train["target"].max()
    again = codec_from_dict(codec_to_dict(codec))
    assert torch.equal(again.classes_of(targets), codec.classes_of(targets))
    with pytest.raises(GenloomError, match="no numbers to predict"):
        codec.encode_targets(table())


@pytest.mark.parametrize("form", ["vectors", "normal"])
def test_what_generates_makes_the_target_as_a_last_column(form):
    samples, _ = ingest({"source": "diabetes"}, 0)
    plain = fit_codec(samples).of(form)
    codec = codec_for(fit_codec(samples), {"role": "generator", "codec": form})
    assert codec.shape == (plain.shape[0] + 1,)
    assert codec.names == [*plain.names, "target"]
    assert codec_for(plain, {"role": "predictor"}) == plain
    train = samples[samples["split"] == "train"]
    x, y = codec.encode(train), codec.encode_labels(train)
    assert torch.equal(x[:, :-1], plain.encode(train))
    assert x[:, -1].mean().abs() < 0.05
    assert x[:, -1].std() == pytest.approx(1, abs=0.05)
    made = decoded(codec, x, y)
    assert made["label"].tolist() == train["label"].tolist()
    assert made["content"].tolist() == plain.decode(plain.encode(train))
    assert made["target"].tolist() == train["target"].tolist()
    far = decoded(codec, 50 * torch.ones_like(x), y)
    assert set(far["target"]) == {train["target"].max()}
    again = codec_from_dict(json.loads(json.dumps(codec_to_dict(codec))))
    assert again == codec
    assert again.decode_targets(x) == made["target"].tolist()


def test_without_a_number_to_predict_a_generator_makes_none():
    samples = table()
    codec = codec_for(fit_codec(samples), {"role": "generator"})
    assert codec == fit_codec(samples)
    x, y = codec.encode(samples), codec.encode_labels(samples)
    assert list(decoded(codec, x, y).columns) == ["content", "label"]


cells = {
    "whole": st.none() | st.integers(-1000, 1000),
    "number": st.none() | st.integers(-10_000, 10_000).map(lambda n: n / 100),
    "name": st.none() | st.sampled_from(["x", "y", "z 1", "z 2", "ä"]),
    "truth": st.none() | st.booleans(),
    "day": st.none() | st.dates().map(lambda day: day.isoformat()),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(cells), min_size=2, max_size=12), st.sampled_from(FORMS))
def test_any_rows_come_back(rows, form):
    columns = [Column(name, "", [row[name] for row in rows]) for name in cells]
    samples = pd.DataFrame({"content": to_contents(columns), "label": "a", "split": "train"})
    codec = fit_codec(samples).of(form)
    made = [json.loads(content) for content in codec.decode(codec.encode(samples))]
    for row, again in zip(rows, made, strict=True):
        for name in ("whole", "name", "truth"):
            assert again[name] == row[name]
        assert (again["number"] is None) == (row["number"] is None)
        if row["number"] is not None:
            assert math.isclose(again["number"], row["number"], abs_tol=0.011)
        assert (again["day"] is None) == (row["day"] is None)
    assert codec.decode(
        codec.encode(pd.DataFrame({"content": codec.decode(codec.encode(samples))}))
    )


def test_small_moves_leave_names_and_gaps_alone():
    samples = table()
    codec = fit_codec(samples)
    x = codec.encode(samples)
    moved = classical_moves(x, codec=codec, seed=0, copies=3, noise=0.1)
    assert moved.shape == (18, *codec.shape)
    assert torch.equal(moved, classical_moves(x, codec=codec, seed=0, copies=3, noise=0.1))
    assert not torch.equal(moved, classical_moves(x, codec=codec, seed=1, copies=3, noise=0.1))
    change = moved - x.repeat(3, 1)
    numbers = [codec.names.index(name) for name in ("age", "weight", "seen", "at")]
    others = [place for place in range(x.shape[1]) if place not in numbers]
    assert (change[:, others] == 0).all()
    there = torch.ones(18, len(numbers), dtype=torch.bool)
    there[1::6, 0] = there[3::6, 2] = False
    assert (change[:, numbers][~there] == 0).all()
    assert (change[:, numbers][there] != 0).all()
    assert 0.05 < change[:, numbers][there].std() < 0.2
    assert torch.equal(places(samples, codec.of("normal")), x)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "row 0 is not the JSON text of a row"),
        ("[1]", "row 0 is not a row of a table"),
        ('{"age": 1}', "row 0 has no column 'weight'"),
        (None, "row 0 is not the JSON text"),
    ],
)
def test_contents_that_are_no_rows_are_refused(content, said):
    with pytest.raises(GenloomError, match=said):
        fit_codec(table()).encode(pd.DataFrame({"content": [content]}))


def test_what_cannot_be_coded_is_refused():
    samples = table()
    codec = TableCodec.fit(samples)
    row = json.loads(samples["content"][0])
    with pytest.raises(GenloomError, match=r"column 'age' holds 'old' where .* number values"):
        codec.encode(pd.DataFrame({"content": [json.dumps(row | {"age": "old"})]}))
    with pytest.raises(GenloomError, match=r"column 'seen' holds 'soon' where .* date values"):
        codec.encode(pd.DataFrame({"content": [json.dumps(row | {"seen": "soon"})]}))
    with pytest.raises(GenloomError, match="no table codec 'pixels': use one of vectors, normal"):
        codec.of("pixels")
    with pytest.raises(GenloomError, match=r"needs \[n, 13\]"):
        codec.decode(torch.zeros(2, 3))
    with pytest.raises(GenloomError, match="NaN"):
        codec.decode(torch.full((1, 13), torch.nan))
    with pytest.raises(GenloomError, match="label 'c' is unknown"):
        codec.encode_labels(pd.DataFrame({"label": ["c"]}))
    with pytest.raises(GenloomError, match="no class number 2"):
        codec.decode_labels([2])
    with pytest.raises(GenloomError, match="no training samples"):
        TableCodec.fit(samples.assign(split="test"))
    with pytest.raises(GenloomError, match=r"row 1 has the columns age, but the first has"):
        from_contents([samples["content"][0], '{"age": 1}'])
