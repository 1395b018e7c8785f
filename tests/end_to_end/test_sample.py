"""``kedro sample``: from the fitted folder, or the registry, to the terminal and to files."""

import io
import json
import os
import pty
import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import PIL.Image
import pytest
import torch
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project

from genloom import fitted, members
from genloom.asking import Generator, Request, showing
from genloom.domains.codecs import codec_to_dict
from genloom.domains.images.codec import ImageCodec
from genloom.domains.tables.codec import TableCodec
from genloom.domains.text.codec import TextCodec
from genloom.hooks import registration, store

KEDRO = [sys.executable, "-m", "kedro"]
CLASSES = {"letters": "ab é 😀 ba ", "numbers": "12 34 ", "escapes": "\x1b[31m\r"}
GPT = {"role": "generator", "network": "gpt", "width": 16, "layers": 1, "heads": 2, "context": 32}
GPT |= {"steps": 5, "batch_size": 2, "buckets": 16}
NGRAM = {"role": "generator", "network": "ngram", "order": 3}
KDE = {"role": "generator", "network": "kde"}
COPULA = {"role": "generator", "network": "gaussian_copula"}


def trained(block: dict[str, Any], codec: Any, samples: pd.DataFrame, folder: Path) -> None:
    """Fit a member and save it where a run would."""
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(codec.encode(samples), codec.encode_labels(samples), seed=0)
    state = codec_to_dict(codec)
    made = fitted.Fitted(member, block, codec.shape, codec.classes, state, 0, "0" * 64)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fitted.save(made, folder)


def text_samples(classes: dict[str, str]) -> pd.DataFrame:
    rows = [
        {"content": pattern * times, "label": label, "split": "train"}
        for label, pattern in classes.items()
        for times in (1, 2, 3, 4)
    ]
    return pd.DataFrame(rows)


def table_samples(**more: Any) -> pd.DataFrame:
    """Rows of a table with missing cells, and a column called like what samples have."""
    rows = [
        {
            "age": None if n % 7 == 0 else 20 + n,
            "weight": 60 + n % 9 / 4,
            "town": ("Málaga", "Oslo, Norway", None)[n % 3],
            "smokes": n % 2 == 0,
            "label": f"2024-01-{n % 28 + 1:02d}",
        }
        for n in range(40)
    ]
    contents = [json.dumps(row, ensure_ascii=False) for row in rows]
    labels = ["low" if n < 20 else "high" for n in range(40)]
    return pd.DataFrame({"content": contents, "label": labels, "split": "train"} | more)


def train_all(models: Path) -> None:
    samples = text_samples(CLASSES)
    codec = TextCodec.fit(samples, length=48, vocabulary=270)
    trained(GPT, codec.of("bpe"), samples, models / "text" / "gpt")
    trained(NGRAM, codec, samples, models / "text" / "ngram")
    plain = text_samples({"": "no label "})
    trained(NGRAM, TextCodec.fit(plain, length=48), plain, models / "text" / "rnn")
    images = ImageCodec((1, 8, 8), ["0", "1", "a/b"])
    x = torch.rand(30, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    labels = [images.classes[i % 3] for i in range(30)]
    pictures = pd.DataFrame({"content": images.decode(x), "label": labels})
    trained(KDE, images, pictures, models / "images" / "kde")
    for name, more in (("copula", {"target": [n / 2 for n in range(40)]}), ("smote_rows", {})):
        rows = table_samples(**more)
        codec = TableCodec.fit(rows, bands=2).of("normal").beside_target()
        trained(COPULA, codec, rows, models / "tables" / name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, project_copy: Callable) -> Path:
    """A copy of the project with a few trained generators."""
    place = project_copy(tmp_path_factory.mktemp("sample") / "project")
    train_all(place / "data" / "06_models")
    return place


@pytest.fixture(scope="module")
def sample(place: Path) -> Iterator[Callable[..., Result]]:
    """``sample("text", "--model", "gpt")``: the command, without a process of its own."""
    from genloom.cli import cli

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
        metadata = bootstrap_project(place)
        yield lambda *arguments: CliRunner().invoke(
            cli, ["sample", *map(str, arguments)], obj=metadata, catch_exceptions=False
        )


@pytest.fixture
def ngram(place: Path) -> Generator:
    return Generator("text.ngram", fitted.load(place / "data/06_models/text/ngram"))


def printed(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout_bytes.decode()


def refused(result: Result) -> str:
    assert result.exit_code == 1
    assert result.stdout == ""
    return " ".join(result.stderr.split())


# ---------------------------------------------------------------------- printing
@pytest.mark.parametrize("model", ["gpt", "ngram"])
def test_samples_are_printed_with_lines_between_them(sample, model: str) -> None:
    ask = ("text", "--model", model, "--n", 3, "--prompt", "ab", "--length", 9)
    one = printed(sample(*ask))
    parts = one.removesuffix("\n").split("\n" + "-" * 40 + "\n")
    assert len(parts) == 3
    assert all(part.startswith("ab") for part in parts)
    assert len(set(parts)) > 1
    assert printed(sample(*ask, "--seed", 0)) == one
    assert printed(sample(*ask, "--seed", 1)) != one


def test_labels_take_turns_or_are_all_the_same(sample) -> None:
    line = "\n" + "-" * 40 + "\n"
    ask = ("text", "--model", "ngram", "--temperature", 0.2)
    numbers = printed(sample(*ask, "--label", "numbers", "--n", 4)).removesuffix("\n").split(line)
    assert len(numbers) == 4
    assert all(set(text) <= set("1234 ") for text in numbers)
    # Sorted, the classes are escapes, letters, numbers.
    escape, letters, number, again = printed(sample(*ask, "--n", 4))[:-1].split(line)
    assert escape[0] == again[0] == "\x1b"
    assert letters[0] == "a"
    assert number[0] == "1"


def test_temperature_and_filters_reach_the_generator(sample) -> None:
    ask = ("text", "--model", "gpt", "--label", "letters", "--n", 8)
    greedy = printed(sample(*ask, "--temperature", 0)).split("\n" + "-" * 40 + "\n")
    assert len({text.removesuffix("\n") for text in greedy}) == 1
    free = printed(sample(*ask, "--temperature", 5))
    assert len(set(free.split("\n" + "-" * 40 + "\n"))) == 8
    for option in (("--top-k", 1), ("--top-p", 1e-6)):
        assert printed(sample(*ask, *option)).split("\n" + "-" * 40 + "\n") == greedy


def test_it_draws_what_the_member_itself_draws(sample, ngram: Generator) -> None:
    codec = ngram.fitted.own_codec
    prompt, labels = codec.encode_text("12"), torch.tensor([2, 2])
    x = ngram.fitted.member.sample(2, labels=labels, seed=5, prompt=prompt, top_p=0.9, length=20)
    ask = ("--label", "numbers", "--prompt", "12", "--top-p", 0.9, "--length", 20)
    text = printed(sample("text", "--model", "ngram", "--n", 2, "--seed", 5, *ask))
    assert text == ("\n" + "-" * 40 + "\n").join(codec.decode(x)) + "\n"


def test_rows_of_a_table_are_printed_as_lines_of_json(sample) -> None:
    ask = ("tables", "--model", "copula", "--n", 30)
    text = printed(sample(*ask))
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 30
    assert all([*row] == ["age", "weight", "town", "smokes", "label", "target"] for row in rows)
    assert {type(row["age"]) for row in rows} == {int, type(None)}
    assert {row["town"] for row in rows} == {"Málaga", "Oslo, Norway", None}
    assert all(0 <= row["target"] <= 19.5 for row in rows)
    assert printed(sample(*ask)) == text
    assert len(printed(sample("tables", "--model", "copula")).splitlines()) == 1
    # Without a number to predict a row's last cell is its class, whatever the others are called.
    classes = printed(sample("tables", "--model", "smote_rows", "--n", 4)).splitlines()
    assert [[*json.loads(line)][-1] for line in classes] == ["label_"] * 4
    assert [json.loads(line)["label_"] for line in classes] == ["high", "low"] * 2


# ---------------------------------------------------------------------- while it is made
def test_a_text_appears_as_it_is_made_and_never_by_half_a_character(
    ngram: Generator, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    codec = ngram.fitted.own_codec
    whole = "a😀é€\ufffdb"
    x = codec.encode(pd.DataFrame({"content": [whole]}))
    live, pieces = showing.Live(codec), []
    for t in range(1, x.shape[1] + 1):
        live(x[:, :t])
        pieces.append(capsysbinary.readouterr().out.decode())
    live.finish(whole)
    assert [piece for piece in pieces if piece] == ["a", "😀", "é", "€", "\ufffdb"]
    assert capsysbinary.readouterr().out == b"\n"


def test_bytes_that_never_become_a_character_are_shown_in_the_end(
    ngram: Generator, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    codec = ngram.fitted.own_codec
    cut = codec.encode(pd.DataFrame({"content": ["a😀"]}))[:, :3]
    live = showing.Live(codec)
    live(cut)
    assert capsysbinary.readouterr().out == b"a"
    live.finish(codec.decode(cut)[0])
    assert capsysbinary.readouterr().out.decode() == "\ufffd\n"


@pytest.mark.parametrize("model", ["gpt", "ngram"])
@pytest.mark.parametrize("seed", range(3))
def test_streaming_changes_no_byte(sample, model: str, seed: int) -> None:
    ask = ("text", "--model", model, "--seed", seed, "--label", "letters", "--temperature", 2)
    assert printed(sample(*ask, "--stream")) == printed(sample(*ask, "--no-stream"))


def on_a_terminal(place: Path, *arguments: str) -> list[str]:
    """What the real command writes to a terminal, piece by piece."""
    outside, inside = pty.openpty()
    with subprocess.Popen(
        [*KEDRO, "sample", *arguments],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(place / "src")},
        stdout=inside,
        stderr=subprocess.PIPE,
    ) as running:
        os.close(inside)
        pieces = []
        while True:
            try:
                pieces.append(os.read(outside, 1 << 16))
            except OSError:  # how Linux says that the other side is closed
                break
            if not pieces[-1]:
                break
        assert running.stderr is not None
        complaints = running.stderr.read().decode()
    os.close(outside)
    assert running.returncode == 0, complaints
    return [piece.decode() for piece in pieces]


def test_a_terminal_is_streamed_to_and_cannot_be_commanded(place: Path, sample) -> None:
    ask = ("text", "--model", "ngram", "--label", "escapes", "--temperature", "0.1")
    pieces = on_a_terminal(place, *ask)
    assert len(pieces) > 1
    text = "".join(pieces).replace("\r\n", "\n")
    assert text.startswith("␛[31m")
    assert not set(text) & {"\x1b", "\r"}
    piped = printed(sample(*ask))
    assert piped.translate({0x1B: "␛", 0x0D: "␍"}) == text


# ---------------------------------------------------------------------- files
def test_texts_in_files_are_those_that_are_printed(sample, tmp_path: Path) -> None:
    ask = ("text", "--model", "ngram", "--n", 6, "--seed", 3)
    texts = printed(sample(*ask))[:-1].split("\n" + "-" * 40 + "\n")
    for ending in ("jsonl", "csv", "parquet", "txt"):
        result = sample(*ask, "--output", tmp_path / "new" / f"texts.{ending}")
        assert printed(result) == ""
        assert f"text.ngram: 6 samples in {tmp_path}" in result.stderr
    new = tmp_path / "new"
    lines = (new / "texts.jsonl").read_text().split("\n")[:-1]
    rows = [json.loads(line) for line in lines]
    assert [row["content"] for row in rows] == texts
    assert [row["label"] for row in rows] == ["escapes", "letters", "numbers"] * 2
    table = pd.read_parquet(new / "texts.parquet")
    assert table.to_dict("records") == rows
    with (new / "texts.csv").open(newline="") as file:
        read = pd.read_csv(io.StringIO(file.read(), newline=""), keep_default_na=False)
    assert read.to_dict("records") == rows
    assert (new / "texts.txt").read_bytes().decode() == "\n\n".join(texts) + "\n"
    assert {file.name for file in new.iterdir()} == {
        f"texts.{ending}" for ending in ("jsonl", "csv", "parquet", "txt")
    }
    before = {file: file.read_bytes() for file in new.iterdir()}
    for file in before:
        sample(*ask, "--output", file)
    assert {file: file.read_bytes() for file in new.iterdir()} == before


def test_rows_of_a_table_become_a_table(sample, tmp_path: Path) -> None:
    ask = ("tables", "--model", "copula", "--n", 30)
    text = printed(sample(*ask))
    for ending in ("jsonl", "csv", "parquet"):
        result = sample(*ask, "--output", tmp_path / f"rows.{ending}")
        assert printed(result) == ""
        assert f"tables.copula: 30 samples in {tmp_path}" in result.stderr
    assert (tmp_path / "rows.jsonl").read_bytes().decode() == text
    rows = pd.DataFrame([json.loads(line) for line in text.splitlines()])
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "rows.csv"), rows)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "rows.parquet"), rows)


def test_pictures_go_into_a_folder(sample, tmp_path: Path) -> None:
    ask = ("images", "--model", "kde", "--n", 10)
    result = sample(*ask, "--output", tmp_path / "one" / "two")
    assert printed(result) == ""
    assert "images.kde: 10 pictures in" in result.stderr
    made = sorted((tmp_path / "one" / "two").iterdir())
    names = [file.name for file in made]
    assert names == sorted(
        f"{('0', '1', 'a_b')[i % 3]}-{i + 1:02d}.png" for i in range(10)
    )  # every label in turn, and no label makes a folder
    assert PIL.Image.open(made[0]).size == (8, 8)
    sample(*ask, "--output", tmp_path / "again")
    again = sorted((tmp_path / "again").iterdir())
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in made]
    only = sample(*ask, "--label", "1", "--seed", 9, "--output", tmp_path / "ones")
    assert only.exit_code == 0
    assert {file.name[:2] for file in (tmp_path / "ones").iterdir()} == {"1-"}


def test_a_full_disk_is_a_sentence_and_leaves_the_old_file(place: Path, tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    file = tmp_path / "texts.txt"
    file.write_text("old")
    done = subprocess.run(
        [*KEDRO, "sample", "text", "--model", "ngram", "--n", "300", "--output", str(file)],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(place / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=little_room,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    said = f"Error: {file} cannot be written (File too large): give another --output."
    assert done.stderr.strip() == said
    assert [found.name for found in tmp_path.iterdir()] == ["texts.txt"]
    assert file.read_text() == "old"


# ---------------------------------------------------------------------- what is refused
TEXT, IMAGES = ("text", "--model", "gpt"), ("images", "--model", "kde")
ROWS = ("tables", "--model", "copula")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sounds",), "There is no domain 'sounds'; there are: "),
        (("text", "--model", "gtp"), "text has no generator 'gtp'; there are: gpt"),
        (("images", "--model", "cnn"), "images has no generator 'cnn'; there are: vae, gan"),
        ((*TEXT, "--n", 0), "n is 0, but has to be from 1 to 100000"),
        ((*TEXT, "--n", 10**12), "n is 1000000000000, but has to be from 1 to 100000"),
        ((*TEXT, "--seed", -1), "seed is -1, but has to be from 0 to"),
        ((*TEXT, "--seed", 2**64), f"seed is {2**64}, but has to be from 0 to"),
        ((*TEXT, "--label", "x"), "no label 'x'; there are: escapes, letters, numbers"),
        ((*TEXT, "--label", ""), "no label ''; there are: escapes, letters, numbers"),
        (("text", "--model", "rnn", "--label", "x"), "text.rnn has learnt no labels, so leave out"),
        ((*TEXT, "--temperature", -1), "temperature is -1.0, but has to be 0"),
        ((*TEXT, "--temperature", "nan"), "temperature is nan, but has to be 0"),
        ((*TEXT, "--top-k", 0), "top_k is 0, but at least 1 token"),
        ((*TEXT, "--top-p", 1.5), "top_p is 1.5, but has to be above 0"),
        ((*TEXT, "--length", 48), "length is 48, but has to be more than the prompt's 0"),
        ((*TEXT, "--length", 0), "length is 0, but has to be more than the prompt's 0"),
        ((*TEXT, "--prompt", "z" * 40), "The prompt has 40 tokens, but GPT has room for 29"),
        (("text", "--model", "ngram", "--prompt", "z" * 47), "more than the prompt's 47"),
        ((*TEXT, "--stream", "--n", 2), "leave out --n 2 or --stream"),
        ((*TEXT, "--stream", "--output", "x.txt"), "leave out --output or --stream"),
        ((*TEXT, "--output", "x.doc"), "a file that ends in one of .jsonl, .csv, .parquet, .txt"),
        ((*TEXT, "--output", "{folder}"), "a file that ends in one of .jsonl"),
        ((*TEXT, "--output", "{file}/x.txt"), "x.txt cannot be written"),
        ((*ROWS, "--output", "rows"), "rows go into a file that ends in one of .jsonl, .csv, .par"),
        ((*ROWS, "--output", "{folder}"), "rows go into a file that ends in one of"),
        ((*ROWS, "--output", "x.txt"), "rows go into a file that ends in one of"),
        ((*ROWS, "--stream"), "tables.copula cannot do anything with --stream"),
        ((*ROWS, "--label", "x"), "has learnt no label 'x'; there are: high, low"),
        (IMAGES, "images.kde makes pictures, which cannot be printed: give a folder"),
        ((*IMAGES, "--output", "{file}"), "so it has to be a folder"),
        ((*IMAGES, "--output", "x.png"), "so it has to be a folder"),
        ((*IMAGES, "--output", "{file}/x"), "cannot be written"),
        ((*IMAGES, "--output", "/proc/x"), "/proc/x cannot be written"),
        ((*IMAGES, "--prompt", "a"), "images.kde cannot do anything with --prompt; it takes --n"),
        ((*IMAGES, "--temperature", 1), "anything with --temperature; it takes --n, --label and"),
        ((*IMAGES, "--stream"), "images.kde cannot do anything with --stream"),
        ((*TEXT, "--env", "big"), "There is no environment 'big'; there are: base"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "file.txt"
    file.write_text("old")
    filled = [str(part).format(folder=tmp_path, file=file) for part in arguments]
    assert sentence in refused(sample(*filled))
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "old"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("card.json", b"{", "holds no readable fitted network"),
        ("card.json", b"[]", "text.lstm.fitted cannot be read (TypeError"),
        ("card.json", b'{"shape": [3, 4]}', "text.lstm.fitted cannot be read (KeyError"),
        ("weights.safetensors", b"cut off", "holds no readable fitted network"),
        ("weights.safetensors", None, "text.lstm.fitted cannot be read (RuntimeError"),
    ],
)
def test_a_damaged_generator_is_said_in_a_sentence(
    sample, place: Path, name: str, content: bytes | None, sentence: str
) -> None:
    models = place / "data/06_models/text"
    (models / "lstm").mkdir(exist_ok=True)
    for file in (fitted.CARD, fitted.WEIGHTS):
        (models / "lstm" / file).write_bytes((models / "gpt" / file).read_bytes())
    if content is None:  # those of another network
        content = (models / "ngram" / name).read_bytes()
    (models / "lstm" / name).write_bytes(content)
    assert sentence in refused(sample("text", "--model", "lstm"))


# ---------------------------------------------------------------------- which generator
def test_without_a_name_the_best_that_can_be_sampled_is_taken(sample, place: Path) -> None:
    board = place / "data/08_reporting/text/leaderboard.csv"
    assert "There is no leaderboard of text yet" in refused(sample("text"))
    rows = [("generator", rank, name) for rank, name in enumerate(["real", "gzip", "ngram", "gpt"])]
    board.parent.mkdir(parents=True)
    table = pd.DataFrame(
        [("predictor", 1, "fnn"), *rows[::-1]], columns=["role", "rank", "subject"]
    )
    table.to_csv(board, index=False)
    result = sample("text", "--seed", 4)
    assert printed(result) == printed(sample("text", "--model", "ngram", "--seed", 4))
    assert result.stderr == (
        "text.ngram: the first of the generators on the leaderboard of text.\n"
    )
    table[table["subject"].isin(["real", "gzip"])].to_csv(board, index=False)
    assert "Nothing on the leaderboard of text can be sampled" in refused(sample("text"))
    board.write_text("")
    assert "text.leaderboard cannot be read (EmptyDataError" in refused(sample("text"))
    board.write_text("a,b\n1,2\n")
    assert "The leaderboard of text has no ranks" in refused(sample("text"))


def test_called_from_elsewhere_in_the_project_it_finds_the_same(place: Path, sample, kedro) -> None:
    ask = ("sample", "text", "--model", "ngram", "--output", "here.txt")
    done = kedro(place / "conf", *ask, PYTHONPATH=str(place / "src"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == "text.ngram: 1 sample in here.txt.\n"
    assert (place / "conf/here.txt").read_bytes().decode() == printed(sample(*ask[1:4]))


def test_the_command_that_the_sentence_names_trains_it(fresh_project: Path, kedro) -> None:
    ask = ("sample", "images", "--model", "kde", "--env", "smoke", "--output", "made")
    before = kedro(fresh_project, *ask)
    assert before.returncode == 1
    assert before.stdout == ""
    said = re.search(r"not trained yet; this trains it: kedro (.*)", before.stderr)
    assert said is not None, before.stderr
    done = kedro(fresh_project, *shlex.split(said[1]))
    assert done.returncode == 0, done.stderr[-2000:]
    after = kedro(fresh_project, *ask)
    assert (after.returncode, after.stdout) == (0, ""), after.stderr[-2000:]
    assert [file.name for file in (fresh_project / "made").iterdir()] == ["0-1.png"]


# ---------------------------------------------------------------------- the registry
def test_the_best_of_the_registry_draws_what_the_catalogs_draws(sample, place: Path) -> None:
    ask = ("text", "--from", "registry")
    assert "has no registered model text-generator@best" in refused(sample(*ask))
    assert not (place / "mlflow.db").exists()
    settings = store.read_settings({}, place)
    experiment = store.open_store(settings)
    assert "has no registered model text-generator@best" in refused(sample(*ask))
    assert "has no registered model text-generator:" in refused(sample(*ask, "--model", "gpt"))
    client = store.client(settings.uri)
    for subject in ("gpt", "ngram"):
        registration.register(
            client,
            client.create_run(experiment).info.run_id,
            place / "data/06_models/text" / subject,
            name="text-generator",
            subject=subject,
            content="a text",
        )
    best = sample(*ask, "--prompt", "ab", "--n", 3)
    assert printed(best) == printed(sample("text", "-m", "ngram", "--prompt", "ab", "--n", 3))
    assert best.stderr.startswith("text.ngram: version 2 of text-generator in sqlite:///")
    named = sample(*ask, "--model", "gpt")
    assert printed(named) == printed(sample("text", "--model", "gpt"))
    assert named.stderr.startswith("text.gpt: version 1 of text-generator")
    there = refused(sample(*ask, "--model", "lstm"))
    assert "text.lstm was never registered as text-generator; there are: gpt, ngram." in there
    for card in (place / "mlartifacts").rglob("card.json"):
        card.write_text("{")
    assert "Version 2 of text-generator cannot be read" in refused(sample(*ask))
    (place / "conf/local/mlflow.yml").write_text("enabled: false\n")
    assert "mlflow.yml says enabled: false" in refused(sample(*ask))


def test_a_registry_that_does_not_answer_is_one_sentence(
    tmp_path: Path, project_copy: Callable, kedro
) -> None:
    other = project_copy(tmp_path / "other")
    (other / "conf/local/mlflow.yml").write_text("uri: http://127.0.0.1:9\n")
    done = kedro(other, "sample", "text", "--from", "registry", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The MLflow store http://127.0.0.1:9 failed while reading text-generator" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------- learning the command
def test_help_is_quick_and_shows_an_example(place: Path, kedro) -> None:
    shown = kedro(place, "sample", "--help", COLUMNS="100")
    assert shown.returncode == 0
    assert "kedro sample text --model gpt --prompt" in shown.stdout
    listed = kedro(place, "--help")
    assert "Draw samples from a trained generator." in listed.stdout
    heavy = ("torch", "pandas", "mlflow", "lightning", "sklearn")
    code = f"import sys, genloom.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(place / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_request_leaves_to_the_generator_what_is_not_given() -> None:
    assert Request().arguments == {}
    assert Request(temperature=0.0, prompt="").arguments == {"temperature": 0.0, "prompt": ""}
