"""Documents: letters, forms, columns, tables, notes, cards, book pages; scanned or photographed."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from ansa_train.data.synthetic.camera import photographed, scanned
from ansa_train.data.synthetic.canvas import Canvas, Colour, font, sheet, wrapped

Area = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""


def paper(studio: Canvas) -> Image.Image:
    """A document as a file, scanned, or photographed."""
    draw_it = studio.rng.choice((_letter, _letter, _columns, _form, _table, _note, _card, _book))
    page = draw_it(studio)
    way = studio.rng.random()
    if way < 0.35:
        return page
    return scanned(studio, page) if way < 0.6 else photographed(studio, page)


def _page(studio: Canvas, landscape: bool = False) -> tuple[Image.Image, ImageDraw.ImageDraw, Area]:
    """An empty page and the area within its margins."""
    long, short = studio.between(560, 760), studio.between(430, 540)
    width, height = (long, short) if landscape else (short, long)
    white = studio.colour(248, 255) if studio.chance(0.7) else studio.colour(215, 250)
    image, draw = sheet((width, height), white)
    side, top = studio.between(0.05 * width, 0.15 * width), studio.between(20, 70)
    return image, draw, (side, top, width - side, height - top)


def _ink(studio: Canvas) -> Colour:
    return studio.colour(0, 70)


def prose(studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, size: int, face: str) -> int:
    """Paragraphs until the area is full or chance ends them; gives the y they end at."""
    left, y, right, bottom = area
    type_, ink, step = font(face, size), _ink(studio), round(size * studio.rng.uniform(1.15, 1.6))
    while y + step < bottom:
        text = " ".join(studio.sentence() for _ in range(studio.between(1, 7)))
        for line in wrapped(text, right - left, type_):
            if y + step >= bottom:
                break
            draw.text((left, y), line, ink, type_)
            y += step
        y += studio.rng.choice((0, step // 2, step))
        if studio.chance(0.06):
            break
    return y


def _heading(studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, size: int) -> int:
    left, top, right, _ = area
    type_ = font(studio.face("bold", "serif", "sans"), size)
    colour = _ink(studio) if studio.chance(0.7) else studio.colour(0, 180)
    for line in wrapped(studio.title(1, 7), right - left, type_)[:2]:
        centred = (right - left - type_.getlength(line)) / 2 if studio.chance(0.5) else 0
        draw.text((left + max(0.0, centred), top), line, colour, type_)
        top += round(1.25 * size)
    return top + size // 2


def _letter(studio: Canvas) -> Image.Image:
    image, draw, (left, y, right, bottom) = _page(studio)
    size, face = studio.between(9, 15), studio.face("serif", "sans", "mono")
    type_, ink = font(face, size), _ink(studio)
    if studio.chance(0.6):
        y = _heading(studio, draw, (left, y, right, bottom), studio.between(18, 34))
    for _ in range(studio.between(0, 5)):  # the address
        draw.text((left, y), studio.title(1, 4), ink, type_)
        y += round(1.3 * size)
    if studio.chance(0.5):
        draw.text((right - 8 * size, y), studio.date(), ink, type_)
    y = prose(studio, draw, (left, y + 2 * size, right, bottom), size, face)
    if studio.chance(0.4):
        _scribble(studio, draw, (left, min(y, bottom - 40), left + 150, bottom), 22)
    if studio.chance(0.15):  # a stamp
        x, at, radius = (
            studio.between(left, right),
            studio.between(y / 2, y),
            studio.between(25, 60),
        )
        stamp = studio.colour(0, 200)
        draw.ellipse((x - radius, at - radius, x + radius, at + radius), outline=stamp, width=4)
        draw.text((x - radius / 2, at - 8), studio.word().upper(), stamp, font("", 16))
    return image


def _columns(studio: Canvas) -> Image.Image:
    """An article, a newspaper or a magazine page."""
    image, draw, (left, y, right, bottom) = _page(studio)
    y = _heading(studio, draw, (left, y, right, bottom), studio.between(18, 44))
    count, gap = studio.between(2, 4), studio.between(10, 24)
    width = (right - left - gap * (count - 1)) // count
    size, face = studio.between(7, 11), studio.face("serif", "serif", "sans")
    for column in range(count):
        x, top = left + column * (width + gap), y
        if studio.chance(0.3):
            high = studio.between(60, 160)
            image.paste(studio.photo(width, high).convert("L"), (x, top))
            top += high + size
        while top < bottom - 3 * size:
            top = prose(studio, draw, (x, top, x + width, bottom), size, face) + size
    return image


def _form(studio: Canvas) -> Image.Image:
    """Labels with boxes, lines and ticks to fill in; some are filled in by hand."""
    image, draw, (left, y, right, bottom) = _page(studio)
    y = _heading(studio, draw, (left, y, right, bottom), studio.between(16, 28))
    size, ink = studio.between(9, 13), _ink(studio)
    type_, line = font(studio.face("sans", "serif"), size), studio.colour(0, 170)
    high = studio.between(1.8 * size, 3 * size)
    while y + high < bottom:
        count = studio.between(1, 3)
        width = (right - left) // count
        for column in range(count):
            x = left + column * width
            way = studio.rng.random()
            if way < 0.5:
                draw.rectangle((x, y, x + width - 4, y + high - 3), outline=line)
                draw.text((x + 3, y + 1), studio.title(1, 2) + ":", ink, type_)
            elif way < 0.75:
                draw.line((x, y + high - 4, x + width - 10, y + high - 4), line)
                draw.text((x, y + 2), studio.title(1, 2), ink, type_)
            else:
                draw.rectangle((x, y + 3, x + size, y + 3 + size), outline=line)
                draw.text((x + 1.6 * size, y + 2), studio.words(1, 3), ink, type_)
            if studio.chance(0.3):
                _scribble(studio, draw, (x + width // 3, y + 2, x + width - 8, y + high), size)
        y += high
    return image


def _table(studio: Canvas) -> Image.Image:
    """An invoice, a statement, a timetable."""
    image, draw, (left, y, right, bottom) = _page(studio, landscape=studio.chance(0.3))
    y = _heading(studio, draw, (left, y, right, bottom), studio.between(16, 32))
    size, ink, rule = studio.between(8, 13), _ink(studio), studio.colour(60, 200)
    type_ = font(studio.face("sans", "mono", "serif"), size)
    y = prose(studio, draw, (left, y, right, y + studio.between(0, 120)), size, "") + size
    count, step = studio.between(3, 8), round(size * studio.rng.uniform(1.4, 2.2))
    width = (right - left) / count
    shaded = studio.colour(200, 245) if studio.chance(0.5) else None
    ruled, boxed = studio.chance(0.6), studio.chance(0.5)
    for row in range(studio.between(5, max(6, (bottom - y) // step))):
        if y + step > bottom:
            break
        if shaded and (row == 0 or row % 2):
            draw.rectangle((left, y, right, y + step), fill=shaded)
        for column in range(count):
            x = left + column * width
            text = studio.title(1, 2) if row == 0 or column == 0 else studio.price()
            draw.text((x + 3, y + 2), text[: int(1.6 * width / size)], ink, type_)
            if boxed:
                draw.rectangle((x, y, x + width, y + step), outline=rule)
        if ruled:
            draw.line((left, y + step, right, y + step), rule)
        y += step
    return image


def _note(studio: Canvas) -> Image.Image:
    """Handwriting on plain, ruled or squared paper, or on a whiteboard."""
    image, draw, (left, y, right, bottom) = _page(studio, landscape=studio.chance(0.3))
    size = studio.between(18, 34)
    lines, rule = studio.chance(0.6), studio.colour(150, 225)
    for at in range(y, image.height, size):
        if lines:
            draw.line((0, at, image.width, at), rule)
    if lines and studio.chance(0.4):
        for at in range(0, image.width, size):
            draw.line((at, 0, at, image.height), rule)
    for top in range(y, bottom - size, size):
        if studio.chance(0.85):
            end = right if studio.chance(0.7) else studio.between(left + 40, right)
            _scribble(studio, draw, (left, top, end, top + size), size)
    return image


def _card(studio: Canvas) -> Image.Image:
    """An identity card, a business card, a ticket."""
    width = studio.between(420, 560)
    height = round(width * studio.rng.uniform(0.45, 0.7))
    ground = studio.colour(170, 255)
    image, draw = sheet((width, height), ground)
    if studio.chance(0.6):
        draw.rectangle((0, 0, width, studio.between(20, height / 4)), fill=studio.colour(0, 200))
    left = 20
    if studio.chance(0.5):
        side = round(height * studio.rng.uniform(0.35, 0.6))
        image.paste(studio.photo(round(0.8 * side), side), (20, height // 3))
        left += side
    size = studio.between(12, 22)
    y = height // 4 + 6
    while y < height - size:
        face = studio.face("sans", "bold", "mono")
        text = studio.rng.choice((studio.title(1, 3), studio.date(), studio.number(9)))
        draw.text((left + 10, y), text, _ink(studio), font(face, size))
        y += round(1.5 * size)
    return image


def _book(studio: Canvas) -> Image.Image:
    """Two open pages."""
    image, draw, (left, y, _, bottom) = _page(studio, landscape=True)
    middle, size, face = image.width // 2, studio.between(8, 12), studio.face("serif")
    for x, end in ((left // 2, middle - 24), (middle + 24, image.width - left // 2)):
        top = y
        if studio.chance(0.3):
            top = _heading(studio, draw, (x, y, end, bottom), studio.between(14, 24))
        while top < bottom - 2 * size:
            top = prose(studio, draw, (x, top, end, bottom), size, face) + size
    for offset in range(20):  # the fold
        grey = 150 + 5 * offset
        for x in (middle - offset, middle + offset):
            draw.line((x, 0, x, image.height), (grey, grey, grey), 1)
    return image


def _scribble(studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, size: int) -> None:
    """A line of what looks like handwriting."""
    left, top, right, bottom = area
    x, base = float(left), top + 0.7 * min(size, bottom - top)
    ink = studio.rng.choice(((20, 30, 120), (20, 20, 20), (60, 60, 70), (150, 20, 20)))
    while x < right:
        # Loops that lean and drift: a pen going round while the hand moves on.
        turns = np.linspace(0, 2 * np.pi * studio.between(2, 6), 12 * studio.between(2, 6))
        high = size * studio.rng.choice((0.15, 0.2, 0.35)) * (1 + 0.5 * np.sin(0.7 * turns))
        across = x + 0.09 * size * turns + 0.12 * size * np.cos(turns)
        along = base - high * (1 + np.sin(turns)) / 2
        draw.line(list(zip(across, along, strict=True)), ink, max(1, size // 14), joint="curve")
        x = float(across.max()) + 0.35 * size
