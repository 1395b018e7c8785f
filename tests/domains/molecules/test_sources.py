"""Every source becomes samples; whatever a person can get wrong ends in one sentence."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from genloom.domains.molecules.files import nci, read_smiles
from genloom.domains.molecules.sources import SOURCES, check, ingest
from genloom.errors import GenloomError

BESIDE = Path(__file__).parents[4] / "shared" / "datasets"
COLUMNS = ["content", "label", "split", "source", "scaffold"]


def complaint(parameters: dict[str, Any]) -> str:
    """The sentence about parameters that ``check`` and ``ingest`` refuse alike."""
    said = []
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError) as error:
            use(parameters)
        said.append(error.value.message)
    assert said[0] == said[1]
    assert "\n" not in said[0]
    return said[0]


@pytest.fixture(scope="module")
def some() -> list[str]:
    """Molecules of NCI as they stand there."""
    return [row.text for row in read_smiles(nci())][:300]


# --- nci ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few() -> tuple[pd.DataFrame, pd.DataFrame]:
    return ingest({"source": "nci", "limit": 200}, 0)


def test_nci(few: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    samples, rejects = few
    assert list(samples.columns) == COLUMNS
    assert list(rejects.columns) == ["row", "content", "reason"]
    assert len(samples) == 200
    assert not samples["content"].duplicated().any()
    assert all(Chem.CanonSmiles(content) == content for content in samples["content"])
    assert not samples["content"].str.contains(".", regex=False).any()
    counts = samples["split"].value_counts()
    assert counts["scaffold"] == pytest.approx(20, abs=1)
    assert counts["test"] == pytest.approx(20, abs=3)
    assert counts["validation"] == pytest.approx(10, abs=3)
    held = samples["split"] == "scaffold"
    assert set(samples["scaffold"][held]).isdisjoint(samples["scaffold"][~held])
    labels = sorted(samples["label"].unique())
    assert [label[:7] for label in labels] == ["logp 1:", "logp 2:", "logp 3:"]
    train = samples.loc[~held & (samples["split"] == "train"), "label"].value_counts(normalize=True)
    assert train.min() > 0.26


def test_the_seed_decides(few: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    again, rejects = ingest({"source": "nci", "limit": 200, "lstm": {"role": "generator"}}, 0)
    for name, frame in (("a", again), ("b", few[0])):
        frame.to_parquet(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a"), few[0])
    pd.testing.assert_frame_equal(rejects, few[1])
    other, _ = ingest({"source": "nci", "limit": 200}, 1)
    assert len(set(other["content"]) & set(again["content"])) < 50


def test_a_machine_that_cannot_draw_is_told_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rdkit.Chem.Draw", None)  # as where a library is missing
    with pytest.raises(GenloomError, match=r"cannot draw .* `apt-get install libxrender1"):
        check({"source": "nci"})


def test_length_bands_property_and_shares() -> None:
    block = {"source": "nci", "limit": 150, "length": 15, "bands": 2, "most_rejects": 0.9}
    samples, rejects = ingest(block | {"property": "weight", "split": {"test": 0.3}}, 0)
    assert samples["content"].str.len().max() < 40
    assert rejects["reason"].str.fullmatch("has more than 15 tokens").any()
    assert all(label.startswith("weight ") for label in samples["label"])
    assert samples["label"].nunique() == 2
    assert (samples["split"] == "test").mean() == pytest.approx(0.3, abs=0.03)
    with pytest.raises(GenloomError, match=r"rows of nci cannot be used, .* more than 15 tokens"):
        ingest(block | {"most_rejects": 0.2}, 0)


# --- moleculenet --------------------------------------------------------------------------


def real(name: str) -> Path:
    mirror = Path(os.environ.get("GENLOOM_MIRROR", BESIDE))
    if not (mirror / "moleculenet" / name).is_file():
        pytest.skip(f"needs GENLOOM_MIRROR with moleculenet/{name}")
    return mirror


def test_real_esol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLOOM_MIRROR", str(real("delaney-processed.csv")))
    samples, rejects = ingest({"source": "esol"}, 0)
    assert list(samples.columns) == [*COLUMNS, "target"]
    assert samples["target"].dtype == np.float64
    assert len(samples) + len(rejects) == 1128
    assert len(samples) == 1111
    assert {label[:12] for label in samples["label"]} == {f"solubility {n}" for n in (1, 2, 3)}
    assert rejects["reason"].str.contains("contradicting targets").sum() == 6


def test_real_bbbp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLOOM_MIRROR", str(real("BBBP.csv")))
    samples, rejects = ingest({"source": "bbbp", "limit": 300}, 0)
    assert list(samples.columns) == COLUMNS
    assert len(samples) == 300
    assert set(samples["label"]) == {"0", "1"}
    assert (samples["label"] == "1").mean() == pytest.approx(0.77, abs=0.02)
    assert (pd.crosstab(samples["label"], samples["split"]) > 0).all(axis=None)
    assert not rejects.empty


# --- a person's own file ------------------------------------------------------------------


def from_file(path: Path, lines: list[str], **more: Any) -> dict[str, Any]:
    path.write_bytes("\r\n".join(lines).encode())
    return {"source": "file", "file": str(path), **more}


def test_file_with_bad_rows(tmp_path: Path, some: list[str]) -> None:
    wrong = ["C1CC one", "CCCO.CCN two", "C*", "CC[CH2]", "C", "C" * 90, "C[Hg]C", "", some[0]]
    lines = ["smiles name", *(f"{text}\tx" for text in some), *wrong]
    samples, rejects = ingest(from_file(tmp_path / "m.smi", lines), 0)
    last = rejects[rejects["row"].astype(int) > 301]
    assert dict(zip(last["row"], last["content"], strict=True)) == {
        str(302 + n): text.split()[0] for n, text in enumerate(wrong) if text
    }
    assert last["reason"].tolist() == [
        "cannot be read as SMILES",
        "is a mixture of different molecules",
        "has a wildcard in place of an atom",
        "is a radical",
        "is a single atom",
        "has more than 80 tokens",
        "has a bound metal atom",
        "is the same molecule as row 2",
    ]
    assert len(samples) + len(rejects) == 308


def test_empty_and_wrong_files(tmp_path: Path) -> None:
    path = tmp_path / "m.smi"
    for lines in ([""], [" ", "\t"], ["smiles"]):
        assert "m.smi holds no molecules: set molecules.file" in complaint(from_file(path, lines))
    said = complaint(from_file(path, ["a story", "about nothing"]))
    assert "None of the first 2 rows of" in said
    assert "set molecules.file to a file with a SMILES at the start of every line" in said
    with pytest.raises(GenloomError, match="give 2 different molecules"):
        ingest(from_file(path, ["CCO", "CCN", "OCC"]), 0)
    with pytest.raises(GenloomError, match=r"cannot be used, .* allows 20%; .* cannot be read"):
        ingest(from_file(path, ["C" * n for n in range(2, 40)] + ["x"] * 20), 0)


def test_many_rows_of_few_molecules(tmp_path: Path, some: list[str]) -> None:
    few = ["c1ccccc1", *some[:30]]
    (tmp_path / "m.smi").write_text("\n".join(few[n // 20 % 31] for n in range(6200)))
    block = {"source": "file", "file": str(tmp_path / "m.smi"), "split": {"scaffold": 0}}
    samples, rejects = ingest(block, 0)
    assert len(samples) == 31
    assert len(rejects) == 6200 - 31
    assert set(rejects["reason"].str[:25]) == {"is the same molecule as r"}


def test_a_limit_standardises_few_rows(tmp_path: Path) -> None:
    lines = (f"{'C' * (n % 70 + 2)}O" for n in range(1_000_000))
    (tmp_path / "m.smi").write_text("\n".join(lines))
    block = {"source": "file", "file": str(tmp_path / "m.smi"), "split": {"scaffold": 0}}
    samples, rejects = ingest(block | {"limit": 50}, 0)
    assert 40 < len(samples) <= 50
    assert len(samples) + len(rejects) <= 175
    assert rejects["row"].astype(int).max() > 750_000, "they are from everywhere"


# --- a table ------------------------------------------------------------------------------


def of_table(path: Path, table: pd.DataFrame, **more: Any) -> dict[str, Any]:
    table.to_csv(path, index=False)
    return {"source": "table", "table": str(path), **more}


def test_table_with_numbers_or_classes(tmp_path: Path, some: list[str]) -> None:
    table = pd.DataFrame({"mol": some, "size": [len(text) / 3 for text in some]})
    table["kind"] = np.where(table["size"] > 8, "big", "small")
    table.loc[5, "size"], table.loc[6, "kind"] = np.nan, None
    block = of_table(tmp_path / "t.csv", table, smiles_column="mol")

    samples, rejects = ingest(block | {"target_column": "size"}, 0)
    assert list(samples.columns) == [*COLUMNS, "target"]
    assert set(samples["label"].str[:7]) == {"size 1:", "size 2:", "size 3:"}
    assert rejects[rejects["row"] == "6"]["reason"].tolist() == ["has no target"]
    samples, rejects = ingest(block | {"target_column": "kind"}, 0)
    assert list(samples.columns) == COLUMNS
    assert set(samples["label"]) == {"big", "small"}
    assert rejects[rejects["row"] == "7"]["reason"].tolist() == ["has no target"]
    samples, _ = ingest(block | {"limit": 100}, 0)
    assert set(samples["label"].str[:5]) == {"logp "}


def test_contradicting_targets(tmp_path: Path, some: list[str]) -> None:
    table = pd.DataFrame({"smiles": ["CCCO", "OCCC", *some], "y": np.arange(len(some) + 2.0)})
    table["y"] = 300 - table["y"] * (table.index > 0)
    block = of_table(tmp_path / "t.csv", table, target_column="y")
    samples, _ = ingest(block, 0)
    assert samples.set_index("content")["target"]["CCCO"] == 299.5
    table.loc[1, "y"] = 100
    samples, rejects = ingest(of_table(tmp_path / "t.csv", table, target_column="y"), 0)
    assert "CCCO" not in set(samples["content"])
    assert (
        rejects.loc[rejects["row"].isin(["1", "2"]), "reason"].tolist()
        == ["is a molecule of several rows with contradicting targets (1: 300.0, 2: 100.0)"] * 2
    )


def test_wrong_tables(tmp_path: Path, some: list[str]) -> None:
    table = pd.DataFrame({"smiles": some, "name": [f"n {n}" for n in range(300)], "one": 1})
    block = of_table(tmp_path / "t.csv", table)
    said = complaint(block | {"smiles_column": "SMILES"})
    assert "has no column 'SMILES': set molecules.smiles_column" in said
    assert "('smiles', 'name', 'one')" in said
    said = complaint(block | {"smiles_column": "name"})
    assert "None of the first 200 rows of" in said
    assert "set molecules.smiles_column to the column with SMILES" in said
    assert "holds one value only ('1')" in complaint(block | {"target_column": "one"})
    assert "neither numbers nor up to 50" in complaint(block | {"target_column": "name"})
    assert "t.csv is empty" in complaint(of_table(tmp_path / "t.csv", table[:0]))


# --- check --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"source": "zinc"}, f"no molecule source 'zinc': set .* {', '.join(SOURCES)}"),
        ({}, "no molecule source None"),
        ({"source": "nci", "length": 9}, r"molecules\.length is 9, but .* from 10 to 400"),
        ({"source": "nci", "length": True}, r"molecules\.length is True"),
        ({"source": "nci", "bands": 1}, r"molecules\.bands is 1, but .* from 2 to 9"),
        ({"source": "nci", "property": "mass"}, "is 'mass', .* one of logp, qed, weight, sa"),
        ({"source": "nci", "property": ["qed"]}, r"property is \['qed'\]"),
        ({"source": "nci", "limit": 19}, r"molecules\.limit is 19, but .* from 20 up"),
        ({"source": "nci", "most_rejects": 2}, r"most_rejects is 2, but .* from 0 to 1"),
        ({"source": "nci", "most_rejects": None}, r"most_rejects is None"),
        ({"source": "nci", "raw_folder": 1}, r"molecules\.raw_folder is 1, but"),
        ({"source": "nci", "split": {"test": 1.5}}, r"split\.test is 1\.5"),
        ({"source": "nci", "split": {"scaffold": 0, "test": 0.97}}, "sum to 1.02"),
        ({"source": "file"}, r"source file needs molecules\.file, which is None"),
        ({"source": "table", "table": ""}, r"source table needs molecules\.table, which is ''"),
        ({"source": "file", "file": "no/such.smi"}, r"file no/such\.smi does not exist"),
        ({"source": "table", "table": "no.csv"}, r"table no\.csv does not exist"),
        ({"source": "table", "table": "t.csv", "smiles_column": -1}, "smiles_column, which is -1"),
        ({"source": "table", "table": "t.csv", "smiles_column": None}, "which is None"),
        ({"source": "table", "table": "t.csv", "target_column": ""}, "target_column, which is ''"),
        *(
            ({"source": source, "target_column": "y"}, f"source {source} has no column .* is 'y':")
            for source in ("nci", "esol", "bbbp", "file")
        ),
        ({"source": "nci", "target_column": 0}, "set it to null, or set molecules.source to table"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], sentence: str) -> None:
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError, match=sentence):
            use(parameters)


def test_good_parameters() -> None:
    check({"source": "nci", "file": None, "table": None, "target_column": None, "limit": None})
    check({"source": "esol", "split": {"scaffold": 0}, "bands": 9, "most_rejects": 1})
