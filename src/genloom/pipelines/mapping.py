"""The verb *evaluate* for mappers: what each task promises, held against samples never seen."""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from genloom.domains.split import FAULTS
from genloom.fitted import Fitted
from genloom.metrics.classification import bootstrap_interval
from genloom.metrics.table import add_interval, metrics_table
from genloom.seeds import derive_seed
from genloom.tasks import abnormal_classes, is_abnormal, role_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor

NOISE_DRAWS = 3  # how often each noise is drawn anew
Rows = list[dict[str, Any]]


def evaluate_mapper(
    samples: "pd.DataFrame",
    mapper: Fitted,
    mapping: dict[str, Any],
    seed: int,
    *,
    domain: str,
    subject: str,
) -> "pd.DataFrame":
    """How well a mapper does its task on the test split.

    Args:
        samples: The domain's samples.
        mapper: The fitted mapper.
        mapping: ``abnormal``, the labels that detectors are to find, and ``noises``, the levels of
            every kind of noise that denoisers are tried on.
        seed: The project's seed.
        domain: The domain's name.
        subject: The mapper's name.

    Returns:
        The metrics table. Intervals are 95 % bootstrap intervals over the test samples; those of
        denoisers are t intervals over repeated draws of the noise.
    """
    judge: Callable[..., Rows] = JUDGES[mapper.block["task"]]
    rows = judge(samples, mapper, mapping, derive_seed(seed, "evaluate"))
    rows.append({"metric": "parameters", "value": mapper.member.parameter_count})
    common = {"domain": domain, "subject": subject, "role": role_of(mapper.block), "seed": seed}
    size = int((samples["split"] == "test").sum())
    return metrics_table([common | {"n": size} | row for row in rows])


def judge_compressor(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], seed: int
) -> Rows:
    """How much of the test samples survives the way through the code."""
    from genloom.metrics import restoration

    x = mapper.encode(samples[samples["split"] == "test"])
    clean, restored = x.numpy(), mapper.member.reconstruct(x).numpy()
    rows: Rows = []
    for metric in (restoration.reconstruction_error, restoration.explained_variance):
        low, high = bootstrap_interval(
            metric, clean, restored, seed=derive_seed(seed, "bootstrap", metric.__name__)
        )
        value = metric(clean, restored)
        rows.append({"metric": metric.__name__, "value": value, "low": low, "high": high})
    rows += [{"metric": name, "value": v} for name, v in _as_pictures(clean, restored).items()]
    return [*rows, {"metric": "code_size", "value": mapper.member.code_size}]


def judge_denoiser(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], seed: int
) -> Rows:
    """How much nearer noisy test samples come to the clean ones: per noise, and on the mean."""
    import numpy as np

    from genloom.noise import add_noise

    x = mapper.encode(samples[samples["split"] == "test"])
    found: dict[str, list[float]] = {}
    for number in range(NOISE_DRAWS):
        draws = []
        for kind, level in noises(mapping):
            noisy = add_noise(x, kind, level, seed=derive_seed(seed, kind, str(level), number))
            values = _denoised(mapper, noisy, x)
            found.setdefault(f"noise_reduction_{kind}_{level}", []).append(
                values["noise_reduction"]
            )
            draws.append(values)
        for metric in draws[0]:
            mean = float(np.mean([values[metric] for values in draws]))
            found.setdefault(metric, []).append(mean)
    return [
        add_interval({"metric": metric, "better": "higher"}, values)
        for metric, values in found.items()
    ]


def noises(mapping: dict[str, Any]) -> list[tuple[str, float]]:
    """The kinds of noise and their levels that denoisers are tried on."""
    asked: dict[str, list[float]] = mapping.get("noises") or {}
    return [(kind, level) for kind, levels in asked.items() for level in levels]


def judge_detector(
    samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], seed: int
) -> Rows:
    """Whether abnormal test samples, of which it saw none, get the higher scores."""
    test = to_be_told_apart(samples)
    truths = is_abnormal(test, abnormal_classes(samples, mapping))
    if truths.all() or not truths.any():
        return [{"metric": metric, "value": nan} for metric in ("auroc", "auprc")]
    scores = mapper.member.anomaly_score(mapper.encode(test)).numpy()
    rows: Rows = []
    for name, metric in (("auroc", ranking_area), ("auprc", finding_area)):
        low, high = bootstrap_interval(
            metric, scores, truths, seed=derive_seed(seed, "bootstrap", name)
        )
        rows.append({"metric": name, "value": metric(scores, truths), "low": low, "high": high})
    return rows


def to_be_told_apart(samples: "pd.DataFrame") -> "pd.DataFrame":
    """The test samples, and their copies with faults where the domain makes some."""
    return samples[samples["split"].isin(("test", FAULTS))]


def ranking_area(scores: "NDArray[Any]", truths: "NDArray[Any]") -> float:
    """Area under the ROC curve of scores ``[n]``; NaN where all samples are of one kind."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truths, scores)) if 0 < truths.sum() < len(truths) else nan


def finding_area(scores: "NDArray[Any]", truths: "NDArray[Any]") -> float:
    """Average precision of scores ``[n]``; NaN where nothing is to be found."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truths, scores)) if truths.any() else nan


def _denoised(mapper: Fitted, noisy: "Tensor", clean: "Tensor") -> dict[str, float]:
    from genloom.metrics import restoration

    restored = mapper.member.reconstruct(noisy).numpy()
    reduction = restoration.noise_reduction(clean.numpy(), noisy.numpy(), restored)
    return {"noise_reduction": reduction} | _as_pictures(clean.numpy(), restored)


def _as_pictures(clean: "NDArray[Any]", restored: "NDArray[Any]") -> dict[str, float]:
    """What is asked of pictures, ``[n, channels, height, width]``, alone."""
    from genloom.metrics import restoration

    if clean.ndim != 4:
        return {}
    return {name: getattr(restoration, name)(clean, restored) for name in ("psnr", "ssim")}


def judge_map(samples: "pd.DataFrame", mapper: Fitted, mapping: dict[str, Any], seed: int) -> Rows:
    """Whether like samples lie together, and neighbours on the map are like each other.

    Purity and adjusted Rand index are of as many clusters of the map as there are labels.
    """
    from genloom.metrics import maps

    train, test = (samples[samples["split"] == split] for split in ("train", "test"))
    x, member = mapper.encode(test), mapper.member
    prototypes = member.prototypes
    known, found = member.place(mapper.encode(train)).numpy(), member.place(x).numpy()
    labels = mapper.encode_labels(test).numpy()
    error = maps.quantization_error(x, prototypes)
    rows: Rows = [{"metric": "quantization_error", "value": error}]
    if member.distances is not None:  # k-means has no order to judge
        error = maps.topographic_error(x, prototypes, member.distances)
        rows.append({"metric": "topographic_error", "value": error})
    if len(mapper.classes) == 1:
        return rows
    carried = maps.unit_labels(known, mapper.encode_labels(train).numpy(), prototypes)[found]
    low, high = bootstrap_interval(
        matches, carried, labels, seed=derive_seed(seed, "bootstrap", "label_map_accuracy")
    )
    row = {"metric": "label_map_accuracy", "value": matches(carried, labels)}
    clusters = maps.unit_clusters(prototypes, known, len(mapper.classes))[found]
    return [
        *rows,
        row | {"low": low, "high": high},
        {"metric": "purity", "value": maps.purity(clusters, labels)},
        {"metric": "adjusted_rand", "value": maps.adjusted_rand(clusters, labels)},
    ]


def matches(one: "NDArray[Any]", other: "NDArray[Any]") -> float:
    """Share of places where two rows of labels ``[n]`` agree."""
    return float((one == other).mean())


JUDGES: dict[str, Callable[..., Rows]] = {
    "compress": judge_compressor,
    "denoise": judge_denoiser,
    "detect": judge_detector,
    "map": judge_map,
}
