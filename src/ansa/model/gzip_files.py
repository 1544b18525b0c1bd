"""Files of a bundle as gzip, so that zeros cost next to nothing on disk.

Whoever has a bundle can unpack them with any tool; the runtime unpacks them straight into memory.
"""

from __future__ import annotations

import zlib

SUFFIX = ".gz"
MAX_RATIO = 64
"""A file never unpacks to more than so many times its size: memory is bounded by the disk."""

_GZIP = 16 + zlib.MAX_WBITS


class EncodingError(ValueError):
    """What is wrong with an encoded file."""


def encode(data: bytes) -> bytes:
    """``data`` as gzip, the same bytes at every call.

    Pruned weights are zeros among noise. Matches of Lempel and Ziv only get in the way of coding
    those, Huffman's code alone is a tenth smaller; text wants both. The smaller one is taken.
    """
    return min(
        (_gzip(data, way) for way in (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY)), key=len
    )


def decode(data: bytes, size: int) -> bytes:
    """What was encoded.

    Args:
        data: gzip, from anyone.
        size: how many bytes must come out; never more than that are unpacked.

    Raises:
        EncodingError: it is no gzip, or does not hold as many bytes.
    """
    machine = zlib.decompressobj(_GZIP)
    try:
        decoded = machine.decompress(data, size + 1)
    except zlib.error:
        raise EncodingError("it is damaged") from None
    if len(decoded) != size or not machine.eof or machine.unused_data:
        raise EncodingError(f"it does not unpack to {size} bytes")
    return decoded


def _gzip(data: bytes, strategy: int) -> bytes:
    machine = zlib.compressobj(6, zlib.DEFLATED, _GZIP, 9, strategy)
    return machine.compress(data) + machine.flush()
