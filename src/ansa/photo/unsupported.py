"""Recognizes variants of photo formats that no decoder here reads, after a decoder refused a file.

A valid file of such a variant is not damaged. The header decides, and whether the file is as
long as the header says, if that is known.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from ansa.photo.metadata.jpeg import read_segments
from ansa.photo.metadata.tiff import Directory, Tiff

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_SAMPLES, _FORMAT = 277, 339
_DATA = (273, 279), (324, 325)  # where strips or tiles are, and how long
_MOST = 4096  # strips or tiles that are looked at

_FORMATS = {1: "whole numbers", 2: "signed numbers", 3: "floating point", 4: "unknown numbers"}
_FORMATS |= {5: "complex numbers", 6: "complex floating point"}
_FRAMES = {
    0xC3: "a lossless JPEG",
    0xC5: "a JPEG in a hierarchy",
    0xC6: "a JPEG in a hierarchy",
    0xC7: "a JPEG in a hierarchy",
    0xC9: "a JPEG with arithmetic coding",
    0xCA: "a JPEG with arithmetic coding",
    0xCB: "a lossless JPEG",
    0xCD: "a JPEG in a hierarchy",
    0xCE: "a JPEG in a hierarchy",
    0xCF: "a JPEG in a hierarchy",
    0xF7: "a JPEG-LS image",
}
_BMP_KINDS = {
    1: "packed in runs",
    2: "packed in runs",
    4: "with a JPEG in it",
    5: "with a PNG in it",
}
_ITEMS = {
    b"av01": "AV1", b"hvc1": "HEVC", b"avc1": "AVC", b"jpeg": "JPEG", b"j2k1": "JPEG 2000",
    b"unci": "uncompressed", b"vvc1": "VVC", b"evc1": "EVC", b"lhv1": "layered HEVC",
}  # fmt: skip


def unread_variant(kind: str, file: BinaryIO, *, opened: bool) -> str | None:
    """Describes a photo that a decoder refused ("a lossless JPEG"); None if it may be damaged.

    Args:
        kind: the format, as :func:`ansa.photo.formats.identify` tells it.
        file: the open file, at any position.
        opened: whether the decoder accepted the header and refused only the pixels.
    """
    try:
        match kind:
            case "JPEG":
                return _jpeg(file)
            case "TIFF":
                return _tiff(file, opened)
            case "PNG":
                return _png(file)
            case "BMP":
                return _bmp(file, opened)
            case "HEIF" | "AVIF":
                return _heif(file)
    except (OSError, ValueError):
        return None
    return None


def _jpeg(file: BinaryIO) -> str | None:
    segments = read_segments(file)
    if segments.frame in _FRAMES:
        return _FRAMES[segments.frame]
    if segments.frame and segments.bits not in (0, 8):
        return f"a JPEG of {segments.bits} bits"
    return None


def _tiff(file: BinaryIO, opened: bool) -> str | None:
    tiff = Tiff(file)
    page = tiff.directory(tiff.first)
    if not (tiff.integer(page, _WIDTH) and tiff.integer(page, _HEIGHT) and _is_whole(tiff, page)):
        return None
    bits = tiff.integers(page, _BITS, 8) or [1]
    samples = tiff.integer(page, _SAMPLES) or 1
    numbers = tiff.integer(page, _FORMAT) or 1
    code = tiff.integer(page, _COMPRESSION) or 1
    plain = numbers == 1 and set(bits) <= {1, 8} and code in (1, 5, 7, 8, 32773, 32946)
    if plain and opened:
        return None  # these are all read
    about = f"{samples} x {max(bits)} bits, {_FORMATS.get(numbers, _FORMATS[4])}"
    return f"a TIFF of {about}, colours {tiff.integer(page, _PHOTOMETRIC)}, compression {code}"


def _is_whole(tiff: Tiff, page: Directory) -> bool:
    """Whether the file contains all the data that a page points to."""
    for offsets, sizes in _DATA:
        if offsets in page:
            places = tiff.integers(page, offsets, _MOST)
            lengths = tiff.integers(page, sizes, _MOST)
            return len(places) == len(lengths) > 0 and all(
                tiff.holds(at, size) for at, size in zip(places, lengths, strict=True)
            )
    return False


def _png(file: BinaryIO) -> str | None:
    file.seek(12)
    return "a PNG as Xcode packs it (CgBI)" if file.read(4) == b"CgBI" else None


def _bmp(file: BinaryIO, opened: bool) -> str | None:
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(34)
    size = int.from_bytes(head[14:18], "little")
    if len(head) < 34 or size < 40:
        return None
    bits, coding = int.from_bytes(head[28:30], "little"), int.from_bytes(head[30:34], "little")
    file.seek(2)
    if not 0 < int.from_bytes(head[2:6], "little") <= end:
        return None
    if coding in _BMP_KINDS:
        return f"a BMP {_BMP_KINDS[coding]}"
    return None if opened else f"a BMP of {bits} bits, coded as {coding}"


def _heif(file: BinaryIO) -> str | None:
    """By the kinds of its items: names of four letters behind "infe"."""
    file.seek(0)
    head = file.read(2**16)
    found, at = [], 0
    while (at := head.find(b"infe", at + 1)) >= 0:
        name = _ITEMS.get(head[at + 12 : at + 16])
        if name and name not in found:
            found.append(name)
    unread = [name for name in found if name not in ("AV1", "HEVC")]
    return f"a HEIF image coded as {unread[0]}" if unread else None
