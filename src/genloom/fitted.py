"""Fitted things: a trained member and all it needs to live again, in two plain files."""

import hashlib
import json
import platform
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom import __version__
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

CARD, WEIGHTS = "card.json", "weights.safetensors"


def current_versions() -> dict[str, str]:
    """What numbers depend on besides data, code and parameters."""
    packages = ("torch", "lightning", "scikit-learn", "numpy", "tokenizers", "rdkit")
    own = {"genloom": __version__, "python": platform.python_version()}
    return own | {name: version(name) for name in packages}


@dataclass
class Fitted:
    """A trained member and where it comes from.

    Attributes:
        member: The trained network or floor.
        block: Its block of parameters: network and arguments.
        shape: Shape of one encoded sample, without the batch dimension.
        classes: Names of the labels, in the order of their numbers; empty for a predictor of
            numbers.
        codec: The codec as a dictionary (``codec.to_dict()``), so that the folder alone can
            turn what the member makes back into content.
        seed: The seed that its weights and its training came from.
        data_digest: ``digest`` of the training samples.
        versions: What it was trained with.
    """

    member: Any
    block: dict[str, Any]
    shape: tuple[int, ...]
    classes: list[str]
    codec: dict[str, Any]
    seed: int
    data_digest: str
    versions: dict[str, str] = field(default_factory=current_versions)

    @cached_property
    def own_codec(self) -> Any:
        """The codec whose tensors the member reads and writes."""
        from genloom.domains.codecs import codec_from_dict

        return codec_from_dict(self.codec)

    def encode(self, samples: "pd.DataFrame") -> "Tensor":
        """Samples as the member reads them."""
        return self.own_codec.encode(samples)

    @property
    def predicts_numbers(self) -> bool:
        """Whether it is a predictor that was fitted to the column ``target``."""
        return not self.classes

    @property
    def forecasts(self) -> bool:
        """Whether it is a predictor of what follows: quantiles of several numbers."""
        return self.predicts_numbers and hasattr(self.own_codec, "decode_forecasts")

    def classify(self, samples: "pd.DataFrame") -> "Tensor":
        """The class number that a predictor gives each sample, ``[n]`` int64."""
        found = self.member.predict(self.encode(samples))
        classes: Tensor = (
            self.own_codec.classes_of(found) if self.predicts_numbers else found.argmax(dim=1)
        )
        return classes

    def encode_labels(self, samples: "pd.DataFrame") -> "Tensor":
        """Labels as the member reads them, ``[n]`` int64."""
        return self.own_codec.encode_labels(samples)


def save(fitted: Fitted, folder: Path) -> None:
    """Write ``card.json`` and ``weights.safetensors``; the folder appears whole or not at all."""
    from safetensors.torch import save_file

    from genloom.io.whole import whole  # its package imports this module

    card = {key: getattr(fitted, key) for key in fitted.__dataclass_fields__ if key != "member"}
    with whole(folder) as beside:
        beside.mkdir()
        (beside / CARD).write_text(json.dumps(card, indent=2, sort_keys=True) + "\n")
        save_file(fitted.member.weights(), beside / WEIGHTS)


def load(folder: Path) -> Fitted:
    """Read a fitted thing back; no code is run beyond the named network's constructor.

    Raises:
        GenloomError: When the folder is not a fitted thing, or is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from genloom import members

    try:
        card = json.loads((folder / CARD).read_text())
        weights = load_file(folder / WEIGHTS)
    except (OSError, ValueError, SafetensorError) as error:
        raise GenloomError(
            f"{folder} holds no readable fitted network ({error}): remove the folder and fit again."
        ) from None
    card["shape"] = tuple(card["shape"])
    member = members.build(card["block"], card["shape"], len(card["classes"]), seed=0)
    member.load_weights(weights)
    return Fitted(member=member, **card)


def digest(samples: "pd.DataFrame") -> str:
    """SHA-256 over content and labels of samples, row by row."""
    state = hashlib.sha256()
    for content, label in zip(samples["content"], samples["label"], strict=True):
        state.update(content if isinstance(content, bytes) else str(content).encode())
        state.update(str(label).encode())
    return state.hexdigest()
