"""Reads EXIF in Fujifilm's RAF, which has it only in the JPEG that its header points to."""

from __future__ import annotations

import struct
from typing import BinaryIO

from ansa.photo.metadata.exif import NO_EXIF, Exif, parse_exif

_KIND = b"FUJIFILMCCD-RAW"
_AT = 84  # bytes from the start, where the header says where the JPEG is
_START = b"\xff\xd8\xff\xe1"  # of a JPEG whose first segment is EXIF, as cameras write it


def read_fuji(file: BinaryIO) -> Exif:
    """Reads the facts of a RAF file; none if it is not one.

    Args:
        file: the open file, at any position.
    """
    file.seek(0)
    head = file.read(_AT + 4)
    if not head.startswith(_KIND) or len(head) < _AT + 4:
        return NO_EXIF
    file.seek(*struct.unpack_from(">L", head, _AT))
    segment = file.read(len(_START) + 2)
    if not segment.startswith(_START) or len(segment) < len(_START) + 2:
        return NO_EXIF
    (size,) = struct.unpack_from(">H", segment, len(_START))
    return parse_exif(file.read(max(size - 2, 0)))
