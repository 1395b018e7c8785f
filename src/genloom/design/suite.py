"""The twenty goal-directed tasks of GuacaMol.

Brown, Fiscato, Segler and Vaucher (2019), "GuacaMol: Benchmarking Models for de Novo Molecular
Design", J. Chem. Inf. Model. 59, 1096; the second version of their suite. Its targets, bounds and
widths stand here as data, and ``genloom.design.components`` measures them on today's RDKit.
"""

from __future__ import annotations

from genloom.design.components import (
    Count,
    Formula,
    Pattern,
    Property,
    SameProperty,
    Similarity,
)
from genloom.design.scoring import Objective
from genloom.design.shapes import AtLeast, AtMost, Near, Rising, arithmetic_mean

__all__ = ["GUACAMOL"]

CELECOXIB = "CC1=CC=C(C=C1)C1=CC(=NN1C1=CC=C(C=C1)S(N)(=O)=O)C(F)(F)F"
TROGLITAZONE = "Cc1c(C)c2OC(C)(COc3ccc(CC4SC(=O)NC4=O)cc3)CCc2c(C)c1O"
THIOTHIXENE = "CN(C)S(=O)(=O)c1ccc2Sc3ccccc3C(=CCCN4CCN(C)CC4)c2c1"
ARIPIPRAZOLE = "Clc4cccc(N3CCN(CCCCOc2ccc1c(NC(=O)CC1)c2)CC3)c4Cl"
ALBUTEROL = "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1"
MESTRANOL = "COc1ccc2[C@H]3CC[C@@]4(C)[C@@H](CC[C@@]4(O)C#C)[C@@H]3CCc2c1"
CAMPHOR = "CC1(C)C2CCC1(C)C(=O)C2"
MENTHOL = "CC(C)C1CCC(C)CC1O"
TADALAFIL = "O=C1N(CC(N2C1CC3=C(C2C4=CC5=C(OCO5)C=C4)NC6=C3C=CC=C6)=O)C"
SILDENAFIL = "CCCC1=NN(C2=C1N=C(NC2=O)C3=C(C=CC(=C3)S(=O)(=O)N4CCN(CC4)C)OCC)C"
OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34"
FEXOFENADINE = "CC(C)(C(=O)O)c1ccc(cc1)C(O)CCCN2CCC(CC2)C(O)(c3ccccc3)c4ccccc4"
RANOLAZINE = "COc1ccccc1OCC(O)CN2CCN(CC(=O)Nc3c(C)cccc3C)CC2"
PERINDOPRIL = "O=C(OCC)C(NC(C(=O)N1C(C(=O)O)CC2CCCCC12)C)CCC"
AMLODIPINE = r"Clc1ccccc1C2C(=C(/N/C(=C2/C(=O)OCC)COCCN)C)\C(=O)OC"
SITAGLIPTIN = "Fc1cc(c(F)cc1F)CC(N)CC(=O)N3Cc2nnc(n2CC3)C(F)(F)F"
ZALEPLON = "O=C(C)N(CC)C1=CC=CC(C2=CC=NC3=C(C=NN23)C#N)=C1"
QUINAZOLINE = "CCCOc1cc2ncnc(Nc3ccc4ncsc4c3)c2cc1S(=O)(=O)C(C)(C)C"

# What the two hops keep or change of the quinazoline above.
_CORE = "[#7]-c1n[c;h1]nc2[c;h1]c(-[#8])[c;h0][c;h1]c12"
_SULFONE = "CS([#6])(=O)=O"
_BENZOTHIAZOLE = "[#7]-c1ccc2ncsc2c1"
_ENDS = "[#6]-[#6]-[#6]-[#8]-[#6]~[#6]~[#6]~[#6]~[#6]-[#7]-c1ccc2ncsc2c1"

_OPEN = "nothing is known to stand in the way of 1"


def _rediscovery(title: str, smiles: str) -> Objective:
    return Objective(
        name=f"{title.lower()}_rediscovery",
        title=f"{title} rediscovery",
        parts=(Similarity(smiles, "ECFP4"),),
        top=(1,),
        known="1, which the target reaches",
    )


def _similarity(title: str, smiles: str, kind: str) -> Objective:
    return Objective(
        name=f"{title.lower()}_similarity",
        title=f"{title} similarity",
        parts=(Similarity(smiles, kind, Rising(0.75)),),
        known="1, from a similarity of 0.75 on",
    )


def _isomers(formula: str, count: int) -> Objective:
    return Objective(
        name=f"{formula.lower()}_isomers",
        title=f"{formula} isomers",
        parts=(Formula(formula),),
        top=(count,),
        known=f"1, by any {count} isomers",
    )


def _median(one: str, other: str, first: str, second: str, kind: str) -> Objective:
    return Objective(
        name=f"{one}_{other}_median",
        title=f"Median of {one} and {other}",
        parts=(Similarity(first, kind), Similarity(second, kind)),
        known="below 1: no molecule is both",
    )


_TASKS = (
    _rediscovery("Celecoxib", CELECOXIB),
    _rediscovery("Troglitazone", TROGLITAZONE),
    _rediscovery("Thiothixene", THIOTHIXENE),
    _similarity("Aripiprazole", ARIPIPRAZOLE, "ECFP4"),
    _similarity("Albuterol", ALBUTEROL, "FCFP4"),
    _similarity("Mestranol", MESTRANOL, "AP"),
    _isomers("C11H24", 159),
    _isomers("C9H10N2O2PF2Cl", 250),
    _median("camphor", "menthol", CAMPHOR, MENTHOL, "ECFP4"),
    _median("tadalafil", "sildenafil", TADALAFIL, SILDENAFIL, "ECFP6"),
    Objective(
        name="osimertinib_mpo",
        title="Osimertinib MPO",
        parts=(
            Similarity(OSIMERTINIB, "FCFP4", Rising(0.8)),
            Similarity(OSIMERTINIB, "ECFP6", AtMost(0.85, 0.1)),
            Property("tpsa", AtLeast(100, 10)),
            Property("logp", AtMost(1, 1)),
        ),
        known=_OPEN,
    ),
    Objective(
        name="fexofenadine_mpo",
        title="Fexofenadine MPO",
        parts=(
            Similarity(FEXOFENADINE, "AP", Rising(0.8)),
            Property("tpsa", AtLeast(90, 10)),
            Property("logp", AtMost(4, 1)),
        ),
        known=_OPEN,
    ),
    Objective(
        name="ranolazine_mpo",
        title="Ranolazine MPO",
        parts=(
            Similarity(RANOLAZINE, "AP", Rising(0.7)),
            Property("logp", AtLeast(7, 1)),
            Count("F", Near(1, 1)),
            Property("tpsa", AtLeast(95, 20)),
        ),
        start=(RANOLAZINE,),
        known=_OPEN,
    ),
    Objective(
        name="perindopril_mpo",
        title="Perindopril MPO",
        parts=(
            Similarity(PERINDOPRIL, "ECFP4"),
            Property("aromatic_rings", Near(2, 0.5)),
        ),
        known="below 1: two aromatic rings are asked for, and perindopril has none",
    ),
    Objective(
        name="amlodipine_mpo",
        title="Amlodipine MPO",
        parts=(Similarity(AMLODIPINE, "ECFP4"), Property("rings", Near(3, 0.5))),
        known="below 1: three rings are asked for, and amlodipine has two",
    ),
    Objective(
        name="sitagliptin_mpo",
        title="Sitagliptin MPO",
        parts=(
            Formula("C16H15F6N5O"),
            Similarity(SITAGLIPTIN, "ECFP4", Near(0, 0.1)),
            SameProperty("tpsa", SITAGLIPTIN, 5),
            SameProperty("logp", SITAGLIPTIN, 0.2),
        ),
        known="1 only by an isomer of sitagliptin that shares no part of its fingerprint",
    ),
    Objective(
        name="zaleplon_mpo",
        title="Zaleplon MPO",
        parts=(Similarity(ZALEPLON, "ECFP4"), Formula("C19H17N3O2")),
        known="below 1: the formula asked for is not that of zaleplon",
    ),
    Objective(
        name="valsartan_smarts",
        title="Valsartan SMARTS",
        parts=(
            Pattern("CN(C=O)Cc1ccc(c2ccccc2)cc1"),
            SameProperty("tpsa", SITAGLIPTIN, 5),
            SameProperty("logp", SITAGLIPTIN, 0.2),
            SameProperty("bertz", SITAGLIPTIN, 30),
        ),
        known=_OPEN,
    ),
    Objective(
        name="deco_hop",
        title="Deco Hop",
        parts=(
            Similarity(QUINAZOLINE, "PHCO", Rising(0.85)),
            Pattern(_SULFONE, wanted=False),
            Pattern(_BENZOTHIAZOLE, wanted=False),
            Pattern(_CORE),
        ),
        mean=arithmetic_mean,
        known=_OPEN,
    ),
    Objective(
        name="scaffold_hop",
        title="Scaffold Hop",
        parts=(
            Similarity(QUINAZOLINE, "PHCO", Rising(0.75)),
            Pattern(_ENDS),
            Pattern(_CORE, wanted=False),
        ),
        mean=arithmetic_mean,
        known=_OPEN,
    ),
)

GUACAMOL: dict[str, Objective] = {task.name: task for task in _TASKS}
"""By name, in the order of the paper's table of results."""
