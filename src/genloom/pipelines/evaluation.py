"""The verb *evaluate*: hold what was fitted against real data that it never saw."""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from genloom.domains import Measures
from genloom.fitted import Fitted
from genloom.metrics.copying import dcr_share
from genloom.metrics.fidelity import fidelity
from genloom.metrics.table import add_interval, metrics_table
from genloom.pipelines.sampling import judged_test, proportional_labels
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


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
        domain: The domain's name.
        subject: The generator's name.
        measures: The domain's own, and the places that the copy test compares.

    Returns:
        The metrics table; intervals are 95 % t intervals over the draws, for TSTR over seeds.
    """
    train = samples[samples["split"] == "train"]
    held_out = samples[samples["split"].isin(["validation", "test"])]
    seen, unseen = measures.places(train, codec), measures.places(held_out, codec)
    judge = Judge(judged_test(samples, sampling, seed), train, reference, features, measures)
    found: list[dict[str, float]] = []
    for number, (_, draw) in enumerate(synthetic.groupby("draw", sort=True)):
        own_seed = derive_seed(seed, "evaluate", number)
        values = judge.fidelity(draw, own_seed) | judge.own(draw, judge.test)
        places = measures.places(draw, codec)
        found.append(values | {"dcr_share": dcr_share(places, seen, unseen, seed=own_seed)})
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
    judge = Judge(judged_test(samples, sampling, seed), train, reference, features, measures)
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
            | _better(measures, metric)
            for subject, values in score_floors(samples).items()
            for metric, value in values.items()
        ]
    )


class Judge:
    """What holds draws against the same real samples.

    Args:
        test: The real samples.
        train: The training split.
        reference: The predictor that says whether samples are of the class asked for.
        features: The member whose features the distances rest on.
        measures: The domain's own.
    """

    def __init__(
        self,
        test: "pd.DataFrame",
        train: "pd.DataFrame",
        reference: Fitted,
        features: Fitted,
        measures: Measures,
    ) -> None:
        self.test, self.train = test, train
        self.reference, self.features, self.measures = reference, features, measures
        self.real = features.member.features(features.encode(test))

    def fidelity(self, draw: "pd.DataFrame", seed: int) -> dict[str, float]:
        """Measures of features, and whether labels are what was asked for."""
        made = self.features.member.features(self.features.encode(draw))
        values = fidelity(self.real, made, seed=seed)
        values |= self.measures.feature_metrics(self.real, made, seed=seed)
        if len(self.reference.classes) > 1:
            guessed = self.reference.member.predict(self.reference.encode(draw)).argmax(dim=1)
            right = guessed == self.reference.encode_labels(draw)
            values["conditional_accuracy"] = float(right.double().mean())
        return values

    def own(self, made: "pd.DataFrame", references: "pd.DataFrame") -> dict[str, float]:
        """The domain's own measures of some samples beside others."""
        return self.measures.own_metrics(made, references, self.train)


def evaluate_predictor(
    samples: "pd.DataFrame",
    predictor: Fitted,
    seed: int,
    *,
    domain: str,
    subject: str,
    measures: Measures,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Accuracy, F1, AUROC and calibration on the test split.

    Where there is a single class, there is nothing to predict and every value is NaN.

    Returns:
        The metrics table (95 % bootstrap intervals over the test samples), and the predictions:
        ``label``, ``predicted``, ``confidence``.
    """
    import pandas as pd

    from genloom.metrics import classification

    test = samples[samples["split"] == "test"]
    probabilities = predictor.member.predict(predictor.encode(test)).numpy()
    labels = predictor.encode_labels(test).numpy()
    rows: list[dict[str, Any]] = []
    for metric, value in classification.classification_metrics(probabilities, labels).items():
        if len(predictor.classes) == 1:
            rows.append({"metric": metric, "value": nan, "n": len(test)})
            continue
        low, high = classification.bootstrap_interval(
            getattr(classification, metric),
            probabilities,
            labels,
            seed=derive_seed(seed, "bootstrap", metric),
        )
        rows.append({"metric": metric, "value": value, "low": low, "high": high, "n": len(test)})
    rows.append({"metric": "parameters", "value": predictor.member.parameter_count})
    predicted = probabilities.argmax(axis=1)
    predictions = pd.DataFrame(
        {
            "label": test["label"].to_numpy(),
            "predicted": [predictor.classes[index] for index in predicted],
            "confidence": probabilities.max(axis=1),
        }
    )
    return _table(rows, measures, domain, subject, "predictor", seed), predictions


def _over_draws(found: list[dict[str, float]], size: int) -> list[dict[str, Any]]:
    """A row per measure, with its interval over the draws."""
    return [
        add_interval({"metric": metric, "n": size}, [values[metric] for values in found])
        for metric in found[0]
    ]


def _tstr(augmentation: "pd.DataFrame", recipe: str) -> list[dict[str, Any]]:
    """Train on synthetic, test on real: what the recipe of that one source alone reached."""
    found = augmentation[augmentation["recipe"] == recipe]
    row = {"metric": "tstr_accuracy", "n": int(found["n"].iloc[0])}
    return [add_interval(row, found["value"].tolist())]


def _table(
    rows: list[dict[str, Any]], measures: Measures, domain: str, subject: str, role: str, seed: int
) -> "pd.DataFrame":
    common: dict[str, Any] = {"domain": domain, "subject": subject, "role": role, "seed": seed}
    return metrics_table([common | row | _better(measures, row["metric"]) for row in rows])


def _better(measures: Measures, metric: str) -> dict[str, Any]:
    """The direction of a metric that only the domain knows."""
    return {"better": measures.better[metric]} if metric in measures.better else {}
