from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ansa.photo.read import read_photo
from ansa_train.data.builder.photo import (
    Encoding,
    Job,
    PreparedPhoto,
    RefusedPhoto,
    prepare,
    shrink,
)
from ansa_train.data.builder.records import PhotoLocation
from tests.photos import draw_photo, encode, png_bomb, write_photo

SMALL = Encoding(size=48, encoding="jpeg", quality=90)


def prepared(place: PhotoLocation, encoding: Encoding = SMALL) -> PreparedPhoto:
    outcome = prepare(Job(3, "s/a", place), encoding)
    assert isinstance(outcome, PreparedPhoto), outcome
    return outcome


def refused(place: PhotoLocation) -> str:
    outcome = prepare(Job(3, "s/a", place), SMALL)
    assert isinstance(outcome, RefusedPhoto), outcome
    assert (outcome.number, outcome.refusal.name) == (3, "s/a")
    assert outcome.refusal.reason
    return outcome.refusal.kind


@pytest.mark.parametrize("encoding", ["jpeg", "webp"])
def test_a_large_photo_is_shrunk_to_its_shorter_side(tmp_path: Path, encoding: str) -> None:
    photo = write_photo(tmp_path / "a.png", size=(300, 200))
    outcome = prepared(PhotoLocation(str(photo)), Encoding(48, encoding, 90))
    pixels, facts = read_photo(outcome.data)
    assert facts.format == encoding.upper()
    assert pixels.shape == (48, 72, 3)
    assert (outcome.width, outcome.height) == (72, 48)
    assert (outcome.full_width, outcome.full_height) == (300, 200)


def test_a_small_photo_is_never_enlarged(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "a.png", size=(40, 30))
    assert (
        prepared(PhotoLocation(str(photo))).width,
        prepared(PhotoLocation(str(photo))).height,
    ) == (40, 30)


def test_a_strip_becomes_no_giant() -> None:
    strip = np.zeros((10, 20_000, 3), np.uint8)
    assert shrink(strip, 48).shape[1] == 48 * 8


def test_a_turned_photo_comes_out_upright(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "a.jpg", size=(100, 60), orientation=6)
    outcome = prepared(PhotoLocation(str(photo)))
    assert outcome.full_width == 60
    assert outcome.width < outcome.height


def test_pixels_have_one_digest_in_whatever_file(tmp_path: Path) -> None:
    png, bmp = (write_photo(tmp_path / name, size=(90, 60)) for name in ("a.png", "a.bmp"))
    one, other = prepared(PhotoLocation(str(png))), prepared(PhotoLocation(str(bmp)))
    assert one.pixels == other.pixels
    assert one.content != other.content
    assert one.data == other.data


def test_a_stretch_of_a_tar_and_a_cell_of_parquet_are_photos(tmp_path: Path) -> None:
    data = encode(draw_photo(60, 50))
    (tmp_path / "x.tar").write_bytes(b"before" + data + b"after")
    table = pa.table({"image": [{"bytes": None}] * 3 + [{"bytes": data}], "jpg": [data] * 4})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=2)
    whole = prepared(PhotoLocation(str(tmp_path / "x.tar"), offset=6, size=len(data)))
    assert prepared(PhotoLocation(str(tmp_path / "x.parquet"), row=3, column="image")) == whole
    assert prepared(PhotoLocation(str(tmp_path / "x.parquet"), row=0, column="jpg")) == whole
    assert refused(PhotoLocation(str(tmp_path / "x.parquet"), row=1, column="image")) == "no photo"


def test_whatever_is_no_photo_is_refused_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_bomb())
    (tmp_path / "text.jpg").write_text("no photo, but words, words and words")
    (tmp_path / "cut.jpg").write_bytes(encode(draw_photo())[:2000])
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.jpg").symlink_to(write_photo(tmp_path / "out.jpg"))
    root = str(tmp_path)
    assert refused(PhotoLocation(f"{root}/bomb.png")) == "oversized photo"
    assert refused(PhotoLocation(f"{root}/text.jpg")) == "unsupported photo"
    assert refused(PhotoLocation(f"{root}/cut.jpg")) == "damaged photo"
    assert refused(PhotoLocation(f"{root}/pipe.jpg")) == "no file"
    assert refused(PhotoLocation(f"{root}/none.jpg")) == "missing photo"
    assert refused(PhotoLocation(f"{root}/in")) == "no file"
    assert refused(PhotoLocation(f"{root}/in/link.jpg", root=f"{root}/in")) == "outside"
    assert refused(PhotoLocation(f"{root}/x.jpg", offset=0, size=10**9)) == "missing photo"
