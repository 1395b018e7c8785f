"""Functions become samples, whole ones only; what a person can get wrong ends in one sentence."""

import ast
import functools
import hashlib
import logging
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from genloom.domains import code
from genloom.domains.code import sources, stdlib
from genloom.domains.code.functions import CodeFile, Function
from genloom.domains.code.measures import compile_rate, parse_rate
from genloom.domains.code.sources import SOURCES, check, ingest
from genloom.domains.code.stdlib import KNOWN_DIGESTS, load_stdlib, stdlib_digest
from genloom.domains.text.pydocs import load_pydocs
from genloom.errors import GenloomError

COLUMNS = ["content", "label", "split", "source", "document"]


def functions(count: int, start: int = 0) -> str:
    """A file of functions of which no two are alike."""
    return "\n\n".join(
        f"def f{n}(x):\n    return '"
        + " ".join(hashlib.md5(f"{n} {k}".encode()).hexdigest()[:7] for k in range(8))
        + "'"
        for n in range(start, start + count)
    )


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


# --- stdlib -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_once() -> Iterator[None]:
    """The library is parsed once for all tests that only ask what becomes of it."""
    read = functools.cache(load_stdlib)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "load_stdlib", lambda: tuple(map(list, read())))
        yield


@pytest.fixture(scope="module")
def library(read_once: None) -> tuple[pd.DataFrame, pd.DataFrame]:
    return ingest({"source": "stdlib"}, 0)


def test_stdlib(library: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    samples, rejects = library
    assert list(samples.columns) == COLUMNS
    assert list(rejects.columns) == ["file", "reason"]
    sizes = samples["content"].str.encode("utf-8").str.len()
    assert sizes.max() <= 767
    shares = (sizes + 2).groupby(samples["split"]).sum() / (sizes + 2).sum()
    assert shares["test"] == pytest.approx(0.15, abs=0.015)
    assert shares["validation"] == pytest.approx(0.05, abs=0.01)
    assert (pd.crosstab(samples["label"], samples["split"]) > 0).all(axis=None)
    assert samples["label"].nunique() == 9
    assert samples.groupby("document")["split"].nunique().max() == 1
    assert samples["document"].drop_duplicates().is_monotonic_increasing
    assert set(samples["source"]) == {"real"}
    kinds = rejects["reason"].str.replace(r"\d+", "N", regex=True)
    assert "has N bytes, more than the N that fit into a row" in set(kinds)
    assert {"repeats", "has", "is"} >= set(kinds.str.split().str[0])


def test_every_sample_is_one_whole_function(
    library: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    contents = library[0]["content"]
    assert parse_rate(contents) == compile_rate(contents) == 1
    for content in contents[::20]:
        (node,) = ast.parse(content).body
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


@pytest.fixture(scope="module")
def files(read_once: None) -> list[CodeFile]:
    found, rejects = sources.load_stdlib()
    assert {reason for _, reason in rejects} == {"has no functions"}
    return found


def test_what_stands_in_the_library(files: list[CodeFile]) -> None:
    import email.message
    import inspect
    import textwrap

    by_name = {file.name: file for file in files}
    message = by_name["email/message.py"]
    assert message.label == "email"
    found = {function.name: function for function in message.functions}
    real = textwrap.dedent(inspect.getsource(email.message.Message.as_string))
    assert found["Message.as_string"].source == real.rstrip()
    assert by_name["textwrap.py"].label == "other"
    # The same files in the same order as the documentation.
    documented = [d.name for d in load_pydocs() if d.name in by_name]
    assert documented == [name for name in by_name if name in set(documented)]
    assert len(documented) > 400
    assert "antigravity" not in sys.modules, "nothing is imported"


def test_the_library_is_the_one_that_figures_were_made_with(files: list[CodeFile]) -> None:
    if platform.python_version() not in KNOWN_DIGESTS:
        pytest.skip(f"no digest is known of Python {platform.python_version()}")
    assert stdlib_digest(files) == KNOWN_DIGESTS[platform.python_version()]


def test_digest_sees_every_part() -> None:
    files = [
        CodeFile("a", "x", [Function("f", 1, "def f(): 1")]),
        CodeFile("b", "x", [Function("f", 1, "def f(): 1")]),
        CodeFile("a", "y", [Function("f", 1, "def f(): 1")]),
        CodeFile("a", "x", [Function("f", 1, "def f(): 2")]),
    ]
    assert len({stdlib_digest([file]) for file in files}) == 4
    assert stdlib_digest(files) != stdlib_digest(files[::-1])


def test_another_python_is_said_once_and_one_without_source_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sources, "load_stdlib", load_stdlib)
    monkeypatch.setattr(stdlib.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(GenloomError, match=r"no source of Python's standard library .*code\.sou"):
        ingest({"source": "stdlib"}, 0)
    (tmp_path / "xml").mkdir()
    (tmp_path / "xml" / "b.py").write_text("def f(): pass")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "c.py").write_text("def test(): pass")
    with caplog.at_level(logging.INFO):
        files, _ = load_stdlib()
    assert files == [CodeFile("xml/b.py", "xml", [Function("f", 1, "def f(): pass")])]
    assert [record.getMessage() for record in caplog.records] == [
        f"Python {platform.python_version()} has other functions than 3.11.7, with which the "
        "figures in the documentation were made: expect other numbers."
    ]


def test_the_seed_decides_the_split_and_nothing_else(
    library: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    again, rejects = ingest({"source": "stdlib", "gpt": {"role": "generator"}}, 0)
    pd.testing.assert_frame_equal(again, library[0])
    pd.testing.assert_frame_equal(rejects, library[1])
    other, _ = ingest({"source": "stdlib"}, 1)
    both = again.merge(other, on=["content", "document"])
    assert len(both) > 0.95 * len(again), "only near-repeats depend on the split"
    assert (both["split_x"] != both["split_y"]).mean() > 0.1


def test_limit_and_length() -> None:
    samples, rejects = ingest({"source": "stdlib", "limit": 600, "length": 256}, 0)
    assert 400 < len(samples) < 700
    assert samples["content"].str.encode("utf-8").str.len().max() <= 255
    assert "more than the 255 that fit" in " ".join(rejects["reason"])
    assert parse_rate(samples["content"]) == 1


# --- a folder -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labels of four files with four functions each."""
    for at, label in enumerate(("loom", "yarn")):
        (tmp_path / "code" / label).mkdir(parents=True)
        for number in range(4):
            path = tmp_path / "code" / label / f"{number}.py"
            path.write_text(functions(4, 100 * at + 10 * number))
    return tmp_path / "code"


def of(folder: Path, **more: Any) -> dict[str, Any]:
    return {"source": "folder", "folder": str(folder), "length": 256, **more}


def test_folder(folder: Path) -> None:
    deeper = folder / "yarn" / "more" / "deep.py"
    deeper.parent.mkdir()
    deeper.write_text(functions(2, 500) + "\n\ndef long():\n    x = 1" + "\n    x += 1" * 40)
    (folder / "yarn" / "old.py").write_text("print 'two'")
    (folder / "yarn" / "repeat.py").write_text("\n" + functions(3, 11))
    (folder / "stray.py").write_text(functions(1, 600))
    (folder / "README.md").write_text("no code")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "hidden.py").write_text(functions(1, 700))
    samples, rejects = ingest(of(folder), 0)
    assert samples["label"].tolist() == ["loom"] * 16 + ["yarn"] * 18
    assert samples["document"].unique().tolist() == [
        *(f"loom/{n}.py" for n in range(4)),
        *(f"yarn/{n}.py" for n in range(4)),
        "yarn/more/deep.py",
    ]
    assert "\n\n".join(samples["content"][:4]) == functions(4)
    assert samples.groupby("document")["split"].nunique().max() == 1
    assert (pd.crosstab(samples["label"], samples["split"]) > 0).all(axis=None)
    reasons = dict(zip(rejects["file"], rejects["reason"], strict=True))
    assert len(reasons) == len(rejects) == 6
    assert reasons["yarn/old.py"].startswith("is not valid Python (line 1: Missing paren")
    assert reasons["stray.py"] == "stands outside the labels' subfolders"
    long = reasons["yarn/more/deep.py, long (line 7)"]
    assert long == "has 461 bytes, more than the 255 that fit into a row"
    for place in range(3):
        where = f"yarn/repeat.py, f{11 + place} (line {2 + 3 * place})"
        assert reasons[where] == "repeats text of loom/1.py"


def test_files_without_labels(folder: Path) -> None:
    (folder / "loom" / "more").mkdir()
    (folder / "loom" / "more" / "x.py").write_text(functions(3, 700))
    samples, rejects = ingest(of(folder / "loom"), 0)
    assert set(samples["label"]) == {""}, "one subfolder is no choice of labels"
    assert samples["document"].nunique() == 5
    assert rejects.empty


def test_wrong_folders(folder: Path, tmp_path: Path) -> None:
    assert "is not a folder: set code.folder" in complaint(of(folder / "loom" / "0.py"))
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "a.txt").write_text("def f(): pass")
    assert "bare has no Python files: put files that end in .py" in complaint(of(tmp_path / "bare"))
    (tmp_path / "bare" / "a.py").write_text("def f(:")
    (tmp_path / "bare" / "b.py").write_text("x = 1")
    said = complaint(of(tmp_path / "bare"))
    assert "No file in" in said
    assert "for example a.py is not valid Python (line 1: invalid syntax)" in said
    (tmp_path / "bare" / "c.py").write_text(functions(9))
    assert "in one file only (c.py), which cannot be split" in complaint(of(tmp_path / "bare"))
    assert "Not one function fits into a row of code.length (64 bytes" in complaint(
        of(tmp_path / "bare", length=64)
    )
    for part in ("train", "Test"):
        (tmp_path / "parts" / part).mkdir(parents=True)
        (tmp_path / "parts" / part / "a.py").write_text("def f(): pass")
    assert "are splits (Test, train), not labels" in complaint(of(tmp_path / "parts"))
    (folder / "loom" / "1.py").write_bytes(b"x = '\xff'")
    said = complaint(of(folder))
    assert "loom/1.py is not UTF-8: the byte 0xff at position 5 (line 1)" in said
    samples, _ = ingest(of(folder, encoding_errors="replace"), 0)
    assert "loom/1.py" not in set(samples["document"])


def test_too_little_code(folder: Path, tmp_path: Path) -> None:
    for name in ("0.py", "1.py"):
        (folder / "yarn" / name).unlink()
    with pytest.raises(GenloomError, match="label 'yarn' has too few documents"):
        ingest(of(folder), 0)
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(f"def {name}(): pass")
    for path in folder.rglob("*.py"):
        path.unlink()
    with pytest.raises(GenloomError, match=r"smaller than a context window \(code\.length: 256\)"):
        ingest(of(tmp_path), 0)


# --- check, and the domain ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"source": "stdlb"}, f"no code source 'stdlb': set .* {', '.join(SOURCES)}"),
        ({}, "no code source None"),
        ({"source": "stdlib", "length": 63}, r"code\.length is 63, but .* from 64 to 4096"),
        ({"source": "stdlib", "length": True}, r"code\.length is True"),
        ({"source": "stdlib", "vocabulary": 1e3}, r"code\.vocabulary is 1000\.0"),
        ({"source": "stdlib", "limit": 0}, r"code\.limit is 0, but .* above 0"),
        ({"source": "stdlib", "encoding_errors": "ignore"}, "is 'ignore', .* strict or replace"),
        ({"source": "stdlib", "split": {"test": 1.5}}, r"split\.test is 1\.5"),
        ({"source": "folder"}, r"source folder needs code\.folder, which is None"),
        ({"source": "folder", "folder": 3}, r"source folder needs code\.folder, which is 3"),
        ({"source": "folder", "folder": "no/such"}, "folder no/such does not exist"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], sentence: str) -> None:
    for use in (check, lambda wrong: ingest(wrong, 0)):
        with pytest.raises(GenloomError, match=sentence):
            use(parameters)


def test_the_domain_uses_the_codec_of_text(folder: Path) -> None:
    check({"source": "stdlib", "folder": None, "limit": None})
    samples, _ = ingest(of(folder), 0)
    codec = code.fit_codec(samples, length=256, vocabulary=300)
    assert code.fit_codec(samples).shape[0] == 768, "as long as rows are unless told"
    for kind in code.CODECS:
        own = codec.of(kind)
        assert own.decode(own.encode(samples)) == samples["content"].tolist()
    assert code.MEASURES.places(samples, codec).shape[0] == len(samples)
    assert code.MEASURES.better["parse_rate"] == "higher"
    assert set(code.MEASURES.better) == set(code.METRICS)
    floors = code.score_floors(samples)
    assert tuple(floors) == code.SCORING_FLOORS
    assert set(floors["xz"]) == {"bits_per_byte"}


def test_importing_is_cheap() -> None:
    program = "import genloom.domains.code"
    heavy = "{'torch', 'pandas', 'numpy', 'tokenizers', 'sklearn', 'sacrebleu', 'pyarrow'}"
    program += f"; import sys; print(sorted({heavy} & set(sys.modules)))"
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=paths
    )
    assert done.stdout.strip() == "[]", done.stderr
