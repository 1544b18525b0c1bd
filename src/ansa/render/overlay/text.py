"""The font of text in pictures, and line breaking."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size: int) -> Font:
    """The font at about that height in pixels."""
    # The font that Pillow carries knows English letters only, and cameras and photos have names.
    for name in ("DejaVuSans.ttf", "Arial.ttf", "arial.ttf", "Helvetica.ttc"):
        try:
            return ImageFont.truetype(name, round(0.93 * size))
        except OSError:
            continue
    return ImageFont.load_default(size)


def wrapped(text: str, font: Font, room: float) -> Iterator[str]:
    """Breaks text into lines of at most ``room`` pixels. Words that are wider are cut."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= room:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and font.getlength(line) > room:
            cut = next(
                (n for n in range(len(line) - 1, 1, -1) if font.getlength(line[:n]) <= room), 1
            )
            yield line[:cut]
            line = line[cut:]
    yield line
