"""Graphics: posters, logos, boards of prices, charts and diagrams, as files."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter

from ansa_train.data.synthetic.canvas import Canvas, Colour, font, sheet, wrapped
from ansa_train.data.synthetic.slides import boxes, chart


def graphic(studio: Canvas) -> Image.Image:
    """One of all kinds."""
    kinds = (_poster, _poster, _poster, _logo, _logo, _diagram, _diagram, _network, board)
    return studio.rng.choice(kinds)(studio)


def board(studio: Canvas) -> Image.Image:
    """A sign or a board: few large words, or names with prices."""
    width, height = studio.between(240, 480), studio.between(180, 480)
    ground = studio.colour(0, 90) if studio.chance(0.5) else studio.colour(120, 255)
    image, draw = sheet((width, height), ground)
    ink = _on(studio, ground)
    if studio.chance(0.5):
        draw.rectangle((8, 8, width - 9, height - 9), outline=ink, width=studio.between(2, 6))
    y = 20
    if studio.chance(0.7):
        y = _lines(studio, image, studio.title(1, 3), y, studio.between(28, 60), ink)
    if studio.chance(0.6):
        size = studio.between(14, 26)
        type_ = font(studio.face("sans", "serif", "bold"), size)
        while y + 2 * size < height:
            draw.text((20, y), studio.title(1, 2)[: width // size], ink, type_)
            price = studio.price()
            draw.text((width - 20 - type_.getlength(price), y), price, ink, type_)
            y += round(studio.rng.uniform(1.3, 2.0) * size)
    else:
        while y < height - 50:
            y = _lines(studio, image, studio.words(1, 3), y, studio.between(24, 70), ink)
    return image


def _poster(studio: Canvas) -> Image.Image:
    """A headline, a picture or shapes, and small print."""
    width = studio.between(300, 460)
    height = round(width * studio.rng.choice((1.0, 5 / 4, math.sqrt(2), 3 / 2, 3 / 4)))
    image = studio.backdrop(width, height, 0.4)
    if studio.chance(0.5):
        image = image.filter(ImageFilter.GaussianBlur(studio.rng.uniform(0, 8)))
    if studio.chance(0.5):  # a tint, so that words can be read
        tint = Image.new("RGB", image.size, studio.colour())
        image = Image.blend(image, tint, studio.rng.uniform(0.2, 0.7))
    draw = ImageDraw.Draw(image)
    for _ in range(studio.between(0, 5)):
        _shape(studio, draw, image.size)
    if studio.chance(0.4):
        side = studio.between(0.4 * width, 0.8 * width)
        photo = studio.photo(side, side)
        mask = Image.new("L", (side, side))
        shape = ImageDraw.Draw(mask)
        (shape.ellipse if studio.chance(0.5) else shape.rectangle)((0, 0, side, side), fill=255)
        image.paste(photo, ((width - side) // 2, (height - side) // 2), mask)
    if studio.chance(0.5):
        top = studio.between(0, 0.6 * height)
        draw.rectangle((0, top, width, top + 0.25 * height), fill=studio.colour())
    middle = image.getpixel((width // 2, height // 8))
    assert isinstance(middle, tuple)
    ink = _on(studio, middle)
    y = studio.between(0.04 * height, 0.3 * height)
    for _ in range(studio.between(1, 3)):
        y = _lines(
            studio, image, studio.title(1, 4), y, studio.between(0.08 * width, 0.2 * width), ink
        )
    y = max(y, round(0.75 * height))
    for _ in range(studio.between(1, 4)):
        y = _lines(studio, image, studio.words(2, 8), y, studio.between(11, 20), ink)
    return image


def _logo(studio: Canvas) -> Image.Image:
    """A sign and a name on a plain ground."""
    width, height = studio.between(200, 420), studio.between(140, 420)
    ground = (255, 255, 255) if studio.chance(0.6) else studio.colour()
    image, draw = sheet((width, height), ground)
    side = min(width, height) * studio.rng.uniform(0.3, 0.6)
    x, y = width / 2, height * studio.rng.uniform(0.3, 0.5)
    for _ in range(studio.between(1, 4)):
        a = side / 2 * studio.rng.uniform(0.5, 1)
        turn, points = studio.rng.uniform(0, 360), studio.between(3, 8)
        way, fill = studio.between(0, 3), studio.colour()
        if way == 0:
            draw.ellipse((x - a, y - a, x + a, y + a), fill=fill)
        elif way == 1:
            draw.regular_polygon((x, y, a), points, turn, fill=fill)
        elif way == 2:
            draw.arc((x - a, y - a, x + a, y + a), turn, turn + 250, fill, max(2, round(a / 4)))
        else:
            type_ = font(studio.face("bold"), max(8, round(1.4 * a)))
            draw.text((x, y), studio.title(1, 1)[:2], fill, type_, anchor="mm")
    if studio.chance(0.7):
        size = studio.between(20, 48)
        _lines(
            studio, image, studio.title(1, 2), round(y + side / 2) + 6, size, _on(studio, ground)
        )
    return image


def _diagram(studio: Canvas) -> Image.Image:
    """A chart, or boxes with arrows, under a heading."""
    width, height = studio.between(320, 520), studio.between(220, 460)
    ground = studio.colour(235, 255) if studio.chance(0.8) else studio.colour(0, 60)
    image, draw = sheet((width, height), ground)
    ink, top = _on(studio, ground), 14
    if studio.chance(0.6):
        top = _lines(studio, image, studio.title(1, 4), 10, studio.between(16, 28), ink)
    part = studio.rng.choice((chart, boxes))
    part(studio, draw, (24, top + 10, width - 24, height - 30), ink, studio.colour(20, 230))
    return image


def _network(studio: Canvas) -> Image.Image:
    """Things with names, and lines between them."""
    width, height = studio.between(260, 480), studio.between(220, 460)
    image, draw = sheet((width, height), studio.colour(240, 255))
    ink, size = studio.colour(0, 90), studio.between(10, 16)
    type_ = font(studio.face("sans", "mono", "serif"), size)
    places = [
        (studio.between(40, width - 60), studio.between(30, height - 40))
        for _ in range(studio.between(3, 9))
    ]
    for here in places:
        for there in studio.rng.sample(places, studio.between(1, 2)):
            draw.line((*here, *there), ink, studio.between(1, 3))
    for x, y in places:
        name = studio.word()
        half = type_.getlength(name) / 2 + 8
        box = (x - half, y - size, x + half, y + size)
        fill = studio.colour(150, 255) if studio.chance(0.5) else (255, 255, 255)
        (draw.rectangle if studio.chance(0.6) else draw.ellipse)(box, fill, ink)
        draw.text((x, y), name, ink, type_, anchor="mm")
    return image


def _shape(studio: Canvas, draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    x, y = studio.between(0, size[0]), studio.between(0, size[1])
    a, b = studio.between(10, size[0] // 2), studio.between(10, size[1] // 3)
    shape = studio.rng.choice((draw.ellipse, draw.rectangle))
    shape((x - a, y - b, x + a, y + b), fill=studio.colour())


def _lines(studio: Canvas, image: Image.Image, text: str, y: int, size: int, ink: Colour) -> int:
    """Words in the middle of lines from there on; where the next may begin."""
    type_ = font(studio.face("bold", "bold", "sans", "serif"), size)
    draw = ImageDraw.Draw(image)
    for line in wrapped(text.upper() if studio.chance(0.3) else text, 0.9 * image.width, type_)[:4]:
        draw.text(((image.width - type_.getlength(line)) / 2, y), line, ink, type_)
        y += round(1.2 * size)
    return y + size // 3


def _on(studio: Canvas, ground: tuple[int, ...]) -> Colour:
    """What can be read on a colour."""
    return studio.colour(0, 80) if sum(ground[:3]) > 380 else studio.colour(200, 255)
