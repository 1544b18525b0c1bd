"""Small pictures are upright, in true colours, and the same however the photo was read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library.thumbnails.picture import make_picture, picture_of_read
from ansa.photo.read import PhotoError, read_in_colour
from tests import profiles
from tests.photos import write_photo

RED, BLUE = (200, 20, 20), (20, 20, 200)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    assert image.format == "WEBP"
    assert not image.getexif()
    return image.convert("RGB")


def test_a_photo_that_lies_on_its_side_stands_upright_and_is_small(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "photo.jpg", size=(1200, 900), orientation=6)
    assert opened(make_picture(photo, "grid")).size == (256, 341)
    assert opened(make_picture(photo, "screen")).size == (900, 1200)  # it is not enlarged


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_photo_read_once_gives_the_same_picture_as_its_file(tmp_path: Path, mode: str) -> None:
    profile = {"RGB": profiles.swapped(), "L": profiles.grey(1.0), "CMYK": profiles.inks()}[mode]
    photo = write_photo(tmp_path / "drawn.jpg", size=(1200, 900))
    with Image.open(photo) as image:
        image.convert(mode).save(tmp_path / "photo.jpg", icc_profile=profile)
    data = (tmp_path / "photo.jpg").read_bytes()
    picture = picture_of_read(read_in_colour(data, min_side=256), "grid")
    assert picture == make_picture(data, "grid")


def test_colours_of_a_profile_are_shown_as_it_says(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (900, 600), RED).save(photo, icc_profile=profiles.swapped())
    shown = np.asarray(opened(make_picture(photo, "grid"))).reshape(-1, 3).mean(0)
    assert np.abs(shown - BLUE).max() <= 6


def test_a_photo_of_which_too_little_was_read_is_read_again(tmp_path: Path) -> None:
    data = write_photo(tmp_path / "photo.jpg", size=(1200, 900)).read_bytes()
    assert picture_of_read(read_in_colour(data, min_side=64), "grid") is None
    assert picture_of_read(read_in_colour(data, min_side=256), "screen") is None
    small = write_photo(tmp_path / "small.jpg", size=(120, 90)).read_bytes()
    picture = picture_of_read(read_in_colour(small, min_side=64), "grid")
    assert picture is not None
    assert opened(picture).size == (120, 90)


def test_a_file_that_is_no_photo_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    with pytest.raises(PhotoError):
        make_picture(tmp_path / "broken.jpg", "grid")
    with pytest.raises(PhotoError):
        read_in_colour(b"\xff\xd8\xff\xe0 cut short", min_side=256)
