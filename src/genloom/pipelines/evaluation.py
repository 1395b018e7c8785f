"""The verb *evaluate* for generators: hold draws against real data that they never saw."""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from genloom.domains import Measures
from genloom.domains.split import SPLITS
from genloom.errors import GenloomError
from genloom.fitted import Fitted
from genloom.metrics.copying import dcr_share
from genloom.metrics.fidelity import fidelity
from genloom.metrics.table import add_interval, metrics_table
from genloom.pipelines.ingestion import NEIGHBOURHOOD
from genloom.pipelines.sampling import judged_draw, judged_test, proportional_labels
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


def describe_references(
    samples: "pd.DataFrame",
    sampling: dict[str, Any],
    seed: int,
    *,
    describe: Callable[["pd.DataFrame"], "pd.DataFrame"],
) -> "pd.DataFrame":
    """The real samples that all draws are held against, with what takes long to find of them.

    Args:
        samples: The domain's real samples.
        sampling: ``draws`` and ``size``.
        seed: The project's seed.
        describe: The domain's own.
    """
    import pandas as pd

    return describe(pd.concat([judged_test(samples, sampling, seed), held_out_otherwise(samples)]))


def held_out_otherwise(samples: "pd.DataFrame") -> "pd.DataFrame":
    """Real samples that a domain holds out in another way than at random, e.g. by scaffold."""
    return samples[~samples["split"].isin(SPLITS)]


def evaluate_generator(
    samples: "pd.DataFrame",
    synthetic: "pd.DataFrame",
    codec: Any,
    generator: Fitted,
    reference: Fitted,
    features: Fitted,
    augmentation: "pd.DataFrame",
    sampling: dict[str, Any],
    seed: int,
    references: "pd.DataFrame | None" = None,
    *,
    domain: str,
    subject: str,
    measures: Measures,
) -> "pd.DataFrame":
    """Fidelity, diversity, copying and use of a generator's samples.

    Args:
        samples: The domain's real samples.
        synthetic: Repeated draws of the generator, each of ``sampling.judged_size`` samples.
        codec: The domain's codec.
        generator: The fitted generator, for its size and, where it has one, its likelihood.
        reference: The predictor that says whether samples are of the class asked for.
        features: The member whose features the distances rest on.
        augmentation: What a predictor learnt from the samples alone (gives TSTR).
        sampling: ``draws`` and ``size``.
        seed: The project's seed.
        references: What ``describe_references`` found, where the domain asks for it.
        domain: The domain's name.
        subject: The generator's name.
        measures: The domain's own, and the places that the copy test compares.

    Returns:
        The metrics table; intervals are 95 % t intervals over the draws, for TSTR over seeds.
    """
    train = samples[samples["split"] == "train"]
    held_out = samples[samples["split"].isin(["validation", "test"])]
    seen, unseen = measures.places(train, codec), measures.places(held_out, codec)
    judge = Judge(samples, sampling, seed, reference, features, measures, references)
    found: list[dict[str, float]] = []
    for number, (_, draw) in enumerate(synthetic.groupby("draw", sort=True)):
        own_seed = derive_seed(seed, "evaluate", number)
        usable = draw[measures.usable(draw)]
        values = judge.fidelity(usable, own_seed) | judge.own(draw)
        share = nan
        if len(usable):
            share = dcr_share(measures.places(usable, codec), seen, unseen, seed=own_seed)
        found.append(values | {"dcr_share": share})
    rows = _over_draws(found, len(judge.test))
    rows += _tstr(augmentation, subject)
    if hasattr(generator.member, "score"):
        test = samples[samples["split"] == "test"]
        score = generator.member.score(generator.encode(test), generator.encode_labels(test))
        likelihood = measures.likelihood(test, score)
        rows += [{"metric": name, "value": v, "n": len(test)} for name, v in likelihood.items()]
    rows.append({"metric": "parameters", "value": generator.member.parameter_count})
    return _table(rows, measures, domain, subject, "generator", seed)


def evaluate_real(
    samples: "pd.DataFrame",
    codec: Any,
    reference: Fitted,
    features: Fitted,
    augmentation: "pd.DataFrame",
    sampling: dict[str, Any],
    seed: int,
    references: "pd.DataFrame | None" = None,
    *,
    domain: str,
    measures: Measures,
) -> "pd.DataFrame":
    """The ceiling: real training data judged as if a generator had made it.

    Random parts of the training split, each as large as what is judged of a generator and with the
    labels in the same proportions as its draws, stand for the draws.
    The copy test is left out: training data is nearest to itself by construction. For the same
    reason the domain's own metrics take the test samples as made and the part as the reference.
    """
    import torch

    train = samples[samples["split"] == "train"]
    judge = Judge(samples, sampling, seed, reference, features, measures, references)
    y = codec.encode_labels(train)
    wanted = proportional_labels(y, len(codec.classes), min(len(judge.test), len(train)))
    counts = torch.bincount(wanted, minlength=len(codec.classes)).tolist()
    found: list[dict[str, float]] = []
    for number in range(sampling["draws"]):
        own = torch.Generator().manual_seed(derive_seed(seed, "real", number))
        order = torch.randperm(len(train), generator=own)
        of_class = [order[y[order] == label][:count] for label, count in enumerate(counts)]
        part = train.iloc[torch.cat(of_class).numpy()]
        own_seed = derive_seed(seed, "evaluate", number)
        found.append(judge.fidelity(part, own_seed) | judge.own(judge.test, part))
    rows = _over_draws(found, len(judge.test)) + _tstr(augmentation, "none")
    return _table(rows, measures, domain, "real", "generator", seed)


def evaluate_scoring_floors(
    samples: "pd.DataFrame",
    *,
    domain: str,
    measures: Measures,
    score_floors: Callable[["pd.DataFrame"], dict[str, dict[str, float]]],
) -> "pd.DataFrame":
    """The likelihood of floors that can say how likely the test split is, but draw nothing."""
    size = int((samples["split"] == "test").sum())
    common: dict[str, Any] = {"domain": domain, "role": "generator", "n": size}
    return metrics_table(
        [
            {**common, "subject": subject, "metric": metric, "value": value}
            | better(measures, metric)
            for subject, values in score_floors(samples).items()
            for metric, value in values.items()
        ]
    )


class Judge:
    """What holds draws against the same real samples.

    Args:
        samples: The domain's real samples.
        sampling: ``draws`` and ``size``.
        seed: The project's seed.
        reference: The predictor that says whether samples are of the class asked for.
        features: The member whose features the distances rest on.
        measures: The domain's own.
        references: The real samples as ``describe_references`` gives them, where it does.

    Raises:
        GenloomError: The references are not those of the samples.
    """

    def __init__(
        self,
        samples: "pd.DataFrame",
        sampling: dict[str, Any],
        seed: int,
        reference: Fitted,
        features: Fitted,
        measures: Measures,
        references: "pd.DataFrame | None" = None,
    ) -> None:
        self.test = judged_test(samples, sampling, seed)
        self.train = samples[samples["split"] == "train"]
        if references is None:
            self.references, self.further = self.test, held_out_otherwise(samples)
        else:
            self.references = references[references["split"].isin(SPLITS)]
            self.further = held_out_otherwise(references)
            if self.references["content"].tolist() != self.test["content"].tolist():
                raise GenloomError(
                    "The references were found for other samples, another seed or another "
                    "sampling.size: run the namespace `references` of the domain again."
                )
        self.reference, self.features, self.measures = reference, features, measures
        self.real = features.member.features(features.encode(self.test))

    def fidelity(self, draw: "pd.DataFrame", seed: int) -> dict[str, float]:
        """Measures of features, and whether labels are what was asked for.

        All of them are NaN for a draw with too few samples to have neighbours.
        """
        if len(draw) < NEIGHBOURHOOD:
            return dict.fromkeys(self.fidelity(self.test, seed), nan)
        part = judged_draw(draw, len(self.test), seed)
        made = self.features.member.features(self.features.encode(part))
        values = fidelity(self.real, made, seed=seed)
        values |= self.measures.feature_metrics(self.real, made, seed=seed)
        if len(self.reference.own_codec.classes) > 1:
            right = self.reference.classify(part) == self.reference.encode_labels(part)
            values["conditional_accuracy"] = float(right.double().mean())
        return values

    def own(self, made: "pd.DataFrame", real: "pd.DataFrame | None" = None) -> dict[str, float]:
        """The domain's own measures of some samples beside real ones and all else held out.

        Args:
            made: What is judged.
            real: What it is held against, the judged part of the test split unless given.
        """
        import pandas as pd

        real = self.references if real is None else real
        held_out = pd.concat([real, self.further]) if len(self.further) else real
        return self.measures.own_metrics(made, held_out, self.train)


def _over_draws(found: list[dict[str, float]], size: int) -> list[dict[str, Any]]:
    """A row per measure, with its interval over the draws."""
    return [
        add_interval({"metric": metric, "n": size}, [values[metric] for values in found])
        for metric in found[0]
    ]


def _tstr(augmentation: "pd.DataFrame", recipe: str) -> list[dict[str, Any]]:
    """Train on synthetic, test on real: what the recipe of that one source alone reached."""
    found = augmentation[augmentation["recipe"] == recipe]
    return [
        add_interval(
            {"metric": str(metric).replace("recipe", "tstr"), "n": int(part["n"].iloc[0])},
            part["value"].tolist(),
        )
        for metric, part in found.groupby("metric", sort=False)
    ]


def _table(
    rows: list[dict[str, Any]], measures: Measures, domain: str, subject: str, role: str, seed: int
) -> "pd.DataFrame":
    common: dict[str, Any] = {"domain": domain, "subject": subject, "role": role, "seed": seed}
    return metrics_table([common | row | better(measures, row["metric"]) for row in rows])


def better(measures: Measures, metric: str) -> dict[str, Any]:
    """The direction of a metric that only the domain knows."""
    return {"better": measures.better[metric]} if metric in measures.better else {}
