"""Compressors as floors: what they have read before helps them as far as they look back."""

import gzip
import lzma
import random

import pytest
import zstandard

from genloom.errors import GenloomError
from genloom.metrics.compression import METHODS, compressed_bits


def noise(size, seed):
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("method", METHODS)
def test_noise_costs_its_size_and_repetition_nothing(method):
    text = noise(5000, 0)
    alone = compressed_bits(text, given=b"", method=method)
    assert alone == pytest.approx(8 * 5000, rel=0.02)
    assert compressed_bits(text, given=noise(5000, 1), method=method) >= 8 * 4990
    assert compressed_bits(text, given=text, method=method) < 0.05 * alone
    assert compressed_bits(b"", given=text, method=method) == 0
    assert compressed_bits(b"weave " * 500, given=b"", method=method) < 8 * 200


def test_only_gzip_forgets_what_is_far_back():
    text = noise(5000, 0)
    given = text + noise(700_000, 1)
    bits = {method: compressed_bits(text, given=given, method=method) for method in METHODS}
    assert bits["gzip"] > 8 * 4900
    assert bits["xz"] < 8 * 1000
    assert bits["zstd"] < 8 * 1000


def test_bits_are_those_of_the_strongest_setting():
    given, text = b"the weaver " * 40 + noise(300, 0), b"the loom and the weaver " * 9
    strongest = {
        "gzip": lambda data: gzip.compress(data, 9),
        "xz": lambda data: lzma.compress(data, preset=9 | lzma.PRESET_EXTREME),
        "zstd": zstandard.ZstdCompressor(level=22).compress,
    }
    for method in METHODS:
        compress = strongest[method]
        expected = 8 * (len(compress(given + text)) - len(compress(given)))
        # zstd chooses other tables for so little data, which is worth a few bytes.
        slack = 8 * 4 if method == "zstd" else 0
        assert compressed_bits(text, given=given, method=method) == pytest.approx(
            expected, abs=slack
        )


def test_unknown_compressor():
    with pytest.raises(GenloomError, match="no compressor 'zip': use one of gzip, xz, zstd"):
        compressed_bits(b"a", given=b"", method="zip")
