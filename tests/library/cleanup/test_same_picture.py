"""A copy is told from what merely looks like it: the less a picture holds, the more must agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from ansa.library.cleanup.keypoints import ComparisonImage
from ansa.library.cleanup.same_picture import same_picture
from ansa_train.data.augment.copy_edits import EDITS
from tests.library.cleanup.drawn import page, pixels, saved, scaled, scene, sky, trimmed

NOON, BLUE = ((60, 120, 220), (165, 205, 245)), ((72, 128, 212), (160, 205, 245))
DUSK, GREY = ((235, 150, 85), (115, 55, 90)), ((105, 115, 130), (165, 170, 176))


def same(one: Image.Image, other: Image.Image, plain: bool = False) -> bool:
    """In whichever order they come."""
    first, second = ComparisonImage(pixels(one)), ComparisonImage(pixels(other))
    pairs = (first, second), (second, first)
    found = {bool(same_picture(*pair, plain=plain)) for pair in pairs}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize("edit", sorted(EDITS.keys() - {"two"}))
def test_a_scene_is_told_after_every_edit(edit: str) -> None:
    image = scene(1)
    changed = EDITS[edit](image, 0.2, random.Random(edit))
    assert same_picture(ComparisonImage(pixels(image)), ComparisonImage(pixels(changed)))


def test_different_scenes_are_not_the_same() -> None:
    for one, other in combinations(range(6), 2):
        assert not same(scene(one), scene(other))


def test_a_screen_shows_a_photo_with_something_around_it() -> None:
    image = ComparisonImage(pixels(scene(1)))
    screen = EDITS["screenshot"](scene(1), 0.4, random.Random(1))
    on_screen, smaller = (
        same_picture(image, ComparisonImage(pixels(each)))
        for each in (screen, scaled(scene(1), 0.6))
    )
    assert on_screen
    assert on_screen.surrounded
    assert smaller
    assert not smaller.surrounded


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(lambda image: scaled(image, 0.5), id="rescaled"),
        pytest.param(lambda image: saved(image, 50), id="recompressed"),
        pytest.param(trimmed, id="cropped"),
        pytest.param(lambda image: saved(scaled(trimmed(image), 0.7), 70), id="all of it"),
    ],
)
def test_a_copy_of_a_page_is_found(copy: Callable[[Image.Image], Image.Image]) -> None:
    for seed in range(3):
        assert same(page(seed), copy(page(seed)))


def test_pages_of_one_layout_with_other_text_are_different() -> None:
    for one, other in combinations(range(5), 2):
        assert not same(page(one), page(other))
        assert not same(page(one), saved(scaled(page(other), 0.6), 60))


@pytest.mark.parametrize("line", [0, 4, 9])
def test_one_other_line_makes_another_page(line: int) -> None:
    assert not same(page(1), page(1, changed=line))
    assert not same(page(1), saved(scaled(page(1, changed=line), 0.8)))


def test_skies_of_other_colours_are_different() -> None:
    skies = [sky(*colours, seed) for seed, colours in enumerate((NOON, BLUE, DUSK, GREY))]
    for one, other in combinations(skies, 2):
        assert not same(one, other)


def test_a_copy_of_a_sky_agrees_everywhere() -> None:
    for colours in (NOON, DUSK, GREY):
        assert same(sky(*colours), saved(scaled(sky(*colours), 0.6)))


def test_of_one_colour_nothing_can_be_told() -> None:
    plain = Image.new("RGB", (300, 200), (90, 140, 200))
    assert not same(plain, scaled(plain, 0.5))
    assert not same(plain, Image.new("RGB", (300, 200), (200, 60, 50)))
    assert same(plain, scaled(plain, 0.5), plain=True)
    assert not same(plain, Image.new("RGB", (300, 200), (100, 150, 200)), plain=True)


def test_one_shape_elsewhere_is_another_picture() -> None:
    suns = [sky(*DUSK) for _ in range(2)]
    for image, x in zip(suns, (90, 180), strict=True):
        ImageDraw.Draw(image).ellipse((x, 80, x + 50, 130), (255, 240, 190))
    assert not same(suns[0], suns[1])
    assert same(suns[0], saved(scaled(suns[0], 0.7)))


def test_a_scene_turned_left_to_right_is_the_same() -> None:
    assert same(scene(2), ImageOps.mirror(scene(2)))


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (3, 2), (30, 30), (4000, 3)])
def test_pictures_of_any_shape_are_compared(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    odd = Image.fromarray(noise)
    assert not same(odd, scene(1))
    same(odd, scaled(odd, 0.9) if min(size) > 2 else odd)
