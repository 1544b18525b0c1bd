"""Reads EXIF in Canon's CR3, which has each directory in a box of its own: CMT1, CMT2 and CMT4."""

from __future__ import annotations

from typing import BinaryIO

from ansa.photo.metadata.exif import NO_EXIF, Exif, parse_parts

_HEAD = 2**18  # bytes in which the boxes are: they come before previews and sensor data
_MOST = 2**16  # bytes of one box


def read_canon(file: BinaryIO) -> Exif:
    """Reads the facts of a CR3 file; none if it is not one.

    Args:
        file: the open file, at any position.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if head[4:12] != b"ftypcrx ":
        return NO_EXIF
    return parse_parts(*(_box(head, name) for name in (b"CMT1", b"CMT2", b"CMT4")))


def _box(head: bytes, name: bytes) -> bytes:
    at = head.find(name)
    if at < 4:
        return b""
    size = int.from_bytes(head[at - 4 : at], "big")
    return head[at + 4 : at - 4 + min(size, _MOST)]
