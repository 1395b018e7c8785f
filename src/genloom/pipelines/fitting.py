"""The verb *fit*: train one member on the training split."""

import time
from typing import TYPE_CHECKING, Any

from genloom import fitted, members
from genloom.domains import Measures
from genloom.domains.codecs import codec_for, codec_to_dict, decoded, training_samples
from genloom.metrics.table import metrics_table
from genloom.networks.hardware import Hardware
from genloom.pipelines.sampling import proportional_labels
from genloom.seeds import derive_seed
from genloom.tasks import abnormal_classes, is_abnormal, role_of

if TYPE_CHECKING:
    import pandas as pd

DRAWN_PER_TEMPERATURE = 500


def fit_member(
    samples: "pd.DataFrame",
    codec: Any,
    block: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    of: fitted.Fitted | None = None,
    mapping: dict[str, Any] | None = None,
    *,
    domain: str,
    subject: str,
    measures: Measures,
) -> tuple[fitted.Fitted, "pd.DataFrame", "pd.DataFrame"]:
    """Train a member on the real training split.

    A predictor learns the numbers of the column ``target`` where there is one, and labels else.

    Args:
        samples: The domain's samples.
        codec: The domain's fitted codec.
        block: The member's block of parameters.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
        of: The fitted member that this one is made of, if it is.
        mapping: The domain's ``mapping``, for mappers: it says what a detector never sees.
        domain: The domain's name, for the tables.
        subject: The member's name, for the tables and the progress bar.
        measures: The domain's own, by which a temperature is chosen.

    Returns:
        The fitted thing, its training curves (``step, metric, value``), and its timings.
    """
    train = samples[samples["split"] == "train"]
    held_out = samples[samples["split"] == "validation"]
    if block.get("task") == "detect":
        strange = abnormal_classes(samples, mapping or {})
        train, held_out = (part[~is_abnormal(part, strange)] for part in (train, held_out))
    codec = codec_for(codec, block)
    block = members.with_told(block, codec)
    own_seed = derive_seed(seed, "fit", block["network"])
    if of is not None:
        block = block | {"of": of.block}
    numbers = block["role"] == "predictor" and "target" in samples
    classes = [] if numbers else list(codec.classes)
    encode_y = codec.encode_targets if numbers else codec.encode_labels
    member = members.build(block, codec.shape, len(classes), seed=own_seed, model=of and of.member)
    written = training_samples(codec, train, seed=own_seed)
    x, y = codec.encode(written), encode_y(written)
    validation = (codec.encode(held_out), encode_y(held_out)) if len(held_out) else None
    started = time.perf_counter()
    history = member.fit(
        x,
        y,
        seed=own_seed,
        hardware=Hardware(**hardware),
        progress=f"{domain}.{subject}",
        validation=validation,
    )
    if block.get("temperatures"):
        block = block | {
            "temperature": choose_temperature(
                member, block["temperatures"], codec, train, held_out, measures, seed=own_seed
            )
        }
    seconds = time.perf_counter() - started
    timings = metrics_table(
        [
            {
                "domain": domain,
                "subject": subject,
                "role": role_of(block),
                "split": "train",
                "metric": "fit_seconds",
                "value": seconds,
                "n": len(train),
                "seed": seed,
            }
        ]
    )
    result = fitted.Fitted(
        member=member,
        block=block,
        shape=tuple(codec.shape),
        classes=classes,
        codec=codec_to_dict(codec),
        seed=seed,
        data_digest=fitted.digest(train),
    )
    return result, history, timings


def choose_temperature(
    member: Any,
    temperatures: list[float],
    codec: Any,
    train: "pd.DataFrame",
    held_out: "pd.DataFrame",
    measures: Measures,
    *,
    seed: int,
) -> float:
    """Give a generator the temperature whose samples the domain prefers.

    Args:
        member: The fitted generator; its ``temperature`` is set.
        temperatures: Those to choose among; the first of equals is taken.
        codec: What its samples are decoded by.
        train: The training split.
        held_out: The validation split, which samples are held against.
        measures: The domain's own, with its ``preference``.
        seed: Of the draws, which are the same for every temperature.

    Returns:
        The temperature.
    """
    assert measures.preference is not None  # parameters with temperatures are refused without
    y = codec.encode_labels(train)
    labels = proportional_labels(y, len(codec.classes), DRAWN_PER_TEMPERATURE)
    preferred = {}
    for temperature in temperatures:
        member.temperature = temperature
        x = member.sample(len(labels), labels=labels, seed=seed)
        preferred[temperature] = measures.preference(decoded(codec, x, labels), held_out, train)
    member.temperature = max(temperatures, key=lambda temperature: preferred[temperature])
    return float(member.temperature)
