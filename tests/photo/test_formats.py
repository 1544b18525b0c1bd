from __future__ import annotations

import pytest

from ansa.photo.formats import HEAD_BYTES, SUFFIXES, describe, identify, is_film
from tests.photos import NOT_PHOTOS, draw_photo, encode, film

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_format_is_known_by_its_first_bytes(kind: str) -> None:
    assert identify(encode(draw_photo(32, 32), kind)[:HEAD_BYTES]) == kind


@pytest.mark.parametrize("description", NOT_PHOTOS)
def test_other_files_are_not_opened_and_called_by_what_they_are(description: str) -> None:
    head = NOT_PHOTOS[description][:HEAD_BYTES]
    assert identify(head) is None
    assert describe(head) == description


def test_garbage_is_called_nothing() -> None:
    assert identify(b"\x01\x99\xff" * 50) is None
    assert describe(b"\x01\x99\xff" * 50) is None


def test_text_that_begins_like_a_bitmap_is_text() -> None:
    assert identify(b"BMW was founded in Munich, a long time ago.") is None
    assert describe(b"BMW was founded in Munich, a long time ago.") == "text"


def test_an_avif_whose_main_brand_is_the_general_one_is_still_an_avif() -> None:
    head = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"
    assert identify(head) == "AVIF"
    assert identify(head.replace(b"avif", b"heic")) == "HEIF"


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".cr3", ".nef", ".arw", ".dng", ".aae", ".xmp"])
def test_films_raw_photos_and_sidecars_are_no_still_pictures(suffix: str) -> None:
    assert suffix not in SUFFIXES
    assert {".heic", ".jpg"} <= SUFFIXES
    assert identify(film()) is None


@pytest.mark.parametrize(
    "head",
    [
        b"II*\0\x10\0\0\0CR\x02\0" + bytes(500),
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"FUJIFILMCCD-RAW 0201" + bytes(100),
        b"IIRO\x08\0\0\0" + bytes(100),
        b"IIU\0\x18\0\0\0" + bytes(100),
    ],
)
def test_raw_photos_that_are_no_tiff_are_told_by_their_first_bytes(head: bytes) -> None:
    assert identify(head[:HEAD_BYTES]) == "RAW"
    assert not is_film(head[:HEAD_BYTES])


@pytest.mark.parametrize(
    "head",
    [
        film(),
        b"\0\0\0\x14ftypisom\0\0\0\0mp42",
        b"\0\0\0\x08wide\0\0\0\0mdat",
        b"\x1aE\xdf\xa3\x9f",
        b"RIFF\0\0\0\0AVI LIST",
        b"\0\0\x01\xba\x44",
        (b"G" + bytes(187)) * 2,
        bytes(4) + (b"G" + bytes(191)) * 2,
    ],
)
def test_a_film_is_told_by_its_first_bytes(head: bytes) -> None:
    assert is_film(head[:HEAD_BYTES])
    assert identify(head[:HEAD_BYTES]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_photo_is_taken_for_a_film(kind: str) -> None:
    assert not is_film(encode(draw_photo(32, 32), kind)[:HEAD_BYTES])


def test_heic_counts_as_a_photo_even_where_no_decoder_is_installed() -> None:
    assert {".heic", ".heif", ".hif", ".avif"} <= SUFFIXES
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in SUFFIXES)


def test_pictures_of_other_formats_are_told() -> None:
    heads = {
        b"\xff\x4f\xff\x51\0\x2f": "a JPEG 2000 image",
        b"\0\0\0\x18ftypavci\0\0\0\0avciavcs": "a HEIF image of another kind",
        b"\0\0\0\x14ftypisom\0\0\0\0mp42": "a film",
        b"P6\n4 3\n255\n": "a PNM image",
        b"\0\0\x01\0\x01\0": "an icon",
        bytes(128) + b"DICM": "a DICOM image",
        b"II\xbc\x01": "a JPEG XR image",
    }
    assert [describe(head) for head in heads] == list(heads.values())
    assert not any(map(identify, heads))
