"""What draws are held against: found once, and only ever that of the samples at hand."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from genloom.domains import Measures
from genloom.errors import GenloomError
from genloom.pipelines.evaluation import Judge, describe_references
from genloom.pipelines.sampling import judged_test

SAMPLING = {"draws": 2, "size": 4}  # fewer than the test split has
SPLIT = ["train"] * 8 + ["test"] * 6 + ["scaffold"] * 3
# Nothing is learnt here: features are the samples themselves.
FITTED: Any = SimpleNamespace(encode=list, member=SimpleNamespace(features=list))


def describe(references: pd.DataFrame) -> pd.DataFrame:
    return references.assign(known=[content * 2 for content in references["content"]])


def heard(made: pd.DataFrame, references: pd.DataFrame, train: pd.DataFrame) -> dict[str, Any]:
    return {"references": references, "made": made["content"].tolist(), "train": len(train)}


@pytest.fixture
def samples() -> pd.DataFrame:
    contents = [f"{split}{n}" for n, split in enumerate(SPLIT)]
    return pd.DataFrame({"content": contents, "label": "a", "split": SPLIT})[::-1]


def judge(samples: pd.DataFrame, references: pd.DataFrame | None, size: int = 4) -> Judge:
    measures = Measures(places=list, own_metrics=heard)
    return Judge(samples, SAMPLING | {"size": size}, 0, FITTED, FITTED, measures, references)


def test_own_metrics_hear_what_was_found_before(samples: pd.DataFrame) -> None:
    references = describe_references(samples, SAMPLING, 0, describe=describe)
    test = judged_test(samples, SAMPLING, 0)["content"].tolist()
    assert len(test) == 4
    expected = [*test, "scaffold16", "scaffold15", "scaffold14"]
    assert references["content"].tolist() == expected
    made = pd.DataFrame({"content": ["new"]})
    plain, known = (judge(samples, each).own(made) for each in (None, references))
    assert plain["made"] == known["made"] == ["new"]
    assert plain["train"] == known["train"] == 8
    assert plain["references"].equals(known["references"].drop(columns="known"))
    assert known["references"]["known"].tolist() == [content * 2 for content in expected]


def test_what_is_held_out_otherwise_is_known_beside_other_samples(samples: pd.DataFrame) -> None:
    references = describe_references(samples, SAMPLING, 0, describe=describe)
    part = samples[samples["split"] == "train"][:2]
    found = judge(samples, references).own(part, part)["references"]
    assert found["known"].isna().tolist() == [True] * 2 + [False] * 3


def test_references_of_other_samples_are_refused(samples: pd.DataFrame) -> None:
    references = describe_references(samples, SAMPLING, 0, describe=describe)
    with pytest.raises(GenloomError, match=r"other samples.*run the namespace `references`"):
        judge(samples, references, size=5)
