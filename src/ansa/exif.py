"""EXIF: when, where and with which camera a photo was taken, and which way is up.

EXIF is a TIFF file without a picture, so one small reader serves both. It reads only the tags that
become facts, never follows more than three directories, and never allocates more than a few
kilobytes: a file cannot make it loop, and garbage costs the facts, not the photo.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import BinaryIO

from ansa.scene import Source

MAX_ENTRIES = 4096
"""Real directories hold fewer than 200 entries; decoders read hostile ones entry by entry."""

OLDEST_YEAR = 1826
"""The year of the oldest photograph that survives: nothing was taken before."""

_MAX_TEXT = 256
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8, 129: 1}
_INTEGERS = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 13: "L", 16: "Q", 17: "q", 18: "Q"}
_RATIONALS = {5: "LL", 10: "ll"}

_SUBFILE, _MAKE, _MODEL, _ORIENTATION, _DATE = 0x00FE, 0x010F, 0x0110, 0x0112, 0x0132
_EXIF_DIRECTORY, _GPS_DIRECTORY, _DNG_VERSION = 0x8769, 0x8825, 0xC612
_DATE_TAKEN, _DATE_DIGITIZED = 0x9003, 0x9004
_OFFSET, _OFFSET_TAKEN, _OFFSET_DIGITIZED = 0x9010, 0x9011, 0x9012
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4


class HugeDirectoryError(ValueError):
    """A TIFF directory claims more entries or more data than any real one has."""


@dataclass(frozen=True, slots=True)
class Exif:
    """What EXIF says, with everything absent, damaged or absurd left at its default.

    Attributes:
        orientation: 1..8, as EXIF counts them; 1 is upright.
        taken: when the photo was taken; aware if the offset from UTC is stated, else naive.
        latitude: degrees north, -90..90.
        longitude: degrees east, -180..180.
        camera: maker and model.
        taken_source: "exif" if it says when the photo was taken or digitized, "file change tag" if
            only when the file was last changed.
        preview: True if a TIFF's first picture is a small copy of another one, as in RAW files.
    """

    orientation: int = 1
    taken: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str | None = None
    taken_source: Source | None = None
    preview: bool = False


def parse_exif(block: bytes) -> Exif:
    """The meaning of an EXIF block as found in a JPEG, PNG, WebP, HEIC or AVIF. Never raises."""
    try:
        return read_tiff(io.BytesIO(re.sub(rb"^(Exif\0\0){1,2}", b"", block)))
    except ValueError:
        return Exif()


def read_tiff(file: BinaryIO) -> Exif:
    """The meaning of the first directory of a TIFF file and of its EXIF and GPS directories.

    Raises:
        HugeDirectoryError: the first directory is larger than any real one.
        ValueError: this is not a TIFF file, or its first directory cannot be read.
    """
    tiff = _Tiff(file)
    main = tiff.directory(tiff.first)
    exif = tiff.sub_directory(main, _EXIF_DIRECTORY)
    latitude, longitude = _place(tiff, tiff.sub_directory(main, _GPS_DIRECTORY))
    orientation = tiff.integer(main, _ORIENTATION)
    taken, source = _taken(tiff, main, exif)
    return Exif(
        orientation=orientation if orientation in range(1, 9) else 1,
        taken=taken,
        latitude=latitude,
        longitude=longitude,
        camera=_camera(tiff.text(main, _MAKE), tiff.text(main, _MODEL)),
        taken_source=source,
        preview=bool(tiff.integer(main, _SUBFILE) & 1) or _DNG_VERSION in main,
    )


@dataclass(frozen=True, slots=True)
class _Field:
    """One directory entry: its type, how many values, and the bytes that hold or point to them."""

    kind: int
    count: int
    inline: bytes

    @property
    def size(self) -> int:
        return _SIZES.get(self.kind, 0) * self.count


_Directory = dict[int, _Field]


class _Tiff:
    """Bounded access to the directories of a TIFF or BigTIFF file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, io.SEEK_END)
        magic = self._bytes(0, 4)
        if magic not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            raise ValueError("not a TIFF file")
        self._order = "<" if magic[:1] == b"I" else ">"
        self._big = b"+" in magic
        self.first = self._unpack("Q", 8) if self._big else self._unpack("L", 4)

    def directory(self, offset: int) -> _Directory:
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

    def sub_directory(self, parent: _Directory, tag: int) -> _Directory:
        """The directory that a field points to; empty if there is none or it is damaged."""
        try:
            return self.directory(self.integer(parent, tag)) if tag in parent else {}
        except ValueError:
            return {}

    def integer(self, directory: _Directory, tag: int) -> int:
        """The field's first value; 0 if it has none."""
        field = directory.get(tag)
        code = _INTEGERS.get(field.kind) if field else None
        if field is None or code is None or field.count < 1:
            return 0
        size = struct.calcsize("=" + code)
        data = self._data(field, size)
        return int(struct.unpack(self._order + code, data)[0]) if len(data) == size else 0

    def text(self, directory: _Directory, tag: int) -> str:
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

    def rationals(self, directory: _Directory, tag: int, count: int) -> list[float]:
        """The field's `count` values; empty if there are fewer or one has no finite value."""
        field = directory.get(tag)
        code = _RATIONALS.get(field.kind) if field else None
        if field is None or code is None or field.count < count:
            return []
        data = self._data(field, 8 * count)
        if len(data) < 8 * count:
            return []
        pairs = list(struct.iter_unpack(self._order + code, data))
        return [a / b for a, b in pairs] if all(b for _, b in pairs) else []

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


def _taken(
    tiff: _Tiff, main: _Directory, exif: _Directory
) -> tuple[datetime | None, Source | None]:
    fields: tuple[tuple[_Directory, int, int, Source], ...] = (
        (exif, _DATE_TAKEN, _OFFSET_TAKEN, "exif"),
        (exif, _DATE_DIGITIZED, _OFFSET_DIGITIZED, "exif"),
        (main, _DATE, _OFFSET, "file change tag"),
    )
    for directory, date, offset, source in fields:
        taken = _moment(tiff.text(directory, date), tiff.text(exif, offset))
        if taken:
            return taken, source
    return None, None


def _moment(date: str, offset: str) -> datetime | None:
    parts = re.match(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)", date, re.ASCII)
    if parts is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, parts.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(offset))
    except ValueError:
        return None
    # A naive time may be up to 14 hours ahead of UTC: less than the day a clock may be wrong.
    latest = datetime.now(UTC) + timedelta(days=1)
    in_utc = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment.year >= OLDEST_YEAR and in_utc <= latest else None


def _zone(offset: str) -> timezone | None:
    if offset == "Z":
        return UTC
    parts = re.fullmatch(r"([+-])(\d\d):?(\d\d)", offset, re.ASCII)
    if parts is None:
        return None
    minutes = int(parts[2]) * 60 + int(parts[3])
    # Clocks on Earth are set from UTC-12 to UTC+14.
    if minutes > 14 * 60 or int(parts[3]) > 59:
        return None
    return timezone(timedelta(minutes=-minutes if parts[1] == "-" else minutes))


def _place(tiff: _Tiff, gps: _Directory) -> tuple[float | None, float | None]:
    latitude = _degrees(tiff, gps, _LATITUDE, _LATITUDE_REF, "NS", 90)
    longitude = _degrees(tiff, gps, _LONGITUDE, _LONGITUDE_REF, "EW", 180)
    # Receivers without a fix write 0, 0: a spot in the Gulf of Guinea with very many photos.
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(
    tiff: _Tiff, gps: _Directory, tag: int, ref_tag: int, refs: str, limit: int
) -> float | None:
    parts = tiff.rationals(gps, tag, 3)
    ref = tiff.text(gps, ref_tag).upper()[:1]
    if not parts or not ref or ref not in refs:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if min(parts) < 0 or degrees > limit:
        return None
    return -degrees if ref == refs[1] else degrees


def _camera(make: str, model: str) -> str | None:
    """Maker and model without saying the maker twice ("NIKON CORPORATION", "NIKON D850")."""
    if make and model and not model.lower().startswith(make.split()[0].lower()):
        return f"{make} {model}"
    return model or make or None
