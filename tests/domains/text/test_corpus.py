"""Documents become rows that fit, repeat nothing and leak nothing."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genloom.domains.text.corpus import Document, cut, make_samples
from genloom.errors import GenloomError

SHARES = {"validation": 0.1, "test": 0.2}
COLUMNS = ["content", "label", "split", "source", "document"]


def words(seed: int, count: int) -> str:
    """Nonsense that no other seed says."""
    return " ".join(
        f"w{number}" for number in np.random.default_rng(seed).integers(10**9, size=count)
    )


def documents(count: int, label: str = "", pieces: int = 2, start: int = 0) -> list[Document]:
    return [
        Document(f"{label}{n}", label, [words(start + n * 100 + p, 8) for p in range(pieces)])
        for n in range(count)
    ]


def made(given_: list[Document], **more: Any) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    return make_samples(given_, **({"length": 128, "shares": SHARES, "seed": 0} | more))


def sizes(samples: pd.DataFrame) -> pd.Series:
    return samples["content"].str.encode("utf-8").str.len() + 2


# --- cutting ------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab \n\r\té\u2009世😀"), max_size=80), st.integers(4, 30))
def test_cut_loses_nothing_but_white_space(piece: str, size: int) -> None:
    parts = list(cut(piece, size))
    assert "".join("".join(parts).split()) == "".join(piece.split())
    for part in parts:
        assert 0 < len(part.encode()) <= size
        assert part.rstrip() == part
        assert part.split("\n")[0].strip()
        assert "\r" not in part


@pytest.mark.parametrize(
    ("piece", "size", "parts"),
    [
        ("short", 5, ["short"]),
        ("a b\nc d\n\ne f\ng h i", 16, ["a b\nc d", "e f\ng h i"]),  # at the blank line
        ("a b\nc d\ne f g h", 12, ["a b\nc d", "e f g h"]),  # at a line's end
        ("one two three", 10, ["one two", "three"]),  # at a space
        ("one two", 3, ["one", "two"]),  # the space just behind counts
        ("12345\n\n6", 5, ["12345", "6"]),
        ("abcdefgh", 5, ["abcde", "fgh"]),  # anywhere
        ("ééé", 5, ["éé", "é"]),  # but never within a character
        ("😀😀", 7, ["😀", "😀"]),
        ("\r\n  indented\r\nline \r\n", 50, ["  indented\nline"]),
        (" \n\n\t", 9, []),
        ("", 9, []),
    ],
)
def test_cut_where_it_can_best_be_cut(piece: str, size: int, parts: list[str]) -> None:
    assert list(cut(piece, size)) == parts


def test_cutting_takes_time_in_proportion() -> None:
    # Copying the rest at each cut would take minutes for this.
    parts = list(cut("x" * 20_000_000, 1000))
    assert len(parts) == 20_000


# --- rows and documents -------------------------------------------------------------------


def test_samples_keep_the_order_of_documents_and_pieces() -> None:
    given_ = documents(10, "b") + documents(10, "a", start=5000)
    samples, rejects = made(given_)
    assert list(samples.columns) == COLUMNS
    assert samples["content"].tolist() == [piece for d in given_ for piece in d.pieces]
    assert samples["document"].tolist() == [d.name for d in given_ for _ in d.pieces]
    assert samples["label"].tolist() == [d.label for d in given_ for _ in d.pieces]
    assert set(samples["source"]) == {"real"}
    assert rejects == []
    assert samples.groupby("document")["split"].nunique().max() == 1


def test_long_pieces_fill_several_rows() -> None:
    given_ = [Document(str(n), "", [words(n, 40)]) for n in range(5)]
    samples, _ = made(given_, length=64)
    assert (sizes(samples) - 2 <= 63).all()
    for document in given_:
        rows = samples.loc[samples["document"] == document.name, "content"]
        assert len(rows) > 1
        assert " ".join(rows) == document.pieces[0]


def test_repeats_are_set_aside_wherever_they_stand() -> None:
    given_ = documents(10)
    said = given_[0].pieces[0]
    given_[7].pieces.append(said.replace(" ", "\n "))
    given_[9] = Document("parrot", "", [said])
    samples, rejects = made(given_)
    assert rejects == [
        ("7, part 3", "repeats text of 0"),
        ("parrot", "repeats text of 0"),
    ]
    assert len(samples) == 18
    assert samples["document"].iloc[0] == "0"


@pytest.mark.parametrize(("shared", "aside"), [(11, False), (12, True)])
def test_most_of_a_rows_runs_known_from_held_out_text(shared: int, aside: bool) -> None:
    """Of 13 runs of six words 6 are no majority and 7 are."""
    # In running order the first row validates and the last is the test split.
    test = words(1, 18)
    train = " ".join([*test.upper().split()[:shared], *words(2, 18 - shared).split()])
    others = [words(n, 18) for n in range(3, 7)]
    text = Document("text", "", [others[0], train, *others[1:], test])
    samples, rejects = made([text], length=300, running=True)
    assert (train in set(samples["content"])) is not aside
    assert rejects == (
        [("text, part 2", "is nearly the same as validation or test text")] if aside else []
    )
    assert test in set(samples.loc[samples["split"] == "test", "content"])


def test_validation_is_held_against_test_but_test_against_nothing() -> None:
    alike = words(1, 30)
    pieces = [alike + " first", *(words(n, 30) for n in (2, 3, 4)), alike + " second"]
    shares = {"validation": 0.3, "test": 0.25}
    text = Document("text", "", [words(5, 30), *pieces])
    samples, rejects = made([text], length=400, shares=shares, running=True)
    assert rejects == [("text, part 2", "is nearly the same as test text")]
    assert samples["split"].tolist() == ["validation", "train", "train", "train", "test"]


def test_short_rows_are_one_run() -> None:
    others = [words(n, 9) for n in range(6)]
    pieces = [*others[:3], "Yes, my LORD", *others[3:], "yes, my lord"]
    samples, rejects = made([Document("play", "", pieces)], running=True)
    assert rejects == [("play, part 4", "is nearly the same as validation or test text")]
    assert len(samples) == 7


# --- splits -------------------------------------------------------------------------------


@st.composite
def labelled(draw: st.DrawFn) -> list[Document]:
    found = []
    for label in draw(st.lists(st.sampled_from("xyz"), min_size=1, unique=True)):
        for number in range(draw(st.integers(3, 25))):
            pieces = [words(len(found) * 50 + p, 6) for p in range(draw(st.integers(1, 4)))]
            found.append(Document(f"{label}{number}", label, pieces))
    return found


@settings(deadline=None, max_examples=40)
@given(labelled(), st.integers(0, 1000))
def test_every_label_stands_in_every_split(given_: list[Document], seed: int) -> None:
    samples, rejects = made(given_, length=64, seed=seed)
    assert rejects == []
    table = pd.crosstab(samples["label"], samples["split"])
    assert table.shape[1] == 3
    assert (table > 0).all(axis=None)
    assert samples.groupby("document")["split"].nunique().max() == 1
    again, _ = made(given_, length=64, seed=seed)
    pd.testing.assert_frame_equal(again, samples)


def test_shares_are_of_bytes_and_labels_keep_them() -> None:
    random = np.random.default_rng(0)
    given_ = [
        Document(f"{label}{n}", label, [words(start + n, int(random.integers(2, 60)))])
        for label, start in (("a", 0), ("b", 1000))
        for n in range(150)
    ]
    samples, _ = made(given_, length=2000)
    table = samples.assign(size=sizes(samples)).pivot_table(
        index="label", columns="split", values="size", aggfunc="sum"
    )
    shares = table.div(table.sum(axis=1), axis=0)
    assert (shares["test"] - 0.2).abs().max() <= 0.005
    assert (shares["validation"] - 0.1).abs().max() <= 0.005
    # Long and short texts stand in all splits alike.
    means = sizes(samples).groupby(samples["split"]).mean()
    assert means.max() / means.min() < 1.35


def test_one_long_document_trains() -> None:
    given_ = [*documents(6), Document("long", "", [words(n, 8) for n in range(5000, 5040)])]
    for seed in range(5):
        samples, _ = made(given_, seed=seed)
        assert set(samples.loc[samples["document"] == "long", "split"]) == {"train"}


def test_seed_decides_and_other_labels_do_not_matter() -> None:
    one, two = documents(30, "one"), documents(30, "two", start=9000)
    split = made(one)[0]["split"].tolist()
    assert made(one + two)[0]["split"].tolist()[:60] == split
    assert made(one, seed=1)[0]["split"].tolist() != split


def test_running_text_is_split_in_its_order() -> None:
    text = Document("text", "", [words(n, 8) for n in range(200)])
    samples, _ = made([text], running=True)
    assert samples["content"].tolist() == text.pieces
    split = samples["split"].tolist()
    assert split == sorted(split, key=["validation", "train", "test"].index)
    shares = sizes(samples).groupby(samples["split"]).sum() / sizes(samples).sum()
    assert shares["test"] == pytest.approx(0.2, abs=0.004)
    assert shares["validation"] == pytest.approx(0.1, abs=0.004)


# --- limit --------------------------------------------------------------------------------


def test_limit_keeps_whole_documents_in_proportion() -> None:
    given_ = documents(60, "many") + documents(20, "few", start=9000)
    samples, _ = made(given_, limit=40)
    assert samples["label"].value_counts().to_dict() == {"many": 30, "few": 10}
    assert (samples["document"].value_counts() == 2).all()
    assert samples["label"].tolist() == ["many"] * 30 + ["few"] * 10
    assert made(given_, limit=40, seed=1)[0]["document"].tolist() != samples["document"].tolist()
    assert len(made(given_, limit=1000)[0]) == 160


def test_limit_leaves_three_documents_of_each_label() -> None:
    given_ = documents(20, "a") + documents(3, "b", pieces=9, start=9000)
    samples, _ = made(given_, limit=5, length=100)
    assert samples.groupby("label")["document"].nunique().to_dict() == {"a": 3, "b": 3}


def test_limit_of_a_running_text_is_its_beginning() -> None:
    text = Document("text", "", [words(n, 8) for n in range(200)])
    samples, _ = made([text], running=True, limit=20)
    assert samples["content"].tolist() == text.pieces[:20]
    assert samples["split"].nunique() == 3


# --- what cannot be split -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "more", "sentence"),
    [
        ([], {}, "There is no text in the source"),
        ([Document("a", "", [" \n"])], {}, "There is no text in the source"),
        (
            documents(1),
            {},
            r"one document only \(0\), which cannot be split: give a folder of several files",
        ),
        (
            documents(5, "fine") + documents(2, "rare", start=9000),
            {},
            r"The label 'rare' has too few documents with text of their own \(2\) to stand in",
        ),
        (documents(2), {}, r"The source has too few documents .* \(2\)"),
        (
            [*documents(2, "x"), *documents(3, "y", start=9000), Document("z", "x", [words(0, 8)])],
            {},
            r"The label 'x' has too few documents",  # its third only repeats
        ),
        (documents(3), {"length": 2000}, "bytes of text, which is smaller than a context window"),
        (
            [Document("play", "", ["one line", "or two"])],
            {"running": True},
            r"The text play has too few rows \(2\) to stand in train, validation, test",
        ),
        (
            [Document(str(n), "", [words(1, 30) + f" {n}"]) for n in range(3)],
            {"length": 400},
            r"The source has one document only \(0\), which cannot be split",
        ),
    ],
)
def test_too_little_text(given_: list[Document], more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(GenloomError, match=sentence) as error:
        made(given_, **more)
    assert re.search(r"(give|add) ", error.value.message)


@pytest.mark.parametrize(
    ("given_", "more", "way_out"),
    [
        (documents(80), {"limit": 3}, "make text.length smaller, or raise text.limit."),
        (
            documents(80),
            {"limit": 3, "domain": "code"},
            "make code.length smaller, or raise code.limit.",
        ),
        (documents(3), {"limit": 80}, "make text.length smaller."),  # it takes nothing away
        (
            [Document("play", "", [words(n, 8) for n in range(80)])],
            {"limit": 2, "running": True},
            "make text.length smaller, or raise text.limit.",
        ),
    ],
)
def test_too_little_text_within_a_limit(
    given_: list[Document], more: dict[str, Any], way_out: str
) -> None:
    with pytest.raises(GenloomError) as error:
        made(given_, length=2000, **more)
    assert error.value.message.endswith(way_out)
