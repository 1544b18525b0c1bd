"""Reads TIFF directories, which EXIF also uses, with limits.

The reader reads only the requested fields, never allocates more than the limits below, and
cannot be made to loop by a file.
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from typing import BinaryIO

MAX_ENTRIES = 4096
"""Real directories hold fewer than 200 entries; decoders read hostile ones entry by entry."""

MAX_BLOCK = 8 * 2**20
"""The longest XMP or IPTC block that is read, in bytes."""

_TIFF = b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"
_RAW = b"IIRO", b"IIRS", b"MMOR", b"IIU\0"  # of Olympus and Panasonic: TIFF but for these bytes
_MAX_TEXT = 256
_MAX_PAGES = 64
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8, 129: 1}
_INTEGERS = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 13: "L", 16: "Q", 17: "q", 18: "Q"}
_RATIONALS = {5: "LL", 10: "ll"}
_FLOATS = {11: "f", 12: "d"}


class HugeDirectoryError(ValueError):
    """A TIFF directory claims more entries or more data than any real one has."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One directory entry: its type, how many values, and the bytes that hold or point to them."""

    kind: int
    count: int
    inline: bytes

    @property
    def size(self) -> int:
        return _SIZES.get(self.kind, 0) * self.count


Directory = dict[int, _Field]
"""The entries of a directory, by their tags."""


class Tiff:
    """Gives access to the directories of a TIFF, BigTIFF, ORF or RW2 file, or of an EXIF block.

    Attributes:
        first: the offset of the first directory in bytes.

    Raises:
        ValueError: this is not a TIFF file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, io.SEEK_END)
        magic = self._bytes(0, 4)
        if magic not in _TIFF and magic not in _RAW:
            raise ValueError("not a TIFF file")
        self._order = "<" if magic[:1] == b"I" else ">"
        self._big = b"+" in magic
        self.first = self._unpack("Q", 8) if self._big else self._unpack("L", 4)

    def directory(self, offset: int) -> Directory:
        """The directory at an offset.

        Raises:
            HugeDirectoryError: it is larger than any real one.
            ValueError: it lies outside the file, or is cut off.
        """
        head, entry = ("Q", "HHQ8s") if self._big else ("H", "HHL4s")
        count = self._unpack(head, offset)
        width = struct.calcsize(self._order + entry)
        if count > MAX_ENTRIES:
            if offset + count * width > self._length:
                raise ValueError("the TIFF directory is cut off")
            raise HugeDirectoryError(f"a directory of {count} entries")
        entries = self._bytes(offset + struct.calcsize(head), count * width)
        entries = entries[: len(entries) // width * width]
        fields = {
            tag: _Field(kind, number, inline)
            for tag, kind, number, inline in struct.iter_unpack(self._order + entry, entries)
        }
        # Entries may all point to the same bytes, so that one megabyte unpacks to gigabytes.
        if sum(field.size for field in fields.values() if field.size <= self._length) > max(
            2 * self._length, 2**16
        ):
            raise HugeDirectoryError("a directory that unpacks to more than its file holds")
        return fields

    def pages(self) -> list[Directory]:
        """The directories of the pages, the first of which must be readable; at most 64.

        Raises:
            HugeDirectoryError: one of them is larger than any real one.
            ValueError: the first cannot be read.
        """
        found = [self.directory(self.first)]
        seen = {self.first}
        offset = self._next(self.first)
        while offset and offset not in seen and len(found) < _MAX_PAGES:
            seen.add(offset)
            try:
                found.append(self.directory(offset))
            except HugeDirectoryError:
                raise
            except ValueError:
                break
            offset = self._next(offset)
        return found

    def sub_directory(self, parent: Directory, tag: int) -> Directory:
        """The directory that a field points to; empty if there is none or it is damaged."""
        try:
            return self.directory(self.integer(parent, tag)) if tag in parent else {}
        except ValueError:
            return {}

    def integer(self, directory: Directory, tag: int) -> int:
        """The field's first value; 0 if it has none."""
        values = self.integers(directory, tag, 1)
        return values[0] if values else 0

    def integers(self, directory: Directory, tag: int, most: int) -> list[int]:
        """The field's first values, ``most`` of them at most; empty if it has no whole numbers."""
        field = directory.get(tag)
        code = _INTEGERS.get(field.kind) if field else None
        if field is None or code is None or field.count < 1:
            return []
        size = struct.calcsize("=" + code)
        data = self._data(field, size * most)
        data = data[: len(data) // size * size]
        return [int(value) for (value,) in struct.iter_unpack(self._order + code, data)]

    def text(self, directory: Directory, tag: int) -> str:
        """The field as one line of text without what cannot be printed; "" if it has none."""
        field = directory.get(tag)
        if field is None or field.kind not in (2, 7, 129):
            return ""
        data = self._data(field, _MAX_TEXT).split(b"\0")[0]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())

    def numbers(self, directory: Directory, tag: int, most: int) -> list[float]:
        """The field's fractions or floating-point numbers, ``most`` of them at most.

        Empty if there are none, or one has no finite value.
        """
        field = directory.get(tag)
        if field is None or field.kind not in _RATIONALS | _FLOATS:
            return []
        count = min(field.count, most)
        size = _SIZES[field.kind]
        data = self._data(field, size * count)
        if len(data) < size * count:
            return []
        if code := _RATIONALS.get(field.kind):
            pairs = list(struct.iter_unpack(self._order + code, data))
            return [a / b for a, b in pairs] if all(b for _, b in pairs) else []
        values = [value for (value,) in struct.iter_unpack(self._order + _FLOATS[field.kind], data)]
        return values if all(map(math.isfinite, values)) else []

    def block(self, directory: Directory, tag: int) -> bytes:
        """The field's bytes as they are; none if it has none, or more than the limit."""
        field = directory.get(tag)
        if field is None or field.size > MAX_BLOCK:
            return b""
        return self._data(field, field.size)

    def holds(self, offset: int, size: int) -> bool:
        """Whether the file has this many bytes at an offset."""
        return offset > 0 and offset + size <= self._length

    def _next(self, offset: int) -> int:
        """The offset of the directory after the one at an offset; 0 if there is none."""
        head, entry = ("Q", "HHQ8s") if self._big else ("H", "HHL4s")
        width = struct.calcsize(self._order + entry)
        try:
            after = offset + struct.calcsize(head) + self._unpack(head, offset) * width
            return self._unpack("Q" if self._big else "L", after)
        except ValueError:
            return 0

    def _data(self, field: _Field, limit: int) -> bytes:
        if field.size <= len(field.inline):
            return field.inline[: min(field.size, limit)]
        (offset,) = struct.unpack(self._order + ("Q" if self._big else "L"), field.inline)
        return self._bytes(offset, min(field.size, limit))

    def _unpack(self, code: str, offset: int) -> int:
        size = struct.calcsize("=" + code)
        data = self._bytes(offset, size)
        if len(data) < size:
            raise ValueError("the TIFF directory lies outside the file")
        return int(struct.unpack(self._order + code, data)[0])

    def _bytes(self, offset: int, size: int) -> bytes:
        if offset >= self._length:
            return b""
        self._file.seek(offset)
        return self._file.read(size)
