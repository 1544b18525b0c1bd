"""A crop is a new file in the photo's colours; the photo stays, and nothing else is copied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from ansa.library.index_report import LibraryError
from ansa.library.wallpapers.crop_file import write_crop
from ansa.photo.read import PhotoError, read_photo

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """40 x 20 pixels on disk, red on the left; turned upright it is 20 x 40, red at the top."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0110] = "Camera"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (48.0, 0.0, 0.0), "E", (16.0, 0.0, 0.0)
    path = tmp_path / "photo.jpg"
    Image.fromarray(pixels).save(path, exif=exif, quality=95, icc_profile=PROFILE)
    assert read_photo(path)[1].latitude is not None
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_part_is_cut_from_the_upright_photo(photo: Path, tmp_path: Path, suffix: str) -> None:
    before = photo.read_bytes()
    out = tmp_path / f"out{suffix}"
    assert write_crop(photo, (0, 0, 1, 0.5), out) == (20, 20)
    pixels, facts = read_photo(out)
    assert pixels.shape == (20, 20, 3)
    assert pixels[2:16, 4:16, 0].min() > 200
    assert photo.read_bytes() == before
    assert (facts.latitude, facts.taken, facts.camera) == (None, None, None)
    with Image.open(out) as written:
        assert written.info["icc_profile"] == PROFILE
        assert not written.getexif()


def test_it_fills_a_screen(photo: Path, tmp_path: Path) -> None:
    assert write_crop(photo, (0, 0, 1, 0.25), tmp_path / "o.jpg", (64, 32)) == (64, 32)
    assert read_photo(tmp_path / "o.jpg")[0].shape == (32, 64, 3)


def test_nothing_is_overwritten_neither_the_photo_itself(photo: Path, tmp_path: Path) -> None:
    before = photo.read_bytes()
    (tmp_path / "link.jpg").symlink_to(photo)
    for out in (photo, tmp_path / "link.jpg"):
        with pytest.raises(LibraryError, match="is there already; name another file"):
            write_crop(photo, (0, 0, 1, 1), out)
    assert photo.read_bytes() == before


@pytest.mark.parametrize("name", ["out.bmp", "out", "out.tif", "out.jpg.txt"])
def test_a_name_of_another_format_is_refused(photo: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(LibraryError, match=rf"{name}: not the name of a picture .*end it in \.jpg"):
        write_crop(photo, (0, 0, 1, 1), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_home_folder_may_be_a_tilde(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_crop(photo, (0, 0, 1, 1), Path("~/out.png"))
    assert (tmp_path / "out.png").exists()


def test_a_folder_that_is_not_there_is_said(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be written"):
        write_crop(photo, (0, 0, 1, 1), tmp_path / "no" / "out.jpg")


def test_a_damaged_photo_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    with pytest.raises(PhotoError, match=r"bad\.jpg"):
        write_crop(tmp_path / "bad.jpg", (0, 0, 1, 1), tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_a_part_is_at_least_one_pixel(photo: Path, tmp_path: Path) -> None:
    assert write_crop(photo, (0.5, 0.5, 0.5, 0.5), tmp_path / "o.png") == (1, 1)
