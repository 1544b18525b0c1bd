"""Files of a bundle are compressed with gzip, so that zero weights need little disk space.

Any tool can unpack them. The runtime unpacks them into memory.
"""

from __future__ import annotations

import zlib

SUFFIX = ".gz"
MAX_RATIO = 64
"""The largest allowed ratio of unpacked to packed size, which bounds the memory that is needed."""

_GZIP = 16 + zlib.MAX_WBITS


class EncodingError(ValueError):
    """A compressed file is damaged; the message says how."""


def encode(data: bytes) -> bytes:
    """Compresses ``data`` with gzip. The same data always give the same bytes.

    Pruned weights are zeros among noise. Matches of Lempel and Ziv only get in the way of coding
    those, Huffman's code alone is a tenth smaller; text wants both. The smaller one is taken.
    """
    return min(
        (_gzip(data, way) for way in (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY)), key=len
    )


def decode(data: bytes, size: int) -> bytes:
    """Unpacks gzip data, with a limit on their size.

    Args:
        data: the compressed bytes, which may come from anyone.
        size: the exact number of unpacked bytes. No more than that are unpacked.

    Raises:
        EncodingError: the data are not gzip, or do not unpack to ``size`` bytes.
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
