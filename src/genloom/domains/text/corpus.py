"""From documents to samples: cut to length, without repeats, split without leakage."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genloom.domains.split import SPLITS
from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BLANK_LINE = "\n\n"  # stands behind every content, wherever text is counted or strung together
SHINGLE = 6  # words
DRAWS, GOOD_ENOUGH = 200, 0.02  # orders tried for a split, and the relative error that ends it
BLANK_START = re.compile(r"\A(?:[^\S\n]*\n)+")


@dataclass(frozen=True)
class Document:
    """A text that stays on one side of the split.

    Attributes:
        name: Where it came from, e.g. a path; each document has its own.
        label: Its class; ``""`` for unlabelled text.
        pieces: What it says, in reading order; rows never reach from one piece into another.
    """

    name: str
    label: str
    pieces: list[str]


def make_samples(
    documents: Sequence[Document],
    *,
    length: int,
    shares: Mapping[str, float],
    seed: int,
    running: bool = False,
    limit: int | None = None,
    domain: str = "text",
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Cut documents into rows and split them.

    A row most of whose six-word runs stand in earlier rows is set aside: repeated text makes models
    repeat, and figures flatter (Lee et al., 2022, arXiv 2107.06499). Running text keeps its
    repetitions. Everywhere a row of an earlier split (train, validation, test) is set aside whose
    runs mostly stand in later ones, because a model could then know held-out text by heart.

    Args:
        documents: In the order that the samples shall have.
        length: Bytes of a row, one of which is its end: a content has ``length - 1`` at most.
        shares: ``{"validation": ..., "test": ...}``, shares of the text's bytes.
        seed: Other seeds give other splits.
        running: The documents are one running text, which is split in its order: first
            validation, then train, then test. Otherwise whole documents are drawn, label by label.
        limit: Keep about so many rows: the first of a running text, else whole documents in
            proportion to their labels' rows, and at least three of each label.
        domain: Whose parameters the sentences name.

    Returns:
        Samples with the columns ``content``, ``label``, ``split``, ``source`` (``real``) and
        ``document``, each document's rows together and in reading order; and for each row set
        aside where it was and why.

    Raises:
        GenloomError: There is no text or too little for three splits, a label has fewer than three
            documents, or the training split is shorter than one row.
    """
    rows = _rows(documents, length, domain)
    is_limited = limit is not None and limit < len(rows)
    or_more_rows = f", or raise {domain}.limit" if is_limited else ""
    if running:
        rows = rows if limit is None else rows[:limit]
        rows["split"] = _in_running_order(rows, shares, or_more_rows)
    earlier = [""] * len(rows) if running else _repeated(rows)
    rejects = [
        (where, f"repeats text of {first}")
        for where, first in zip(rows["where"], earlier, strict=True)
        if first
    ]
    rows = rows[[not first for first in earlier]]
    if not running:
        _refuse_few_documents(rows)
        if limit is not None:
            rows = _limited(rows, limit, derive_seed(seed, "text", "limit"))
        rows = rows.assign(split=rows["document"].map(_by_document(rows, shares, seed)))
    known = _known_from_later_splits(list(rows["content"]), list(rows["split"]))
    rejects += [
        (where, f"is nearly the same as {' or '.join(SPLITS[place + 1 :])} text")
        for where, place in zip(rows["where"], known, strict=True)
        if place is not None
    ]
    rows = rows[[place is None for place in known]].reset_index(drop=True)
    _refuse_little_text(rows, length, domain, or_more_rows)
    samples = rows.assign(source="real")[["content", "label", "split", "source", "document"]]
    return samples.astype("str"), rejects


def cut(piece: str, size: int) -> Iterator[str]:
    """Cut a text where it can best be cut.

    Args:
        piece: Any text; CRLF counts as a line's end.
        size: The most UTF-8 bytes of a part, at least 4, so that every character fits.

    Yields:
        Parts without blank lines at the start and white space at the end, none empty, each cut at
        the last blank line that fits, else at a line's end, else at a space, else anywhere.

    >>> list(cut("one two three", 8))
    ['one two', 'three']
    """
    text = piece.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while start < len(text):
        # Bytes of a character that does not fit as a whole are left out by `ignore`.
        head = text[start : start + size].encode()[:size].decode(errors="ignore")
        end = start + len(head)
        behind = end
        if end < len(text):
            for mark in (BLANK_LINE, "\n", " "):
                # A mark just behind the end is as good as one before it.
                found = text.rfind(mark, start + 1, end + len(mark))
                if found > start and text[start:found].strip():
                    end, behind = found, found + len(mark)
                    break
        part = BLANK_START.sub("", text[start:end]).rstrip()
        if part:
            yield part
        start = behind


def _rows(documents: Sequence[Document], length: int, domain: str) -> pd.DataFrame:
    """One line per row: content, label, document, bytes, and where it was for the rejects."""
    import pandas as pd

    rows: list[tuple[str, str, str, int, str]] = []
    for document in documents:
        parts = [part for piece in document.pieces for part in cut(piece, length - 1)]
        for place, part in enumerate(parts, start=1):
            size = len((part + BLANK_LINE).encode())
            where = document.name if len(parts) == 1 else f"{document.name}, part {place}"
            rows.append((part, document.label, document.name, size, where))
    if not rows:
        raise GenloomError(
            f"There is no text in the source of the domain {domain}: give it one that is not empty."
        )
    return pd.DataFrame(rows, columns=["content", "label", "document", "bytes", "where"])


def _repeated(rows: pd.DataFrame) -> list[str]:
    """Per row the document that said most of it first, or ``""``."""
    first: dict[str, str] = {}
    earlier = []
    for content, document in zip(rows["content"], rows["document"], strict=True):
        shingles = _shingles(content)
        known = Counter(first[shingle] for shingle in sorted(shingles) if shingle in first)
        if 2 * sum(known.values()) > len(shingles):
            earlier.append(known.most_common(1)[0][0])
            continue
        earlier.append("")
        for shingle in shingles:
            first.setdefault(shingle, document)
    return earlier


def _refuse_few_documents(rows: pd.DataFrame) -> None:
    counts = {str(label): part["document"].nunique() for label, part in rows.groupby("label")}
    if sum(counts.values()) == 1:
        raise GenloomError(
            f"The source has one document only ({rows['document'].iloc[0]}), which cannot be "
            "split: give a folder of several files or a table of several rows, "
            "or use the source file, which splits one text in its running order."
        )
    label = min(counts, key=lambda label: counts[label])
    if counts[label] < len(SPLITS):
        raise GenloomError(
            f"{_named(label)} has too few documents with text of their own ({counts[label]}) to "
            f"stand in {', '.join(SPLITS)}: add documents or leave it out."
        )


def _refuse_little_text(rows: pd.DataFrame, length: int, domain: str, or_more_rows: str) -> None:
    for label, part in rows.groupby("label"):
        for name in SPLITS:  # only what was set aside can have emptied one
            if name not in set(part["split"]):
                raise GenloomError(
                    f"{_named(label)} has no text left for the {name} split once repeated text "
                    f"is set aside: add other text or leave it out{or_more_rows}."
                )
    size = rows.loc[rows["split"] == "train", "bytes"].sum()
    if size < length:
        raise GenloomError(
            f"The training split has {size} bytes of text, which is smaller than a context "
            f"window ({domain}.length: {length}): give more text or make {domain}.length smaller"
            f"{or_more_rows}."
        )


def _limited(rows: pd.DataFrame, limit: int, seed: int) -> pd.DataFrame:
    """Whole documents until each label has its share of ``limit`` rows, in the old order."""
    import numpy as np

    kept: list[str] = []
    random = np.random.default_rng(seed)
    for _, part in rows.groupby("label"):
        counts = Counter(part["document"])
        names, wanted = list(counts), limit * len(part) / len(rows)
        chosen: list[str] = []
        for place in random.permutation(len(names)).tolist():
            if counts[names[place]] <= wanted:
                chosen.append(names[place])
                wanted -= counts[names[place]]
        if len(chosen) < len(SPLITS):  # the smallest others exceed the limit least
            others = sorted(set(names) - set(chosen), key=lambda name: (counts[name], name))
            chosen += others[: len(SPLITS) - len(chosen)]
        kept += chosen
    return rows[rows["document"].isin(kept)]


def _in_running_order(
    rows: pd.DataFrame, shares: Mapping[str, float], or_more_rows: str
) -> list[str]:
    """Per row its split."""
    if len(rows) < len(SPLITS):
        raise GenloomError(
            f"The text {rows['document'].iloc[0]} has too few rows ({len(rows)}) to stand in "
            f"{', '.join(SPLITS)}: give a longer text or make text.length smaller{or_more_rows}."
        )
    # Validation comes from the beginning: what stands just before the test split, such as the names
    # of its persons, is what a model needs most, and the usual protocols let it have that.
    middle = {"test": shares["test"], "validation": 1 - shares["test"] - shares["validation"]}
    names = {"train": "validation", "validation": "train", "test": "test"}
    return [names[name] for name in _in_order(rows["bytes"].to_numpy(), middle)]


def _by_document(rows: pd.DataFrame, shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Draw each document's split, label by label, so that the bytes come near to the shares.

    Of up to ``DRAWS`` random orders of the documents, cut like a running text, the best one
    counts. Unlike a search by size this leaves all splits the same mixture of long and short.
    """
    import numpy as np

    split: dict[str, str] = {}
    for label, part in rows.groupby("label"):
        documents = part.groupby("document", sort=False)["bytes"].sum()
        names, sizes = list(documents.index), documents.to_numpy()
        random = np.random.default_rng(derive_seed(seed, "text", "split", str(label)))
        best: dict[str, str] = {}
        smallest = math.inf
        for _ in range(DRAWS):
            order = random.permutation(len(sizes))
            drawn = _in_order(sizes[order], shares)
            error = max(
                abs(sizes[order][np.array(drawn) == name].sum() / (share * sizes.sum()) - 1)
                for name, share in shares.items()
            )
            if error < smallest:
                best, smallest = dict(zip([names[i] for i in order], drawn, strict=True)), error
            if error < GOOD_ENOUGH:
                break
        split |= best
    return split


def _in_order(sizes: np.ndarray, shares: Mapping[str, float]) -> list[str]:
    """Cut a row of at least three things of some sizes into splits, none of them empty."""
    import numpy as np

    # A thing belongs where its middle is, so that splits begin at the nearest thing's start.
    ends = np.cumsum(sizes)
    middles = (ends - sizes / 2) / ends[-1]
    test = int((middles < 1 - shares["test"]).sum())
    test = min(max(test, 2), len(sizes) - 1)
    validation = int((middles < 1 - shares["test"] - shares["validation"]).sum())
    validation = min(max(validation, 1), test - 1)
    counts = (validation, test - validation, len(sizes) - test)
    return [name for name, count in zip(SPLITS, counts, strict=True) for _ in range(count)]


def _known_from_later_splits(contents: list[str], splits: list[str]) -> list[int | None]:
    """Per row the place of its split in ``SPLITS`` if later ones tell most of it, else None."""
    known: list[int | None] = [None] * len(contents)
    later: set[str] = set()
    for place in reversed(range(len(SPLITS))):
        rows = [row for row, split in enumerate(splits) if split == SPLITS[place]]
        for row in rows:
            shingles = _shingles(contents[row])
            if 2 * len(shingles & later) > len(shingles):
                known[row] = place
        if place:  # nothing is compared with the training split
            later |= {shingle for row in rows for shingle in _shingles(contents[row])}
    return known


def _shingles(content: str) -> set[str]:
    """All runs of six words; a shorter text is one run."""
    words = content.lower().split()
    starts = range(max(1, len(words) - SHINGLE + 1))
    return {" ".join(words[start : start + SHINGLE]) for start in starts}


def _named(label: object) -> str:
    return f"The label {label!r}" if label else "The source"
