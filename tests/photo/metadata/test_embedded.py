"""What a photo's file says is found in every place it may be in, the most reliable first."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from ansa.photo.read import read_facts, read_photo
from ansa.scene import Facts
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
from tests.photos import draw_photo, encode, exif_block, text, tiff_block

TIME = {"photoshop:DateCreated": "2011-07-04T15:16:17"}
PLACE = {"exif:GPSLatitude": "48,12.0N", "exif:GPSLongitude": "16,22.2E"}
PACKET = xmp(TIME | PLACE)
IPTC = photoshop(iptc({55: "20100304", 60: "111213+0100"}))
RECEIVER = {29: text("2012:06:07"), 7: (5, [(8, 1), (9, 1), (10, 1)])}


def facts_of(data: bytes) -> Facts:
    facts = read_photo(data)[1]
    assert read_facts(data) == facts
    return facts


def tiff(**tags: Any) -> bytes:
    photo, buffer = draw_photo(96, 64), io.BytesIO()
    photo.save(buffer, "TIFF", tiffinfo={int(tag[1:]): value for tag, value in tags.items()})
    return buffer.getvalue()


XMP_FILES = {
    "JPEG": jpeg(xmp_segment(PACKET)),
    "JPEG with attributes": jpeg(xmp_segment(xmp(TIME | PLACE, attributes=True))),
    "PNG": png(png_xmp(PACKET)),
    "PNG, packed": png(png_xmp(PACKET, packed=True)),
    "PNG, after the picture": png(last=png_xmp(PACKET)),
    "PNG, as a profile": png(
        png_text("Raw profile type xmp", f"\nxmp\n{len(PACKET)}\n{PACKET.hex()}\n", packed=True)
    ),
    "WebP": encode(draw_photo(96, 64), "WEBP", xmp=PACKET),
    "AVIF": encode(draw_photo(96, 64), "AVIF", xmp=PACKET),
    "HEIF": encode(draw_photo(96, 64), "HEIF", xmp=PACKET),
    "TIFF": tiff(t700=PACKET),
}


@pytest.mark.parametrize("name", XMP_FILES)
def test_xmp_is_read_from_every_format(name: str) -> None:
    facts = facts_of(XMP_FILES[name])
    assert (facts.taken, facts.taken_source) == (datetime(2011, 7, 4, 15, 16, 17), "xmp")
    assert (facts.latitude, facts.longitude) == pytest.approx((48.2, 16.37))
    assert (facts.place_source, facts.taken_precision) == ("xmp", "second")


def test_the_rest_of_a_long_packet_is_read() -> None:
    rest, name = xmp(TIME), b"0123456789ABCDEF" * 2
    head = b"http://ns.adobe.com/xmp/extension/\0" + name + len(rest).to_bytes(4, "big")
    halves = [rest[:200], rest[200:]]
    parts = [
        segment(0xE1, head + at.to_bytes(4, "big") + half)
        for at, half in zip((0, 200), halves, strict=True)
    ]
    main = xmp({"xmpMM:DocumentID": "x"}, inner=f"<xmp:Note>{name.decode()}</xmp:Note>")
    assert facts_of(jpeg(xmp_segment(main), *reversed(parts))).taken == datetime(
        2011, 7, 4, 15, 16, 17
    )
    assert facts_of(jpeg(xmp_segment(xmp(PLACE)), *parts)).taken is None


@pytest.mark.parametrize(
    "data",
    [
        jpeg(segment(0xED, b"Photoshop 3.0\0" + IPTC)),
        jpeg(*(segment(0xED, b"Photoshop 3.0\0" + part) for part in (IPTC[:20], IPTC[20:]))),
        tiff(t33723=iptc({55: "20100304", 60: "111213+0100"})),
        tiff(t34377=IPTC),
    ],
)
def test_iptc_is_read(data: bytes) -> None:
    facts = facts_of(data)
    assert facts.taken_source == "iptc"
    assert facts.taken_text == "2010-03-04T11:12:13+01:00"


def test_a_date_without_a_time_is_a_day() -> None:
    block = photoshop(iptc({55: "20100304"}))
    facts = facts_of(jpeg(segment(0xED, b"Photoshop 3.0\0" + block)))
    assert (facts.taken_text, facts.shutter) == ("2010-03-04", None)
    assert json.loads(json.dumps(facts.to_dict()))["taken_precision"] == "day"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("key", "value", "said", "source"),
    [
        ("Creation Time", "2020:01:02 03:04:05", "2020-01-02T03:04:05", "png text"),
        ("creation time", "Thu, 02 Jan 2020 03:04:05 GMT", "2020-01-02T03:04:05+00:00", "png text"),
        (
            "date:create",
            "2020-01-02T03:04:05+00:00",
            "2020-01-02T03:04:05+00:00",
            "file change tag",
        ),
        ("Comment", "2020-01-02", None, None),
    ],
)
def test_texts_of_a_png_are_read(
    key: str, value: str, said: str | None, source: str | None, packed: bool
) -> None:
    facts = facts_of(png(png_text(key, value, packed=packed)))
    assert (facts.taken_text, facts.taken_source) == (said, source)


def test_the_time_of_a_png_is_when_it_was_changed() -> None:
    facts = facts_of(png(chunk(b"tIME", b"\x07\xe4\x01\x02\x03\x04\x05")))
    assert facts.taken == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert facts.taken_source == "file change tag"


def test_exif_of_a_png_is_read_from_its_chunk_and_from_text() -> None:
    block = exif_block(taken="2013:03:04 05:06:07")[6:]
    for data in (
        png(chunk(b"eXIf", block)),
        png(last=chunk(b"eXIf", block)),
        png(png_text("Raw profile type exif", f"\nexif\n{len(block)}\n{block.hex()}", packed=True)),
    ):
        assert facts_of(data).taken_source == "exif"


def test_no_text_costs_the_photo() -> None:
    """Decoders refuse texts of more than a megabyte, and packed ones of unknown kinds."""
    taken = png_text("Creation Time", "2020:01:02 03:04:05")
    for data in (
        png(taken, png_text("Comment", "a" * 2**23, packed=True)),
        png(taken, *[png_text(f"Comment {n}", "a" * 2**20, packed=True) for n in range(70)]),
        png(taken, png_text("Comment", "a" * 2**21), last=png_text("Comment", "b" * 2**23)),
        png(taken, chunk(b"zTXt", b"Comment\0\7garbage")),
    ):
        pixels, facts = read_photo(data)
        assert pixels.shape == (64, 96, 3)
        assert facts.taken == datetime(2020, 1, 2, 3, 4, 5)


def test_what_is_more_reliable_comes_first() -> None:
    taken = "2013:03:04 05:06:07"
    exif = exif_block(taken=taken, modified="2020:01:01 00:00:00", place=(10, 20))
    facts = facts_of(jpeg(xmp_segment(PACKET), exif=exif))
    assert (facts.taken, facts.taken_source) == (datetime(2013, 3, 4, 5, 6, 7), "exif")
    assert (facts.latitude, facts.longitude) == pytest.approx((10, 20))
    assert facts.place_source == "exif"
    changed = exif_block(modified="2020:01:01 00:00:00", gps=RECEIVER)
    both = segment(0xED, b"Photoshop 3.0\0" + IPTC)
    order = [
        facts_of(jpeg(xmp_segment(PACKET), both, exif=changed)),
        facts_of(jpeg(both, exif=changed)),
        facts_of(jpeg(exif=changed)),
        facts_of(jpeg(exif=exif_block(modified="2020:01:01 00:00:00"))),
    ]
    assert [each.taken_source for each in order] == ["xmp", "iptc", "gps", "file change tag"]
    assert order[2].taken == datetime(2012, 6, 7, 8, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_xmp_says_which_way_is_up_where_exif_does_not(orientation: int) -> None:
    packet = xmp({"tiff:Orientation": str(orientation)})
    size = (96, 64) if orientation < 5 else (64, 96)
    for data in (
        jpeg(xmp_segment(packet)),
        png(png_xmp(packet)),
        encode(draw_photo(96, 64), "WEBP", xmp=packet),
        tiff(t700=packet),
    ):
        pixels, facts = read_photo(data)
        assert (facts.width, facts.height) == size
        assert pixels.shape[:2] == size[::-1]
    told = jpeg(xmp_segment(packet), exif=exif_block(orientation=1))
    assert read_photo(told)[0].shape == (64, 96, 3)


def test_a_small_copy_before_the_photo_gives_way() -> None:
    small, photo, buffer = draw_photo(40, 30), draw_photo(200, 150), io.BytesIO()
    small.encoderinfo = {"tiffinfo": {254: 1, 306: "2020:01:02 03:04:05"}}
    photo.encoderinfo = {"tiffinfo": {254: 0, 274: 6}}
    small.save(buffer, "TIFF", save_all=True, append_images=[photo], tiffinfo={254: 1})
    with Image.open(io.BytesIO(buffer.getvalue())) as written:
        assert written.n_frames == 2  # type: ignore[attr-defined]
    pixels, facts = read_photo(buffer.getvalue())
    assert pixels.shape[:2] in ((150, 200), (200, 150))
    assert sorted((facts.width, facts.height)) == [150, 200]


def test_a_block_of_tiff_that_points_nowhere_says_nothing() -> None:
    assert facts_of(jpeg(exif=b"Exif\0\0" + tiff_block({700: (1, [1, 2, 3])}))).taken is None
