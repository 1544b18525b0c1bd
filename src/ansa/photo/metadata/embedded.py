"""Reads all metadata inside a photo's file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from ansa.photo.metadata.exif import NO_EXIF, Exif, TiffPhoto, parse_exif
from ansa.photo.metadata.iptc import parse_iptc, parse_photoshop
from ansa.photo.metadata.jpeg import read_segments
from ansa.photo.metadata.png import Chunks, read_chunks
from ansa.photo.metadata.source_facts import NOTHING, SourceFacts, completed
from ansa.photo.metadata.timestamps import Timestamp
from ansa.photo.metadata.xmp import parse_xmp
from ansa.scene import Facts


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """The metadata in a file, by source.

    Attributes:
        exif: the facts in the EXIF block.
        xmp: the facts in the XMP packet.
        iptc: the facts in the IPTC records.
        text: when the photo was taken, from a text in a PNG.
        changed: when the file was last changed, from a PNG.
    """

    exif: Exif = NO_EXIF
    xmp: SourceFacts = NOTHING
    iptc: SourceFacts = NOTHING
    text: Timestamp | None = None
    changed: Timestamp | None = None

    @property
    def orientation(self) -> int:
        """The EXIF orientation, 1..8; 1 if no source states it."""
        return self.exif.orientation or self.xmp.orientation or 1

    def facts(self, width: int, height: int, kind: str | None) -> Facts:
        """The facts of a photo with this upright size and this format."""
        facts = Facts(width, height, kind, camera=self.exif.camera)
        facts = completed(facts, "exif", self.exif.told)
        facts = completed(facts, "xmp", self.xmp)
        facts = completed(facts, "iptc", self.iptc)
        facts = completed(facts, "gps", SourceFacts(self.exif.gps_time))
        facts = completed(facts, "png text", SourceFacts(self.text))
        return completed(facts, "file change tag", SourceFacts(self.exif.changed or self.changed))


def read_metadata(
    kind: str, file: BinaryIO, info: Mapping[Any, Any], tiff: TiffPhoto | None = None
) -> FileMetadata:
    """Reads the metadata of a file in one of the formats of :mod:`ansa.photo.formats`.

    The picture is not decoded.

    Args:
        kind: the name of the format.
        file: the open file, at any position.
        info: the "exif" and "xmp" blocks that the decoder found in the header.
        tiff: what :func:`ansa.photo.metadata.exif.read_tiff` gave, for a TIFF.
    """
    if kind == "TIFF" and tiff is not None:
        iptc = parse_iptc(tiff.iptc) if tiff.iptc else parse_photoshop(tiff.photoshop)
        return FileMetadata(tiff.exif, parse_xmp(tiff.xmp).told, iptc)
    if kind == "PNG":
        return _of_png(read_chunks(file))
    found = info_metadata(info)
    if kind in ("HEIF", "AVIF"):  # their containers say which way is up
        return replace(found, xmp=replace(found.xmp, orientation=None))
    if kind != "JPEG":
        return found
    segments = read_segments(file)
    told = [parse_xmp(packet).told for packet in segments.xmp]
    whole = SourceFacts(
        next((each.when for each in told if each.when), None),
        next((each.where for each in told if each.where), None),
        next((each.orientation for each in told if each.orientation), None),
    )
    return FileMetadata(found.exif, whole, parse_photoshop(segments.photoshop))


def info_metadata(info: Mapping[Any, Any]) -> FileMetadata:
    """The metadata in the ``info`` of a Pillow image: its EXIF and XMP."""
    exif, xmp = _exif_block(info), info.get("xmp")
    packet = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    told = parse_xmp(packet).told if isinstance(packet, bytes) else SourceFacts()
    return FileMetadata(parse_exif(exif), told)


def _of_png(chunks: Chunks) -> FileMetadata:
    iptc = parse_photoshop(chunks.iptc) if chunks.iptc[:4] == b"8BIM" else parse_iptc(chunks.iptc)
    exif, xmp = parse_exif(chunks.exif), parse_xmp(chunks.xmp).told
    return FileMetadata(exif, xmp, iptc, chunks.taken, chunks.changed)


def _exif_block(info: Mapping[Any, Any]) -> bytes:
    block = info.get("exif")
    if isinstance(block, bytes):
        return block
    # Before PNG knew EXIF, programs wrote it as lines of hexadecimal text.
    profile = info.get("Raw profile type exif")
    if isinstance(profile, str):
        try:
            return bytes.fromhex(re.sub(r"\s", "", "".join(profile.split("\n")[3:])))
        except ValueError:
            return b""
    return b""
