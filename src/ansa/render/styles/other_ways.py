"""Other ways to show a photo, by what it shows: black and white, closer, warmer, stronger."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ansa.render.crop import best_crop
from ansa.render.heads import faces_and_bodies, heads_of
from ansa.render.styles.light import Light
from ansa.render.styles.photo_edit import PhotoEdit
from ansa.render.styles.style import Style
from ansa.scene import Box, Scene

_PORTRAIT = 0.1  # share of the picture that a person takes in a portrait
_GRAINY = 0.35  # strength of noise that looks like film
_COLOURLESS = 0.06  # colourfulness of a photo that is nearly grey
_GREY = 0.01  # colourfulness of a photo that is black and white already
_SAME_SHAPE = 0.95  # share of the picture that a crop must leave out something of
_NARROW, _WIDE, _SQUARE, _UPRIGHT = 0.5, 16 / 9, 1.0, 4 / 5

_FOOD = frozenset({"food", "dessert", "fruit", "drink"})
_GOLDEN = frozenset({"sunset", "sunrise", "beach", "desert", "autumn", "candle"})
_LAND = frozenset(
    {"mountain", "sea", "coast", "clouds", "sky", "forest", "nature", "lake", "field"}
)
_BUILT = frozenset({"building", "street", "city", "bridge", "church", "tower", "house"})


def other_ways(scene: Scene, light: Light, tags: frozenset[str]) -> Iterator[Style]:
    """Yields at least three suggestions, those that suit the photo best first.

    Args:
        scene: the signals of the photo.
        light: its light.
        tags: names of what the photo surely shows.
    """
    if scene.utility and scene.utility.sure and scene.utility.kind != "photo":
        yield from _for_pages(light)
        return
    portrait = _is_portrait(scene)
    crop = _closer(scene, portrait, bool(tags & _LAND))
    grey = _grey(scene, light, tags, portrait)
    if tags & _FOOD:
        yield Style("Warm and bright", PhotoEdit(0.25, 0.1, 700), "food looks fresh in warm light")
    elif tags & _GOLDEN:
        yield Style("Golden", PhotoEdit(0.0, 0.15, 1000), "warm light suits this scene")
    elif tags & _LAND and not portrait:
        yield Style("Deeper", PhotoEdit(contrast=0.35), "more contrast gives the view more depth")
    if grey and light.colourfulness > _GREY:
        yield grey
    if crop:
        yield crop
    if not grey and light.colourfulness > _GREY:
        yield _black_and_white("without its colours, the photo is about light and shapes")
    yield Style("Punchy", PhotoEdit(contrast=0.25), "a little more contrast")
    yield Style("Bright", PhotoEdit(exposure=0.3), "a little more light")
    yield Style("Warm", PhotoEdit(warmth=600), "a little warmer")


def _for_pages(light: Light) -> Iterator[Style]:
    page = PhotoEdit(contrast=0.5, black_and_white=True)
    yield Style("Black on white", page, "print is easier to read with more contrast")
    yield Style("Punchy", PhotoEdit(contrast=0.35), "more contrast, in colour")
    yield Style("Bright", PhotoEdit(exposure=0.4), "paper becomes whiter")


def _grey(scene: Scene, light: Light, tags: frozenset[str], portrait: bool) -> Style | None:
    """Black and white, if something speaks for it."""
    if light.colourfulness < _COLOURLESS:
        return _black_and_white("the photo hardly has any colours")
    if scene.quality and scene.quality.noise >= _GRAINY:
        return _black_and_white("its noise looks like the grain of film")
    if portrait:
        return _black_and_white("without colours, one looks at the face")
    if tags & _BUILT:
        return _black_and_white("without colours, one sees lines and shapes")
    return None


def _black_and_white(reason: str) -> Style:
    return Style("Black and white", PhotoEdit(contrast=0.2, black_and_white=True), reason)


def _is_portrait(scene: Scene) -> bool:
    faces, bodies = faces_and_bodies(scene.objects or ())
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (*faces, *bodies)]
    return 0 < len(areas) <= 2 and max(areas) >= _PORTRAIT


def _closer(scene: Scene, portrait: bool, land: bool) -> Style | None:
    """A crop to a common shape around what draws the eye, if it is known and leaves anything."""
    width, height = scene.facts.width, scene.facts.height
    if scene.saliency is None or not _NARROW <= width / height <= 1 / _NARROW:
        return None
    name, aspect = ("16:9", _WIDE) if land and width > height else ("1:1", _SQUARE)
    if portrait:
        name, aspect = "4:5", _UPRIGHT
    saliency = np.nan_to_num(scene.saliency)
    box = best_crop(saliency, aspect, width, height, heads_of(scene.objects or ()))
    if _area(box) > _SAME_SHAPE:
        return None
    reason = "what draws the eye fills more of the picture"
    if name == "16:9":
        reason = "a wide picture suits a wide view"
    return Style(f"Crop {name}", PhotoEdit(crop=box), reason)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
