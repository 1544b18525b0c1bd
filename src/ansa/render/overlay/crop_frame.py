"""Draws a crop on the photo that it is taken from."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageEnhance

from ansa.render.overlay.text import font
from ansa.scene import Box

_FRAME = "#ffd43b"
_DIM = 0.35
_TEXTS = {"light": "#ffffff", "dark": "#101216"}
_CLOCK = "10:24"


def with_crop(
    photo: Image.Image, crop: Box, clock: Box | None = None, text: str | None = None
) -> Image.Image:
    """A copy of the photo that is dim outside the crop, with a clock where one is wanted.

    Args:
        photo: an RGB picture.
        crop: the box of the crop, in 0..1 of the photo.
        clock: the box of the clock, in 0..1 of the crop.
        text: the colour of the clock, "light" or "dark".
    """
    width, height = photo.size
    left, top, right, bottom = (
        round(at * side) for at, side in zip(crop, (width, height, width, height), strict=True)
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    drawn = ImageEnhance.Brightness(photo).enhance(_DIM)
    drawn.paste(photo.crop((left, top, right, bottom)), (left, top))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((left, top, right - 1, bottom - 1), outline=_FRAME, width=max(2, width // 200))
    if clock:
        middle = (
            left + (clock[0] + clock[2]) / 2 * (right - left),
            top + (clock[1] + clock[3]) / 2 * (bottom - top),
        )
        room = (clock[2] - clock[0]) * (right - left), (clock[3] - clock[1]) * (bottom - top)
        size = max(8, round(min(room[0] / len(_CLOCK) * 1.7, 0.7 * room[1])))
        pen.text(middle, _CLOCK, _TEXTS[text or "light"], font(size), anchor="mm")
    return drawn
