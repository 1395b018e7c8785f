"""Bands are even and say exactly what is in them; columns are read as what they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from genloom.domains.molecules.targets import (
    PROPERTIES,
    Targets,
    band_edges,
    band_names,
    bands_of,
)
from genloom.errors import GenloomError

numbers = st.lists(
    st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-3, 3).map(float), min_size=1, max_size=60
)


@settings(deadline=None)
@given(numbers, st.integers(2, 9))
def test_no_band_is_empty(values: list[float], bands: int) -> None:
    edges = band_edges(values, bands)
    assert list(edges) == sorted(set(edges))
    assert len(edges) < bands
    assert bool(edges) == (len(set(values)) > 1)
    if edges:
        assert set(bands_of(values, edges)) == set(range(len(edges) + 1))
        names = band_names("x", edges)
        assert len(set(names)) == len(edges) + 1
        assert names == sorted(names)


def test_bands_are_even_and_their_edges_round() -> None:
    values = np.random.default_rng(0).normal(2.1, 1.3, 3000)
    edges = band_edges(values.tolist(), 3)
    assert all(edge == round(edge, 1) for edge in edges)
    counts = np.bincount(bands_of(values.tolist(), edges))
    assert counts.min() >= 900
    assert band_edges((1000 * values).tolist(), 3) == tuple(1000 * edge for edge in edges)
    tiny = band_edges((values / 1e4).tolist(), 3)
    assert len(tiny) == 2
    assert tiny[0] < tiny[1]
    assert min(np.bincount(bands_of((values / 1e4).tolist(), tiny))) >= 900


def test_many_equal_values_make_fewer_bands() -> None:
    assert band_edges([0.0] * 9 + [1.5, 2.5], 3) == (1.5,)
    assert band_edges([0.0] * 2 + [1.0] * 9, 3) == (1.0,)
    assert band_edges([2.0, 2.0], 3) == ()


def test_band_names() -> None:
    assert band_names("logp", (1.3, 2.9)) == [
        "logp 1: below 1.3",
        "logp 2: 1.3 to 2.9",
        "logp 3: above 2.9",
    ]
    assert band_names("weight", (250.0,)) == ["weight 1: below 250", "weight 2: above 250"]
    long = band_names("measured log solubility in mols per litre", (-2.0,))
    assert long[0] == "measured log solubili... 1: below -2"


def test_properties_of_aspirin() -> None:
    mol = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
    values = {name: measure(mol) for name, measure in PROPERTIES.items()}
    assert values["logp"] == pytest.approx(1.31, abs=0.01)
    assert values["weight"] == pytest.approx(180.16, abs=0.01)
    assert values["qed"] == pytest.approx(0.55, abs=0.01)
    assert values["sa"] == pytest.approx(1.58, abs=0.02)


def test_columns_of_numbers_and_of_classes() -> None:
    many = Targets.of([str(n / 7) for n in range(11)] + [""], "y", "t.csv")
    assert many.numeric
    assert many.read("-1e3") == -1000.0
    assert [many.read(cell) for cell in ("", "nan", "inf", "> 5")] == [None] * 4

    few = Targets.of(["0.0", "1.0", "1", ""], "y", "t.csv")
    assert not few.numeric
    assert [few.read(cell) for cell in ("1.0", "0", "")] == ["1", "0", None]
    words = Targets.of(["high", "low", "007"], "y", "t.csv")
    assert [words.read(cell) for cell in ("low", "007", "")] == ["low", "007", None]
    assert Targets.of(["0.5", "1.5"], "y", "t.csv").read("0.5") == "0.5"
    # A few cells that are no numbers do not make classes of a hundred numbers.
    assert Targets.of([str(n) for n in range(100)] + ["> 5"], "y", "t.csv").numeric


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["", ""], r"column 'y' of t\.csv is empty: set molecules\.target_column"),
        (["1", "1.0", ""], r"holds one value only \('1(\.0)?'\)"),
        (["a"] * 30, r"holds one value only \('a'\)"),
        ([f"name {n}" for n in range(60)], "holds 60 different values that are neither numbers"),
    ],
)
def test_wrong_columns(cells: list[str], sentence: str) -> None:
    with pytest.raises(GenloomError, match=sentence):
        Targets.of(cells, "y", "t.csv")
