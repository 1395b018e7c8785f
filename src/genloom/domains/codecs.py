"""Codecs as plain dictionaries, whatever domain they are from."""

import importlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts as a person would: digits count as numbers, so "2" stands before "10"."""
    parts = re.split(r"(\d+)", name)
    return [(not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts if p]


def kind_of(block: dict[str, Any], codecs: dict[str, str]) -> str:
    """The kind of tensors that a member's block asks for, of a domain's ``CODECS``."""
    return codecs[block.get("codec") or next(iter(codecs))]


def codec_for(codec: Any, block: dict[str, Any]) -> Any:
    """The domain's codec as a member needs it.

    It has the form that the block asks for by ``codec:``, if it does. What generates makes the
    number to predict, too, where the codec can write it (``beside_target``).
    """
    found = codec.of(block["codec"]) if block.get("codec") else codec
    if block.get("role") == "generator" and hasattr(found, "beside_target"):
        return found.beside_target()
    return found


def decoded(codec: Any, x: "Tensor", labels: "Tensor") -> "pd.DataFrame":
    """Samples that a generator made, of the labels ``[n]`` asked for.

    Returns:
        The columns ``content``, ``label`` and, where it made numbers to predict, ``target``.
    """
    import pandas as pd

    made = {"content": codec.decode(x), "label": codec.decode_labels(labels)}
    if getattr(codec, "makes_targets", False):
        made["target"] = codec.decode_targets(x)
    return pd.DataFrame(made)


def training_samples(codec: Any, samples: "pd.DataFrame", *, seed: int) -> "pd.DataFrame":
    """What a member learns from: a codec may write each training sample in several ways."""
    return codec.augmented(samples, seed=seed) if hasattr(codec, "augmented") else samples


def codec_to_dict(codec: Any) -> dict[str, Any]:
    """A codec's class and state; ``codec_from_dict`` brings it back."""
    return {"class": f"{type(codec).__module__}.{type(codec).__qualname__}"} | codec.to_dict()


def codec_from_dict(state: dict[str, Any]) -> Any:
    """Bring a codec back. Only classes inside ``genloom.domains`` are looked up.

    Raises:
        ValueError: When the class is not one of this project's codecs.
    """
    module, _, name = state["class"].rpartition(".")
    if not module.startswith("genloom.domains."):
        raise ValueError(f"{state['class']} is not a codec of this project.")
    cls = getattr(importlib.import_module(module), name)
    return cls.from_dict({key: value for key, value in state.items() if key != "class"})
