"""Pictures in rows, each under its caption: for eyes, not for the repository."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ansa.scene import Pixels

SIDE = 128
LINE = 14


def sheet(pictures: Sequence[Pixels], captions: Sequence[str], columns: int = 10) -> Image.Image:
    """The pictures from left to right and top to bottom, SIDE pixels wide and high."""
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * SIDE, max(1, rows) * (SIDE + LINE)), "white")
    draw = ImageDraw.Draw(page)
    for i, (pixels, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = i % columns * SIDE, i // columns * (SIDE + LINE)
        draw.text((x + 2, y + 1), caption, fill="black")
        page.paste(Image.fromarray(np.asarray(pixels)).resize((SIDE, SIDE)), (x, y + LINE))
    return page


def spread(values: Sequence[float], count: int) -> list[int]:
    """Which of the values to show: from the highest to the lowest, at equal steps."""
    order = np.argsort(-np.asarray(values), kind="stable")
    return [int(order[i]) for i in np.linspace(0, len(order) - 1, count).round().astype(int)]
