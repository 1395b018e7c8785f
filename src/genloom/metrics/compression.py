"""How short general compressors write a text: floors for what a language model should know."""

from __future__ import annotations

from collections.abc import Callable

from genloom.errors import GenloomError

__all__ = ["METHODS", "compressed_bits"]

METHODS = ("gzip", "xz", "zstd")
_WINDOW_LOGS = (10, 31)  # what zstd can be asked for


def compressed_bits(text: bytes, *, given: bytes, method: str) -> int:
    """Bits that a compressor adds for a text behind another one that it has read already.

    That is ``8 * (len(C(given + text)) - len(C(given)))`` with the strongest setting: ``gzip -9``,
    ``xz -9e``, ``zstd --ultra -22`` with a window over everything. As an estimate of the bits that
    the text needs it is read like a language model's minus log2 likelihood (Delétang et al. 2024,
    arXiv:2309.10668), with two differences. gzip sees only the last 32 kB, so nearly nothing of
    ``given``. And all three adapt to the text as they go, while a fitted model stays as it is.

    Args:
        text: What is written.
        given: What stands before it and is not counted.
        method: One of ``METHODS``.

    Returns:
        Bits, a multiple of 8 (of 32 for xz, which fills its files up).

    Raises:
        GenloomError: There is no such method.
    """
    whole = given + text
    compress = _compressor(method, len(whole))
    return 8 * (len(compress(whole)) - len(compress(given)))


def _compressor(method: str, size: int) -> Callable[[bytes], bytes]:
    """One setting for both texts, of which the larger has ``size`` bytes."""
    if method == "gzip":
        import gzip

        return lambda data: gzip.compress(data, compresslevel=9, mtime=0)
    if method == "xz":
        import lzma

        return lambda data: lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    if method == "zstd":
        import zstandard

        low, high = _WINDOW_LOGS
        parameters = zstandard.ZstdCompressionParameters.from_level(
            22, window_log=min(max(size.bit_length(), low), high)
        )
        return zstandard.ZstdCompressor(compression_params=parameters).compress
    raise GenloomError(f"There is no compressor {method!r}: use one of {', '.join(METHODS)}.")
