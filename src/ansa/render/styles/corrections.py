"""Edits that undo faults of a photo: wrong exposure, flat light, a cast, a tilt.

Each fault is compared with how much usual photos differ in it, and the one that is the least usual
comes first. Light that belongs to a scene, such as that of a sunset or a night, counts less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansa.render.styles.light import Light, warmth_against
from ansa.render.styles.photo_edit import PhotoEdit, clipped
from ansa.render.styles.style import Style

# Standard deviations of the measures among usual photos.
_EXPOSURE = 0.55  # EV
_FLATNESS = 0.25  # stops
_CAST = 0.24  # natural logarithm of red to blue
_TILT = 1.5  # degrees

_NOTABLE = 0.6  # how many of them a fault must have to be named
_BELONGS = 0.5  # how much a light counts that belongs to the scene

_WARM_SCENES = frozenset({"sunset", "sunrise", "fire", "campfire", "candle", "fireplace"})
_COLD_SCENES = frozenset({"aurora", "glacier", "underwater", "swimming underwater"})
_DARK_SCENES = frozenset({"night", "moon", "fireworks", "concert", "aurora", "candle"})
_BRIGHT_SCENES = frozenset({"snow", "fog", "ski"})


@dataclass(frozen=True, slots=True)
class FaultCorrection:
    """A correction, and how unusual the fault is, in standard deviations of usual photos."""

    style: Style
    strength: float


def corrections(light: Light, tilt: float, tags: frozenset[str]) -> list[FaultCorrection]:
    """Returns a correction for each notable fault, that of the least usual fault first.

    Args:
        light: the light of the photo.
        tilt: by how many degrees what it shows is turned clockwise.
        tags: names of what the photo surely shows.
    """
    found = [*_exposure(light, tags), *_contrast(light), *_warmth(light, tags), *_level(tilt)]
    notable = [each for each in found if each.strength >= _NOTABLE]
    return sorted(notable, key=lambda each: -each.strength)


def _exposure(light: Light, tags: frozenset[str]) -> Iterator[FaultCorrection]:
    dark = light.exposure < 0
    scenes = _DARK_SCENES if dark else _BRIGHT_SCENES
    value = clipped("exposure", -light.exposure)
    name, word = ("Brighter", "dark") if dark else ("Darker", "bright")
    reason = f"the photo looks about {abs(value):.1f} EV too {word}"
    strength = abs(light.exposure) / _EXPOSURE * (_BELONGS if tags & scenes else 1)
    yield FaultCorrection(Style(name, PhotoEdit(exposure=value), reason, True), strength)


def _contrast(light: Light) -> Iterator[FaultCorrection]:
    edit = PhotoEdit(contrast=clipped("contrast", light.flatness))
    reason = "the photo has neither dark nor bright parts and looks flat"
    yield FaultCorrection(Style("More contrast", edit, reason, True), light.flatness / _FLATNESS)


def _warmth(light: Light, tags: frozenset[str]) -> Iterator[FaultCorrection]:
    warm = light.cast > 0
    scenes = _WARM_SCENES if warm else _COLD_SCENES
    value = clipped("warmth", warmth_against(light.cast))
    name, word = ("Cooler", "orange") if warm else ("Warmer", "blue")
    reason = f"the light looks too {word}, by about {abs(value):,.0f} K"
    strength = abs(light.cast) / _CAST * (_BELONGS if tags & scenes else 1)
    yield FaultCorrection(Style(name, PhotoEdit(warmth=value), reason, True), strength)


def _level(tilt: float) -> Iterator[FaultCorrection]:
    edit = PhotoEdit(straighten=clipped("straighten", -tilt))
    side = "clockwise" if tilt > 0 else "anticlockwise"
    reason = f"lines that should be level are turned {abs(tilt):.1f}\N{DEGREE SIGN} {side}"
    yield FaultCorrection(Style("Straightened", edit, reason, True), abs(tilt) / _TILT)
