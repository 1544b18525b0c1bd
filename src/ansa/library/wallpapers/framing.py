"""Chooses the part of a photo for a screen: the whole subject, and little detail under the
clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.render.crop import cut_heads, slide_window, visible_saliency
from ansa.render.heads import heads_of
from ansa.render.integral_image import Boxes, IntegralImage
from ansa.scene import Box, Object, Pixels

CLOCKS: dict[str, Box] = {
    "top": (0.25, 0.06, 0.75, 0.30),
    "bottom": (0.25, 0.70, 0.75, 0.94),
    "left": (0.05, 0.30, 0.38, 0.70),
    "right": (0.62, 0.30, 0.95, 0.70),
    "centre": (0.25, 0.35, 0.75, 0.65),
    "top-left": (0.04, 0.06, 0.38, 0.30),
    "top-right": (0.62, 0.06, 0.96, 0.30),
    "bottom-left": (0.04, 0.70, 0.38, 0.94),
    "bottom-right": (0.62, 0.70, 0.96, 0.94),
}
"""The areas of a clock or other text, in 0..1 of the screen."""

_PLACES = 33
_GRID = 96  # samples per side at which detail is measured
_SURE, _STANDS_OUT = 0.5, 0.25
_BUSY = 0.10  # mean step of brightness, 0..1, between neighbours, as in foliage
_UNEVEN = 0.25
_LIGHT = 0.6
_UNKNOWN = 0.5  # assumed calmness if it is unknown

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Framing:
    """A part of a photo for a screen.

    Attributes:
        box: the part, in 0..1 of the photo.
        whole: 0..1, the share of the subject that is visible.
        covered: 0..1, the share of the subject under the clock.
        calm: 0..1, how little detail is under the clock; 1 without a clock, None without pixels.
        text: the readable text colour there, "light" or "dark"; None without a clock or pixels.
    """

    box: Box
    whole: float
    covered: float = 0.0
    calm: float | None = None
    text: str | None = None

    @property
    def score(self) -> float:
        """The score, 0..1, by which positions are compared."""
        calm = _UNKNOWN if self.calm is None else self.calm
        return self.whole * (1 - self.covered) * (0.4 + 0.6 * calm)


def best_framing(
    aspect: float,
    photo: tuple[int, int],
    saliency: NDArray[np.float32],
    objects: Sequence[Object] = (),
    clock: Box | None = None,
    pixels: Pixels | None = None,
) -> Framing:
    """Returns the best of the largest windows of a shape.

    Args:
        aspect: width divided by height of the screen.
        photo: width and height of the upright photo, in pixels.
        saliency: (h, w), 0..1.
        objects: the detected objects; those that are sure and salient should be whole.
        clock: the area of text, in 0..1 of the screen.
        pixels: the photo at any size; without it, the calmness is unknown.
    """
    visible, guess = visible_saliency(saliency)
    seen = IntegralImage(np.sqrt(np.clip(saliency.astype(np.float64), 0, 1)))
    # The width of the window as a share of the photo's width, if below 1.
    share = aspect * photo[1] / photo[0]
    length = min(share, 1 / share)
    profile = visible.mean(axis=0 if share < 1 else 1)
    slid = slide_window(profile, length, guess, _PLACES if length < 1 else 1)
    starts, ends = slid.starts, slid.ends
    none, full = np.zeros_like(starts), np.ones_like(starts)
    windows = np.stack(
        [starts, none, ends, full] if share < 1 else [none, starts, full, ends], axis=1
    )
    kept, everything = seen.sum(windows), float(seen.sum(np.array([[0.0, 0.0, 1.0, 1.0]]))[0])
    whole = kept / everything if everything else full
    subjects = [
        each.box
        for each in objects
        if each.score >= _SURE and seen.mean(np.array([each.box]))[0] >= _STANDS_OUT
    ]
    if subjects:
        whole = (whole + np.mean([_inside(subject, windows) for subject in subjects], axis=0)) / 2
    covered, calm, light = none, full, None
    if clock:
        under = _within(clock, windows)
        covered = np.divide(seen.sum(under), kept, out=none.copy(), where=kept > 0)
        detail = None if pixels is None else _Detail.of(pixels)
        calm = np.full_like(starts, _UNKNOWN) if detail is None else detail.calm(under)
        light = None if detail is None else detail.light.mean(under)
    heads = [(box[0], box[2]) if share < 1 else (box[1], box[3]) for box in heads_of(objects)]
    shown = np.maximum(0, whole - slid.cost - cut_heads(starts, ends, heads))
    score = np.round(shown * (1 - covered) * (0.4 + 0.6 * calm), 3)
    best = int(np.lexsort((np.abs(starts - (1 - length) / 2), -score))[0])
    left, top, right, bottom = windows[best].tolist()
    known = clock is None or light is not None
    text = None if light is None else "dark" if light[best] > _LIGHT else "light"
    return Framing(
        (left, top, right, bottom),
        float(whole[best]),
        float(covered[best]),
        float(calm[best]) if known else None,
        text,
    )


def _within(inner: Box, outer: Boxes) -> Boxes:
    """Converts a part of each outer box to 0..1 of the whole."""
    corners, sides = outer[:, :2], outer[:, 2:] - outer[:, :2]
    return np.hstack([corners + inner[:2] * sides, corners + inner[2:] * sides])


def _inside(box: Box, windows: Boxes) -> Numbers:
    """Returns the share of a box that is inside each window."""
    left, top, right, bottom = box
    width = np.minimum(right, windows[:, 2]) - np.maximum(left, windows[:, 0])
    height = np.minimum(bottom, windows[:, 3]) - np.maximum(top, windows[:, 1])
    area = (right - left) * (bottom - top)
    inside: Numbers = np.maximum(0, width) * np.maximum(0, height) / area
    return inside


@dataclass(frozen=True, slots=True)
class _Detail:
    """The brightness of each position of a photo, and its change to the next one."""

    light: IntegralImage
    squares: IntegralImage
    steps: IntegralImage

    @classmethod
    def of(cls, pixels: Pixels) -> _Detail:
        small = Image.fromarray(pixels).convert("L").resize((_GRID, _GRID), Image.Resampling.BOX)
        light = np.asarray(small, np.float64) / 255
        rows, columns = np.gradient(light)
        return cls(
            IntegralImage(light), IntegralImage(light**2), IntegralImage(np.hypot(rows, columns))
        )

    def calm(self, boxes: Boxes) -> Numbers:
        light = self.light.mean(boxes)
        spread = np.sqrt(np.maximum(0, self.squares.mean(boxes) - light**2))
        busy = np.minimum(1, self.steps.mean(boxes) / _BUSY)
        calm: Numbers = (1 - busy) * (1 - np.minimum(1, spread / _UNEVEN) / 2)
        return calm
