"""Fragments of the training molecules, joined anew: the floor under every generator of molecules.

Degen et al. (2008), "On the art of compiling and using 'drug-like' chemical fragment spaces",
say which bonds to cut and which kinds of cut ends may meet (BRICS); RDKit has their rules.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from genloom.errors import GenloomError
from genloom.floors.base import FloorGenerator
from genloom.floors.token_base import TokenFloor
from genloom.tokens import END, PAD, first_content

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Brics"]

_BYTES = 128
_TRIES = 1000  # for one molecule that fits its row


class Brics(TokenFloor, FloorGenerator):
    """Fragment recombination by the rules of BRICS.

    The training molecules of a class are cut at every bond that BRICS cuts. A new molecule begins
    with a fragment and gets others at its cut ends, each drawn by how often the class has it among
    those that may stand there, as long as it stays within the number of heavy atoms of a training
    molecule drawn beforehand; what is open in the end gets a hydrogen. Molecules without a bond to
    cut could only be copied and are left out, unless a class has no others.

    Args:
        shape: ``(length, vocabulary)`` of rows of characters: the bytes of a SMILES text, each
            plus ``first_content(classes)``.
        classes: How many classes the labels have.

    Raises:
        GenloomError: The vocabulary is not that of characters.
    """

    takes = ("characters",)

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(shape, classes)
        if self.vocabulary != first_content(classes) + _BYTES:
            raise GenloomError(
                f"Brics reads rows of characters, whose vocabulary for {classes} classes has "
                f"{first_content(classes) + _BYTES} numbers, but was built for {self.vocabulary}."
            )
        self._texts: list[str] = []  # the fragments, cut ends written as [label*]
        self._counts: Any = None  # how often each class has each, [fragments, classes]
        self._sizes: list[NDArray[Any]] = []  # heavy atoms of each class's molecules
        self._stocks: dict[int, _Stock] = {}

    def _fit(self, rows: NDArray[Any], labels: NDArray[Any], seed: int) -> None:
        import numpy as np

        found, self._sizes, self._stocks = [], [], {}
        for label in range(self.classes):
            counts, sizes = _cut(map(self._text, rows[labels == label]))
            if not sizes:
                raise GenloomError(
                    f"Brics cannot learn to draw class {label}: none of its training samples is "
                    "a molecule that RDKit can read."
                )
            found.append(counts)
            self._sizes.append(np.array(sizes, dtype=np.int64))
        self._texts = sorted(set().union(*found))
        table = [[counts[text] for counts in found] for text in self._texts]
        self._counts = np.array(table, dtype=np.int64)

    def _text(self, row: NDArray[Any]) -> str:
        """What stands in a row before its end."""
        start = first_content(self.classes)
        return bytes((row[row >= start] - start).tolist()).decode("ascii")

    def _draw(self, label: int, count: int, seed: int) -> NDArray[Any]:
        import numpy as np

        if label not in self._stocks:
            self._stocks[label] = _Stock(self._texts, self._counts[:, label], self._sizes[label])
        stock, chance = self._stocks[label], random.Random(seed)
        rows = np.full((count, self.length), PAD, dtype=np.int64)
        for row in rows:
            text = self._fitting(stock, chance)
            row[: len(text)] = np.frombuffer(text.encode(), np.uint8).astype(np.int64)
            row[: len(text)] += first_content(self.classes)
            row[len(text)] = END
        return rows

    def _fitting(self, stock: _Stock, chance: random.Random) -> str:
        for _ in range(_TRIES):
            text = stock.molecule(chance)
            if text is not None and len(text) < self.length:
                return text
        raise GenloomError(
            f"Brics found no molecule of at most {self.length - 1} characters in {_TRIES} tries: "
            "make the rows longer or give more training samples."
        )

    def _blank(self, n: int) -> Tensor:
        return torch.empty(n, self.length, dtype=torch.int64)

    def _in_range(self, samples: Tensor) -> Tensor:
        return samples

    def _weights(self) -> dict[str, Tensor]:
        text = bytearray("\n".join(self._texts).encode())
        sizes = {
            f"sizes.{n}": torch.from_numpy(sizes.copy()) for n, sizes in enumerate(self._sizes)
        }
        return {
            "fragments": torch.frombuffer(text, dtype=torch.uint8),
            "counts": torch.from_numpy(self._counts.copy()),
            **sizes,
        }

    def _load_weights(self, weights: Mapping[str, Tensor]) -> None:
        self._texts = weights["fragments"].numpy().tobytes().decode().split("\n")
        self._counts = weights["counts"].numpy().copy()
        self._sizes = [weights[f"sizes.{n}"].numpy().copy() for n in range(self.classes)]
        self._stocks = {}

    @property
    def parameter_count(self) -> int:
        """How many counts and sizes it keeps.

        Raises:
            GenloomError: It is not fitted.
        """
        self._require_fitted()
        return int(self._counts.size) + sum(sizes.size for sizes in self._sizes)


@dataclass(frozen=True)
class _Fragment:
    """A fragment ready to be joined: its cut ends are atoms of number 0."""

    molecule: Any
    atoms: int
    size: int  # heavy atoms, cut ends not counted
    ends: tuple[tuple[int, int], ...]  # the atom and the label of each


class _Choice:
    """Draws by weight among what is small enough."""

    def __init__(self, entries: Iterable[tuple[int, int, Any]]) -> None:
        """Takes size, weight and the thing itself of each."""
        ordered = sorted(entries, key=lambda entry: entry[0])
        self._sizes = [size for size, _, _ in ordered]
        self._below = list(accumulate((weight for _, weight, _ in ordered), initial=0))
        self._things = [thing for _, _, thing in ordered]

    def draw(self, largest: int, chance: random.Random) -> Any:
        """One of size ``largest`` at most; None if there is none."""
        total = self._below[bisect_right(self._sizes, largest)]
        if not total:
            return None
        return self._things[bisect_right(self._below, int(chance.random() * total)) - 1]


class _Stock:
    """The fragments of one class, sorted by where they may stand."""

    def __init__(self, texts: list[str], counts: NDArray[Any], sizes: NDArray[Any]) -> None:
        self._molecule_sizes = sizes.tolist()
        pairs = zip(texts, counts.tolist(), strict=True)
        held = [(_fragment(text), count) for text, count in pairs if count]
        self._joins = any(fragment.ends for fragment, _ in held)
        self._starts = _Choice((fragment.size, count, fragment) for fragment, count in held)
        # By label of an open end: the fragments that may stand there, and by which of their ends.
        self._partners = {
            label: _Choice(
                (fragment.size, count, (fragment, place))
                for fragment, count in held
                for place, (_, other) in enumerate(fragment.ends)
                if other in partners
            )
            for label, partners in _partners().items()
        }

    def molecule(self, chance: random.Random) -> str | None:
        """A new molecule as canonical SMILES; None where the try led nowhere."""
        room = chance.choice(self._molecule_sizes)
        start = self._starts.draw(room, chance)
        if start is None:
            return None
        parts, atoms, room = [start], start.atoms, room - start.size
        open_ends, joins, capped = list(start.ends), [], []
        while open_ends:
            atom, label = open_ends.pop(chance.randrange(len(open_ends)))
            choice = self._partners.get(label)
            drawn = choice.draw(room, chance) if choice else None
            if drawn is None:
                capped.append(atom)
                continue
            fragment, place = drawn
            joins.append((atom, atoms + fragment.ends[place][0]))
            open_ends += [
                (atoms + own, end) for n, (own, end) in enumerate(fragment.ends) if n != place
            ]
            parts.append(fragment)
            atoms, room = atoms + fragment.atoms, room - fragment.size
        if self._joins and not joins:
            return None
        return _joined([part.molecule for part in parts], joins, capped)


def _partners() -> dict[int, set[int]]:
    """Which labels may meet which, by RDKit's list of BRICS' reactions."""
    from rdkit.Chem import BRICS

    found: dict[int, set[int]] = {}
    for group in BRICS.reactionDefs:
        for one, other, _ in group:
            a, b = (int(label.rstrip("ab")) for label in (one, other))
            found.setdefault(a, set()).add(b)
            found.setdefault(b, set()).add(a)
    return found


def _cut(texts: Iterable[str]) -> tuple[Counter[str], list[int]]:
    """The fragments of molecules, and the heavy atoms of each molecule that was cut."""
    from rdkit import Chem, rdBase

    cut, whole = Counter[str](), Counter[str]()
    sizes: list[int] = []
    whole_sizes: list[int] = []
    with rdBase.BlockLogs():
        for text in texts:
            molecule = Chem.MolFromSmiles(text)
            if molecule is None or not molecule.GetNumAtoms():
                continue
            for atom in molecule.GetAtoms():
                atom.SetAtomMapNum(0)  # numbers that say where to join, later
            if any(atom.GetAtomicNum() == 0 for atom in molecule.GetAtoms()):
                continue  # a wildcard would pass for a cut end
            pieces = Chem.MolToSmiles(Chem.FragmentOnBRICSBonds(molecule)).split(".")
            counts, of = (cut, sizes) if "*" in pieces[0] else (whole, whole_sizes)
            counts.update(pieces)
            of.append(molecule.GetNumHeavyAtoms())
    return (cut, sizes) if sizes else (whole, whole_sizes)


def _fragment(text: str) -> _Fragment:
    from rdkit import Chem

    molecule = Chem.MolFromSmiles(text)
    ends = tuple(
        (atom.GetIdx(), atom.GetIsotope())
        for atom in molecule.GetAtoms()
        if atom.GetAtomicNum() == 0
    )
    return _Fragment(molecule, molecule.GetNumAtoms(), molecule.GetNumHeavyAtoms(), ends)


def _joined(parts: list[Any], joins: list[tuple[int, int]], capped: list[int]) -> str | None:
    """Fragments as one molecule's canonical SMILES; None if there is no such molecule.

    Args:
        parts: Molecules, whose atoms are numbered through.
        joins: Pairs of cut ends whose neighbours are bound to each other.
        capped: Cut ends that become hydrogens.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        whole = Chem.RWMol(parts[0])
        for part in parts[1:]:
            whole.InsertMol(part)
        for number, pair in enumerate(joins, start=1):
            for index in pair:
                end = whole.GetAtomWithIdx(index)
                end.SetIsotope(0)
                end.SetAtomMapNum(number)
        for index in capped:
            end = whole.GetAtomWithIdx(index)
            end.SetIsotope(0)
            end.SetAtomicNum(1)
        try:
            text = Chem.MolToSmiles(Chem.RemoveHs(Chem.molzip(whole)))
        except (ValueError, RuntimeError):  # what RDKit says of impossible valences and rings
            return None
        again = Chem.MolFromSmiles(text)
        return None if again is None else Chem.MolToSmiles(again)
