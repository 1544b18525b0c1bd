"""Pages of one layout and other text, and skies with next to nothing in them: alike, and no copies.

Every key gives one picture. Pages of one layout share their frame, rules and typeface, as papers of
one sender do; what is written on them differs. Skies differ in their colours and clouds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from ansa_train.data.synthetic.canvas import (
    LOOKS,
    Canvas,
    Colour,
    font,
    gradient,
    sheet,
    smooth,
    wrapped,
)
from ansa_train.data.synthetic.codes import bars

_INK = (20, 20, 24)
_RULE = (190, 190, 195)
_LABELS = (
    *("Name", "Street", "Town", "Telephone", "Vehicle", "Plate", "Colour"),
    *("From", "Until", "Reason", "Date"),
)


def page(key: str) -> Image.Image:
    """A page named "page/LAYOUT/NUMBER", at most 640 pixels a side."""
    layout = key.split("/")[1]
    return _LAYOUTS[layout](Canvas(key, LOOKS["unseen"]))


def sky(key: str) -> Image.Image:
    """A sky named "sky/WEATHER/NUMBER", 640 x 480."""
    weather = key.split("/")[1]
    return _SKIES[weather](Canvas(key, LOOKS["unseen"]))


def page_keys(count: int, seed: int) -> list[str]:
    """Keys of so many pages, of all layouts alike."""
    return [f"page/{list(_LAYOUTS)[n % len(_LAYOUTS)]}/{seed}-{n:04}" for n in range(count)]


def sky_keys(count: int, seed: int) -> list[str]:
    """Keys of so many skies, of all weathers alike."""
    return [f"sky/{list(_SKIES)[n % len(_SKIES)]}/{seed}-{n:04}" for n in range(count)]


# Pages


def _invoice(studio: Canvas) -> Image.Image:
    image, draw = sheet((496, 640), (255, 255, 255))
    type_ = font("cmss10", 12)
    draw.rectangle((24, 20, 472, 64), fill=(40, 72, 120))
    draw.text((34, 30), "INVOICE", (255, 255, 255), font("cmb10", 20))
    draw.text((310, 84), f"No. {studio.number(5)}", _INK, type_)
    draw.text((310, 104), studio.date(), _INK, type_)
    for row in range(4):
        draw.text((34, 84 + 16 * row), studio.title(1, 3)[:28], _INK, type_)
    for row in range(9):
        y = 180 + 34 * row
        draw.text((34, y), studio.words(2, 3)[:34], _INK, type_)
        draw.text((400, y), studio.price(), _INK, type_)
        draw.line((28, y + 22, 468, y + 22), _RULE)
    draw.text((34, 560), f"Total {studio.price()}", _INK, font("cmb10", 18))
    return image


def _letter(studio: Canvas) -> Image.Image:
    image, draw = sheet((452, 640), (252, 251, 247))
    type_ = font("cmr10", 11)
    draw.text((60, 30), "Harbour & Sons", (90, 20, 20), font("cmb10", 20))
    draw.text((330, 80), studio.date(), _INK, type_)
    _prose(studio, draw, (50, 120, 410, 540), 11, 15)
    draw.text((50, 570), studio.title(2, 2), _INK, font("cmss10", 13))
    return image


def _ticket(studio: Canvas) -> Image.Image:
    image, draw = sheet((640, 260), (238, 240, 246))
    draw.rectangle((0, 0, 640, 46), fill=(200, 40, 60))
    draw.text((16, 10), "RAIL TICKET  second class", (255, 255, 255), font("cmb10", 20))
    for column, label in enumerate(("from", "to", "date", "seat")):
        x = 20 + 150 * column
        draw.text((x, 64), label, (120, 120, 130), font("cmss10", 12))
        text = (studio.title(1, 1), studio.title(1, 1), studio.date(), studio.number(3))[column]
        draw.text((x, 82), text[:14], _INK, font("cmb10", 18))
    code = bars(studio, 420, 80, (238, 240, 246), _INK)
    image.paste(code, (20, 140))
    draw.text((470, 170), studio.number(12), _INK, font("cmtt10", 16))
    return image


def _form(studio: Canvas) -> Image.Image:
    """The same questions; only the answers differ."""
    image, draw = sheet((480, 640), (255, 255, 255))
    draw.text((30, 24), "Application for a parking permit", _INK, font("cmb10", 18))
    for row, label in enumerate(_LABELS):
        y = 70 + 48 * row
        draw.text((30, y), label, (110, 110, 110), font("cmss10", 11))
        draw.rectangle((130, y - 6, 450, y + 24), outline=(120, 120, 120))
        answer = studio.title(1, 2) if row < 7 else studio.date()
        draw.text((138, y), answer[:28], (20, 30, 120), font("cmtt10", 14))
    return image


def _slide(studio: Canvas) -> Image.Image:
    image, draw = sheet((640, 400), (250, 250, 252))
    draw.rectangle((0, 0, 640, 60), fill=(16, 92, 96))
    draw.text((24, 14), studio.title(2, 4)[:34], (255, 255, 255), font("cmb10", 24))
    for row in range(5):
        y = 90 + 52 * row
        draw.ellipse((30, y + 6, 40, y + 16), fill=(16, 92, 96))
        draw.text((54, y), studio.words(3, 6)[:48], _INK, font("cmss10", 19))
    draw.text((560, 372), studio.number(2), (120, 120, 120), font("cmss10", 13))
    return image


def _receipt(studio: Canvas) -> Image.Image:
    image, draw = sheet((300, 620), (246, 245, 240))
    type_ = font("cmtt10", 13)
    draw.text((70, 16), "CORNER SHOP", _INK, font("cmb10", 20))
    draw.text((20, 50), f"{studio.date()} {studio.clock()}", _INK, type_)
    for row in range(16):
        y = 80 + 28 * row
        draw.text((20, y), studio.words(1, 2).upper()[:20], _INK, type_)
        draw.text((230, y), studio.price()[:6], _INK, type_)
    draw.text((20, 540), f"TOTAL   {studio.price()}", _INK, font("cmb10", 17))
    draw.text((20, 580), studio.number(24), _INK, type_)
    return image


def _statement(studio: Canvas) -> Image.Image:
    """A table of a bank, shaded row by row."""
    image, draw = sheet((460, 640), (255, 255, 255))
    draw.text((24, 16), "Statement of account", (0, 70, 50), font("cmb10", 18))
    type_ = font("cmss10", 11)
    for row in range(27):
        y = 60 + 21 * row
        if row % 2:
            draw.rectangle((20, y - 3, 440, y + 17), fill=(226, 238, 232))
        for x, text in ((26, studio.date()), (120, studio.words(1, 3)[:26]), (380, studio.price())):
            draw.text((x, y), text, _INK, type_)
    return image


def _chat(studio: Canvas) -> Image.Image:
    """A telephone's screen with messages."""
    image, draw = sheet((300, 640), (236, 229, 221))
    draw.rectangle((0, 0, 300, 54), fill=(7, 94, 84))
    draw.text((60, 16), "Family", (255, 255, 255), font("cmss10", 18))
    draw.ellipse((14, 12, 46, 44), fill=(120, 160, 200))
    for row in range(7):
        y, left = 70 + 78 * row, row % 2 * 60
        fill = (220, 248, 198) if row % 2 else (255, 255, 255)
        draw.rounded_rectangle((10 + left, y, 230 + left, y + 66), 10, fill)
        lines = wrapped(studio.sentence(), 200, font("cmss10", 13))
        for line, text in enumerate(lines[:2]):
            draw.text((20 + left, y + 6 + 18 * line), text, _INK, font("cmss10", 13))
        draw.text((190 + left, y + 48), studio.clock(), (120, 120, 120), font("cmss10", 10))
    return image


def _prose(
    studio: Canvas,
    draw: ImageDraw.ImageDraw,
    area: tuple[int, int, int, int],
    size: int,
    step: int,
) -> None:
    left, y, right, bottom = area
    text = " ".join(studio.sentence() for _ in range(40))
    for line in wrapped(text, right - left, font("cmr10", size)):
        if y + step > bottom:
            return
        draw.text((left, y), line, _INK, font("cmr10", size))
        y += step


_LAYOUTS: dict[str, Callable[[Canvas], Image.Image]] = {
    "invoice": _invoice,
    "letter": _letter,
    "ticket": _ticket,
    "form": _form,
    "slide": _slide,
    "receipt": _receipt,
    "statement": _statement,
    "chat": _chat,
}

# Skies


def _noon(studio: Canvas) -> Image.Image:
    return _graded(studio, (60, 120, 215), (165, 205, 245))


def _dusk(studio: Canvas) -> Image.Image:
    return _graded(studio, (235, 150, 85), (115, 55, 90))


def _night(studio: Canvas) -> Image.Image:
    return _graded(studio, (18, 24, 62), (70, 76, 130))


def _overcast(studio: Canvas) -> Image.Image:
    return _graded(studio, (105, 115, 130), (165, 170, 176))


def _plain(studio: Canvas) -> Image.Image:
    colour = studio.colour()
    return _grained(studio, Image.new("RGB", (640, 480), colour), 0.7)


def _clouds(studio: Canvas) -> Image.Image:
    """Soft clouds before noon's blue."""
    ground = np.asarray(gradient((640, 480), _near(studio, (70, 130, 220)), (170, 205, 240)))
    cover = smooth(studio.noise, (640, 480), studio.between(3, 7))[..., None]
    cover = np.clip((cover - 0.45) * 3, 0, 1)
    return _grained(studio, Image.fromarray((ground * (1 - cover) + 245 * cover).astype(np.uint8)))


def _sunset(studio: Canvas) -> Image.Image:
    """The sun somewhere above the horizon."""
    image = gradient((640, 480), _near(studio, (240, 170, 90)), _near(studio, (190, 70, 60)))
    radius, x, y = studio.between(14, 40), studio.between(60, 580), studio.between(120, 420)
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), (255, 236, 180))
    return _grained(studio, image)


def _fog(studio: Canvas) -> Image.Image:
    hills = smooth(studio.noise, (640, 480), studio.between(2, 4))[..., None]
    light = 190 + 30 * hills + np.array(studio.colour(0, 8))
    return _grained(studio, Image.fromarray(light.astype(np.uint8)))


_SKIES: dict[str, Callable[[Canvas], Image.Image]] = {
    "noon": _noon,
    "dusk": _dusk,
    "night": _night,
    "overcast": _overcast,
    "plain": _plain,
    "clouds": _clouds,
    "sunset": _sunset,
    "fog": _fog,
}


def _graded(studio: Canvas, top: Colour, bottom: Colour) -> Image.Image:
    return _grained(studio, gradient((640, 480), _near(studio, top), _near(studio, bottom)))


def _near(studio: Canvas, colour: Colour) -> Colour:
    red, green, blue = (min(255, max(0, c + studio.between(-22, 22))) for c in colour)
    return red, green, blue


def _grained(studio: Canvas, image: Image.Image, deviation: float = 2.0) -> Image.Image:
    grain = deviation * studio.noise.standard_normal((image.height, image.width, 1))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def trimmed(image: Image.Image, rng: Random) -> Image.Image:
    """Up to a twentieth cut off at each side."""
    left, top, right, bottom = (rng.uniform(0, 0.05) for _ in range(4))
    width, height = image.size
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return image.crop(tuple(map(round, box)))  # type: ignore[arg-type]
