"""The verb *evaluate*: hold what was fitted against real data that it never saw."""

from typing import TYPE_CHECKING, Any

from genloom.fitted import Fitted
from genloom.metrics.table import add_interval, metrics_table
from genloom.pipelines.sampling import proportional_labels
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


def evaluate_generator(
    samples: "pd.DataFrame",
    synthetic: "pd.DataFrame",
    codec: Any,
    generator: Fitted,
    reference: Fitted,
    augmentation: "pd.DataFrame",
    seed: int,
    *,
    domain: str,
    subject: str,
) -> "pd.DataFrame":
    """Fidelity, diversity, copying and use of a generator's samples.

    Args:
        samples: The domain's real samples.
        synthetic: Repeated draws of the generator, each as large as the test split.
        codec: The domain's codec.
        generator: The fitted generator, for its size.
        reference: The predictor whose features the distances rest on.
        augmentation: What a predictor learnt from the samples alone (gives TSTR).
        seed: The project's seed.
        domain: The domain's name.
        subject: The generator's name.

    Returns:
        The metrics table; intervals are 95 % t intervals over the draws, for TSTR over seeds.
    """
    draws = [codec.encode(draw) for _, draw in synthetic.groupby("draw", sort=True)]
    labels = [codec.encode_labels(draw) for _, draw in synthetic.groupby("draw", sort=True)]
    rows = _judge(samples, codec, reference, draws, labels, seed)
    rows += _tstr(augmentation, subject)
    rows.append({"metric": "parameters", "value": generator.member.parameter_count})
    return _table(rows, domain, subject, "generator", seed)


def evaluate_real(
    samples: "pd.DataFrame",
    codec: Any,
    reference: Fitted,
    augmentation: "pd.DataFrame",
    sampling: dict[str, Any],
    seed: int,
    *,
    domain: str,
) -> "pd.DataFrame":
    """The ceiling: real training data judged as if a generator had made it.

    Random parts of the training split, each as large as the test split and with the labels in the
    same proportions as a generator's draws, stand for the draws.
    The copy test is left out: training data is nearest to itself by construction.
    """
    import torch

    train = samples[samples["split"] == "train"]
    x, y = codec.encode(train), codec.encode_labels(train)
    size = min(int((samples["split"] == "test").sum()), len(x))
    wanted = proportional_labels(y, len(codec.classes), size)
    counts = torch.bincount(wanted, minlength=len(codec.classes)).tolist()
    draws = []
    for draw in range(sampling["draws"]):
        own = torch.Generator().manual_seed(derive_seed(seed, "real", draw))
        order = torch.randperm(len(x), generator=own)
        of_class = [order[y[order] == label][:count] for label, count in enumerate(counts)]
        draws.append(x[torch.cat(of_class)])
    labels = [wanted] * len(draws)
    rows = _judge(samples, codec, reference, draws, labels, seed, copy_test=False)
    rows += _tstr(augmentation, "none")
    return _table(rows, domain, "real", "generator", seed)


def evaluate_predictor(
    samples: "pd.DataFrame",
    codec: Any,
    predictor: Fitted,
    seed: int,
    *,
    domain: str,
    subject: str,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Accuracy, F1, AUROC and calibration on the test split.

    Returns:
        The metrics table (95 % bootstrap intervals over the test samples), and the predictions:
        ``label``, ``predicted``, ``confidence``.
    """
    import pandas as pd

    from genloom.metrics import classification

    test = samples[samples["split"] == "test"]
    probabilities = predictor.member.predict(codec.encode(test)).numpy()
    labels = codec.encode_labels(test).numpy()
    rows: list[dict[str, Any]] = []
    for metric, value in classification.classification_metrics(probabilities, labels).items():
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
            "predicted": [codec.classes[index] for index in predicted],
            "confidence": probabilities.max(axis=1),
        }
    )
    return _table(rows, domain, subject, "predictor", seed), predictions


def _judge(
    samples: "pd.DataFrame",
    codec: Any,
    reference: Fitted,
    draws: list["Tensor"],
    labels: list["Tensor"],
    seed: int,
    *,
    copy_test: bool = True,
) -> list[dict[str, Any]]:
    """Every measure that compares draws with the test split, averaged over the draws."""
    from genloom.metrics.copying import dcr_share
    from genloom.metrics.fidelity import fidelity

    test = codec.encode(samples[samples["split"] == "test"])
    held_out = codec.encode(samples[samples["split"].isin(["validation", "test"])])
    train = codec.encode(samples[samples["split"] == "train"])
    real_features = reference.member.features(test)
    measured: dict[str, list[float]] = {}
    for draw, (x, y) in enumerate(zip(draws, labels, strict=True)):
        own_seed = derive_seed(seed, "evaluate", draw)
        values = fidelity(real_features, reference.member.features(x), seed=own_seed)
        guessed = reference.member.predict(x).argmax(dim=1)
        values["conditional_accuracy"] = float((guessed == y).double().mean())
        if copy_test:
            values["dcr_share"] = dcr_share(x, train, held_out, seed=own_seed)
        for metric, value in values.items():
            measured.setdefault(metric, []).append(value)
    rows = []
    for metric, found in measured.items():
        rows.append(add_interval({"metric": metric, "n": len(test)}, found))
    return rows


def _tstr(augmentation: "pd.DataFrame", recipe: str) -> list[dict[str, Any]]:
    """Train on synthetic, test on real: what the recipe of that one source alone reached."""
    found = augmentation[augmentation["recipe"] == recipe]
    row = {"metric": "tstr_accuracy", "n": int(found["n"].iloc[0])}
    return [add_interval(row, found["value"].tolist())]


def _table(
    rows: list[dict[str, Any]], domain: str, subject: str, role: str, seed: int
) -> "pd.DataFrame":
    common = {"domain": domain, "subject": subject, "role": role, "recipe": "none"}
    return metrics_table([common | {"split": "test", "seed": seed} | row for row in rows])
