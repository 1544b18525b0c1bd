"""Whatever a photo's metadata holds, reading it ends soon, takes little memory and never raises.

Valid blocks are changed where it matters: their numbers, lengths, offsets, names and nesting, and
not only their bytes.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansa.photo.metadata.embedded import FileMetadata, read_metadata
from ansa.photo.metadata.exif import parse_exif, read_tiff
from ansa.photo.metadata.file_names import parse_name
from ansa.photo.metadata.iptc import parse_iptc, parse_photoshop
from ansa.photo.metadata.jpeg import read_segments
from ansa.photo.metadata.photo_service import parse_service, stems, title
from ansa.photo.metadata.png import without_texts
from ansa.photo.metadata.source_facts import SourceFacts
from ansa.photo.metadata.timestamps import Timestamp
from ansa.photo.metadata.xmp import parse_xmp
from ansa.photo.unsupported import unread_variant
from tests.photo.metadata.packets import (
    chunk,
    iptc,
    jpeg,
    photoshop,
    png,
    png_text,
    png_xmp,
    segment,
    xmp,
    xmp_segment,
)
from tests.photos import draw_photo, encode, exif_block

EXIF = exif_block(
    orientation=6, taken="2024:05:02 12:30:05", offset="+02:00", make="A", place=(-48.2, 16.3)
)
PACKET = xmp(
    {"exif:DateTimeOriginal": "2011-07-04T15:16:17", "exif:GPSLatitude": "48,12.0N",
     "exif:GPSLongitude": "16,22.2E", "tiff:Orientation": "6"},
    inner="<xmpMM:Pantry><rdf:Bag><rdf:li rdf:parseType='Resource'/></rdf:Bag></xmpMM:Pantry>",
)  # fmt: skip
RECORDS = photoshop(iptc({55: "20100304", 60: "111213+0100", 62: "20100305"}))
PNG = png(
    png_text("Creation Time", "2020:01:02 03:04:05"),
    png_text("Raw profile type exif", f"\nexif\n9\n{EXIF.hex()}", packed=True),
    png_xmp(PACKET, packed=True),
    chunk(b"tIME", b"\x07\xe4\x01\x02\x03\x04\x05"),
)
JPEG = jpeg(xmp_segment(PACKET), segment(0xED, b"Photoshop 3.0\0" + RECORDS), exif=EXIF)
TIFF = encode(draw_photo(32, 24), "TIFF", tiffinfo={700: PACKET, 33723: RECORDS, 254: 0})
SERVICE = {
    "title": "IMG.jpg",
    "photoTakenTime": {"timestamp": "1258375918", "formatted": "16 Nov 2009"},
    "geoData": {"latitude": 48.2, "longitude": 16.37, "altitude": 170.0},
}
EDGES = (0, 1, 2, 4, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
WORDS = (
    *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<rdf:Description>", b"]]>", b"<![CDATA["),
    *(b"xmlns:", b"II*\0", b"MM\0*", b"8BIM", b"\x1c\x02", b"\0\0\0\0", b"\xff\xe1\xff\xff"),
    *(b"IEND", b"zTXt", b"2013:03:04 25:61:61", b"9" * 40, b"-1/0", b"NaN", b"\xff\xfe"),
)

Change = tuple[str, int, int]

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("number"), st.integers(0, 2**16), st.sampled_from(EDGES)),
        st.tuples(st.just("word"), st.integers(0, 2**16), st.integers(0, len(WORDS) - 1)),
        st.tuples(st.just("byte"), st.integers(0, 2**16), st.integers(0, 255)),
        st.tuples(st.just("cut"), st.integers(0, 2**16), st.integers(0, 64)),
        st.tuples(st.just("repeat"), st.integers(0, 2**16), st.integers(1, 300)),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    """The data after some changes, each at a place counted around its length."""
    made = bytearray(data)
    for kind, at, value in changes:
        at %= max(1, len(made))
        match kind:
            case "number":
                width = 1 + at % 4
                for order in ("little", "big")[at % 2 :][:1]:
                    made[at : at + width] = (value % 256**width).to_bytes(width, order)
            case "word":
                made[at:at] = WORDS[value]
            case "byte":
                made[at : at + 1] = bytes((value,))
            case "cut":
                del made[at : at + value]
            case _:
                made[at:at] = made[at : at + 40] * value
    return bytes(made)


def assert_when(when: Timestamp | None) -> None:
    if when is not None:
        assert 1826 <= when.moment.year <= datetime.now(UTC).year + 1


def assert_told(told: SourceFacts) -> None:
    assert_when(told.when)
    assert told.orientation in (None, *range(1, 9))
    if told.where:
        north, east = told.where
        assert math.isfinite(north)
        assert abs(north) <= 90
        assert abs(east) <= 180


def read_exif(data: bytes) -> None:
    exif = parse_exif(data)
    assert_told(exif.told)
    assert_when(exif.changed)
    assert_when(exif.gps_time)


def read_packet(data: bytes) -> None:
    assert_told(parse_xmp(data).told)


def read_records(data: bytes) -> None:
    assert_told(parse_photoshop(data))
    assert_told(parse_iptc(data))


def read_png(data: bytes) -> None:
    assert_file(read_metadata("PNG", io.BytesIO(data), {}))
    assert len(without_texts(io.BytesIO(data)).read()) <= len(data) + 8


def read_jpeg(data: bytes) -> None:
    assert_file(read_metadata("JPEG", io.BytesIO(data), {}))
    assert sum(map(len, read_segments(io.BytesIO(data)).xmp)) <= len(data)
    unread_variant("JPEG", io.BytesIO(data), opened=True)


def read_tiff_file(data: bytes) -> None:
    try:
        tiff = read_tiff(io.BytesIO(data))
    except ValueError:
        return
    assert_file(read_metadata("TIFF", io.BytesIO(data), {}, tiff))
    unread_variant("TIFF", io.BytesIO(data), opened=False)


def read_service(data: bytes) -> None:
    assert_told(parse_service(data))
    assert isinstance(title(data), str)


def assert_file(found: FileMetadata) -> None:
    facts = found.facts(4, 3, None)
    assert facts.taken is None or facts.taken_source
    assert json.dumps(facts.to_dict(), allow_nan=False)
    assert found.orientation in range(1, 9)


READERS: dict[str, tuple[bytes, Callable[[bytes], None]]] = {
    "EXIF": (EXIF, read_exif),
    "XMP": (PACKET, read_packet),
    "IPTC": (RECORDS, read_records),
    "PNG": (PNG, read_png),
    "JPEG": (JPEG, read_jpeg),
    "TIFF": (TIFF, read_tiff_file),
    "JSON": (json.dumps(SERVICE).encode(), read_service),
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=250, derandomize=True, deadline=2000)
@given(changes=CHANGES)
def test_a_mangled_block_says_what_can_be_or_nothing(name: str, changes: list[Change]) -> None:
    seed, read = READERS[name]
    read(seed)
    read(changed(seed, changes))


FIELDS = st.tuples(
    st.sampled_from(
        [1, 2, 3, 4, 7, 29, 254, 256, 259, 0x0112, 0x0132, 700, 0x8769, 0x8825, 0x9003]
    ),
    st.integers(0, 20),
    st.one_of(st.integers(0, 8), st.sampled_from(EDGES)),
    st.one_of(st.integers(0, 300), st.sampled_from(EDGES)),
)


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(
    st.lists(st.lists(FIELDS, max_size=8), min_size=1, max_size=4),
    st.lists(st.integers(0, 400), min_size=4, max_size=4),
    st.booleans(),
)
def test_directories_of_any_shape_end(
    directories: list[list[tuple[int, int, int, int]]], after: list[int], little: bool
) -> None:
    order = "<" if little else ">"
    data = (b"II" if little else b"MM") + struct.pack(order + "HL", 42, 8)
    for fields, link in zip(directories, after, strict=False):
        data += struct.pack(order + "H", len(fields))
        data += b"".join(struct.pack(order + "HHLL", *field) for field in fields)
        data += struct.pack(order + "L", link)
    read_exif(data)
    read_tiff_file(data)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["timestamp", "latitude", "longitude", "title", "x"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["geoDataExif", *SERVICE], JSON)))
def test_json_of_any_shape_says_what_can_be_or_nothing(told: dict[str, Any]) -> None:
    read_service(json.dumps(told).encode())


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(st.text(max_size=80), st.from_regex(r"[A-Z_-]{0,6}\d{4,9}[-_. T]?\d{4,9}(\(\d\))?"))
def test_names_of_any_shape_say_what_can_be_or_nothing(name: str, digits: str) -> None:
    for each in (name, digits, f"{name}{digits}.jpg"):
        assert_when(parse_name(each))
        assert all(stem for stem, _ in stems(each)) or not each


XML = st.text(st.sampled_from("<>/&;!?[]'\"=: abrdfxmp\0\ufeff"), max_size=80)


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(XML, XML)
def test_xml_of_any_shape_says_what_can_be_or_nothing(inner: str, outer: str) -> None:
    read_packet(xmp({"exif:DateTimeOriginal": inner}, inner=inner))
    read_packet(outer.encode() + PACKET)
    read_packet(re.sub(rb"<\?xpacket.*?\?>", outer.encode(), PACKET))


HOSTILE: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "texts of a PNG that unpack to gigabytes": (
        read_png,
        png(*[png_text(f"t{n}", "a" * 2**22, packed=True) for n in range(40)]),
    ),
    "a PNG of very many chunks": (read_png, png(*[chunk(b"tEXt", b"a\0b")] * 50_000)),
    "a JPEG of very many segments": (read_jpeg, jpeg(*[segment(0xE1, b"")] * 50_000)),
    "a JPEG of fill bytes": (read_jpeg, JPEG[:2] + b"\xff" * 2**20),
    "megabytes of the rest of a packet": (
        read_jpeg,
        jpeg(*[segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65000))] * 300),
    ),
    "XML nested deep": (read_packet, b"<a>" * 2**21),
    "XML of many names": (read_packet, b"<a" + b" b%d=''" * 2**18 % tuple(range(2**18)) + b"/>"),
    "records without an end": (
        read_records,
        b"8BIM\4\4\0\0\xff\xff\xff\xff" + b"\x1c\2\7\0\0" * 2**18,
    ),
    "JSON nested deep": (read_service, b'{"photoTakenTime":' + b"[" * 2**19),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_blocks_cost_little_time_and_memory(name: str) -> None:
    read, data = HOSTILE[name]
    began = time.process_time()
    read(data)
    assert time.process_time() - began < 5
    tracemalloc.start()
    try:
        read(data)
        assert tracemalloc.get_traced_memory()[1] < 16 * len(data) + 2**24
    finally:
        tracemalloc.stop()
