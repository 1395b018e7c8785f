"""Images: small pictures as PNG bytes, one label each, grey or colour, 8x8 to 64x64."""

from genloom.domains.images.classical import classical_moves
from genloom.domains.images.codec import fit_codec
from genloom.domains.images.figures import gallery, interpolation
from genloom.domains.images.sources import check, ingest

PARAMETERS = ("source", "folder", "size", "colour", "limit", "raw_folder", "split")

__all__ = [
    "PARAMETERS",
    "check",
    "classical_moves",
    "fit_codec",
    "gallery",
    "ingest",
    "interpolation",
]
