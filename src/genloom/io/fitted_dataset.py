"""Fitted things and codecs in the catalog."""

import json
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from genloom import fitted as fitted_things
from genloom.domains.codecs import codec_from_dict, codec_to_dict
from genloom.io.whole import whole


class FittedDataset(AbstractDataset[fitted_things.Fitted, fitted_things.Fitted]):
    """A folder with ``card.json`` and ``weights.safetensors``; see ``genloom.fitted``.

    Args:
        filepath: The folder.
        metadata: Free for hooks and kedro-viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> fitted_things.Fitted:
        return fitted_things.load(self._filepath)

    def save(self, data: fitted_things.Fitted) -> None:
        fitted_things.save(data, self._filepath)

    def _exists(self) -> bool:
        return (self._filepath / fitted_things.CARD).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


class CodecDataset(AbstractDataset[Any, Any]):
    """A codec as JSON: its class and what it learnt from the training split.

    Args:
        filepath: The JSON file.
        metadata: Free for hooks and kedro-viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> Any:
        return codec_from_dict(json.loads(self._filepath.read_text()))

    def save(self, data: Any) -> None:
        with whole(self._filepath) as beside:
            beside.write_text(json.dumps(codec_to_dict(data), indent=2, sort_keys=True) + "\n")

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
