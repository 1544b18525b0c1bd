"""ICC profiles that say something unusual, so that what ignores them is seen to."""

from __future__ import annotations

import struct
from itertools import product

from PIL import ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped() -> bytes:
    """RGB whose first number is blue and whose last is red."""
    return (
        SRGB.replace(b"rXYZ", b"____", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"____", b"bXYZ", 1)
    )


def grey(gamma: float) -> bytes:
    """Greys of one gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(gamma * 256))
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve})


def inks() -> bytes:
    """CMYK whose first ink is a light red, and whose others only darken."""
    linear = bytes(range(256))
    nodes = bytearray()
    for c, m, y, k in product((0, 1), repeat=4):
        light = 255 * (1 - 0.25 * (m + y + 2 * k))
        nodes += bytes((round(max(0.0, light - 100 * c)), 128 + 60 * c, 128 + 40 * c))
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + linear * 4 + nodes + linear * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of version 2 (ICC.1:2001-04)."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78)
    tags = {b"desc": name, b"cprt": b"text" + bytes(4) + b"none\0", b"wtpt": white, **tags}
    entries, data, at = b"", b"", 132 + 12 * len(tags)
    for tag, content in tags.items():
        entries += tag + struct.pack(">II", at + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = bytes(8) + struct.pack(">I", 0x02400000) + kind + space + connection
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    body = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + data
    return struct.pack(">I", len(body)) + body[4:]
