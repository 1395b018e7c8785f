"""Numbers of a molecule that an objective can ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["PROPERTIES", "MolecularProperty"]


class MolecularProperty(NamedTuple):
    """A number that RDKit computes from a molecule.

    Args:
        title: What it is called in a sentence.
        width: By how much a value may miss and still score ``exp(-1/2)``, unless told otherwise.
        of: From an RDKit molecule to the number.
    """

    title: str
    width: float
    of: Callable[[Any], float]


def _logp(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcCrippenDescriptors

    return float(CalcCrippenDescriptors(molecule)[0])


def _tpsa(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcTPSA

    return float(CalcTPSA(molecule))


def _bertz(molecule: Any) -> float:
    from rdkit.Chem.GraphDescriptors import BertzCT

    return float(BertzCT(molecule))


def _weight(molecule: Any) -> float:
    from rdkit.Chem import Descriptors

    return float(Descriptors.MolWt(molecule))  # type: ignore[attr-defined]


def _qed(molecule: Any) -> float:
    from rdkit.Chem.QED import qed

    return float(qed(molecule))


def _donors(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcNumHBD

    return float(CalcNumHBD(molecule))


def _acceptors(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcNumHBA

    return float(CalcNumHBA(molecule))


def _rotatable(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcNumRotatableBonds

    return float(CalcNumRotatableBonds(molecule))


def _rings(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcNumRings

    return float(CalcNumRings(molecule))


def _aromatic_rings(molecule: Any) -> float:
    from rdkit.Chem.rdMolDescriptors import CalcNumAromaticRings

    return float(CalcNumAromaticRings(molecule))


def _sa(molecule: Any) -> float:
    return float(_sa_scorer().calculateScore(molecule))


@lru_cache
def _sa_scorer() -> Any:
    """RDKit's contributed module of the score, which is no part of its package."""
    import importlib.util
    from pathlib import Path

    from rdkit import RDConfig

    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    spec = importlib.util.spec_from_file_location("genloom_sascorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROPERTIES: dict[str, MolecularProperty] = {
    "logp": MolecularProperty("logP", 0.5, _logp),
    "qed": MolecularProperty("QED", 0.1, _qed),
    "sa": MolecularProperty("synthetic accessibility", 0.5, _sa),
    "weight": MolecularProperty("weight", 25.0, _weight),
    "tpsa": MolecularProperty("TPSA", 20.0, _tpsa),
    "bertz": MolecularProperty("Bertz complexity", 100.0, _bertz),
    "donors": MolecularProperty("hydrogen bond donors", 1.0, _donors),
    "acceptors": MolecularProperty("hydrogen bond acceptors", 1.0, _acceptors),
    "rotatable": MolecularProperty("rotatable bonds", 1.0, _rotatable),
    "rings": MolecularProperty("rings", 0.5, _rings),
    "aromatic_rings": MolecularProperty("aromatic rings", 0.5, _aromatic_rings),
}
"""By name: Wildman and Crippen's logP; Bickerton's drug-likeness QED in [0, 1]; Ertl and
Schuffenhauer's synthetic accessibility, 1 (easy) to 10 (hard); molecular weight in g/mol; polar
surface area in Å²; Bertz's complexity; and counts."""
