"""Reads the chunks of a PNG that hold texts, times and EXIF, with limits, but not the picture."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import BinaryIO

from ansa.photo.metadata.timestamps import Timestamp, checked, clock_of, parse_timestamp

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_MAX_TEXT = 2**21  # bytes of one text, unpacked
_MAX_TEXTS = 2**23  # of all of them
_MOST = 100_000  # chunks: some programs write a picture as very many
_XMP = "XML:com.adobe.xmp"
_TAKEN = "creation time", "exif:datetimeoriginal", "exif:datetimedigitized"
_CHANGED = "date:create", "date:modify", "date:timestamp"


@dataclass(frozen=True, slots=True)
class Chunks:
    """The metadata around the picture in a PNG.

    Attributes:
        exif: the EXIF block; empty if there is none.
        xmp: the XMP packet; empty if there is none.
        iptc: Photoshop's resources or IPTC records, as some programs write them as text.
        taken: when the photo was taken, from a text.
        changed: when the file was last changed.
        heavy: whether there are texts for which a decoder that reads them all may refuse the photo:
            packed ones, or more than a megabyte.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    taken: Timestamp | None = None
    changed: Timestamp | None = None
    heavy: bool = False


@dataclass(slots=True)
class _Found:
    texts: dict[str, bytes] = field(default_factory=dict)
    exif: bytes = b""
    time: bytes = b""
    room: int = _MAX_TEXTS

    def take(self, name: bytes, data: bytes) -> None:
        if name == b"eXIf":
            self.exif = self.exif or data
        elif name == b"tIME":
            self.time = self.time or data
        elif name in _TEXTS:
            key, text = _text(name, data, min(self.room, _MAX_TEXT))
            self.room -= len(text)
            self.texts.setdefault(key if key == _XMP else key.lower(), text)


def read_chunks(file: BinaryIO) -> Chunks:
    """Reads the metadata chunks of a PNG. Raises only errors of the disk."""
    found = _Found()
    length, packed = 0, False
    for name, size in _walk(file):
        if name in _TEXTS:
            length += size
            if size > _MAX_TEXTS or found.room <= 0:
                continue
        elif name not in (b"eXIf", b"tIME") or size > _MAX_TEXTS:
            continue
        data = file.read(size)
        found.take(name, data)
        packed |= name == b"zTXt" or (name == b"iTXt" and b"\0\1" in data[:81])
    texts = found.texts
    created = (_when(texts.get(key, b"")) for key in _TAKEN)
    changed = (_when(texts.get(key, b"")) for key in _CHANGED)
    return Chunks(
        found.exif or _profile(texts, "exif") or _profile(texts, "app1", b"Exif\0\0"),
        texts.get(_XMP) or _profile(texts, "xmp") or _profile(texts, "app1", b"http"),
        _profile(texts, "iptc") or _profile(texts, "8bim"),
        next((when for when in created if when), None),
        next((when for when in changed if when), None) or _time(found.time),
        packed or length > 2**20,
    )


def without_texts(file: BinaryIO) -> BinaryIO:
    """A copy of the PNG in memory without texts, for decoders that would unpack them all."""
    kept = io.BytesIO()
    kept.write(SIGNATURE)
    for name, size in _walk(file):
        if name not in _TEXTS:
            file.seek(-8, 1)
            kept.write(file.read(size + 12))
    kept.seek(0)
    return kept


def _walk(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yields the name and size of each chunk in turn, with the file positioned at its data."""
    end = file.seek(0, io.SEEK_END)
    at = len(SIGNATURE)
    for _ in range(_MOST):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        size, name = struct.unpack(">L4s", head)
        if at + 12 + size > end:
            return
        yield name, size
        if name == b"IEND":
            return
        at += 12 + size


def _text(name: bytes, data: bytes, most: int) -> tuple[str, bytes]:
    """The keyword and the text of a text chunk, in UTF-8 or Latin-1, up to ``most`` bytes."""
    key, _, rest = data.partition(b"\0")
    packed = name == b"zTXt"
    if name == b"zTXt":
        rest = rest[1:]
    elif name == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
    return key[:79].decode("latin-1"), _unpacked(rest, most) if packed else rest[:most]


def _unpacked(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, most) if most > 0 else b""
    except zlib.error:
        return b""


def _profile(texts: dict[str, bytes], kind: str, start: bytes = b"") -> bytes:
    """Decodes a block of hexadecimal text, which programs wrote before PNG had EXIF."""
    text = texts.get(f"raw profile type {kind}", b"")
    lines = text.split(b"\n", 3)
    try:
        block = bytes.fromhex(re.sub(rb"\s", b"", lines[3]).decode("ascii")) if lines[3:] else b""
    except ValueError:
        return b""
    if not block.startswith(start):
        return b""
    return block.partition(b"\0")[2] if start == b"http" else block


def _when(text: bytes) -> Timestamp | None:
    return parse_timestamp(text[:200].decode("utf-8", "replace"))


def _time(data: bytes) -> Timestamp | None:
    if len(data) != 7:
        return None
    year, month, day, hour, minute, second = struct.unpack(">H5B", data)
    try:
        return checked(clock_of(date(year, month, day), hour, minute, second, UTC))
    except ValueError:
        return None
