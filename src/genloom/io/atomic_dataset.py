"""A file that is there whole or not at all."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from genloom.io.whole import whole


class AtomicDataset(AbstractDataset[Any, Any]):
    """Another file dataset, written beside its place first and moved there when complete.

    A run that is killed or meets a full disk so leaves either the old file or none, never half
    a file that the next run (``--only-missing-outputs``) would take for finished.

    Args:
        filepath: Where the finished file stands.
        dataset: The dataset that does the work, as in the catalog, without its ``filepath``.
        metadata: Free for hooks and kedro-viz; see ``genloom.hooks``.
    """

    def __init__(
        self, *, filepath: str, dataset: dict[str, Any], metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = Path(filepath)
        self._config = deepcopy(dataset)
        self.metadata = metadata

    def load(self) -> Any:
        return self._at(self._filepath).load()

    def save(self, data: Any) -> None:
        with whole(self._filepath) as beside:
            self._at(beside).save(data)

    def _at(self, path: Path) -> AbstractDataset[Any, Any]:
        config = self._config | {"filepath": str(path)}
        return AbstractDataset.from_config(self._filepath.stem, config)

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "dataset": self._config.get("type")}
