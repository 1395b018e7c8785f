"""Scores on GuacaMol's tasks that others have published.

From the table of goal-directed results of Brown et al. (2019), "GuacaMol: Benchmarking Models for
de Novo Molecular Design", J. Chem. Inf. Model. 59, 1096: what the authors measured with molecules
of ChEMBL and no limit on calls. The four generators stand here as Polishchuk, the author of CReM
(2020, J. Cheminform. 12, 28), quotes them in the README of github.com/DrrDom/crem; a second, public
transcription of the table agrees with every number and with the totals. The best of the data was
found whole in that second one alone; eight of its twenty numbers are quoted elsewhere, and agree.
"""

from __future__ import annotations

__all__ = ["METHODS", "PUBLISHED", "published"]

METHODS = ("Best of dataset", "SMILES LSTM", "SMILES GA", "Graph GA", "Graph MCTS")

_ROWS = {
    "celecoxib_rediscovery": (0.505, 1.000, 0.732, 1.000, 0.355),
    "troglitazone_rediscovery": (0.419, 1.000, 0.515, 1.000, 0.311),
    "thiothixene_rediscovery": (0.456, 1.000, 0.598, 1.000, 0.311),
    "aripiprazole_similarity": (0.595, 1.000, 0.834, 1.000, 0.380),
    "albuterol_similarity": (0.719, 1.000, 0.907, 1.000, 0.749),
    "mestranol_similarity": (0.629, 1.000, 0.790, 1.000, 0.402),
    "c11h24_isomers": (0.684, 0.993, 0.829, 0.971, 0.410),
    "c9h10n2o2pf2cl_isomers": (0.747, 0.879, 0.889, 0.982, 0.631),
    "camphor_menthol_median": (0.334, 0.438, 0.334, 0.406, 0.225),
    "tadalafil_sildenafil_median": (0.351, 0.422, 0.380, 0.432, 0.170),
    "osimertinib_mpo": (0.839, 0.907, 0.886, 0.953, 0.784),
    "fexofenadine_mpo": (0.817, 0.959, 0.931, 0.998, 0.695),
    "ranolazine_mpo": (0.792, 0.855, 0.881, 0.920, 0.616),
    "perindopril_mpo": (0.575, 0.808, 0.661, 0.792, 0.385),
    "amlodipine_mpo": (0.696, 0.894, 0.722, 0.894, 0.533),
    "sitagliptin_mpo": (0.509, 0.545, 0.689, 0.891, 0.458),
    "zaleplon_mpo": (0.547, 0.669, 0.413, 0.754, 0.488),
    "valsartan_smarts": (0.259, 0.978, 0.552, 0.990, 0.040),
    "deco_hop": (0.933, 0.996, 0.970, 1.000, 0.590),
    "scaffold_hop": (0.738, 0.998, 0.885, 1.000, 0.478),
}

PUBLISHED: dict[str, dict[str, float]] = {
    task: dict(zip(METHODS, scores, strict=True)) for task, scores in _ROWS.items()
}
"""By objective, the benchmark's score of each of ``METHODS``."""


def published(name: str) -> dict[str, float]:
    """What others have reached on an objective, by method; empty where nothing is published.

    >>> published("osimertinib_mpo")["Graph GA"]
    0.953
    """
    return dict(PUBLISHED.get(name, {}))
