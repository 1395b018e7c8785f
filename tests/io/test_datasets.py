"""Files are there whole or not at all, also when the disk is full."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from kedro.io import DatasetError

from genloom.io import AtomicDataset, CodecDataset
from genloom.io.whole import whole

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
from types import SimpleNamespace
import pandas as pd
import torch
from kedro.io import DatasetError
from matplotlib.figure import Figure
from genloom.domains.text.codec import TextCodec
from genloom.fitted import Fitted
from genloom.io import AtomicDataset, CodecDataset, FittedDataset, PictureDataset

csv = {"type": "pandas.CSVDataset", "save_args": {"index": False}}
member = SimpleNamespace(weights=lambda: {"weights": torch.zeros(100_000)})
figure = Figure(figsize=(20, 20))
figure.subplots().plot(range(50))
saves = [
    (AtomicDataset, {"dataset": csv}, pd.DataFrame({"a": range(100_000)})),
    (CodecDataset, {}, TextCodec(48, ["a"], "bytes", "long " * 10_000)),
    (FittedDataset, {}, Fitted(member, {}, (1,), ["a"], {}, 0, "0" * 64)),
    (PictureDataset, {}, figure),
]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for dataset, more, data in saves:
    try:
        dataset(filepath=sys.argv[1] + "/" + dataset.__name__, **more).save(data)
    except DatasetError as error:
        print(dataset.__name__, error)
"""


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in ("AtomicDataset", "CodecDataset", "FittedDataset", "PictureDataset"):
        assert name in done.stdout
    assert done.stdout.count("File too large") == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", [False, True])
def test_what_is_whole_takes_the_place_of_the_old_and_of_what_a_killed_run_left(tmp_path, folder):
    def write(path, text):
        if folder:
            path.mkdir()
        (path / "content" if folder else path).write_text(text)

    target, left = tmp_path / "deep" / "target", tmp_path / "deep" / ".partial-target"
    target.parent.mkdir()
    write(target, "old")
    write(left, "left")
    with whole(target) as beside:
        write(beside, "new")
    assert list(target.parent.iterdir()) == [target]
    assert (target / "content" if folder else target).read_text() == "new"


def test_codecs_of_strangers_are_not_looked_up(tmp_path):
    (tmp_path / "codec.json").write_text('{"class": "os.path.join"}')
    with pytest.raises(DatasetError, match="not a codec of this project"):
        CodecDataset(filepath=str(tmp_path / "codec.json")).load()
