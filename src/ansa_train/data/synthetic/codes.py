"""Bar codes and matrix codes: alone, on labels, tickets, packs. They look right and say nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ansa_train.data.synthetic.camera import photographed
from ansa_train.data.synthetic.canvas import Canvas, Colour, font, sheet


def code(studio: Canvas) -> Image.Image:
    """A code as a file, or photographed on what it stands on."""
    made = _printed(studio)
    way = studio.rng.random()
    if way < 0.15:  # so near that nothing else is in the picture
        w, h = made.size
        left, top = studio.between(0, 0.4 * w), studio.between(0, 0.4 * h)
        made = made.crop((left, top, left + round(0.6 * w), top + round(0.6 * h)))
        return photographed(studio, made) if studio.chance(0.3) else made
    if way < 0.35:
        return ImageOps.expand(made, studio.between(0, 60), "white")
    if way < 0.6:
        return photographed(studio, ImageOps.expand(made, studio.between(5, 60), "white"))
    return photographed(studio, _label(studio, made))


def _printed(studio: Canvas) -> Image.Image:
    dark, light = (0, 0, 0), (255, 255, 255)
    if studio.chance(0.4):
        dark, light = studio.colour(0, 130), studio.colour(215, 255)
    if studio.chance(0.06):
        dark, light = light, dark
    if studio.chance(0.5):
        made = matrix(studio, studio.between(120, 320), light, dark)
        if studio.chance(0.12):  # a logo in the middle
            side = made.width // 5
            made.paste(studio.photo(side, side), (2 * side, 2 * side))
        return made
    width = studio.between(180, 420)
    made = bars(studio, width, round(width * studio.rng.uniform(0.2, 0.7)), light, dark)
    if studio.chance(0.3):
        return made
    size = studio.between(14, 26)
    image, draw = sheet((width, made.height + 2 * size), light)
    image.paste(made, (0, 0))
    type_ = font(studio.face("mono", "sans"), size)
    text = studio.number(studio.between(7, 13))
    draw.text(((width - type_.getlength(text)) / 2, made.height + 2), text, dark, type_)
    return image


def matrix(studio: Canvas, side: int, light: Colour, dark: Colour) -> Image.Image:
    """A square of about that many pixels a side, in the manner of QR, Data Matrix or Aztec."""
    count = 4 * studio.between(1, 24 if studio.chance(0.2) else 10) + 17
    cells = studio.noise.integers(0, 2, (count, count))
    timing = np.arange(count) % 2 == 0
    kind = studio.rng.choice(("qr", "qr", "qr", "qr", "data matrix", "aztec"))
    if kind == "qr":
        cells[6], cells[:, 6] = timing, timing
        for y, x in ((0, 0), (0, count - 7), (count - 7, 0)):
            cells[max(0, y - 1) : y + 8, max(0, x - 1) : x + 8] = 0
            cells[y : y + 7, x : x + 7] = _rings(7) != 2
        if count > 21:
            cells[-9:-4, -9:-4] = _rings(5) != 1
    elif kind == "data matrix":
        cells[:, 0] = cells[-1] = 1
        cells[0] = cells[:, -1] = timing
    else:
        rings = _rings(count)
        cells = np.where(rings < 6, rings % 2 == 0, cells)
    return _inked(np.pad(cells, studio.between(1, 4)), max(2, side // count), light, dark)


def bars(studio: Canvas, width: int, height: int, light: Colour, dark: Colour) -> Image.Image:
    """Bars of one to four units, in the manner of EAN, Code 128 or, in rows, PDF417."""
    rows = 1 if studio.chance(0.85) else studio.between(4, 14)
    count = studio.between(60, 160)
    cells = np.array([_row(studio, count) for _ in range(rows)])
    image = _inked(np.pad(cells, ((0, 0), (5, 5))), 3, light, dark)
    return image.resize((width, height), Image.Resampling.BOX)


def _rings(side: int) -> NDArray[Any]:
    """How many rings each cell of a square lies from its middle, (side, side)."""
    away = abs(np.arange(side) - side // 2)
    return np.maximum(away[:, None], away[None, :])


def _row(studio: Canvas, count: int) -> list[int]:
    cells = [1, 0, 1]
    while len(cells) < count:
        for ink in (0, 1):
            cells += [ink] * studio.rng.choice((1, 1, 2, 2, 3, 4))
    return [*cells[: count - 3], 1, 0, 1]


def _inked(cells: NDArray[Any], unit: int, light: Colour, dark: Colour) -> Image.Image:
    picture = np.where(cells[..., None] == 1, np.array(dark), np.array(light)).astype(np.uint8)
    return Image.fromarray(picture.repeat(unit, 0).repeat(unit, 1))


def _label(studio: Canvas, made: Image.Image) -> Image.Image:
    """Some print around a code: a parcel label, a ticket, a pack, a poster."""
    rng = studio.rng
    width = round(made.width * rng.uniform(1.1, 1.9))
    height = round(made.height * rng.uniform(1.1, 2.0))
    paper = studio.colour(215, 255) if studio.chance(0.7) else studio.colour()
    image, draw = sheet((width, height), paper)
    if studio.chance(0.2):
        image.paste(studio.photo(width, height))
    ink = studio.colour(0, 80) if sum(paper) > 380 else studio.colour(200, 255)
    size = studio.between(12, 30)
    type_ = font(studio.face("sans", "bold", "mono"), size)
    for y in range(4, height - size, round(1.5 * size)):
        if studio.chance(0.75):
            draw.text((size // 2, y), studio.title(1, 4), ink, type_)
    left, top = rng.randint(0, width - made.width), rng.randint(0, height - made.height)
    image.paste(ImageOps.expand(made, 8, "white"), (left - 8, top - 8))
    return image
