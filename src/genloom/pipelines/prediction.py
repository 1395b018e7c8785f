"""The verb *evaluate* for predictors: how right they are on samples that they never saw."""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from genloom.domains import Measures
from genloom.domains.split import SPLITS
from genloom.fitted import Fitted
from genloom.metrics.table import BETTER, metrics_table
from genloom.pipelines.forecasting import judge_forecasts
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


def evaluate_predictor(
    samples: "pd.DataFrame",
    predictor: Fitted,
    seed: int,
    *,
    domain: str,
    subject: str,
    measures: Measures,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """How right a predictor is: of labels, of numbers, or of forecasts.

    Where there is a single class, there is nothing to predict and every value is NaN.

    Args:
        samples: The domain's samples. What is held out besides the test split (a split
            ``scaffold``, say) is measured, too; the split's name ends those metrics' names.
        predictor: The fitted predictor.
        seed: The project's seed.
        domain: The domain's name.
        subject: The predictor's name.
        measures: The domain's own directions of metrics.

    Returns:
        The metrics table (95 % bootstrap intervals over the held-out samples), and the predictions
        of the test split: ``label, predicted, confidence`` or, for numbers, ``target, predicted``;
        of forecasts see ``judge_forecasts``.
    """
    judge = judge_numbers if predictor.predicts_numbers else judge_labels
    if predictor.forecasts:
        judge = judge_forecasts
    further = [name for name in dict.fromkeys(samples["split"]) if name not in SPLITS]
    rows: list[dict[str, Any]] = []
    for split in ["test", *further]:
        part = samples[samples["split"] == split]
        found, predictions = judge(part, predictor, seed)
        if split == "test":
            tested = predictions
        for row in found:
            metric = row["metric"]
            named = {} if split == "test" else {"metric": f"{metric}_{split}", "split": split}
            direction = measures.better.get(metric) or BETTER[metric]
            rows.append(row | {"n": len(part), "better": direction} | named)
    rows.append({"metric": "parameters", "value": predictor.member.parameter_count})
    common = {"domain": domain, "subject": subject, "role": "predictor", "seed": seed}
    return metrics_table([common | row for row in rows]), tested


def judge_labels(
    part: "pd.DataFrame", predictor: Fitted, seed: int
) -> tuple[list[dict[str, Any]], "pd.DataFrame"]:
    """Accuracy, F1, areas under curves and calibration; and the predictions."""
    import pandas as pd

    from genloom.metrics import classification

    probabilities = predictor.member.predict(predictor.encode(part)).numpy()
    labels = predictor.encode_labels(part).numpy()
    rows = []
    for metric, value in classification.classification_metrics(probabilities, labels).items():
        if len(predictor.classes) == 1:
            rows.append({"metric": metric, "value": nan})
            continue
        low, high = classification.bootstrap_interval(
            getattr(classification, metric),
            probabilities,
            labels,
            seed=derive_seed(seed, "bootstrap", metric),
        )
        rows.append({"metric": metric, "value": value, "low": low, "high": high})
    predicted = probabilities.argmax(axis=1)
    predictions = pd.DataFrame(
        {
            "label": part["label"].to_numpy(),
            "predicted": [predictor.classes[index] for index in predicted],
            "confidence": probabilities.max(axis=1),
        }
    )
    return rows, predictions


def judge_numbers(
    part: "pd.DataFrame", predictor: Fitted, seed: int
) -> tuple[list[dict[str, Any]], "pd.DataFrame"]:
    """Errors of predicted numbers, whether doubt points to them, and the predictions."""
    import pandas as pd

    from genloom.metrics import regression
    from genloom.metrics.classification import bootstrap_interval

    x, targets = predictor.encode(part), part["target"].to_numpy()
    predicted = predictor.member.predict(x).numpy().astype("float64")
    measured: list[tuple[Callable[..., float], Any]] = [
        (metric, predicted) for metric in (regression.rmse, regression.mae, regression.r2)
    ]
    if hasattr(predictor.member, "spread"):
        both = regression.with_spread(predicted, predictor.member.spread(x).numpy())
        measured.append((regression.spread_correlation, both))
    rows = []
    for metric, values in measured:
        name = metric.__name__
        low, high = bootstrap_interval(
            metric, values, targets, seed=derive_seed(seed, "bootstrap", name)
        )
        rows.append({"metric": name, "value": metric(values, targets), "low": low, "high": high})
    return rows, pd.DataFrame({"target": targets, "predicted": predicted})
