"""All metrics of generated molecules at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from genloom.metrics.molecules import chemnet, distribution, similarity
from genloom.metrics.molecules.properties import PROPERTIES
from genloom.metrics.molecules.records import Records, records
from genloom.metrics.molecules.sharing import one_thread
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genloom.metrics.molecules.references import Reference
    from genloom.metrics.molecules.sharing import Spread

__all__ = ["molecule_metrics", "unique_and_novel"]


@one_thread()
def molecule_metrics(
    made: Sequence[str],
    test: Reference,
    scaffold: Reference,
    train: Sequence[str],
    *,
    judged: int | None = None,
    spread: Spread = map,
) -> dict[str, float]:
    """Everything that MOSES measures, and GuacaMol's KL score.

    Args:
        made: SMILES of generated samples, in any spelling and perhaps none of a molecule.
        test: What ``references`` knows of real molecules that the generator has not seen.
        scaffold: The same of molecules whose scaffolds it has not seen either, of their shape at
            least; may be empty.
        train: SMILES of what it was fitted on, as RDKit writes them.
        judged: How many of ``made``, chosen at random but always alike, are held against real
            molecules: distances depend on the number of samples, so whoever compares them gives
            the same number to all. All of them if not given.
        spread: See ``sharing``; the numbers do not depend on it.

    Returns:
        Of all of ``made``:

        - ``validity``: share of ``made`` that ``records.parse`` takes for molecules.
        - ``uniqueness``, ``uniqueness_1k``, ``uniqueness_10k``: share of different molecules among
          all valid ones, the first 1,000 and the first 10,000; NaN where there are fewer.
        - ``novelty``: share of the different ones that are not in ``train``.
        - ``vun``: share of ``made`` that is left of valid, different and not in ``train``.

        Of those that are judged:

        - ``int_div``, ``int_div_2``: ``similarity.internal_diversity``.
        - ``filters``: share of valid ones that ``patterns.passes_filters`` lets through.
        - ``fcd``, ``snn``, ``frag``, ``scaf``: ``chemnet.frechet_distance``,
          ``similarity.similarity_to_nearest`` and, of BRICS fragments and of scaffolds of two rings
          or more, ``distribution.count_similarity``, each against ``test``; the same with
          ``_scaffold`` behind the name against ``scaffold``.
        - ``logp_distance``, ``qed_distance``, ``sa_distance``, ``weight_distance``:
          ``distribution.wasserstein`` against ``test``.
        - ``kl_score``: ``distribution.kl_score`` against ``test``. GuacaMol holds it against the
          training set, which rewards copies; and it counts as many molecules of either side, so
          here both give a random part of the size of the smaller one.

        Where there is no valid molecule, ``validity``, ``vun`` are 0 and all else is NaN. Repeats
        count as often as they occur, as in MOSES, but not for ``kl_score``, as in GuacaMol.
    """
    some = _some(made, judged)
    own = records(some, spread=spread)
    all_made = own if len(some) == len(made) else records(made, (), spread=spread)
    found = unique_and_novel(all_made, train)
    diversity = similarity.internal_diversity(own.fingerprints, spread=spread)
    found["int_div"], found["int_div_2"] = diversity
    found["filters"] = float(own.passes.mean()) if own.smiles else nan
    moments = chemnet.moments(chemnet.activations(own.smiles, spread=spread))
    found |= _against(own, moments, test, spread)
    against = _against(own, moments, scaffold, spread)
    found |= {f"{name}_scaffold": value for name, value in against.items()}
    real = test.records
    for column, name in enumerate(PROPERTIES):
        pair = (each.properties[:, column] for each in (own, real))
        found[f"{name}_distance"] = distribution.wasserstein(*pair)
    size = min(len(set(each.flat)) for each in (own, real))
    found["kl_score"] = _kl_score(*(_described(each, size, spread) for each in (own, real)))
    return found


def unique_and_novel(made: Records, train: Iterable[str]) -> dict[str, float]:
    """Validity, uniqueness, novelty and all three in one, as ``molecule_metrics`` says."""
    valid, total = len(made.smiles), len(made.valid)
    # RDKit does not always write a molecule again as it wrote it before, so a sample that stands
    # in the training split letter by letter is not new either.
    seen = set(train)
    texts = zip(made.texts, made.smiles, strict=True)
    known = {smiles for text, smiles in texts if text in seen or smiles in seen}
    distinct = set(made.smiles)
    novel = len(distinct - known)
    return {
        "validity": valid / total if total else 0.0,
        "uniqueness": len(distinct) / valid if valid else nan,
        "uniqueness_1k": _unique_among(made.smiles, 1000),
        "uniqueness_10k": _unique_among(made.smiles, 10000),
        "novelty": novel / len(distinct) if distinct else nan,
        "vun": novel / total if total else 0.0,
    }


def _unique_among(smiles: Sequence[str], first: int) -> float:
    return len(set(smiles[:first])) / first if len(smiles) >= first else nan


def _against(
    made: Records,
    moments: chemnet.Moments | None,
    real: Reference,
    spread: Spread,
) -> dict[str, float]:
    known = real.records
    pair = made.fingerprints, known.fingerprints
    return {
        "fcd": chemnet.frechet_distance(moments, real.moments),
        "snn": similarity.similarity_to_nearest(*pair, spread=spread),
        "frag": distribution.count_similarity(
            *([part for parts in each.fragments for part in parts] for each in (made, known))
        ),
        "scaf": distribution.count_similarity(made.scaffolds, known.scaffolds),
    }


def _some(made: Sequence[str], size: int | None) -> Sequence[str]:
    """So many of the samples, chosen at random but always alike."""
    if size is None or len(made) <= size:
        return made
    order = np.random.default_rng(derive_seed(0, "judged")).permutation(len(made))[:size]
    return [made[n] for n in sorted(order.tolist())]


class _Described(NamedTuple):
    """What the KL score compares of molecules: descriptors, and the nearest of each's own set."""

    values: NDArray[np.float64]
    nearest: NDArray[np.float64]


def _kl_score(made: _Described, real: _Described) -> float:
    return distribution.kl_score(made.values, real.values, made.nearest, real.nearest)


def _described(records: Records, size: int, spread: Spread = map) -> _Described:
    """Of so many distinct molecules."""
    rows = _some_distinct(records.flat, size)
    nearest = similarity.nearest_others(records.wide[rows], spread=spread)
    return _Described(records.descriptors[rows], nearest)


def _some_distinct(smiles: Sequence[str], size: int) -> list[int]:
    """The rows of so many different molecules, chosen at random but always alike."""
    rows = list({text: row for row, text in enumerate(smiles)}.values())
    if len(rows) <= size:
        return rows
    order = np.random.default_rng(derive_seed(0, "kl_score")).permutation(len(rows))[:size]
    return [rows[n] for n in sorted(order.tolist())]
