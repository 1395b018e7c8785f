"""Which of many patterns a molecule holds, and the filters that a plain molecule passes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["UNWANTED", "Patterns", "alerts", "pains", "passes_filters", "pattern_bits"]

# What MOSES lets a molecule consist of, and from which size on it takes a ring for too large.
ELEMENTS = frozenset({"C", "N", "S", "O", "F", "Cl", "Br", "H"})
LARGE_RING = 8

# Groups that react by themselves or with proteins, beside those that PAINS and Brenk know. They
# stand for the medicinal chemistry filters (MCF) of MOSES, whose list is not repeated here.
UNWANTED: dict[str, str] = {
    "acyl halide": "[CX3](=O)[F,Cl,Br,I]",
    "aldehyde": "[CX3H1](=O)[#6]",
    "alkyl chloride, bromide or iodide": "[CX4;!$(C(F)(F))][Cl,Br,I]",
    "anhydride": "[CX3](=O)[OX2][CX3]=O",
    "azide": "[NX2]=[NX2+]=[NX1-]",
    "azo group": "[#6][NX2]=[NX2][#6]",
    "beta-lactone or beta-thiolactone": "O=C1CC[O,S]1",
    "carbodiimide": "[NX2]=C=[NX2]",
    "diazo group": "[#6]=[N+]=[N-]",
    "disulfide": "[#6][SX2][SX2][#6]",
    "epoxide, aziridine or thiirane": "C1[O,N,S]C1",
    "hydrazine": "[NX3;!R][NX3;!R;H2,H1]",
    "isocyanate or isothiocyanate": "[NX2]=C=[O,S]",
    "ketene or allene": "[#6]=C=[#6,O]",
    "nitroso group": "[#6,#7][NX2]=O",
    "N-oxyl or N-halide": "[NX3][F,Cl,Br,I]",
    "peroxide": "[OX2][OX2]",
    "quinone": "O=C1C=CC(=O)C=C1",
    "sulfonate ester": "[#6]S(=O)(=O)O[CX4]",
    "sulfonyl halide": "S(=O)(=O)[F,Cl,Br,I]",
    "thiol": "[SX2H]",
    "thiocarbonyl": "[#6;!R]=[SX1]",
    "vinyl sulfone, nitrile or nitro group": "[CH2]=[CH][$(S(=O)=O),$(C#N),$([N+](=O)[O-])]",
}


class Patterns:
    """Patterns of substructures that are looked for only where a fingerprint allows them.

    Nothing is missed: a molecule that holds a pattern has every bit of the pattern's own
    fingerprint (RDKit's ``PatternFingerprint``).

    Args:
        queries: RDKit's molecules of SMARTS.
    """

    def __init__(self, queries: Sequence[Any]) -> None:
        self.queries = list(queries)
        self.bits = np.stack([pattern_bits(query) for query in self.queries])

    def held(self, molecule: Any, bits: NDArray[np.uint64]) -> list[int]:
        """The numbers of the patterns that a molecule holds, ascending.

        Args:
            molecule: RDKit's molecule.
            bits: Its ``pattern_bits``.
        """
        return [n for n in self._possible(bits) if molecule.HasSubstructMatch(self.queries[n])]

    def any(self, molecule: Any, bits: NDArray[np.uint64]) -> bool:
        """Whether a molecule holds at least one of the patterns."""
        return any(molecule.HasSubstructMatch(self.queries[n]) for n in self._possible(bits))

    def _possible(self, bits: NDArray[np.uint64]) -> list[int]:
        found: list[int] = np.flatnonzero(~(self.bits & ~bits).any(axis=1)).tolist()
        return found


def pattern_bits(molecule: Any) -> NDArray[np.uint64]:
    """A molecule's or a query's fingerprint of small patterns, ``[32]`` words of 64 bits."""
    from rdkit.Chem import PatternFingerprint
    from rdkit.DataStructs import BitVectToBinaryText

    return np.frombuffer(BitVectToBinaryText(PatternFingerprint(molecule)), dtype=np.uint64)


@lru_cache(maxsize=1)
def alerts() -> Patterns:
    """The structural alerts that QED counts (Bickerton et al. 2012, doi:10.1038/nchem.1243)."""
    from rdkit.Chem import QED

    return Patterns(QED.StructuralAlerts)


@lru_cache(maxsize=1)
def pains() -> Patterns:
    """Baell and Holloway (2010, doi:10.1021/jm901137j), as the list that comes with RDKit.

    The same molecules hold them as RDKit's ``FilterCatalog`` says, in a tenth of its time.
    """
    import csv
    from pathlib import Path

    from rdkit import Chem, RDConfig

    with (Path(RDConfig.RDDataDir) / "Pains" / "wehi_pains.csv").open(newline="") as lines:
        queries = [Chem.MolFromSmarts(smarts) for smarts, _ in csv.reader(lines)]
    # Written-out hydrogens become a demand on their neighbour, as molecules have none of their own.
    return Patterns([Chem.MergeQueryHs(query) for query in queries])


@lru_cache(maxsize=1)
def _unwanted() -> Patterns:
    from rdkit import Chem

    return Patterns([Chem.MolFromSmarts(smarts) for smarts in UNWANTED.values()])


@lru_cache(maxsize=1)
def _brenk() -> Any:
    """Brenk et al. (2008, doi:10.1002/cmdc.200700139)."""
    from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

    return FilterCatalog(FilterCatalogParams(FilterCatalogParams.FilterCatalogs.BRENK))


def passes_filters(molecule: Any, bits: NDArray[np.uint64]) -> bool:
    """Whether nothing about a molecule would put a medicinal chemist off.

    As in MOSES (``mol_passes_filters``): only C, N, S, O, F, Cl, Br and H, no charges, no ring of
    8 atoms or more, and none of a list of unwanted substructures. The list is not that of MOSES:
    PAINS is in both, but Brenk and ``UNWANTED`` stand here for its MCF.

    Args:
        molecule: RDKit's molecule.
        bits: Its ``pattern_bits``.
    """
    if any(len(ring) >= LARGE_RING for ring in molecule.GetRingInfo().AtomRings()):
        return False
    for atom in molecule.GetAtoms():
        if atom.GetFormalCharge() or atom.GetSymbol() not in ELEMENTS:
            return False
    return not (
        _unwanted().any(molecule, bits)
        or _brenk().HasMatch(molecule)
        or pains().any(molecule, bits)
    )
