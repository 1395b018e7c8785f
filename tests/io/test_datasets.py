"""Files are there whole or not at all, also when the disk is full."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from kedro.io import DatasetError

from genloom.io import AtomicDataset, CodecDataset

CSV = {"type": "pandas.CSVDataset", "save_args": {"index": False}}


@pytest.fixture
def dataset(tmp_path):
    return AtomicDataset(filepath=str(tmp_path / "deep" / "table.csv"), dataset=CSV)


def test_round_trip_and_existence(dataset):
    assert not dataset.exists()
    dataset.save(pd.DataFrame({"a": [1, 2]}))
    assert dataset.exists()
    assert dataset.load()["a"].tolist() == [1, 2]


def test_a_failing_save_keeps_the_old_file(dataset, tmp_path):
    dataset.save(pd.DataFrame({"a": [1]}))
    with pytest.raises(DatasetError):
        dataset.save("no table")
    assert dataset.load()["a"].tolist() == [1]


FILL_THE_DISK = """
import resource, signal, sys
import pandas as pd
from genloom.io import AtomicDataset
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
csv = {"type": "pandas.CSVDataset", "save_args": {"index": False}}
AtomicDataset(filepath=sys.argv[1], dataset=csv).save(pd.DataFrame({"a": range(100_000)}))
"""


def test_a_full_disk_leaves_no_file_that_looks_finished(tmp_path):
    target = tmp_path / "table.csv"
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(target)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "File too large" in done.stderr
    assert not target.exists()


def test_codecs_of_strangers_are_not_looked_up(tmp_path):
    (tmp_path / "codec.json").write_text('{"class": "os.path.join"}')
    with pytest.raises(DatasetError, match="not a codec of this project"):
        CodecDataset(filepath=str(tmp_path / "codec.json")).load()
