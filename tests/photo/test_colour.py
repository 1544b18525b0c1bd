"""A photo in any mode and colour space is shown in the colours that its profile states."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from ansa.library.wallpapers.crop_file import write_crop
from ansa.photo.colour import srgb
from ansa.photo.read import read_colours, read_srgb
from ansa.render.contact_sheet import Row, contact_sheet
from ansa.scene import Pixels
from tests import profiles

RED, BLUE = (200, 20, 20), (20, 20, 200)


def stored(mode: str) -> Image.Image:
    """Red numbers in an RGB-like mode."""
    image = Image.new("RGB", (40, 40), RED)
    if mode == "P":
        return image.quantize(4)
    if mode == "P;transparent":
        palette = image.quantize(4)
        palette.info["transparency"] = 3
        return palette
    return image.convert(mode)


def as_seen(file: Path) -> Pixels:
    """What a program that manages colours shows: independent of our own conversion."""
    with Image.open(file) as image:
        profile = image.info.get("icc_profile", profiles.SRGB)
        shown = ImageCms.profileToProfile(
            image.convert("RGB"), io.BytesIO(profile), io.BytesIO(profiles.SRGB)
        )
        assert shown is not None
        return np.asarray(shown)


def near(pixels: Pixels, colour: tuple[int, int, int], by: int = 6) -> bool:
    return bool(np.abs(pixels.reshape(-1, 3).astype(int).mean(0) - colour).max() <= by)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "P;transparent"])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_alpha_and_palettes_keep_their_profile_in_a_crop(
    tmp_path: Path, mode: str, suffix: str
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / f"out{suffix}"
    stored(mode).save(photo, icc_profile=profiles.swapped())
    write_crop(photo, (0, 0, 1, 1), out)
    assert near(as_seen(out), BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16", "1"])
def test_greys_with_a_profile_are_shown_as_bright_as_it_says(tmp_path: Path, mode: str) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "out.png"
    if mode == "I;16":
        image = Image.fromarray(np.full((40, 40), 128 << 8, np.uint16))
    else:
        image = Image.new("L", (40, 40), 255 if mode == "1" else 128).convert(mode)
    image.save(photo, icc_profile=profiles.grey(1.0))
    write_crop(photo, (0, 0, 1, 1), out)
    bright = 255 if mode == "1" else 188  # half of the light, in sRGB
    assert near(as_seen(out), (bright, bright, bright))
    assert near(read_srgb(photo), (bright, bright, bright))


def test_grey_numbers_with_a_profile_of_three_colours_keep_it(tmp_path: Path) -> None:
    Image.new("L", (40, 40), 128).save(tmp_path / "photo.jpg", icc_profile=profiles.swapped())
    assert read_colours(tmp_path / "photo.jpg")[1] == profiles.swapped()


@pytest.mark.parametrize("suffix", [".tif", ".jpg"])
def test_inks_with_a_profile_become_what_it_says(tmp_path: Path, suffix: str) -> None:
    photo, out = tmp_path / f"photo{suffix}", tmp_path / "out.png"
    image = Image.new("CMYK", (40, 40), (255, 0, 0, 0))
    image.save(photo, icc_profile=profiles.inks(), quality=100)
    write_crop(photo, (0, 0, 1, 1), out)
    red, green, blue = as_seen(out)[20, 20].astype(int)
    assert red > green + 60
    assert red > blue + 60  # and not the cyan of usual inks
    with Image.open(out) as written:
        assert "icc_profile" not in written.info


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_without_a_profile_there_is_none(tmp_path: Path, mode: str) -> None:
    Image.new("RGB", (40, 40), RED).convert(mode).save(tmp_path / "photo.tif")
    assert read_colours(tmp_path / "photo.tif")[1] is None


@pytest.mark.parametrize("profile", [b"no profile", profiles.grey(1.8), profiles.SRGB[:140]])
def test_a_profile_that_fits_nothing_costs_no_picture(tmp_path: Path, profile: bytes) -> None:
    Image.new("RGB", (40, 40), RED).save(tmp_path / "photo.png", icc_profile=profile)
    assert near(read_srgb(tmp_path / "photo.png"), RED)
    write_crop(tmp_path / "photo.png", (0, 0, 1, 1), tmp_path / "out.jpg")


def test_pictures_without_a_profile_are_made_in_srgb(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    stored("RGBA").save(photo, icc_profile=profiles.swapped())
    assert near(read_srgb(photo), BLUE)
    seen: list[Image.Image] = []

    def draw(path: Path, picture: Image.Image) -> Image.Image:
        seen.append(picture)
        return picture

    contact_sheet([Row("all", [(photo, 1.0)])], draw=draw)
    assert near(np.asarray(seen[0]), BLUE)


def test_srgb_itself_is_not_changed() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    assert np.abs(srgb(pixels, profiles.SRGB).astype(int) - pixels).max() <= 1
    assert srgb(pixels, None) is pixels
