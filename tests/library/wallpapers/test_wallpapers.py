"""Wallpapers are good and large photos, calm where the clock is, and never clutter or hidden."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.library.seen import seeing_bundle


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Warm photos with noise at the top or at the bottom, a receipt, a dark one, a small one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, rows in {"busy-top": slice(0, 60), "busy-bottom": slice(60, 120)}.items():
        pixels = np.full((120, 192, 3), (200, 128, 60), np.uint8)
        noise = rng.integers(-60, 56, (60, 192, 1))
        pixels[rows] = (pixels[rows] + noise).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    for name, size, colour in (
        ("receipt", (192, 120), (128, 255, 0)),
        ("dark", (192, 120), (3, 3, 3)),
        ("small", (40, 25), (220, 100, 90)),
    ):
        Image.new("RGB", size, colour).save(folder / f"{name}.png")
    bundle = seeing_bundle(tmp_path / "bundle")
    library = Library(folder, database=tmp_path / "l.sqlite", analyzer=Analyzer(bundle))
    library.index(workers=1)
    return library


def test_the_clock_decides_which_is_first(library: Library) -> None:
    for clock, first in {"top": "busy-bottom.png", "bottom": "busy-top.png"}.items():
        found = library.wallpapers((160, 100), clock=clock)
        assert found.photos[0].path.name == first
        assert found.photos[0].text in ("light", "dark")
        assert any(reason.startswith(f"calm at the {clock}") for reason in found.photos[0].reasons)
        names = {photo.path.name for photo in found.photos}
        assert names <= {"busy-top.png", "busy-bottom.png"}
        assert found.left_out["small"] == 1
        assert found.left_out["clutter"] == 2


def test_the_crop_has_the_shape_of_the_screen(library: Library) -> None:
    for photo in library.wallpapers((100, 100)).photos:
        assert photo.pixels[0] == pytest.approx(photo.pixels[1], abs=1)
        assert photo.calm is None


def test_hidden_photos_are_not_shown(library: Library, tmp_path: Path) -> None:
    library.mark([tmp_path / "photos" / "busy-top.png"], "hidden")
    found = library.wallpapers((160, 100))
    assert [photo.path.name for photo in found.photos] == ["busy-bottom.png"]
    assert found.left_out["hidden"] == 1


def test_a_screen_too_large_for_all_is_said(library: Library) -> None:
    found = library.wallpapers((7680, 4320))
    assert found.photos == ()
    assert "half the pixels of the screen" in found.message


def test_photos_that_are_gone_are_left_out(library: Library, tmp_path: Path) -> None:
    (tmp_path / "photos" / "busy-top.png").unlink()
    names = [photo.path.name for photo in library.wallpapers((160, 100), clock="top").photos]
    assert names == ["busy-bottom.png"]


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    bundle = Analyzer(seeing_bundle(tmp_path / "bundle"))
    with Library(database=tmp_path / "l.sqlite", analyzer=bundle) as library:
        assert "run `ansa index`" in library.wallpapers((160, 100)).message


def test_the_same_library_gives_the_same(library: Library) -> None:
    first, again = (library.wallpapers((160, 100), clock="left").to_dict() for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("screen", "clock"), [((0, 100), None), ((100, 100), "roof")])
def test_no_screen_or_clock_is_refused(
    library: Library, screen: tuple[int, int], clock: str | None
) -> None:
    with pytest.raises(ValueError, match="no wallpapers"):
        library.wallpapers(screen, clock=clock)
