"""Photos with something flat in them: a screen in a hall, a board on a wall, a phone on a table.

What is flat fills a lesser part of the picture, so it is a photo, and none of what it shows.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ansa_train.data.synthetic.camera import exposed, warped
from ansa_train.data.synthetic.canvas import Canvas
from ansa_train.data.synthetic.codes import code
from ansa_train.data.synthetic.drawings import drawing
from ansa_train.data.synthetic.graphics import board, graphic
from ansa_train.data.synthetic.memes import meme
from ansa_train.data.synthetic.papers import paper
from ansa_train.data.synthetic.phones import phone
from ansa_train.data.synthetic.receipts import receipt
from ansa_train.data.synthetic.screens import screen
from ansa_train.data.synthetic.slides import slide

_LONG = 400


def scene(studio: Canvas) -> Image.Image:
    """A photo with one flat thing in it, or with a row of them."""
    rng = studio.rng
    aspect = rng.choice((3 / 4, 4 / 3, 1.0, 3 / 2))
    size = (_LONG, round(_LONG / aspect)) if aspect > 1 else (round(_LONG * aspect), _LONG)
    image = studio.photo(*size)
    if studio.chance(0.2):
        image = _shelf(studio, image)
    values = np.asarray(image, np.float32)
    count = rng.choice((1, 1, 1, 2, 3))
    for number in range(count):
        kinds = (slide, slide, board, board, graphic, paper, phone, screen, receipt, drawing, meme)
        flat = rng.choice((*kinds, code))(studio)
        if studio.chance(0.6):
            flat = _framed(studio, flat)
        # Of one thing at most 45 % of the sides, of several less.
        share = rng.uniform(0.15, 0.62 if count == 1 else 0.4)
        x = rng.uniform(0.2, 0.8) if count == 1 else (number + rng.uniform(0.3, 0.7)) / count
        corners = _corners(studio, flat, size, share, (x, rng.uniform(0.25, 0.75)))
        placed, where = warped(flat, corners, size)
        lit = placed * rng.uniform(0.5, 1.1)
        values = lit * where[..., None] + values * (1 - where[..., None])
    if studio.chance(0.5):
        return exposed(studio, values)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _framed(studio: Canvas, flat: Image.Image) -> Image.Image:
    """In a frame, or in a screen's bezel."""
    wide = max(2, round(studio.rng.uniform(0.01, 0.06) * max(flat.size)))
    dark = studio.colour(0, 60) if studio.chance(0.6) else studio.colour()
    image = Image.new("RGB", (flat.width + 2 * wide, flat.height + 2 * wide), dark)
    image.paste(flat, (wide, wide))
    return image


def _corners(
    studio: Canvas,
    flat: Image.Image,
    size: tuple[int, int],
    share: float,
    middle: tuple[float, float],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Where its corners lie, (4, 2) in pixels, clockwise from the top left."""
    rng = studio.rng
    scale = share * min(size[0] / flat.width, size[1] / flat.height)
    half = np.array((flat.width, flat.height)) * scale / 2
    corners = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1))) * half
    angle = np.radians(rng.gauss(0, 6) if studio.chance(0.7) else rng.uniform(-60, 60))
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    corners = corners @ turn.T
    tilt = np.array((rng.gauss(0, 0.4), rng.gauss(0, 0.4))) / np.array(size)
    corners /= (1 + corners @ tilt)[:, None].clip(0.5, 2)
    return np.asarray(corners + np.array(middle) * size)


def _shelf(studio: Canvas, image: Image.Image) -> Image.Image:
    """Rows of backs of books over a part of the photo, or over all of it."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    left = 0 if studio.chance(0.6) else studio.between(0, width // 2)
    rows = studio.between(1, 4)
    high = height // rows
    for row in range(rows):
        x = left
        while x < width:
            wide = studio.between(8, 34)
            top = row * high + studio.between(4, max(5, high // 4))
            fill = studio.colour(20, 220)
            draw.rectangle((x, top, x + wide, (row + 1) * high - 6), fill=fill)
            ink = studio.colour(200, 255) if sum(fill) < 380 else studio.colour(0, 60)
            for y in range(top + 8, (row + 1) * high - 14, 9):
                if studio.chance(0.55):
                    draw.rectangle((x + wide // 3, y, x + 2 * wide // 3, y + 5), fill=ink)
            x += wide + studio.between(0, 2)
        shade = studio.colour(30, 120)
        draw.rectangle((left, (row + 1) * high - 6, width, (row + 1) * high), fill=shade)
    return image.filter(ImageFilter.GaussianBlur(studio.rng.uniform(0, 1.2)))
