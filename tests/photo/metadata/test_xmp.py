"""An XMP packet says what it says of the photo itself, and nothing else."""

from __future__ import annotations

import tracemalloc
from datetime import datetime

import pytest

from ansa.photo.metadata.source_facts import NOTHING
from ansa.photo.metadata.timestamps import Timestamp
from ansa.photo.metadata.xmp import MAX_BYTES, Xmp, parse_xmp
from tests.photo.metadata.packets import xmp

WHEN = Timestamp(datetime(2011, 7, 4, 15, 16, 17))
TAKEN = "2011-07-04T15:16:17"


@pytest.mark.parametrize("attributes", [False, True])
def test_the_time_taken_comes_before_the_time_of_the_file(attributes: bool) -> None:
    names = ["exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized"]
    names += ["xmp:CreateDate", "exif:GPSTimeStamp"]
    for first in range(len(names)):
        said = {name: f"2011-07-0{n}T15:16:17" for n, name in enumerate(names, 1) if n > first}
        when = parse_xmp(xmp(said, attributes=attributes)).told.when
        assert when is not None
        assert when.moment.day == first + 1
    assert parse_xmp(xmp({"xmp:ModifyDate": TAKEN})).told.when is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "where"),
    [
        ("48,12.0N", "16,22.2E", (48.2, 16.37)),
        ("48,12,0N", "16,22,12E", (48.2, 16.37)),
        ("33,51.0S", "151,12.0e", (-33.85, 151.2)),
        ("33, 51.0 S", "151, 12.0 W", (-33.85, -151.2)),
        ("48.2N", "16.37W", (48.2, -16.37)),
        ("-33.85", "+151.2", (-33.85, 151.2)),
    ],
)
def test_places_have_many_forms(latitude: str, longitude: str, where: tuple[float, float]) -> None:
    said = {"exif:GPSLatitude": latitude, "exif:GPSLongitude": longitude}
    assert parse_xmp(xmp(said)).told.where == pytest.approx(where)


def test_a_hemisphere_may_stand_alone() -> None:
    said = {"exif:GPSLatitude": "33.85", "exif:GPSLongitude": "151.2"}
    south = said | {"exif:GPSLatitudeRef": "S", "exif:GPSLongitudeRef": "E"}
    assert parse_xmp(xmp(south)).told.where == pytest.approx((-33.85, 151.2))


@pytest.mark.parametrize(
    "latitude",
    ["48,12.0", "91,0.0N", "48,61.0N", "48,12.0E", "-33.85N", "north", "", "48 12 0 N", "1e3N"],
)
def test_a_place_that_makes_no_sense_is_no_place(latitude: str) -> None:
    said = {"exif:GPSLatitude": latitude, "exif:GPSLongitude": "16,22.2E"}
    assert parse_xmp(xmp(said)).told.where is None
    assert parse_xmp(xmp(dict.fromkeys(said, "0,0.0N"))).told.where is None


def test_what_a_packet_says_of_other_pictures_is_not_of_this_one() -> None:
    other = (
        "<xmpMM:Pantry><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        f"<rdf:Description photoshop:DateCreated='{TAKEN}' tiff:Orientation='6'>"
        f"<exif:DateTimeOriginal>{TAKEN}</exif:DateTimeOriginal></rdf:Description>"
        f"<exif:DateTimeOriginal>{TAKEN}</exif:DateTimeOriginal>"
        "</rdf:li></rdf:Bag></xmpMM:Pantry>"
    )
    assert parse_xmp(xmp({}, inner=other)) == Xmp()
    told = parse_xmp(xmp({"tiff:Orientation": "3"}, inner=other)).told
    assert (told.when, told.orientation) == (None, 3)


def test_a_sidecar_may_say_whose_it_is() -> None:
    assert parse_xmp(xmp({"photoshop:SidecarForExtension": "CR3"})).extension == "cr3"
    assert parse_xmp(xmp({})).extension == ""


def test_of_a_packet_that_is_cut_off_counts_what_was_before() -> None:
    packet = xmp({"exif:DateTimeOriginal": TAKEN, "tiff:Orientation": "6"})
    assert parse_xmp(packet[: packet.index(b"</tiff:Ori")]).told.when == WHEN
    assert parse_xmp(packet + b"\0" * 100).told.orientation == 6
    assert parse_xmp(b"\0 \n" + packet).told.when == WHEN
    for encoding in ("utf-16", "utf-8-sig"):
        assert parse_xmp(packet.decode().lstrip("\ufeff").encode(encoding)).told.when == WHEN


def test_entities_are_never_expanded() -> None:
    bombs = "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 20}'>" for n in range(10))
    for declared in (f"<!ENTITY a0 'lol'>{bombs}", "<!ENTITY a10 SYSTEM 'file:///etc/passwd'>"):
        packet = xmp({"exif:DateTimeOriginal": TAKEN, "xmp:Label": "&a10;"}).decode()
        end = packet.index("?>") + 2
        bomb = f"{packet[:end]}<!DOCTYPE x [{declared}]>{packet[end:]}".encode()
        assert parse_xmp(bomb) == Xmp()
        assert parse_xmp(bomb.decode().encode("utf-16")) == Xmp()


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"garbage",
        b"<a>" * 2**20,
        xmp({"exif:DateTimeOriginal": "1" * 2**22}),
        xmp({}, inner="<xmp:a/>" * 2**19),
        b" " * (MAX_BYTES + 1),
    ],
)
def test_a_packet_never_costs_much_memory(packet: bytes) -> None:
    tracemalloc.start()
    try:
        assert parse_xmp(packet).told == NOTHING
        assert tracemalloc.get_traced_memory()[1] < 2 * len(packet) + 2**20
    finally:
        tracemalloc.stop()
