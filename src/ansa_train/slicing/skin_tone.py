"""The apparent skin tone of faces, by a documented measure on the pixels of the face.

The individual typology angle of Chardon, Cretois and Hourseau, "Skin colour typology and suntanning
pathways" (1991): arctan((L* - 50) / b*) in degrees, with the classes that Del Bino and Bernerd,
"Variations in skin colour and the biological consequences of ultraviolet radiation exposure"
(2013), give it. It is a property of a picture and not of a person: light, white balance and make-up
move it by several classes, so a slice by it says how a bundle treats dark and light faces in
pictures, and nothing of anybody.
"""

from __future__ import annotations

import numpy as np

from ansa.scene import Box, Pixels
from ansa_train.slicing.observation import cut_box, to_lab

CLASSES = (
    ("dark", -30.0),
    ("brown", 10.0),
    ("tan", 28.0),
    ("intermediate", 41.0),
    ("light", 55.0),
    ("very light", 90.0),
)
"""Classes, darkest first, and the angle up to which each reaches."""

INNER = 0.6
"""Share of each side of a face's box that is measured: the middle, without hair and background."""

LEAST_SIDE = 16
"""Pixels that a face must have at its shorter side."""


def typology_angle(pixels: Pixels, face: Box) -> float | None:
    """The angle of a face in degrees, -90..90; None if the face is too small or not of skin colour.

    Args:
        pixels: the photo.
        face: where the face is.
    """
    left, top, right, bottom = face
    margin = (1 - INNER) / 2
    inner = (
        left + margin * (right - left),
        top + margin * (bottom - top),
        right - margin * (right - left),
        bottom - margin * (bottom - top),
    )
    part = cut_box(pixels, inner)
    if min(part.shape[:2]) < LEAST_SIDE * INNER:
        return None
    lightness, red, yellow = np.median(to_lab(part).reshape(-1, 3), axis=0)
    if red <= 2 or yellow <= 2:  # a grey or tinted photo says nothing of skin
        return None
    return float(np.degrees(np.arctan2(lightness - 50.0, yellow)))


def tone_class(angle: float) -> str:
    """The class of an angle."""
    return next((name for name, most in CLASSES if angle <= most), CLASSES[-1][0])
