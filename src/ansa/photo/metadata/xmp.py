"""Reads XMP (ISO 16684-1): when and where a photo was taken, and its orientation.

The packet is read as a stream, and only properties of the photo itself are kept: packets hold those
of other pictures too, and megabytes of edits. XMP never declares entities, so a packet that
declares any is ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from ansa.photo.metadata.source_facts import NOTHING, Point, SourceFacts, place
from ansa.photo.metadata.timestamps import parse_timestamp

MAX_BYTES = 8 * 2**20
"""The longest packet that is read, in bytes. Edits of a photo take some hundred thousand."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_EXIF = "http://ns.adobe.com/exif/1.0/ "
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/ "
_XMP = "http://ns.adobe.com/xap/1.0/ "
_ORIENTATION = "http://ns.adobe.com/tiff/1.0/ Orientation"
_EXTENSION = f"{_PHOTOSHOP}SidecarForExtension"
_TAKEN = (
    f"{_EXIF}DateTimeOriginal",
    f"{_PHOTOSHOP}DateCreated",
    f"{_EXIF}DateTimeDigitized",
    f"{_XMP}CreateDate",
    f"{_EXIF}GPSTimeStamp",
)
_LATITUDE, _LONGITUDE = f"{_EXIF}GPSLatitude", f"{_EXIF}GPSLongitude"
_WANTED = frozenset(
    {*_TAKEN, _ORIENTATION, _EXTENSION, _LATITUDE, _LONGITUDE}
    | {f"{_LATITUDE}Ref", f"{_LONGITUDE}Ref"}
)
_LONGEST = 100  # characters of a value
_DEEPEST = 1000

_ANGLE = re.compile(
    r"([+-]?)(\d{1,3}(?:\.\d+)?)(?:, ?(\d{1,2}(?:\.\d+)?)(?:, ?(\d{1,2}(?:\.\d+)?))?)? ?([NSEW]?)",
    re.ASCII | re.IGNORECASE,
)


class _Refused(Exception):  # noqa: N818 - it ends the reading and is never seen
    """The packet is not valid XMP."""


@dataclass(frozen=True, slots=True)
class Xmp:
    """The facts in an XMP packet.

    Attributes:
        told: the facts about the photo.
        extension: the suffix of the file that a sidecar belongs to, as Photoshop writes it.
    """

    told: SourceFacts = NOTHING
    extension: str = ""


def parse_xmp(packet: bytes) -> Xmp:
    """Parses a packet. Of a truncated one the facts before the cut count; others give none.

    Never raises.
    """
    if len(packet) > MAX_BYTES:
        return Xmp()
    properties = _properties(packet)
    if properties is None:
        return Xmp()
    whens = (parse_timestamp(properties.get(name, "")) for name in _TAKEN)
    orientation = properties.get(_ORIENTATION, "").strip()
    return Xmp(
        SourceFacts(
            next((when for when in whens if when), None),
            _where(properties),
            int(orientation) if orientation in tuple("12345678") else None,
        ),
        properties.get(_EXTENSION, "").strip().lower(),
    )


class _Reader:
    """Collects the photo's own properties: those of the descriptions directly below ``rdf:RDF``."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._top: int | None = None  # how deep rdf:RDF is
        self._text: list[str] | None = None

    def start(self, name: str, attributes: list[str]) -> None:
        self._path.append(name)
        depth = len(self._path)
        if depth > _DEEPEST:
            raise _Refused
        if self._top is None and name == f"{_RDF}RDF":
            self._top = depth
        elif self._top is not None and depth == self._top + 1 and name == f"{_RDF}Description":
            for key, value in zip(attributes[::2], attributes[1::2], strict=True):
                if key in _WANTED:
                    self.found.setdefault(key, value[:_LONGEST])
        elif self._top is not None and depth == self._top + 2 and name in _WANTED:
            self._text = [] if self._path[-2] == f"{_RDF}Description" else None

    def data(self, text: str) -> None:
        if self._text is not None and len(self._text) < _LONGEST:
            self._text.append(text[:_LONGEST])

    def end(self, name: str) -> None:
        if self._text is not None and self._top is not None and len(self._path) == self._top + 2:
            self.found.setdefault(name, "".join(self._text)[:_LONGEST])
            self._text = None
        self._path.pop()
        if self._top is not None and len(self._path) < self._top:
            self._top = None

    def refuse(self, *_: object) -> None:
        raise _Refused


def _properties(packet: bytes) -> dict[str, str] | None:
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(packet.lstrip(b"\0\t\r\n "), True)
    except _Refused:
        return None
    except (expat.ExpatError, ValueError, LookupError):
        pass  # what came before it stands; packets end in padding of any kind
    return reader.found


def _where(properties: dict[str, str]) -> Point | None:
    angles = [
        _degrees(properties.get(name, ""), properties.get(f"{name}Ref", ""), letters)
        for name, letters in ((_LATITUDE, "NS"), (_LONGITUDE, "EW"))
    ]
    return place(*angles)


def _degrees(text: str, ref: str, letters: str) -> float | None:
    """Parses degrees from "48,12.0N", "48,12,0N" or signed decimals; None for other texts."""
    parts = _ANGLE.fullmatch(text.strip())
    if parts is None:
        return None
    letter = (parts[5] or ref.strip()[:1]).upper()
    minutes, seconds = float(parts[3] or 0), float(parts[4] or 0)
    if minutes > 60 or seconds > 60 or (letter and letter not in letters):
        return None
    if not letter and parts[3]:
        return None  # only decimals are signed instead
    degrees = float(parts[2]) + minutes / 60 + seconds / 3600
    negative = parts[1] == "-"
    if negative and letter == letters[0]:
        return None
    return -degrees if negative or letter == letters[1] else degrees
