"""Pictures with text, drawn with the typeface that Pillow brings, which knows plain English."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

GREEN = (40, 220, 40)
"""The colour of what the bundle of :mod:`tests.library.seen` takes for receipts."""


def write_receipt(path: Path, *lines: str, side: int = 420) -> Path:
    """A square with lines of text, which that bundle takes for a receipt."""
    image = Image.new("RGB", (side, side), GREEN)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(32)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 48 * number), line, fill="black", font=font)
    image.save(path)
    return path
