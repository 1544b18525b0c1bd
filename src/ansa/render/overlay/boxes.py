"""Draws labelled frames around the objects of a photo."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw

from ansa.names import printable
from ansa.render.overlay.text import font
from ansa.scene import Object
from ansa.summary import object_sure

_COLOURS = ("#ff6b6b", "#4dabf7", "#51cf66", "#fcc419", "#cc5de8", "#ff922b", "#22b8cf", "#f06595")
_PALE = 140  # of 255
_INK = "#101216"


def with_boxes(photo: Image.Image, objects: Sequence[Object]) -> Image.Image:
    """A copy of the photo with its objects framed, the most probable one on top.

    Frames of improbable objects are pale and have a question mark. Each label has its own colour,
    which is the same in every picture.
    """
    drawn = photo.copy()
    side = max(photo.size)
    line, size = max(2, side // 320), min(22, max(11, side // 40))
    taken: list[tuple[float, float, float, float]] = []
    for each in reversed(objects):
        _draw(drawn, each, line, size, taken)
    return drawn


def _draw(
    photo: Image.Image,
    each: Object,
    line: int,
    size: int,
    taken: list[tuple[float, float, float, float]],
) -> None:
    sure = object_sure(each.score)
    colour = _COLOURS[zlib.crc32(each.label.encode()) % len(_COLOURS)]
    mask = Image.new("L", photo.size)
    draw = ImageDraw.Draw(mask)
    full = 255 if sure else _PALE
    x0, y0, x1, y1 = (
        round(part * (side - 1)) for part, side in zip(each.box, photo.size * 2, strict=True)
    )
    x1, y1 = max(x0, x1), max(y0, y1)
    draw.rectangle((x0, y0, x1, y1), outline=full, width=line)
    text = f"{printable(each.label)} {each.score:.2f}{'' if sure else '?'}"
    letters = font(size)
    width, height = letters.getlength(text) + size * 0.6, size * 1.35
    left = max(0.0, min(x0, photo.width - width))
    top = float(y0 - height if y0 >= height else y0)
    while any(_meet((left, top, left + width, top + height), other) for other in taken):
        top += height
    taken.append((left, top, left + width, top + height))
    draw.rectangle(taken[-1], full)
    photo.paste(colour, mask=mask)
    ImageDraw.Draw(photo).text((left + size * 0.3, top), text, _INK, font=letters)


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] + 1 < other[3] and other[1] + 1 < one[3]
    )
