"""What is known of real molecules: the same from a table, whole or written and read again."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genloom.metrics.molecules import chemnet
from genloom.metrics.molecules.records import SHAPE, Records, records
from genloom.metrics.molecules.references import (
    ALL_BUT_FILTERS,
    describe,
    is_described,
    known,
    plain,
)

REAL = ["Oc1ccccc1-c1cccc2cnccc12", "CCO", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1", "OCC"]


def assert_same(found: Records, expected: Records) -> None:
    for name in Records.__dataclass_fields__:
        if name == "texts":
            continue  # nothing is asked of how a real molecule was spelt
        one, other = getattr(found, name), getattr(expected, name)
        if isinstance(one, list):
            assert one == other, name
        else:
            assert one.dtype == other.dtype, name
            assert np.array_equal(one, other), name


@pytest.mark.parametrize("parts", [ALL_BUT_FILTERS, SHAPE])
@pytest.mark.parametrize("smiles", [REAL, REAL[1:2], [*REAL[:2], "C(", "CC"], ["c1"], []])
def test_a_table_says_what_records_say(
    smiles: list[str], parts: tuple[str, ...], tmp_path: Path
) -> None:
    expected = records(smiles, parts)
    moments: Any = chemnet.moments(chemnet.activations(expected.smiles))
    table = describe(smiles, parts)
    assert len(table) == len(smiles)
    table.to_parquet(tmp_path / "known.parquet")
    for each in (table, pd.read_parquet(tmp_path / "known.parquet")):
        found = known(each)
        assert_same(found.records, expected)
        assert (found.moments is None) == (moments is None)
        if found.moments is not None:
            assert np.array_equal(found.moments.mean, moments.mean)
            assert np.array_equal(found.moments.covariance, moments.covariance)


def test_a_table_is_described_whole_or_not_at_all() -> None:
    samples = pd.DataFrame({"content": REAL})
    table = pd.concat([samples, describe(REAL, SHAPE)], axis=1)
    assert not is_described(samples, SHAPE)
    assert is_described(table, SHAPE)
    assert not is_described(table)  # the KL score needs more
    assert is_described(describe(REAL))
    assert not is_described(pd.concat([table, samples]), SHAPE)
    assert plain(table).equals(samples)
    assert not is_described(describe(["CCO", "C("]))  # so it is always looked at anew


def test_a_part_of_a_larger_table_is_known_by_itself() -> None:
    both = pd.concat([describe(REAL), describe(REAL[:2], SHAPE)])
    assert_same(known(both[len(REAL) :]).records, records(REAL[:2], SHAPE))
