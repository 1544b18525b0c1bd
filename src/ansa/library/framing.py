"""Where to lay a screen over a photo: the subject whole, and what is under the clock calm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
"""Where a clock or other text stands, in 0..1 of the screen."""

_PLACES = 33
_GRID = 96  # places a side at which detail is looked for
_SURE, _STANDS_OUT = 0.5, 0.25
_BUSY = 0.10  # mean step of brightness, 0..1, between neighbours in foliage, say
_UNEVEN = 0.25
_LIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Framing:
    """A screen laid over a photo.

    Attributes:
        box: the part of the photo that it shows, in 0..1.
        whole: 0..1, how much of the subject it shows.
        covered: 0..1, how much of the subject is under the clock.
        calm: 0..1, how little there is to be seen under the clock; 1 without a clock, None if the
            photo's pixels were not looked at.
        text: what is read best there, "light" or "dark"; None without a clock or pixels.
    """

    box: Box
    whole: float
    covered: float = 0.0
    calm: float | None = None
    text: str | None = None

    @property
    def score(self) -> float:
        """0..1, by which places are compared."""
        calm = 0.5 if self.calm is None else self.calm
        return self.whole * (1 - self.covered) * (0.4 + 0.6 * calm)


def best_framing(
    aspect: float,
    photo: tuple[int, int],
    saliency: NDArray[np.float32],
    objects: Sequence[Object] = (),
    clock: Box | None = None,
    pixels: Pixels | None = None,
) -> Framing:
    """The best of the largest windows of a shape.

    Args:
        aspect: width by height of the screen.
        photo: width and height of the upright photo, in pixels.
        saliency: (h, w), 0..1.
        objects: what was found in the photo; the sure ones that stand out are to be whole.
        clock: where text goes, in 0..1 of the screen.
        pixels: of the photo, at any size; without them it is not known how calm a place is.
    """
    seen = _Sums(np.sqrt(np.clip(saliency.astype(np.float64), 0, 1)))
    subjects = [
        each.box for each in objects if each.score >= _SURE and seen.mean(each.box) >= _STANDS_OUT
    ]
    detail = _Detail.of(pixels) if clock and pixels is not None else None
    share = aspect * photo[1] / photo[0]  # of the photo's width that the window has, if below 1
    across, length = (True, share) if share < 1 else (False, 1 / share)
    starts = np.linspace(0, 1 - length, 1 if length >= 1 else _PLACES)
    framings = []
    for start in starts.tolist():
        end = min(1.0, start + length)
        box = (start, 0.0, end, 1.0) if across else (0.0, start, 1.0, end)
        framings.append(_framing(box, seen, subjects, clock, detail))
    middle = (1 - length) / 2
    order = sorted(
        range(len(starts)), key=lambda n: (-round(framings[n].score, 3), abs(starts[n] - middle))
    )
    return framings[order[0]]


def _framing(
    box: Box, seen: _Sums, subjects: list[Box], clock: Box | None, detail: _Detail | None
) -> Framing:
    all_of_it = seen.sum((0.0, 0.0, 1.0, 1.0))
    whole = seen.sum(box) / all_of_it if all_of_it else 1.0
    if subjects:
        inside = float(np.mean([_inside(subject, box) for subject in subjects]))
        whole = (whole + inside) / 2
    if clock is None:
        return Framing(box, whole, calm=1.0)
    under = _within(clock, box)
    mine = seen.sum(box)
    covered = seen.sum(under) / mine if mine else 0.0
    if detail is None:
        return Framing(box, whole, covered)
    return Framing(box, whole, covered, detail.calm(under), detail.text(under))


def _within(inner: Box, outer: Box) -> Box:
    """A part of a part, in 0..1 of the whole."""
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    return (
        outer[0] + inner[0] * width,
        outer[1] + inner[1] * height,
        outer[0] + inner[2] * width,
        outer[1] + inner[3] * height,
    )


def _inside(box: Box, window: Box) -> float:
    """The share of a box that lies in a window."""
    width = min(box[2], window[2]) - max(box[0], window[0])
    height = min(box[3], window[3]) - max(box[1], window[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, width) * max(0.0, height) / area if area > 0 else 1.0


class _Sums:
    """Sums over any part of a map (h, w), between its places too."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        height, width = values.shape
        self._below = np.zeros((height + 1, width + 1))
        self._below[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1) / values.size

    def sum(self, box: Box) -> float:
        left, top, right, bottom = box
        below = self._at
        return float(
            below(right, bottom) - below(left, bottom) - below(right, top) + below(left, top)
        )

    def mean(self, box: Box) -> float:
        area = (box[2] - box[0]) * (box[3] - box[1])
        return self.sum(box) / area if area > 0 else 0.0

    def _at(self, x: float, y: float) -> float:
        height, width = (n - 1 for n in self._below.shape)
        column, row = min(max(x, 0.0), 1.0) * width, min(max(y, 0.0), 1.0) * height
        c, r = min(int(column), width - 1), min(int(row), height - 1)
        u, v = column - c, row - r
        (a, b), (d, e) = self._below[r : r + 2, c : c + 2]
        return float((1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * e))


@dataclass(frozen=True, slots=True)
class _Detail:
    """How bright the places of a photo are, and how much changes from each to the next."""

    light: _Sums
    squares: _Sums
    steps: _Sums

    @classmethod
    def of(cls, pixels: Pixels) -> _Detail:
        small = Image.fromarray(pixels).convert("L").resize((_GRID, _GRID), Image.Resampling.BOX)
        light = np.asarray(small, np.float64) / 255
        rows, columns = np.gradient(light)
        return cls(_Sums(light), _Sums(light**2), _Sums(np.hypot(rows, columns)))

    def calm(self, box: Box) -> float:
        light = self.light.mean(box)
        spread = max(0.0, self.squares.mean(box) - light**2) ** 0.5
        busy = min(1.0, self.steps.mean(box) / _BUSY)
        return float((1 - busy) * (1 - min(1.0, spread / _UNEVEN) / 2))

    def text(self, box: Box) -> str:
        return "dark" if self.light.mean(box) > _LIGHT else "light"
