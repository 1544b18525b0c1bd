"""Reads EXIF: when, where and with which camera a photo was taken, and its orientation.

EXIF is a TIFF file without a picture, so one small reader serves both. If the EXIF block is
damaged, its facts are missing, but the photo can still be read.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from datetime import UTC
from typing import BinaryIO

from ansa.photo.metadata.source_facts import Point, SourceFacts, place
from ansa.photo.metadata.tiff import Directory, Tiff
from ansa.photo.metadata.timestamps import Timestamp, checked, clock_of, parse_timestamp

_SUBFILE, _OLD_SUBFILE, _DNG_VERSION = 0x00FE, 0x00FF, 0xC612
_MAKE, _MODEL, _ORIENTATION, _DATE = 0x010F, 0x0110, 0x0112, 0x0132
_PHOTOMETRIC, _BELOW = 0x0106, 0x014A
_SENSOR = 32803, 34892
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_EXIF_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
_DATE_TAKEN, _DATE_DIGITIZED = 0x9003, 0x9004
_OFFSET, _OFFSET_TAKEN, _OFFSET_DIGITIZED = 0x9010, 0x9011, 0x9012
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _GPS_TIME, _GPS_DATE = 1, 2, 3, 4, 7, 29
_REDUCED, _MASK = 1, 4


@dataclass(frozen=True, slots=True)
class Exif:
    """The facts in an EXIF block. Values that are absent, damaged or absurd have their defaults.

    Attributes:
        orientation: the EXIF orientation, 1..8; None if it is not stated.
        taken: when the photo was taken, or else digitized.
        changed: when the file was last changed.
        gps_time: the time of the GPS receiver, in UTC.
        where: the place where the photo was taken.
        camera: the maker and model.
    """

    orientation: int | None = None
    taken: Timestamp | None = None
    changed: Timestamp | None = None
    gps_time: Timestamp | None = None
    where: Point | None = None
    camera: str | None = None

    @property
    def told(self) -> SourceFacts:
        """The facts about the photo itself."""
        return SourceFacts(self.taken, self.where, self.orientation)


NO_EXIF = Exif()


def parse_parts(main: bytes, exif: bytes, gps: bytes) -> Exif:
    """Parses EXIF whose directories are TIFF files of their own, as in Canon's CR3. Never raises.

    Args:
        main: the main directory; empty if there is none.
        exif: the directory of the exposure; likewise.
        gps: the directory of the place; likewise.
    """
    whole = parse_exif(main)
    try:
        tiff = Tiff(io.BytesIO(exif))
        directory = tiff.directory(tiff.first)
        offset = tiff.text(directory, _OFFSET_TAKEN)
        whole = replace(whole, taken=parse_timestamp(tiff.text(directory, _DATE_TAKEN), offset))
    except ValueError:
        pass
    try:
        tiff = Tiff(io.BytesIO(gps))
        directory = tiff.directory(tiff.first)
        where, when = _place(tiff, directory), _gps_time(tiff, directory)
        return replace(whole, where=where, gps_time=when)
    except ValueError:
        return whole


@dataclass(frozen=True, slots=True)
class TiffPhoto:
    """The metadata of a TIFF file.

    Attributes:
        exif: the facts of the page that is the photo.
        page: the index of that page, from 0.
        pages: the indices of all pages with a picture of their own.
        preview: True if every page is a small copy of a picture elsewhere, as in RAW files.
        raw: True if it may be a RAW photo, with a sensor's data in it.
        xmp: the XMP packet; empty if there is none.
        iptc: the IPTC records; empty if there are none.
        photoshop: Photoshop's resources; empty if there are none.
    """

    exif: Exif
    page: int
    pages: tuple[int, ...]
    preview: bool
    raw: bool
    xmp: bytes
    iptc: bytes
    photoshop: bytes


def parse_exif(block: bytes) -> Exif:
    """Parses an EXIF block from a JPEG, PNG, WebP, HEIC or AVIF file. Never raises."""
    try:
        tiff = Tiff(io.BytesIO(re.sub(rb"^(Exif\0\0){1,2}", b"", block)))
        return _exif(tiff, tiff.directory(tiff.first))
    except ValueError:
        return Exif()


def read_main(file: BinaryIO) -> Exif:
    """Reads the facts in the first directory of a file of TIFF's kind, such as ORF. Never raises.

    Args:
        file: the open file, at any position.
    """
    try:
        tiff = Tiff(file)
        return _exif(tiff, tiff.directory(tiff.first))
    except ValueError:
        return NO_EXIF


def read_tiff(file: BinaryIO) -> TiffPhoto:
    """Reads the metadata of a TIFF file.

    Raises:
        HugeDirectoryError: a directory is larger than any real one.
        ValueError: this is not a TIFF file, or its first directory cannot be read.
    """
    tiff = Tiff(file)
    pages = tiff.pages()
    whole = [number for number, each in enumerate(pages) if not _is_copy(tiff, each)]
    page = whole[0] if whole else 0
    main = pages[page]
    preview = not whole or any(_DNG_VERSION in each for each in pages)
    return TiffPhoto(
        # The first page has the facts where programs add pages to one that had them.
        exif=_exif(tiff, pages[0] | main),
        page=page,
        pages=tuple(whole),
        preview=preview,
        raw=preview or any(_has_sensor_data(tiff, each) for each in pages),
        xmp=tiff.block(main, _XMP) or tiff.block(pages[0], _XMP),
        iptc=tiff.block(main, _IPTC) or tiff.block(pages[0], _IPTC),
        photoshop=tiff.block(main, _PHOTOSHOP) or tiff.block(pages[0], _PHOTOSHOP),
    )


def _is_copy(tiff: Tiff, page: Directory) -> bool:
    """Whether a page is a small copy of another, or the mask of one."""
    return bool(tiff.integer(page, _SUBFILE) & (_REDUCED | _MASK)) or (
        _SUBFILE not in page and tiff.integer(page, _OLD_SUBFILE) == 2
    )


def _has_sensor_data(tiff: Tiff, page: Directory) -> bool:
    """Whether a page holds what a sensor saw, or comes from a camera and has directories below."""
    return tiff.integer(page, _PHOTOMETRIC) in _SENSOR or (_MAKE in page and _BELOW in page)


def _exif(tiff: Tiff, main: Directory) -> Exif:
    exif = tiff.sub_directory(main, _EXIF_DIRECTORY)
    gps = tiff.sub_directory(main, _GPS_DIRECTORY)
    orientation = tiff.integer(main, _ORIENTATION)

    def when(directory: Directory, date: int, offset: int) -> Timestamp | None:
        return parse_timestamp(tiff.text(directory, date), tiff.text(exif, offset))

    return Exif(
        orientation=orientation if orientation in range(1, 9) else None,
        taken=when(exif, _DATE_TAKEN, _OFFSET_TAKEN)
        or when(exif, _DATE_DIGITIZED, _OFFSET_DIGITIZED),
        changed=when(main, _DATE, _OFFSET),
        gps_time=_gps_time(tiff, gps),
        where=_place(tiff, gps),
        camera=_camera(tiff.text(main, _MAKE), tiff.text(main, _MODEL)),
    )


def _gps_time(tiff: Tiff, gps: Directory) -> Timestamp | None:
    day = parse_timestamp(tiff.text(gps, _GPS_DATE))
    if day is None:
        return None
    parts = tiff.numbers(gps, _GPS_TIME, 3)
    if len(parts) < 3 or min(parts) < 0 or max(parts) > 60:
        return day
    hour, minute, second = map(int, parts)
    when = clock_of(day.moment.date(), hour, minute, second, UTC)
    return checked(when) or day


def _place(tiff: Tiff, gps: Directory) -> Point | None:
    return place(
        _degrees(tiff, gps, _LATITUDE, _LATITUDE_REF, "NS"),
        _degrees(tiff, gps, _LONGITUDE, _LONGITUDE_REF, "EW"),
    )


def _degrees(tiff: Tiff, gps: Directory, tag: int, ref_tag: int, refs: str) -> float | None:
    """Degrees north or east, from degrees and optional minutes and seconds."""
    parts = tiff.numbers(gps, tag, 3)
    ref = tiff.text(gps, ref_tag).upper()[:1]
    if not parts or not ref or ref not in refs:
        return None
    if ref == refs[1] and min(parts) < 0 and (parts[0] < 0 or max(parts) <= 0):
        parts = [abs(part) for part in parts]  # a sign that agrees says it twice
    if min(parts) < 0 or any(part > 60 for part in parts[1:]):
        return None
    degrees = sum(part / unit for part, unit in zip(parts, (1, 60, 3600), strict=False))
    return -degrees if ref == refs[1] else degrees


def _camera(make: str, model: str) -> str | None:
    """The maker and model, without naming the maker twice ("NIKON CORPORATION", "NIKON D850")."""
    if make and model and not model.lower().startswith(make.split()[0].lower()):
        return f"{make} {model}"
    return model or make or None
