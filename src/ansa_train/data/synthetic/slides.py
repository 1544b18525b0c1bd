"""Slides: a title, points, charts, boxes and arrows; as a file, or photographed off a wall."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ansa_train.data.synthetic.camera import photographed
from ansa_train.data.synthetic.canvas import Canvas, Colour, font, gradient, wrapped


def slide(studio: Canvas) -> Image.Image:
    """One slide."""
    width = studio.between(560, 720)
    height = round(width * studio.rng.choice((9 / 16, 9 / 16, 3 / 4)))
    ground = studio.colour(225, 255) if studio.chance(0.7) else studio.colour(0, 110)
    ink = studio.colour(0, 80) if sum(ground) > 380 else studio.colour(215, 255)
    accent = studio.colour(20, 230)
    image = gradient((width, height), ground, ground)
    draw = ImageDraw.Draw(image)
    if studio.chance(0.35):
        draw.rectangle((0, 0, width, round(0.17 * height)), fill=accent)
    if studio.chance(0.3):
        draw.rectangle((0, height - 16, width, height), fill=accent)
    size = studio.between(24, 40)
    draw.text((30, 0.05 * height), studio.title(1, 5)[:30], ink, font(studio.face("bold"), size))
    area = (30, round(0.22 * height), width - 30, height - 24)
    parts = studio.rng.choice(((_points,), (_points, chart), (_points, boxes), (boxes,), (chart,)))
    share = (area[2] - area[0]) // len(parts)
    for number, part in enumerate(parts):
        left = area[0] + number * share
        part(studio, draw, (left, area[1], left + share - 14, area[3]), ink, accent)
    if studio.chance(0.2):
        side = height // 3
        image.paste(studio.photo(side, side), (width - side - 20, height - side - 20))
    return photographed(studio, image) if studio.chance(0.4) else image


Area = tuple[int, int, int, int]


def _points(
    studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, ink: Colour, accent: Colour
) -> None:
    left, y, right, bottom = area
    size = studio.between(14, 24)
    type_ = font(studio.face("sans", "serif"), size)
    while y + 2 * size < bottom:
        draw.ellipse((left, y + size // 3, left + size // 3, y + 2 * size // 3), fill=accent)
        for line in wrapped(studio.words(2, 9), right - left - size, type_)[:2]:
            draw.text((left + size, y), line, ink, type_)
            y += round(1.2 * size)
        y += size // 2
        if studio.chance(0.15):
            break


def chart(
    studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, ink: Colour, accent: Colour
) -> None:
    """Bars, lines or a pie, inside left, top, right, bottom."""
    left, top, right, bottom = area
    draw.line((left, top, left, bottom, right, bottom), ink, 2)
    count = studio.between(3, 9)
    step = (right - left) / count
    if studio.chance(0.5):
        for bar in range(count):
            high = studio.rng.uniform(0.1, 0.9) * (bottom - top)
            x = left + bar * step
            draw.rectangle((x + 4, bottom - high, x + 0.8 * step, bottom), fill=accent)
    elif studio.chance(0.6):
        for _ in range(studio.between(1, 3)):
            heights = [studio.rng.uniform(top, bottom) for _ in range(count)]
            points = [(left + i * step, y) for i, y in enumerate(heights)]
            draw.line(points, studio.colour(20, 220), 3)
    else:
        radius = min(right - left, bottom - top) / 2.2
        x, y, turn = (left + right) / 2, (top + bottom) / 2, 0.0
        while turn < 360:
            part = studio.rng.uniform(20, 150)
            box = (x - radius, y - radius, x + radius, y + radius)
            draw.pieslice(box, turn, min(360, turn + part), fill=studio.colour(20, 240))
            turn += part


def boxes(
    studio: Canvas, draw: ImageDraw.ImageDraw, area: Area, ink: Colour, accent: Colour
) -> None:
    """Rows of named boxes with lines between them, inside left, top, right, bottom."""
    left, top, right, bottom = area
    columns, rows = studio.between(1, 3), studio.between(2, 3)
    wide, high = (right - left) / columns, (bottom - top) / rows
    type_ = font(studio.face("sans"), 13)
    for column in range(columns):
        for row in range(rows):
            x, y = left + column * wide, top + row * high
            box = (x + 6, y + 6, x + 0.75 * wide, y + 0.65 * high)
            fill = accent if studio.chance(0.5) else None
            draw.rounded_rectangle(box, 8, fill=fill, outline=ink, width=2)
            draw.text((x + 12, y + 12), studio.title(1, 1)[:9], ink, type_)
            if studio.chance(0.7) and row + 1 < rows:
                middle = (x + 6 + x + 0.75 * wide) / 2
                draw.line((middle, y + 0.65 * high, middle, y + high), ink, 2)
