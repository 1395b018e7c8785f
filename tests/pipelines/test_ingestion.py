"""Data with which a later step would fail is refused before anything trains."""

import pandas as pd
import pytest

from genloom.errors import GenloomError
from genloom.pipelines.ingestion import ingest


def read(parameters, seed):
    rows = [
        (label, split)
        for split, size in parameters["sizes"].items()
        for label in ("cat", "dog")
        for _ in range(size if label == "dog" else parameters.get(f"cat_{split}", size))
    ]
    return pd.DataFrame(rows, columns=["label", "split"]), pd.DataFrame()


def test_enough_passes():
    samples, _ = ingest(0, read=read, sizes={"train": 5, "validation": 1, "test": 3})
    assert len(samples) == 18


@pytest.mark.parametrize(
    ("sizes", "more", "sentence"),
    [
        ({"train": 8, "test": 4}, {"cat_train": 1}, "Class 'cat' has 1 samples in the training"),
        ({"train": 8, "test": 2}, {}, "The test split has 4 samples, but neighbourhoods"),
        ({"train": 2, "test": 8}, {}, "The train split has 4 samples, but neighbourhoods"),
    ],
)
def test_too_little_is_named(sizes, more, sentence):
    with pytest.raises(GenloomError) as error:
        ingest(0, read=read, sizes=sizes, **more)
    assert error.value.message.startswith(sentence)
