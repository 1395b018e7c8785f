"""Repeats are merged or refused, and splits are what they promise."""

import pandas as pd
import pytest

from genloom.domains.molecules.splitting import check_split, limited, samples_of, without_repeats
from genloom.errors import GenloomError

SHARES = {"validation": 0.05, "test": 0.1, "scaffold": 0.1}


def molecules(contents: list[str], values: list[object], **columns: list[str]) -> pd.DataFrame:
    """A table as ``gather`` makes it, row 1 first."""
    return pd.DataFrame(
        {
            "where": range(1, len(contents) + 1),
            "text": [f"as {content}" for content in contents],
            "content": contents,
            "flat": contents,
            "scaffold": [f"ring {n // 3}" for n in range(len(contents))],
            "value": values,
        }
        | columns
    )


def test_repeats_of_numbers() -> None:
    # Their standard deviation is near 3, so 0.1 is no contradiction and 1 is one.
    contents = ["a", "b", "a", "c", "d", "c", "a", "e"]
    kept, rejects = without_repeats(molecules(contents, [1.0, 0, 1.1, 9, 4, 8, 1.05, 5]))
    assert kept["content"].tolist() == ["a", "b", "d", "e"]
    assert kept["value"].tolist() == pytest.approx([1.05, 0, 4, 5])
    assert kept["where"].tolist() == [1, 2, 5, 8]
    contradiction = "is a molecule of several rows with contradicting targets (4: 9.0, 6: 8.0)"
    assert rejects == [
        (3, "as a", "is the same molecule as row 1"),
        (4, "as c", contradiction),
        (6, "as c", contradiction),
        (7, "as a", "is the same molecule as row 1"),
    ]


def test_repeats_of_classes() -> None:
    kept, rejects = without_repeats(molecules(["a", "b", "a", "b"], ["0", "0", "0", "1"]))
    assert kept["content"].tolist() == ["a"]
    assert [row for row, _, _ in rejects] == [2, 3, 4]
    assert rejects[2][2].endswith("contradicting targets (2: 0, 4: 1)")
    many = molecules(["a"] * 9, ["0", "1"] * 4 + ["0"])
    assert without_repeats(many)[1][8][2].endswith("(1: 0, 2: 1, 3: 0, 4: 1, 5: 0, ...)")


def numbered(count: int, **columns: list[str]) -> pd.DataFrame:
    values = [float((7 * n) % count) for n in range(count)]
    return molecules([f"m{n}" for n in range(count)], list(values), **columns)


def test_splits_labels_and_targets() -> None:
    flat = [f"flat {n // 2}" for n in range(300)]
    table = numbered(300, flat=flat, scaffold=[f"ring {n // 6}" for n in range(300)])
    samples = samples_of(table, shares=SHARES, bands=3, name="y", keep_numbers=True, seed=0)
    assert list(samples) == ["content", "label", "split", "source", "scaffold", "target"]
    assert samples["content"].tolist() == table["content"].tolist()
    assert samples["target"].tolist() == table["value"].tolist()
    counts = samples["split"].value_counts()
    assert counts["scaffold"] == 30
    assert counts["test"] == pytest.approx(30, abs=4)
    assert counts["validation"] == pytest.approx(15, abs=4)
    held = samples["split"] == "scaffold"
    assert set(samples["scaffold"][held]).isdisjoint(samples["scaffold"][~held])
    assert samples["split"].groupby(flat).nunique().max() == 1
    # Bands are the training split's: nearly even there, whatever the others hold.
    train = samples[samples["split"] == "train"]
    assert train["label"].value_counts().min() >= 0.8 * len(train) / 3
    lowest, highest = (train.groupby("label")["target"].agg(which) for which in ("min", "max"))
    assert (lowest.to_numpy()[1:] > highest.to_numpy()[:-1]).all()
    assert (pd.crosstab(samples["label"], samples["split"])[["test", "train"]] > 0).all(axis=None)

    other = samples_of(table, shares=SHARES, bands=3, name="y", keep_numbers=False, seed=1)
    assert "target" not in other
    assert (other["split"] != samples["split"]).any()


def test_classes_stand_in_every_split() -> None:
    table = numbered(200).assign(value=["rare" if n % 10 == 0 else "common" for n in range(200)])
    samples = samples_of(table, shares=SHARES, bands=3, name="y", keep_numbers=False, seed=0)
    assert samples["label"].tolist() == table["value"].tolist()
    parts = pd.crosstab(samples["label"], samples["split"])[["train", "validation", "test"]]
    assert (parts > 0).all(axis=None)


def test_without_held_out_scaffolds() -> None:
    assert check_split(None) == SHARES
    assert check_split({"test": 0.2}) == SHARES | {"test": 0.2}
    shares = check_split({"scaffold": 0, "test": 0.2})
    assert shares == {"validation": 0.05, "test": 0.2}
    table = numbered(100, scaffold=[""] * 100)
    samples = samples_of(table, shares=shares, bands=2, name="y", keep_numbers=False, seed=0)
    assert set(samples["split"]) == {"train", "validation", "test"}
    with pytest.raises(GenloomError, match=r"split\.test is 0"):
        check_split({"test": 0})


def test_too_little_to_split() -> None:
    options = {"shares": SHARES, "bands": 3, "name": "y", "keep_numbers": True, "seed": 0}
    with pytest.raises(GenloomError, match=r"give 19 different molecules .* need at least 20"):
        samples_of(numbered(19), **options)  # type: ignore[arg-type]
    with pytest.raises(GenloomError, match=r"All molecules have the same y \(2\), so"):
        samples_of(numbered(40).assign(value=2.0), **options)  # type: ignore[arg-type]
    few = numbered(40).assign(value=["a"] * 38 + ["b"] * 2)
    with pytest.raises(GenloomError, match="class 'b' has"):
        samples_of(few, **options)  # type: ignore[arg-type]


def test_limited() -> None:
    table = numbered(400).assign(value=["rare" if n % 10 == 0 else "common" for n in range(400)])
    assert limited(table, None, 0) is table
    assert limited(table, 1000, 0)["where"].tolist() == table["where"].tolist()
    small = limited(table, 100, 0)
    assert len(small) == 100
    assert small["where"].is_monotonic_increasing
    assert (small["value"] == "rare").sum() == 20, "at least so many that all splits have some"
    assert limited(numbered(400), 100, 0)["where"].tolist() != list(range(1, 101))
    assert not limited(table, 100, 1).equals(small)
