"""Pictures in the catalog: a figure goes in, PNG bytes come out."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import ImagePreview

from genloom.io.whole import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_START = b"\x89PNG\r\n\x1a\n"


class PictureDataset(AbstractDataset["Figure", bytes]):
    """A matplotlib figure as a PNG file, there whole or not at all.

    kedro-datasets' ``MatplotlibDataset`` cannot load, and the report needs the pictures; nor
    does it leave the program's version out of the file, which would change its bytes.

    Args:
        filepath: Where the finished file stands.
        dpi: Pixels per inch; the same for all pictures, so that text has one size in all.
        metadata: Free for hooks and kedro-viz.
    """

    def __init__(
        self, *, filepath: str, dpi: int = 144, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = Path(filepath)
        self._dpi = dpi
        self.metadata = metadata

    def load(self) -> bytes:
        content = self._filepath.read_bytes()
        if not content.startswith(PNG_START):
            raise DatasetError(f"{self._filepath} is not a PNG file: remove it and run again.")
        return content

    def save(self, data: "Figure") -> None:
        with whole(self._filepath) as beside:
            data.savefig(beside, format="png", dpi=self._dpi, metadata={"Software": None})

    def preview(self) -> ImagePreview:
        """The picture for kedro-viz."""
        return ImagePreview(base64.b64encode(self.load()).decode())

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "dpi": self._dpi}
