"""An edit becomes a new file; nothing is overwritten without being told, the photo never."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import LibraryError
from ansa.library.exports.edited_file import write_edited
from ansa.photo.read import PhotoError, read_photo
from ansa.render.styles import PhotoEdit
from tests.photos import as_camera_stores, draw_photo, encode, exif_block, quarters, write_photo

EDIT = PhotoEdit(exposure=0.5)


@pytest.mark.parametrize("suffix", [".jpg", ".PNG", ".webp"])
def test_the_new_file_has_the_photos_size_and_no_metadata(tmp_path: Path, suffix: str) -> None:
    photo = write_photo(tmp_path / "a.jpg", make="SECRETCAM", place=(48.2, 16.4))
    before, out = photo.read_bytes(), tmp_path / f"b{suffix}"
    assert write_edited(photo, EDIT, out) == (320, 240)
    pixels, facts = read_photo(out)
    assert pixels.mean() > read_photo(photo)[0].mean() + 5
    assert facts.camera is None
    assert facts.latitude is None
    assert b"SECRETCAM" not in out.read_bytes()
    assert photo.read_bytes() == before


def test_a_file_that_is_there_is_replaced_only_when_told_to(tmp_path: Path) -> None:
    photo, out = write_photo(tmp_path / "a.jpg"), tmp_path / "b.png"
    out.write_bytes(b"mine")
    with pytest.raises(LibraryError, match="is there already; name another file"):
        write_edited(photo, EDIT, out)
    assert out.read_bytes() == b"mine"
    write_edited(photo, EDIT, out, replace=True)
    assert read_photo(out)[1].width == 320


def test_the_photo_itself_is_never_replaced_by_whatever_name(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "a.jpg")
    before = photo.read_bytes()
    (tmp_path / "link.jpg").symlink_to(photo)
    (tmp_path / "hard.jpg").hardlink_to(photo)
    for name in ("a.jpg", "link.jpg", "hard.jpg"):
        for replace in (False, True):
            with pytest.raises(LibraryError, match="name another file"):
                write_edited(photo, EDIT, tmp_path / name, replace=replace)
    assert photo.read_bytes() == before


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "a.jpg")
    with pytest.raises(LibraryError, match=r"end it in \.jpg"):
        write_edited(photo, EDIT, tmp_path / "b.gif")
    for replace in (False, True):
        with pytest.raises(LibraryError, match="cannot be written"):
            write_edited(photo, EDIT, tmp_path / "no" / "b.jpg", replace=replace)
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(LibraryError, match="no file"):
        write_edited(photo, EDIT, tmp_path / "folder.jpg", replace=True)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    with pytest.raises(PhotoError, match=r"broken\.jpg"):
        write_edited(tmp_path / "broken.jpg", EDIT, tmp_path / "b.jpg")
    long = tmp_path / "long.png"
    long.write_bytes(encode(Image.new("RGB", (17_000, 2)), "PNG"))
    with pytest.raises(LibraryError, match=r"17000 x 2 pixels; end it in \.png"):
        write_edited(long, EDIT, tmp_path / "long.webp")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"a.jpg", "folder.jpg", "broken.jpg", "long.png"}


def test_a_photo_that_was_held_upright_is_written_upright(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    stored = as_camera_stores(quarters(96, 64), 6)
    photo.write_bytes(encode(stored, quality=95, exif=exif_block(orientation=6)))
    out = tmp_path / "b.png"
    assert write_edited(photo, PhotoEdit(black_and_white=True), out) == (96, 64)
    pixels = read_photo(out)[0].astype(int)
    assert pixels[50, 80, 0] > pixels[10, 10, 0]  # yellow is brighter than red


@pytest.mark.parametrize(
    "picture",
    [
        draw_photo().convert("L"),
        draw_photo().convert("CMYK"),
        Image.new("RGBA", (20, 10), (0, 0, 0, 0)),
        Image.fromarray(np.full((9, 9), 40_000, np.uint16)),
        Image.new("RGB", (1, 1)),
    ],
    ids=["grey", "CMYK", "transparent", "16 bits", "one pixel"],
)
def test_pictures_of_every_kind_can_be_edited(tmp_path: Path, picture: Image.Image) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(encode(picture, "JPEG" if picture.mode == "CMYK" else "PNG"))
    edit = PhotoEdit(0.3, 0.2, 500, straighten=2, crop=(0.1, 0.1, 0.9, 0.9))
    assert min(write_edited(photo, edit, tmp_path / "out.png")) >= 1
