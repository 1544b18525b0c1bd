"""What lies beside a photo fills in what its file does not say, and never contradicts it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ansa.photo.metadata.photo_service import parse_service, stems
from ansa.photo.metadata.source_facts import NOTHING
from ansa.photo.read import read_photo
from ansa.scene import Facts
from tests.photo.metadata.packets import jpeg, xmp
from tests.photos import exif_block

STAMP = 1258375918
THEN = datetime(2009, 11, 16, 12, 51, 58, tzinfo=UTC)
NAME46 = "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_PXL_shared.jpg"


def service(title: str = "IMG.jpg", **more: Any) -> bytes:
    taken = {"timestamp": str(STAMP), "formatted": "16 Nov 2009, 12:51:58 UTC"}
    nowhere = {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0}
    return json.dumps({"title": title, "photoTakenTime": taken, "geoData": nowhere} | more).encode()


def facts_of(
    folder: Path,
    name: str = "IMG.jpg",
    data: bytes | None = None,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> Facts:
    (folder / name).write_bytes(jpeg() if data is None else data)
    for beside, content in files.items():
        (folder / beside).write_bytes(content)
    return read_photo(folder / name)[1]


@pytest.mark.parametrize("name", ["IMG.xmp", "IMG.jpg.xmp", "img.jpg.XMP", "IMG.XMP"])
def test_a_sidecar_is_read_by_either_name(tmp_path: Path, name: str) -> None:
    packet = xmp({"exif:DateTimeOriginal": "2011-07-04", "exif:GPSLatitude": "48,12.0N",
                  "exif:GPSLongitude": "16,22.2E", "tiff:Orientation": "6"})  # fmt: skip
    facts = facts_of(tmp_path, files={name: packet})
    assert (facts.taken_text, facts.taken_source) == ("2011-07-04", "xmp sidecar")
    assert (facts.latitude, facts.longitude) == pytest.approx((48.2, 16.37))
    assert facts.place_source == "xmp sidecar"
    assert facts.width > facts.height  # a photo is looked at by its content alone


def test_a_sidecar_of_the_raw_photo_is_not_that_of_its_jpeg(tmp_path: Path) -> None:
    said = {"exif:DateTimeOriginal": "2011-07-04"}
    raw = xmp(said | {"photoshop:SidecarForExtension": "CR3"})
    assert facts_of(tmp_path, files={"IMG.xmp": raw}).taken is None
    own = xmp(said | {"photoshop:SidecarForExtension": "JPG"})
    assert facts_of(tmp_path, files={"IMG.xmp": own}).taken is not None


SERVICE_NAMES = {
    "IMG.jpg": [
        "IMG.jpg.json",
        "IMG.jpg.supplemental-metadata.json",
        "IMG.jpg.supplemental-me.json",
        "IMG.jpg.suppl.json",
        "IMG.jpg.s.json",
        "IMG.jpg..json",
        "IMG.JPG.SUPPLEMENTAL-METADATA.JSON",
    ],
    "IMG(1).jpg": [
        "IMG.jpg(1).json",
        "IMG.jpg.supplemental-metadata(1).json",
        "IMG.jpg.suppl(1).json",
        "IMG(1).jpg.json",
    ],
    "IMG-edited.jpg": ["IMG.jpg.json", "IMG.jpg.supplemental-metadata.json"],
    "IMG-edited(1).jpg": ["IMG.jpg(1).json", "IMG.jpg.supplemental-metadata(1).json"],
    "IMG(1)-edited.jpg": ["IMG.jpg(1).json"],
    "IMG-bearbeitet.jpg": ["IMG.jpg.json"],
}


@pytest.mark.parametrize(
    ("photo", "name"), [(photo, name) for photo, names in SERVICE_NAMES.items() for name in names]
)
def test_the_services_json_is_found_by_its_many_names(
    tmp_path: Path, photo: str, name: str
) -> None:
    where = {"latitude": 48.2, "longitude": 16.37}
    facts = facts_of(tmp_path, photo, files={name: service(geoData=where)})
    assert (facts.taken, facts.taken_source) == (THEN, "photo service")
    assert (facts.latitude, facts.longitude, facts.place_source) == (48.2, 16.37, "photo service")


@pytest.mark.parametrize(
    ("photo", "name"),
    [
        ("IMG.jpg", "IMG.jpg(1).json"),
        ("IMG(1).jpg", "IMG.jpg.json"),
        ("IMG(2).jpg", "IMG.jpg.supplemental-metadata(1).json"),
        ("IMG.jpg", "IMG2.jpg.json"),
        ("IMG.jpg", "IMG.json"),
        ("IMG.jpg", "metadata.json"),
        ("IMG-edited.jpg", "IMG-edit.jpg.json"),
    ],
)
def test_another_photos_json_is_not_its_own(tmp_path: Path, photo: str, name: str) -> None:
    assert facts_of(tmp_path, photo, files={name: service()}).taken is None


@pytest.mark.parametrize("length", range(44, 52))
def test_a_long_name_is_cut(tmp_path: Path, length: int) -> None:
    assert len(NAME46) > 52
    facts = facts_of(tmp_path, NAME46, files={f"{NAME46[:length]}.json": service(NAME46)})
    assert facts.taken == THEN
    other = service("original_of_something_else_altogether_and_long.jpg")
    (tmp_path / f"{NAME46[:length]}.json").write_bytes(other)
    assert read_photo(tmp_path / NAME46)[1].taken is None


def test_the_place_of_the_camera_counts_where_nobody_set_another() -> None:
    where = {"latitude": 48.2, "longitude": 16.37}
    assert parse_service(service(geoDataExif=where)).where == (48.2, 16.37)
    assert parse_service(service()).where is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"photoTakenTime": 7}',
        b'{"photoTakenTime": {"timestamp": "soon"}}',
        b'{"photoTakenTime": {"timestamp": "0"}}',
        b'{"photoTakenTime": {"timestamp": 1e999}}',
        b'{"photoTakenTime": {"timestamp": "99999999999"}}',
        b'{"photoTakenTime": {"timestamp": true}, "geoData": {"latitude": NaN, "longitude": 1}}',
        b'{"photoTakenTime": {}, "geoData": {"latitude": 91, "longitude": 1}}',
        b'{"photoTakenTime": {}, "geoData": {"latitude": "48", "longitude": 1}}',
        b'{"creationTime": {"timestamp": "1258375918"}}',
        b'{"photoTakenTime": {"timestamp": "' + b"1" * 100_000 + b'"}}',
        b'{"photoTakenTime": {"timestamp": ' + b"1" * 100_000 + b"}}",
    ],
)
def test_other_json_says_nothing(data: bytes) -> None:
    assert parse_service(data) == NOTHING


def test_few_names_are_tried() -> None:
    assert len(list(stems("a" * 200 + "(1)-edited.jpg"))) < 150


def test_the_most_reliable_source_comes_first(tmp_path: Path) -> None:
    name = "IMG_20190102_030405.jpg"
    changed = jpeg(exif=exif_block(modified="2020:01:01 00:00:00"))
    assert facts_of(tmp_path, name, changed).taken_source == "file name"
    assert facts_of(tmp_path, name, changed, files={f"{name}.json": service()}).taken == THEN
    packet = xmp({"xmp:CreateDate": "2011-07-04"})
    facts = facts_of(tmp_path, name, changed, files={f"{name}.xmp": packet})
    assert (facts.taken_source, facts.taken_text) == ("xmp sidecar", "2011-07-04")
    told = jpeg(exif=exif_block(taken="2013:03:04 05:06:07", place=(10, 20)))
    facts = facts_of(tmp_path, name, told)
    assert (facts.latitude, facts.longitude) == pytest.approx((10, 20))
    assert (facts.taken_source, facts.place_source) == ("exif", "exif")
    assert facts.shutter == datetime(2013, 3, 4, 5, 6, 7)


def test_bytes_have_no_neighbours_and_odd_neighbours_do_no_harm(tmp_path: Path) -> None:
    assert read_photo(jpeg())[1].taken is None
    (tmp_path / "IMG.xmp").mkdir()
    os.mkfifo(tmp_path / "IMG.jpg.xmp")
    (tmp_path / "IMG.jpg.json").symlink_to(tmp_path / "nowhere")
    assert facts_of(tmp_path).taken is None
    name = os.fsdecode(b"\xff.jpg")
    assert facts_of(tmp_path, name, files={f"{name}.json": service()}).taken == THEN


def test_what_comes_beside_a_photo_later_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    assert facts_of(folder).taken is None
    (folder / "IMG.jpg.json").write_bytes(service())
    assert read_photo(folder / "IMG.jpg")[1].taken == THEN
    shutil.rmtree(folder)
