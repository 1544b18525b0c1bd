"""What a camera would tell while one frames: modes such as "food", and faults such as "backlit"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.scene import Box, Pixels, Scene

_PAGES = frozenset({"document", "receipt", "code"})
_BLURRED = 0.5  # strength of a blur
_TILTED = 4.0, 30.0  # degrees: less is level, and more is meant
_NIGHT = 0.16  # mean brightness, 0..1
_DARK = 0.30  # brightness of a subject that is too dark
_BRIGHT, _MUCH = 0.85, 0.2  # brightness of a light behind it, and how much of the frame it takes
_SUBJECT = 0.35  # how much of the strongest saliency belongs to the subject
_WEAK = 0.25  # a saliency below which nothing draws the eye

Hint = Literal["document", "food", "night", "backlit", "blurred", "tilted"]
"""What a camera would tell, or set itself to."""

HINTS: tuple[Hint, ...] = get_args(Hint)
"""All hints, the most urgent first."""


def seen_hints(pixels: Pixels, scene: Scene) -> Iterator[Hint]:
    """Yields the hints that a frame and its signals speak for.

    Args:
        pixels: the frame, uint8 (height, width, 3).
        scene: its signals.
    """
    if scene.utility and scene.utility.sure and scene.utility.kind in _PAGES:
        yield "document"
    if any(tag.name == "food" and tag.sure for tag in scene.tags or ()):
        yield "food"
    light = _brightness(pixels)
    if float(light.mean()) < _NIGHT:
        yield "night"
    elif _is_backlit(light, scene.saliency):
        yield "backlit"
    if quality := scene.quality:
        if max(quality.defocus_blur, quality.motion_blur) >= _BLURRED:
            yield "blurred"
        if _TILTED[0] <= abs(quality.tilt) <= _TILTED[1]:
            yield "tilted"


def subject_box(saliency: NDArray[np.float32] | None) -> Box | None:
    """The part of a frame that draws the eye: left, top, right, bottom, in 0..1.

    Args:
        saliency: float32 (h, w), 0..1; None if it is not known.
    """
    if saliency is None or float(saliency.max()) < _WEAK:
        return None
    drawn = saliency >= _SUBJECT * saliency.max()
    height, width = saliency.shape
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _is_backlit(light: NDArray[np.float32], saliency: NDArray[np.float32] | None) -> bool:
    """Whether the subject is dark before a large bright light."""
    if saliency is None or float(saliency.max()) < _WEAK:
        return False
    if float((light > _BRIGHT).mean()) < _MUCH:
        return False
    size = light.shape[1], light.shape[0]
    weight = np.asarray(Image.fromarray(saliency).resize(size, Image.Resampling.BILINEAR))
    weight = weight * (weight >= _SUBJECT * weight.max())
    return float((light * weight).sum() / weight.sum()) < _DARK


def _brightness(pixels: Pixels) -> NDArray[np.float32]:
    """The brightness of a frame in a small picture, 0..1."""
    small = Image.fromarray(pixels).resize((64, 48), Image.Resampling.BOX, reducing_gap=2.0)
    light: NDArray[np.float32] = np.asarray(small.convert("L"), np.float32) / np.float32(255)
    return light
