"""Reads the segments of a JPEG that hold XMP and IPTC, but not the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ansa.photo.metadata.tiff import MAX_BLOCK

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_MOST = 2000  # segments: 64 KiB each, they hold 128 MB
_APP1, _APP13 = 0xE1, 0xED
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}


@dataclass(frozen=True, slots=True)
class Segments:
    """The metadata before the picture in a JPEG.

    Attributes:
        xmp: the XMP packet, and the rest of it where it does not fit into one segment.
        photoshop: Photoshop's resources.
        frame: the marker of the frame, 0xC0..0xCF or 0xF7, which says how it is coded; 0 if there
            is none.
        bits: the number of bits per sample; 0 if there is no frame.
    """

    xmp: tuple[bytes, ...] = ()
    photoshop: bytes = b""
    frame: int = 0
    bits: int = 0


def read_segments(file: BinaryIO) -> Segments:
    """Reads a JPEG from its start to its picture. Raises only errors of the disk."""
    file.seek(2)
    xmp, photoshop = b"", b""
    extended: dict[bytes, dict[int, bytes]] = {}
    frame = bits = taken = 0
    for _ in range(_MOST):
        marker = _marker(file)
        if marker is None or marker in (0xDA, 0xD9):
            break
        if marker in _STANDALONE:
            continue
        size = int.from_bytes(file.read(2), "big") - 2
        if size < 0:
            break
        if marker not in (_APP1, _APP13) and marker not in _FRAMES:
            file.seek(size, 1)
            continue
        data = file.read(size)
        if marker in _FRAMES and not frame:
            frame, bits = marker, data[0] if data else 0
        elif marker == _APP1 and data.startswith(_XMP):
            xmp = xmp or data[len(_XMP) :]
        elif marker == _APP1 and data.startswith(_EXTENDED) and taken + size <= MAX_BLOCK:
            at = len(_EXTENDED) + 32
            offset = int.from_bytes(data[at + 4 : at + 8], "big")
            extended.setdefault(data[at - 32 : at], {})[offset] = data[at + 8 :]
            taken += size
        elif marker == _APP13 and data.startswith(_PHOTOSHOP) and taken + size <= MAX_BLOCK:
            photoshop += data[len(_PHOTOSHOP) :]
            taken += size
    # The packet names the part that belongs to it.
    parts = [
        b"".join(part for _, part in sorted(parts.items()))
        for name, parts in extended.items()
        if name and name in xmp
    ]
    return Segments((xmp, *parts) if xmp else (), photoshop, frame, bits)


def _marker(file: BinaryIO) -> int | None:
    """The next marker; None at the end, or where there is none. Fill bytes may come before it."""
    if file.read(1) != b"\xff":
        return None
    for _ in range(64):
        byte = file.read(1)
        if byte != b"\xff":
            return byte[0] if byte and byte != b"\0" else None
    return None
