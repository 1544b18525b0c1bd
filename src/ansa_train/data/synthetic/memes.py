"""Memes: a picture with a caption that jokes, in the manners people use."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ansa_train.data.synthetic.canvas import Canvas, font, sheet, wrapped
from ansa_train.data.synthetic.drawings import drawing


def meme(studio: Canvas) -> Image.Image:
    """A caption on a photo of the studio, or on a drawing."""
    if studio.chance(0.25):
        return captioned(studio, drawing(studio))
    width = studio.between(320, 480)
    height = round(width * studio.rng.choice((3 / 4, 1.0, 1.0, 4 / 3)))
    return captioned(studio, studio.photo(width, height))


def captioned(studio: Canvas, picture: Image.Image) -> Image.Image:
    """A picture with a caption: heavy white letters on it, or print on a strip above it."""
    width = 420
    picture = picture.resize((width, round(width * picture.height / picture.width)))
    way = studio.rng.random()
    if way < 0.6:
        where = studio.rng.choice((("top",), ("bottom",), ("top", "bottom"), ("top", "bottom")))
        for edge in where:
            _heavy(studio, picture, edge == "bottom")
        return picture
    if way < 0.85:
        return _stripped(studio, picture)
    return _panels(studio, picture)


def _heavy(studio: Canvas, picture: Image.Image, bottom: bool) -> None:
    size = studio.between(0.07 * picture.width, 0.13 * picture.width)
    type_ = font(studio.face("bold"), size)
    text = studio.words(2, 7)
    lines = wrapped(text.upper() if studio.chance(0.85) else text, 0.94 * picture.width, type_)[:3]
    draw = ImageDraw.Draw(picture)
    y = picture.height - round(1.15 * size * len(lines)) - 10 if bottom else 6
    fill = "white" if studio.chance(0.9) else "yellow"
    for line in lines:
        x = (picture.width - type_.getlength(line)) / 2
        draw.text((x, y), line, fill, type_, stroke_width=max(1, size // 12), stroke_fill="black")
        y += round(1.15 * size)


def _stripped(studio: Canvas, picture: Image.Image) -> Image.Image:
    size = studio.between(24, 44)
    type_ = font(studio.face("sans", "bold"), size)
    lines = wrapped(studio.words(3, 14), picture.width - 24, type_)
    high = round(1.25 * size * len(lines)) + 20
    dark = studio.chance(0.2)
    image, draw = sheet(
        (picture.width, picture.height + high), (0, 0, 0) if dark else (255, 255, 255)
    )
    under = studio.chance(0.2)
    image.paste(picture, (0, 0 if under else high))
    y = picture.height + 8 if under else 8
    for line in lines:
        draw.text((12, y), line, "white" if dark else "black", type_)
        y += round(1.25 * size)
    return image


def _panels(studio: Canvas, picture: Image.Image) -> Image.Image:
    """Pictures on one side, what they stand for on the other."""
    side = picture.width // 2
    rows = studio.between(2, 3)
    image, draw = sheet((2 * side, rows * side), (255, 255, 255))
    type_ = font(studio.face("bold", "sans"), studio.between(18, 30))
    for row in range(rows):
        part = picture if row == 0 or studio.chance(0.5) else studio.photo(side, side)
        image.paste(part.resize((side, side)), (0, row * side))
        y = row * side + side // 4
        for line in wrapped(studio.words(2, 6), side - 20, type_)[:4]:
            draw.text((side + 10, y), line, "black", type_)
            y += round(1.2 * type_.size)
        draw.line((0, row * side, 2 * side, row * side), "black", 2)
    return image
