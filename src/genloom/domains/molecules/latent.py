"""Walks through a smooth latent from one real molecule to another.

Gómez-Bombarelli et al., Automatic chemical design using a data-driven continuous representation of
molecules (2018), arXiv 1610.02415.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.codecs import natural
from genloom.domains.molecules.drawings import Cell, Row, parsed, sheet
from genloom.domains.molecules.shown import INVALID, notes, spread
from genloom.domains.text.style import BLUE, FAINT, ORANGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROWS = 6
STEPS = 5  # of a walk between two molecules, both ends included


def interpolation(
    samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str
) -> Figure:
    """Walks through the latent from one real molecule to another of its class.

    Args:
        samples: The domain's samples; pairs at even distances from each class of the test split.
        codec: Not needed: a generator has its own.
        generator: A fitted network that can ``encode``, ``walk`` and ``decode``.
        seed: Not needed: nothing is drawn.
        title: The generator's name.

    Returns:
        Up to six walks as one figure.
    """
    own, member = generator.own_codec, generator.member
    test = samples[samples["split"] == "test"]
    test = test.loc[[parsed(text) is not None for text in test["content"]]]
    classes = sorted(test["label"].unique(), key=natural)[:ROWS]
    walks = max(1, ROWS // 2 // max(1, len(classes)))
    rows: list[Row] = []
    for label in classes:
        some = test[test["label"] == label]
        pairs = spread(range(len(some)), 2 * walks)
        for first, second in zip(pairs[::2], pairs[1::2], strict=False):
            ends = some.iloc[[first, second]]
            y = own.encode_labels(ends)
            z = member.encode(generator.encode(ends), y)
            path = member.walk(z[:1], z[1:], steps=STEPS)[0]
            made = own.decode(member.decode(path, y[:1].expand(STEPS)))
            real = [_canonical(text) for text in ends["content"]]
            cells = [_cell(text, real) for text in (ends["content"].iloc[0], *made)]
            rows.append(Row([*cells, _cell(ends["content"].iloc[1], real)], label))
    headings = {0: "real", 1: f"decoded, from the one to the other in {STEPS} steps", 6: "real"}
    return sheet(
        f"{title}: from one test molecule to another",
        rows,
        columns=STEPS + 2,
        headings=headings,
        gaps=[1, STEPS + 1],
        high=56,
        nothing="there are no two molecules of one class in the test split",
    )


def _canonical(text: str) -> str | None:
    from rdkit import Chem

    molecule = parsed(text)
    return None if molecule is None else Chem.MolToSmiles(molecule)


def _cell(text: str, known: list[str | None]) -> Cell:
    """A molecule with its properties, in blue where it is one of the known ones."""
    molecule = parsed(text)
    if molecule is None:
        return Cell(text, (INVALID, ""), remark="an empty text", tint=ORANGE)
    return Cell(text, notes(molecule), tint=BLUE if _canonical(text) in known else FAINT)
