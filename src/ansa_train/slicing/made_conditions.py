"""Conditions that are made: the same photos with less light, a worse sensor, another frame.

A gap between photos in the dark and others may be of what people photograph in the dark. What
losing light costs is seen on one and the same photo, with and without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.augment.degradations import Faults, degrade, seen_from_afar

Make = Callable[[Image.Image, str, int], Pixels]
"""A photo, a seed and the side of the square -> uint8 (side, side, 3), as the network sees it."""

_SMALL, _CUT = 0.4, 0.55
_COARSE = 64
_SHADE = 4.0
_WARM = (1.0, 0.8, 0.5)


@dataclass(frozen=True, slots=True)
class MadeCondition:
    """A condition that any photo can be put under.

    Attributes:
        name: unique.
        group: what it is a condition of; see :mod:`ansa_train.slicing.conditions`.
        about: what is done, in words.
        make: does it.
    """

    name: str
    group: str
    about: str
    make: Make


def _fault(photo: Image.Image, seed: str, size: int, *, faults: Faults) -> Pixels:
    return degrade(photo, faults, size, seed)


def _part(photo: Image.Image, seed: str, size: int) -> Pixels:
    """A window at a place of the photo that follows from the seed."""
    rng = np.random.default_rng(list(seed.encode()))
    place = float(rng.choice([0.0, 1.0])), float(rng.choice([0.0, 1.0]))
    return degrade(photo, Faults(), size, seed, (_CUT, *place))


def _small(photo: Image.Image, seed: str, size: int) -> Pixels:
    """The photo in the middle of its own blurred image."""
    side = round(size * _SMALL)
    return seen_from_afar(resize_square(np.asarray(photo), size), side, ((size - side) // 2,) * 2)


def _coarse(photo: Image.Image, seed: str, size: int) -> Pixels:
    return resize_square(resize_square(np.asarray(photo), _COARSE), size)


def _warm(photo: Image.Image, seed: str, size: int) -> Pixels:
    pixels = resize_square(np.asarray(photo), size).astype(np.float32) * np.array(_WARM, np.float32)
    return (pixels + 0.5).astype(np.uint8)


def _grey(photo: Image.Image, seed: str, size: int) -> Pixels:
    return resize_square(np.asarray(photo.convert("L").convert("RGB")), size)


def _backlit(photo: Image.Image, seed: str, size: int) -> Pixels:
    """The middle in shade, the rest in full light."""
    pixels = resize_square(np.asarray(photo), size).astype(np.float32) / 255
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    shade = np.exp(-2.0 * (x**2 + y**2))[..., None]
    gain = _SHADE ** (0.25 - shade)
    lit = np.clip(pixels**2.2 * gain, 0, 1) ** (1 / 2.2)
    pixels_lit: Pixels = (lit * 255 + 0.5).astype(np.uint8)
    return pixels_lit


_LIGHT, _SENSOR, _FRAMING = "light", "sharpness and sensor", "framing"

MADE: Mapping[str, MadeCondition] = {
    each.name: each
    for each in (
        MadeCondition(
            "two stops too dark",
            _LIGHT,
            "a quarter of the light",
            partial(_fault, faults=Faults(exposure=-0.5)),
        ),
        MadeCondition(
            "two stops too bright",
            _LIGHT,
            "four times the light; what clips is lost",
            partial(_fault, faults=Faults(exposure=0.5)),
        ),
        MadeCondition("against the light", _LIGHT, "the middle in shade", _backlit),
        MadeCondition(
            "out of focus",
            _SENSOR,
            "a disc of 3 of 256 pixels",
            partial(_fault, faults=Faults(defocus_blur=0.5)),
        ),
        MadeCondition(
            "moved",
            _SENSOR,
            "a trail of 12 of 256 pixels",
            partial(_fault, faults=Faults(motion_blur=0.5)),
        ),
        MadeCondition(
            "much noise", _SENSOR, "a deviation of 0.1", partial(_fault, faults=Faults(noise=0.5))
        ),
        MadeCondition(
            "strong compression",
            _SENSOR,
            "JPEG at about quality 10",
            partial(_fault, faults=Faults(compression_artifacts=0.6)),
        ),
        MadeCondition("64 pixels wide", _SENSOR, "made small, then large again", _coarse),
        MadeCondition("lamplight", _SENSOR, "80 % of the green and half of the blue", _warm),
        MadeCondition("grey", _SENSOR, "without colour", _grey),
        MadeCondition("far away", _FRAMING, "40 % of each side, around it a blur", _small),
        MadeCondition("a corner of it", _FRAMING, "55 % of each side, from a corner", _part),
    )
}
"""Every made condition by its name."""
