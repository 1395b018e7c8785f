"""What is measured of molecules: are they any, are they new, and are they like the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.metrics.table import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

_FCD = "How far the generated molecules are from {} in the features of the network ChemNet"
_SNN = "How much a generated molecule resembles its nearest one of {} on average, 0 to 1"
_FRAG = "How alike the numbers of fragments are that BRICS cuts out of generated molecules and of "
_SCAF = "How alike the numbers of ring scaffolds are in generated molecules and in "
_UNIQUE = "Share of different molecules among {}; nothing is said where there are fewer."
_TEST, _FURTHER = "the test split", "the scaffold split, whose scaffolds stand nowhere else"

METRICS: dict[str, Measure] = {
    "validity": Measure(
        "higher",
        "validity",
        "Share of the samples that RDKit can read as molecules with possible valences; models that "
        "write SELFIES reach 1 by how these are read.",
    ),
    "uniqueness": Measure(
        "higher",
        "uniqueness",
        "Share of different molecules among the valid samples; it falls as more are drawn.",
    ),
    "uniqueness_1k": Measure(
        "higher", "uniqueness at 1,000", _UNIQUE.format("the first 1,000 valid samples")
    ),
    "uniqueness_10k": Measure(
        "higher", "uniqueness at 10,000", _UNIQUE.format("the first 10,000 valid samples")
    ),
    "novelty": Measure(
        "higher",
        "novelty",
        "Share of the different valid molecules that do not stand in the training split; nonsense "
        "is new, too.",
    ),
    "vun": Measure(
        "higher",
        "valid, unique and novel",
        "Share of all samples that are left as different valid molecules that do not stand in the "
        "training split.",
    ),
    "fcd": Measure(
        "lower",
        "FCD",
        _FCD.format(_TEST) + "; few samples make it larger, so compare it only with that of as "
        "many real ones.",
    ),
    "snn": Measure(
        "higher",
        "SNN",
        _SNN.format(_TEST) + "; it grows with the number of real ones.",
    ),
    "frag": Measure(
        "higher", "fragment similarity", f"{_FRAG}{_TEST}, 0 to 1; common fragments decide."
    ),
    "scaf": Measure(
        "higher",
        "scaffold similarity",
        f"{_SCAF}{_TEST}, 0 to 1, of molecules with two rings or more; low in small sets, as most "
        "scaffolds are rare.",
    ),
    "fcd_scaffold": Measure(
        "lower", "FCD, scaffold split", f"{_FCD.format(_FURTHER)}; few samples make it larger."
    ),
    "snn_scaffold": Measure("higher", "SNN, scaffold split", f"{_SNN.format(_FURTHER)}."),
    "frag_scaffold": Measure(
        "higher", "fragment similarity, scaffold split", f"{_FRAG}{_FURTHER}, 0 to 1."
    ),
    "scaf_scaffold": Measure(
        "higher",
        "scaffold similarity, scaffold split",
        f"{_SCAF}{_FURTHER}, 0 to 1: above 0 only for a generator that finds scaffolds which it "
        "has never seen.",
    ),
    "int_div": Measure(
        "higher",
        "internal diversity",
        "How little two of the generated molecules resemble each other on average, 0 to 1; random "
        "molecules score highest.",
    ),
    "int_div_2": Measure(
        "higher",
        "internal diversity, squared",
        "The same with more weight on pairs that are much alike, so that repeats cost more.",
    ),
    "filters": Measure(
        "higher",
        "passes filters",
        "Share of the valid molecules without charges, unusual elements, large rings and groups "
        "that chemists avoid (PAINS, Brenk and others); real ones do not reach 1 either.",
    ),
    "logp_distance": Measure(
        "lower",
        "distance of logP",
        "How differently generated and real molecules are spread in logP, which says how much they "
        "prefer fat to water: by how much values have to move on average to be spread alike.",
    ),
    "qed_distance": Measure(
        "lower",
        "distance of QED",
        "The same of QED, which says from 0 to 1 how much a molecule resembles drugs.",
    ),
    "sa_distance": Measure(
        "lower",
        "distance of SA",
        "The same of the SA score, which says from 1 to 10 how hard a molecule is to make.",
    ),
    "weight_distance": Measure(
        "lower",
        "distance of weight",
        "The same of the molecular weight, in grams per mole.",
    ),
    "kl_score": Measure(
        "higher",
        "KL score",
        "How alike nine descriptors and the nearness of molecules are spread in generated and real "
        "ones, 0 to 1, on average over them.",
    ),
    "nll_per_molecule": Measure(
        "lower",
        "nats per molecule",
        "How unlikely a molecule of the test split is to the model, as minus the logarithm of its "
        "probability; only models that write molecules in the same notation can be compared by "
        "it.",
    ),
}


def describe(real: pd.DataFrame) -> pd.DataFrame:
    """Samples that generated ones are held against, with what is needed of them again and again.

    Args:
        real: Column ``content``; ``split``, if there is one, says ``scaffold`` of molecules whose
            scaffolds stand nowhere else.

    Returns:
        The same rows, those of the scaffold split last, with further columns: those that
        ``genloom.metrics.molecules.references.describe`` says.
    """
    import pandas as pd

    from genloom.metrics.molecules import references, sharing

    with sharing.shared(sharing.workers_for(len(real))) as spread:
        tables = []
        for side, parts in _by_split(references.plain(real)):
            found = references.describe(side["content"].tolist(), parts, spread=spread)
            tables.append(pd.concat([side, found.set_index(side.index)], axis=1))
    return pd.concat(tables)


def own_metrics(
    made: pd.DataFrame, references: pd.DataFrame, train: pd.DataFrame
) -> dict[str, float]:
    """All that ``genloom.metrics.molecules.suite.molecule_metrics`` says.

    As many samples as the test split has are held against it, whatever their number.

    Args:
        made: Column ``content``: the samples that are judged, some perhaps no molecules.
        references: Column ``content`` of real ones. Those whose column ``split``, if there is one,
            says ``scaffold`` are the scaffold split, the others stand for the test split. Either
            is described anew unless all of it has been by ``describe``.
        train: Column ``content``: what the generator was fitted on.

    Returns:
        Every one of ``METRICS`` but ``nll_per_molecule``. NaN for what cannot be measured: all but
        ``validity`` and ``vun`` where no sample is valid, and what is said of the scaffold split
        where there is none.
    """
    from genloom.metrics.molecules import sharing
    from genloom.metrics.molecules.references import is_described, known
    from genloom.metrics.molecules.suite import molecule_metrics

    test, scaffold = (
        known(side if is_described(side, parts) else describe(side))
        for side, parts in _by_split(references)
    )
    texts, judged = made["content"].tolist(), len(test.records.valid)
    with sharing.shared(sharing.workers_for(min(judged, len(texts)))) as spread:
        return molecule_metrics(
            texts, test, scaffold, train["content"].tolist(), judged=judged, spread=spread
        )


def _by_split(real: pd.DataFrame) -> list[tuple[pd.DataFrame, tuple[str, ...]]]:
    """Those that stand for the test split and those of the scaffold split, with what is needed."""
    from genloom.metrics.molecules.records import SHAPE
    from genloom.metrics.molecules.references import ALL_BUT_FILTERS

    near, far = real, real[:0]
    if "split" in real:
        is_far = real["split"] == "scaffold"
        near, far = real[~is_far], real[is_far]
    return [(near, ALL_BUT_FILTERS), (far, SHAPE)]


def usable(samples: pd.DataFrame) -> NDArray[Any]:
    """Which samples are molecules, ``[n]`` bool: SMILES that RDKit can read and sanitise."""
    from genloom.metrics.molecules.records import records

    return records(samples["content"].tolist(), ()).valid


def preference(made: pd.DataFrame, validation: pd.DataFrame, train: pd.DataFrame) -> float:
    """How good samples are where a member chooses its temperature: ``vun``, in [0, 1].

    Low temperatures repeat themselves and the training split, high ones write what is no
    molecule, so it is highest in between.

    Args:
        made: Column ``content``: what was drawn at one temperature.
        validation: Not asked, as all that is counted can be seen without it.
        train: Column ``content``: what the generator was fitted on.
    """
    from genloom.metrics.molecules.records import records
    from genloom.metrics.molecules.suite import unique_and_novel

    found = records(made["content"].tolist(), ())
    return unique_and_novel(found, train["content"])["vun"]


def likelihood(samples: pd.DataFrame, score: Mapping[str, float]) -> dict[str, float]:
    """What a model's score of samples means per molecule.

    Args:
        samples: What was scored, a row per molecule.
        score: ``nats`` of all their tokens; what else it says is not needed, as no molecule is
            longer than a model's context.

    Returns:
        ``nll_per_molecule``, nats, of the one spelling that was scored. A molecule has many
        spellings, so a model's number is too high by what it spends on the others, and numbers
        of SMILES, SELFIES and characters cannot be compared.
    """
    return {"nll_per_molecule": score["nats"] / len(samples)}
