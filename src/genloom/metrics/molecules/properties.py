"""Numbers of one molecule: four properties that chemists care for, and GuacaMol's descriptors."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from genloom.metrics.molecules.patterns import alerts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DESCRIPTORS",
    "PROPERTIES",
    "descriptors",
    "properties",
    "rotatable_bonds",
    "synthetic_accessibility",
]

PROPERTIES = ("logp", "qed", "sa", "weight")

# GuacaMol's, in its order; the first four have real numbers, the others counts.
DESCRIPTORS = (
    *("BertzCT", "MolLogP", "MolWt", "TPSA"),
    *("NumHAcceptors", "NumHDonors", "NumRotatableBonds", "NumAliphaticRings", "NumAromaticRings"),
)


def rotatable_bonds(molecule: Any) -> int:
    """How many bonds turn freely, by RDKit's strict definition, which both QED and GuacaMol use."""
    from rdkit.Chem import rdMolDescriptors

    strict = rdMolDescriptors.NumRotatableBondsOptions.Strict
    return int(rdMolDescriptors.CalcNumRotatableBonds(molecule, strict))


def properties(
    molecule: Any, bits: NDArray[np.uint64], rotatable: int
) -> tuple[float, float, float, float]:
    """The four properties whose distributions MOSES compares, in the order of ``PROPERTIES``.

    Args:
        molecule: RDKit's molecule with at least one atom and no written-out hydrogens.
        bits: Its ``pattern_bits``.
        rotatable: Its ``rotatable_bonds``.

    Returns:
        - Crippen's logP, octanol against water (Wildman and Crippen 1999,
          doi:10.1021/ci990307l), no unit;
        - QED, how much it resembles drugs, 0 to 1 (Bickerton et al. 2012, doi:10.1038/nchem.1243);
        - SA, how hard it is to make, 1 easy to 10 hard (Ertl and Schuffenhauer 2009,
          doi:10.1186/1758-2946-1-8);
        - molecular weight, g/mol.
    """
    from rdkit.Chem import rdMolDescriptors

    logp: float = rdMolDescriptors.CalcCrippenDescriptors(molecule)[0]
    weight: float = rdMolDescriptors._CalcMolWt(molecule)
    qed = _qed(molecule, bits, logp, rotatable)
    return logp, qed, synthetic_accessibility(molecule), weight


def _qed(molecule: Any, bits: NDArray[np.uint64], logp: float, rotatable: int) -> float:
    """RDKit's QED with what is known already, and with its alerts behind a fingerprint."""
    from rdkit import Chem
    from rdkit.Chem import QED, rdMolDescriptors

    aromatic = Chem.DeleteSubstructs(Chem.Mol(molecule), QED.AliphaticRings)
    values = QED.QEDproperties(
        MW=rdMolDescriptors._CalcMolWt(molecule),
        ALOGP=logp,
        HBA=sum(len(molecule.GetSubstructMatches(pattern)) for pattern in QED.Acceptors),
        HBD=rdMolDescriptors.CalcNumHBD(molecule),
        PSA=rdMolDescriptors.CalcTPSA(molecule),
        ROTB=rotatable,
        AROM=len(Chem.GetSSSR(aromatic)),
        ALERTS=len(alerts().held(molecule, bits)),
    )
    return float(QED.qed(molecule, qedProperties=values))


def synthetic_accessibility(molecule: Any) -> float:
    """How hard a molecule is to make, 1 easy to 10 hard, by RDKit's contributed script."""
    return float(_sascorer().calculateScore(molecule))


@lru_cache(maxsize=1)
def _sascorer() -> Any:
    """The script lies beside RDKit's package and is none of its modules."""
    import importlib.util
    from pathlib import Path

    from rdkit import RDConfig

    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    found = importlib.util.spec_from_file_location("sascorer", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def descriptors(molecule: Any, logp: float, rotatable: int) -> list[float]:
    """GuacaMol's nine descriptors, in the order of ``DESCRIPTORS``; 0 for one that is undefined.

    Args:
        molecule: RDKit's molecule.
        logp: Its second descriptor, which takes long, as does the next one.
        rotatable: Its ``rotatable_bonds``.
    """
    from rdkit.Chem import Descriptors

    known = {"MolLogP": logp, "NumRotatableBonds": float(rotatable)}
    found = (
        known[name] if name in known else float(getattr(Descriptors, name)(molecule))
        for name in DESCRIPTORS
    )
    return [value if math.isfinite(value) else 0.0 for value in found]
