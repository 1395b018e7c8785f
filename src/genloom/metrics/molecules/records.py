"""What the metrics need of every molecule, found in one reading of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from genloom.metrics.molecules import patterns, properties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genloom.metrics.molecules.sharing import Spread

__all__ = ["EVERYTHING", "SHAPE", "Records", "parse", "records"]

#: The parts of a record, each for some of the metrics: ``shape`` for SNN, diversity, fragments and
#: scaffolds; ``properties`` for their distances; ``descriptors`` for the KL score; ``filters``.
EVERYTHING = ("shape", "properties", "descriptors", "filters")
SHAPE = ("shape",)

BITS, WIDE_BITS = 1024, 4096  # MOSES' and GuacaMol's Morgan fingerprints, both of radius 2
_CHUNK = 256  # molecules that one worker reads at a time


@dataclass(frozen=True)
class Records:
    """What was found of some molecules; a part that was not asked for is empty.

    Attributes:
        valid: ``[n]`` bool, which of the texts are molecules. All else is of these alone.
        texts: As they stood.
        smiles: RDKit's canonical isomeric SMILES.
        fingerprints: ``[m, 128]`` bytes of 8 bits: Morgan, radius 2, 1024 bits.
        fragments: SMILES of what is left when all bonds are cut that BRICS cuts.
        scaffolds: SMILES of the Murcko scaffold, or None where it has fewer than two rings.
        properties: ``[m, 4]``, columns ``properties.PROPERTIES``.
        flat: Canonical SMILES without stereochemistry.
        wide: ``[m, 512]`` bytes of 8 bits: Morgan, radius 2, 4096 bits.
        descriptors: ``[m, 9]``, columns ``properties.DESCRIPTORS``.
        passes: ``[m]`` bool, whether ``patterns.passes_filters``.
    """

    valid: NDArray[np.bool_]
    texts: list[str] = field(default_factory=list)
    smiles: list[str] = field(default_factory=list)
    fingerprints: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, BITS // 8), "u1"))
    fragments: list[list[str]] = field(default_factory=list)
    scaffolds: list[str | None] = field(default_factory=list)
    properties: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))
    flat: list[str] = field(default_factory=list)
    wide: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, WIDE_BITS // 8), "u1"))
    descriptors: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 9)))
    passes: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))


def records(
    texts: Sequence[str],
    parts: tuple[str, ...] = EVERYTHING,
    *,
    spread: Spread = map,
) -> Records:
    """Read texts as molecules and find what the metrics need.

    Args:
        texts: SMILES, in any spelling; those that are none are left out.
        parts: Some of ``EVERYTHING``.
        spread: Applies a function to each chunk of texts, in order: ``map``, or that of a pool of
            processes. The records do not depend on it.
    """
    chunks = [list(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
    found = list(spread(_read, chunks, [parts] * len(chunks)))
    return _joined(found) if found else Records(np.zeros(0, dtype=bool))


def parse(text: str) -> Any:
    """A text as RDKit's sanitised molecule; None where it is none or has no atoms.

    RDKit would take what stands behind a blank for a name and the empty text for a molecule;
    neither is a SMILES of a molecule.
    """
    from rdkit import Chem

    if not text.isascii() or not text.isprintable() or " " in text:
        return None
    molecule = Chem.MolFromSmiles(text)
    return molecule if molecule is not None and molecule.GetNumAtoms() else None


def _read(texts: list[str], parts: tuple[str, ...]) -> Records:
    """The records of one chunk."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecules = [parse(text) for text in texts]
        valid = np.array([molecule is not None for molecule in molecules], dtype=bool)
        kept = [molecule for molecule in molecules if molecule is not None]
        known: dict[str, Any] = {
            "texts": [text for text, is_one in zip(texts, valid, strict=True) if is_one],
            "smiles": [Chem.MolToSmiles(molecule) for molecule in kept],
        }
        if not kept:
            return Records(valid)
        if "shape" in parts:
            known |= _shape(kept)
        if {"properties", "descriptors", "filters"} & set(parts):
            known |= _numbers(kept, parts)
    return Records(valid, **known)


def _shape(molecules: list[Any]) -> dict[str, Any]:
    return {
        "fingerprints": _morgan(molecules, BITS),
        "fragments": [_fragments(molecule) for molecule in molecules],
        "scaffolds": [_scaffold(molecule) for molecule in molecules],
    }


def _numbers(molecules: list[Any], parts: tuple[str, ...]) -> dict[str, Any]:
    from rdkit import Chem

    known: dict[str, Any] = {}
    bits = [patterns.pattern_bits(molecule) for molecule in molecules]
    rotatable = [properties.rotatable_bonds(molecule) for molecule in molecules]
    rows = zip(molecules, bits, rotatable, strict=True)
    values = np.array([properties.properties(*row) for row in rows])
    if "properties" in parts:
        known["properties"] = values
    if "descriptors" in parts:
        known["flat"] = [Chem.MolToSmiles(each, isomericSmiles=False) for each in molecules]
        known["wide"] = _morgan(molecules, WIDE_BITS)
        described = zip(molecules, values[:, 0], rotatable, strict=True)
        known["descriptors"] = np.array([properties.descriptors(*row) for row in described])
    if "filters" in parts:
        filtered = zip(molecules, bits, strict=True)
        known["passes"] = np.array([patterns.passes_filters(*row) for row in filtered], dtype=bool)
    return known


def _morgan(molecules: list[Any], bits: int) -> NDArray[np.uint8]:
    """Morgan fingerprints of radius 2, packed (Rogers and Hahn 2010, doi:10.1021/ci100050t)."""
    from rdkit.Chem import rdFingerprintGenerator
    from rdkit.DataStructs import BitVectToBinaryText

    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=bits)
    packed = (BitVectToBinaryText(morgan.GetFingerprint(molecule)) for molecule in molecules)
    return np.frombuffer(b"".join(packed), dtype=np.uint8).reshape(len(molecules), bits // 8)


def _fragments(molecule: Any) -> list[str]:
    """BRICS is Degen et al. (2008), doi:10.1002/cmdc.200800178."""
    from rdkit import Chem

    return str(Chem.MolToSmiles(Chem.FragmentOnBRICSBonds(molecule))).split(".")


def _scaffold(molecule: Any) -> str | None:
    """Bemis and Murcko (1996), doi:10.1021/jm9602928."""
    from rdkit import Chem
    from rdkit.Chem.Scaffolds import MurckoScaffold

    try:
        scaffold = MurckoScaffold.GetScaffoldForMol(molecule)
    except (ValueError, RuntimeError):
        return None
    return str(Chem.MolToSmiles(scaffold)) if scaffold.GetRingInfo().NumRings() >= 2 else None


def _joined(chunks: list[Records]) -> Records:
    columns: dict[str, Any] = {}
    for name in Records.__dataclass_fields__:
        parts = [getattr(chunk, name) for chunk in chunks]
        in_a_list = isinstance(parts[0], list)
        columns[name] = list(chain.from_iterable(parts)) if in_a_list else np.concatenate(parts)
    return Records(**columns)
