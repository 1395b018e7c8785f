"""What an objective asks of a molecule, one part at a time.

Every part is plain data, so that it can be sent to worker processes; what RDKit needs to measure
it is built where it is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from genloom.design.pharmacophores import pharmacophores, shared_share
from genloom.design.properties import PROPERTIES
from genloom.design.shapes import Near, Rising, Shape, geometric_mean
from genloom.errors import GenloomError

__all__ = [
    "FINGERPRINTS",
    "Count",
    "Formula",
    "Measured",
    "Part",
    "Pattern",
    "Property",
    "SameProperty",
    "Similarity",
    "counted",
    "read",
]

FINGERPRINTS = ("ECFP4", "ECFP6", "FCFP4", "AP", "PHCO")
"""Circular by atoms (diameter 4, 6), circular by pharmacophoric roles, atom pairs of at most 10
bonds, and Gobbi's two-dimensional pharmacophores; all but the last count how often."""

_PHCO = "PHCO"
_AS_IT_IS = Rising()
_ELEMENT = re.compile(r"([A-Z][a-z]?|\*)(\d*)")


class Measured:
    """A molecule whose fingerprints and properties are measured once, however many parts ask."""

    def __init__(self, molecule: Any) -> None:
        """Takes an RDKit molecule."""
        self.molecule = molecule
        self._known: dict[str, Any] = {}

    def _once(self, name: str, measure: Callable[[], Any]) -> Any:
        if name not in self._known:
            self._known[name] = measure()
        return self._known[name]

    def fingerprint(self, kind: str) -> Any:
        """A fingerprint of one of ``FINGERPRINTS``."""
        return self._once(kind, lambda: _fingerprint(self.molecule, kind))

    def property(self, name: str) -> float:
        """One of ``PROPERTIES``."""
        return float(self._once(name, lambda: PROPERTIES[name].of(self.molecule)))

    def elements(self) -> dict[str, int]:
        """How many atoms of each element there are, hydrogen among them."""
        from rdkit.Chem.rdMolDescriptors import CalcMolFormula

        counts: dict[str, int] = self._once(
            "formula", lambda: counted(CalcMolFormula(self.molecule))
        )
        return counts


class Part(Protocol):
    """One thing that an objective asks of a molecule."""

    def __call__(self, measured: Measured, /) -> float:
        """How well a molecule meets it, in [0, 1]."""
        ...


@dataclass(frozen=True)
class Similarity:
    """Tanimoto similarity to a known molecule.

    Args:
        target: SMILES of the known molecule.
        kind: One of ``FINGERPRINTS``.
        shape: What a similarity is worth.
    """

    target: str
    kind: str
    shape: Shape = _AS_IT_IS

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        own, wanted = measured.fingerprint(self.kind), _target(self.target).fingerprint(self.kind)
        if self.kind == _PHCO:
            return self.shape(shared_share(own, wanted))
        from rdkit.DataStructs import TanimotoSimilarity

        return self.shape(float(TanimotoSimilarity(own, wanted)))


@dataclass(frozen=True)
class Property:
    """A number that RDKit computes, one of ``PROPERTIES``."""

    name: str
    shape: Shape

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        return self.shape(measured.property(self.name))


@dataclass(frozen=True)
class SameProperty:
    """Nearness of a property to that of a known molecule.

    Args:
        name: One of ``PROPERTIES``.
        target: SMILES of the known molecule.
        width: Of the bell around its value.
    """

    name: str
    target: str
    width: float

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        return Near(_target(self.target).property(self.name), self.width)(
            measured.property(self.name)
        )


@dataclass(frozen=True)
class Count:
    """How many atoms of an element there are, hydrogen among them."""

    element: str
    shape: Shape

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        return self.shape(measured.elements().get(self.element, 0))


@dataclass(frozen=True)
class Formula:
    """Nearness to a molecular formula.

    The geometric mean of a bell of width 1 around the count of each element of the formula and one
    of width 2 around the count of all atoms.
    """

    formula: str

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        own, wanted = measured.elements(), counted(self.formula)
        scores = [Near(count, 1.0)(own.get(element, 0)) for element, count in wanted.items()]
        scores.append(Near(sum(wanted.values()), 2.0)(sum(own.values())))
        return geometric_mean(scores)


@dataclass(frozen=True)
class Pattern:
    """1 where a SMARTS pattern is in the molecule and 0 elsewhere, or the other way round."""

    smarts: str
    wanted: bool = True

    def __call__(self, measured: Measured) -> float:
        """How well a molecule meets it, in [0, 1]."""
        found = measured.molecule.HasSubstructMatch(_pattern(self.smarts))
        return float(found == self.wanted)


def read(text: str) -> Any:
    """The molecule that a SMILES text says, or None where it says none.

    Nothing may stand before or after the SMILES: RDKit would pass over it. A text of no atoms is no
    molecule.
    """
    from rdkit import Chem, rdBase

    if not text or text.split() != [text]:
        return None
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text)
    return molecule if molecule is not None and molecule.GetNumAtoms() else None


def counted(formula: str) -> dict[str, int]:
    """The atoms of a molecular formula by element.

    >>> counted("C2H5OH")
    {'C': 2, 'H': 6, 'O': 1}
    """
    counts: dict[str, int] = {}
    for element, count in _ELEMENT.findall(formula):
        counts[element] = counts.get(element, 0) + int(count or 1)
    return counts


def _fingerprint(molecule: Any, kind: str) -> Any:
    if kind == _PHCO:
        return pharmacophores(molecule)
    return _generator(kind).GetSparseCountFingerprint(molecule)


@lru_cache
def _generator(kind: str) -> Any:
    from rdkit.Chem import rdFingerprintGenerator as generators

    if kind == "ECFP4":
        return generators.GetMorganGenerator(radius=2)
    if kind == "ECFP6":
        return generators.GetMorganGenerator(radius=3)
    if kind == "FCFP4":
        roles = generators.GetMorganFeatureAtomInvGen()
        return generators.GetMorganGenerator(radius=2, atomInvariantsGenerator=roles)
    if kind == "AP":
        return generators.GetAtomPairGenerator(maxDistance=10)
    raise GenloomError(
        f"There is no fingerprint called '{kind}'. Known: {', '.join(FINGERPRINTS)}."
    )


@lru_cache
def _target(smiles: str) -> Measured:
    molecule = read(smiles)
    if molecule is None:
        raise GenloomError(f"'{smiles}' is no SMILES that RDKit can read: give another target.")
    return Measured(molecule)


@lru_cache
def _pattern(smarts: str) -> Any:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None or not pattern.GetNumAtoms():
        raise GenloomError(f"'{smarts}' is no SMARTS pattern that RDKit can read: mend it.")
    return pattern
