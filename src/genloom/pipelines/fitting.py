"""The verb *fit*: train one member on the training split."""

import time
from typing import TYPE_CHECKING, Any

from genloom import fitted, members
from genloom.domains.codecs import codec_for, codec_to_dict
from genloom.metrics.table import metrics_table
from genloom.networks.hardware import Hardware
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


def fit_member(
    samples: "pd.DataFrame",
    codec: Any,
    block: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    of: fitted.Fitted | None = None,
    *,
    domain: str,
    subject: str,
) -> tuple[fitted.Fitted, "pd.DataFrame", "pd.DataFrame"]:
    """Train a member on the real training split.

    Args:
        samples: The domain's samples.
        codec: The domain's fitted codec.
        block: The member's block of parameters.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
        of: The fitted member that this one is made of, if it is.
        domain: The domain's name, for the tables.
        subject: The member's name, for the tables and the progress bar.

    Returns:
        The fitted thing, its training curves (``step, metric, value``), and its timings.
    """
    train = samples[samples["split"] == "train"]
    held_out = samples[samples["split"] == "validation"]
    codec = codec_for(codec, block)
    own_seed = derive_seed(seed, "fit", block["network"])
    if of is not None:
        block = block | {"of": of.block}
    member = members.build(
        block, codec.shape, len(codec.classes), seed=own_seed, model=of and of.member
    )
    x, y = codec.encode(train), codec.encode_labels(train)
    validation = (codec.encode(held_out), codec.encode_labels(held_out)) if len(held_out) else None
    started = time.perf_counter()
    history = member.fit(
        x,
        y,
        seed=own_seed,
        hardware=Hardware(**hardware),
        progress=f"{domain}.{subject}",
        validation=validation,
    )
    seconds = time.perf_counter() - started
    timings = metrics_table(
        [
            {
                "domain": domain,
                "subject": subject,
                "role": block["role"],
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
        classes=list(codec.classes),
        codec=codec_to_dict(codec),
        seed=seed,
        data_digest=fitted.digest(train),
    )
    return result, history, timings
