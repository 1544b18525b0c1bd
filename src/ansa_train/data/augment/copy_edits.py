"""Edits that people make to copies of photos: crops, filters, frames, captures of a screen.

An edit takes a photo, how strong it is to be, 0..1, and random numbers; the same numbers give the
same picture. Its strength of 1 is the most that people would still call the same photo.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Edit = Callable[[Image.Image, float, random.Random], Image.Image]
"""(RGB photo, strength, random numbers) -> RGB picture, of any size."""

Colour = tuple[int, int, int]

_TEXT = (
    "summer happy day the best of us love family trip 2019 hello birthday never again weekend "
    "look at this friends forever when you see it good morning sale new only today wow home"
)
_WORDS = _TEXT.split()
_BARS: tuple[Colour, ...] = ((255, 255, 255), (0, 0, 0), (24, 24, 28), (242, 242, 247))
_BICUBIC = Image.Resampling.BICUBIC


def _crop(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Down to half of the area, at up to 1.5 times the aspect."""
    area = (1 - strength / 2) * photo.width * photo.height
    ratio = photo.width / photo.height * 1.5 ** rng.uniform(-strength, strength)
    width = max(1, min(photo.width, round(math.sqrt(area * ratio))))
    height = max(1, min(photo.height, round(area / width)))
    left, top = rng.randint(0, photo.width - width), rng.randint(0, photo.height - height)
    return photo.crop((left, top, left + width, top + height))


def _resize(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Down to a fifth of the side and up again, squeezed by up to 1.5."""
    factor = 1 - 0.8 * strength
    squeeze = 1.5 ** rng.uniform(-strength, strength)
    small = (max(1, round(photo.width * factor)), max(1, round(photo.height * factor)))
    size = (max(1, round(photo.width * squeeze)), photo.height)
    return photo.resize(small, Image.Resampling.BILINEAR).resize(size, _BICUBIC)


def _recompress(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """JPEG quality from 50 down to 10."""
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=round(50 - 40 * strength))
    return Image.open(buffer).convert("RGB")


def _mix(photo: Image.Image, other: Image.Image, strength: float) -> Image.Image:
    return Image.blend(photo, other.convert("RGB"), min(1.0, 0.4 + strength))


def _grey(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    return _mix(photo, photo.convert("L"), strength)


def _sepia(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    brown = ImageOps.colorize(photo.convert("L"), (40, 20, 0), (255, 240, 200), (150, 105, 60))
    return _mix(photo, brown, strength)


def _light(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Brightness, contrast and colour, each up to 2.2 times as much or as little."""
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        photo = enhancer(photo).enhance(2.2 ** (strength * rng.choice((-1, 1, rng.uniform(-1, 1)))))
    return photo


def _hue(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Up to 60 degrees around the colour circle."""
    hue, *rest = photo.convert("HSV").split()
    turn = round(rng.choice((-1, 1)) * strength * 256 / 6)
    hue = hue.point([(value + turn) % 256 for value in range(256)])
    return Image.merge("HSV", (hue, *rest)).convert("RGB")


def _vignette(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    y, x = np.mgrid[-1 : 1 : photo.height * 1j, -1 : 1 : photo.width * 1j]
    fall = 1 - (0.3 + 0.6 * strength) * np.minimum(1, (x**2 + y**2) / 1.6)
    return Image.fromarray((np.asarray(photo) * fall[..., None]).astype(np.uint8))


def _blur(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """A radius of up to 2.5 % of the side."""
    return photo.filter(ImageFilter.GaussianBlur(0.025 * strength * math.sqrt(_area(photo))))


def _noise(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """A deviation of up to 40 grey levels."""
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 40 * strength, _shape(photo))
    return Image.fromarray(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8))


def _pixelate(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Blocks, from 64 down to 24 in a row."""
    blocks = round(64 - 40 * strength)
    small = photo.resize((blocks, max(1, blocks * photo.height // photo.width)), _BICUBIC)
    return small.resize(photo.size, Image.Resampling.NEAREST)


def _text(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """One to three lines across the photo."""
    photo = photo.copy()
    draw = ImageDraw.Draw(photo)
    lines = 1 + round(2 * strength * rng.random())
    text = "\n".join(" ".join(rng.choices(_WORDS, k=rng.randint(1, 4))) for _ in range(lines))
    font = _font(photo.height * (0.05 + 0.08 * strength))
    left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font)
    x = rng.uniform(-0.1, 1) * max(1.0, photo.width - (right - left))
    y = rng.random() * max(1.0, photo.height - (bottom - top))
    colour = rng.choice(((255, 255, 255), (255, 230, 0), (230, 30, 40), (0, 0, 0)))
    if rng.random() < 0.4:
        back = (0, 0, 0) if sum(colour) > 300 else (255, 255, 255)
        draw.rectangle((x + left - 4, y + top - 4, x + right + 4, y + bottom + 4), back)
    draw.multiline_text((x, y), text, colour, font)
    return photo


def _sticker(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """One to four emoji of up to 0.4 of the shorter side."""
    photo = photo.copy()
    for _ in range(rng.randint(1, 1 + round(3 * strength))):
        side = round(min(photo.size) * rng.uniform(0.12, 0.15 + 0.25 * strength)) + 8
        emoji, mask = _emoji(side, rng)
        left = round(rng.uniform(-0.1, 0.9) * photo.width)
        top = round(rng.uniform(-0.1, 0.9) * photo.height)
        photo.paste(emoji, (left, top), mask)
    return photo


def _emoji(side: int, rng: random.Random) -> tuple[Image.Image, Image.Image]:
    """A face, a heart or a star, with its mask; any angle."""
    emoji, mask = Image.new("RGB", (side, side)), Image.new("L", (side, side))
    draw, shape = ImageDraw.Draw(emoji), ImageDraw.Draw(mask)
    what = rng.choice(("face", "heart", "star"))
    if what == "face":
        draw.rectangle((0, 0, side, side), (255, 205, 50))
        for x in (0.3, 0.6):
            draw.ellipse(_scaled(side, x, 0.28, x + 0.1, 0.45), (70, 45, 10))
        draw.chord(_scaled(side, 0.22, 0.35, 0.78, 0.82), 10, 170, (120, 40, 20))
        shape.ellipse((0, 0, side - 1, side - 1), 255)
    elif what == "heart":
        draw.rectangle((0, 0, side, side), (225, 30, 60))
        for x in (0.0, 0.48):
            shape.ellipse(_scaled(side, x, 0.05, x + 0.52, 0.57), 255)
        shape.polygon(_scaled(side, 0.06, 0.45, 0.94, 0.45, 0.5, 0.97), 255)
    else:
        draw.rectangle((0, 0, side, side), (250, 180, 20))
        points = ((i * math.pi / 5, (0.5, 0.2)[i % 2]) for i in range(10))
        turned = [0.5 + r * f(a) for a, r in points for f in (math.sin, math.cos)]
        shape.polygon(_scaled(side, *turned), 255)
    angle = rng.uniform(-30, 30)
    return emoji.rotate(angle, fillcolor=emoji.getpixel((side // 2, 2))), mask.rotate(angle)


def _border(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """A frame of one colour, up to 0.15 of the shorter side."""
    width = round(min(photo.size) * (0.03 + 0.12 * strength))
    return ImageOps.expand(photo, width, _colour(rng))


def _letterbox(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Bars at two opposite sides, together up to 0.6 of the photo."""
    bars = 0.1 + 0.5 * strength
    across = rng.random() < 0.5
    width = photo.width if across else round(photo.width * (1 + bars))
    height = round(photo.height * (1 + bars)) if across else photo.height
    page = Image.new("RGB", (width, height), rng.choice(_BARS))
    page.paste(photo, ((width - photo.width) // 2, (height - photo.height) // 2))
    return page


def _rounded(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Round corners on a page, some of the page around."""
    margin = round(min(photo.size) * 0.15 * strength * rng.random())
    mask = Image.new("L", photo.size)
    radius = min(photo.size) * (0.08 + 0.2 * strength)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *photo.size), radius, 255)
    size = (photo.width + 2 * margin, photo.height + 2 * margin)
    page = Image.new("RGB", size, _colour(rng))
    page.paste(photo, (margin, margin), mask)
    return page


def _banner(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """A white strip with words above or below, up to 0.4 of the photo's height."""
    strip = max(8, round(photo.height * (0.12 + 0.28 * strength)))
    page = Image.new("RGB", (photo.width, photo.height + strip), "white")
    above = rng.random() < 0.5
    page.paste(photo, (0, strip if above else 0))
    words = " ".join(rng.choices(_WORDS, k=rng.randint(3, 6)))
    where = (photo.width * 0.04, (0 if above else photo.height) + strip * 0.25)
    ImageDraw.Draw(page).text(where, words, "black", _font(strip * 0.4))
    return page


def _screenshot(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """On a telephone's screen with status bar, title and buttons; up to half is not the photo."""
    width = photo.width
    around = round(width * (0.25 + 0.75 * strength))
    top = round(around * rng.uniform(0.3, 0.6))
    dark = rng.random() < 0.5
    back, ink = ((12, 12, 14), (235, 235, 235)) if dark else ((250, 250, 250), (30, 30, 30))
    page = Image.new("RGB", (width, photo.height + around), back)
    page.paste(photo, (0, top))
    draw = ImageDraw.Draw(page)
    small, line = _font(width * 0.04), width * 0.06
    draw.text((width * 0.05, line * 0.2), f"{rng.randint(0, 23)}:{rng.randint(10, 59)}", ink, small)
    draw.rectangle((width * 0.86, line * 0.3, width * 0.94, line * 0.8), outline=ink)
    if top > 3 * line:
        face = (width * 0.05, top - 1.6 * line, width * 0.13, top - 0.3 * line)
        draw.ellipse(face, (90, 120, 200))
        draw.text((width * 0.17, top - 1.5 * line), rng.choice(_WORDS), ink, small)
    y = photo.height + top + line * 0.5
    for place in range(4):
        x = width * (0.06 + 0.12 * place)
        draw.ellipse((x, y, x + line, y + line), outline=ink, width=2)
    while y + 3 * line < page.height:
        y += 1.4 * line
        draw.text((width * 0.05, y), " ".join(rng.choices(_WORDS, k=5)), ink, small)
    return page


def _rotate(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Up to 15 degrees; the corners filled, or cut off as by a straightening tool."""
    angle = rng.choice((-1, 1)) * 15 * strength
    if rng.random() < 0.5:
        return photo.rotate(angle, _BICUBIC, expand=True, fillcolor=rng.choice(_BARS))
    turned = photo.rotate(angle, _BICUBIC)
    sine, cosine = math.sin(math.radians(abs(angle))), math.cos(math.radians(angle))
    long, short = max(photo.size) / min(photo.size), 1.0
    share = short / (long * sine + short * cosine)  # the same aspect, inside the turned photo
    width, height = max(1, round(photo.width * share)), max(1, round(photo.height * share))
    left, top = (photo.width - width) // 2, (photo.height - height) // 2
    return turned.crop((left, top, left + width, top + height))


def _flip(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    return photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _perspective(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Every corner drawn in by up to 0.15 of the side: a photo of a print."""
    width, height = photo.size
    inward = [(0.15 * strength * rng.random(), 0.15 * strength * rng.random()) for _ in range(4)]
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    moved = [
        (x + (dx if x == 0 else -dx) * width, y + (dy if y == 0 else -dy) * height)
        for (x, y), (dx, dy) in zip(corners, inward, strict=True)
    ]
    rows = []
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows, float), np.array(corners, float).reshape(8))
    back = rng.choice(_BARS)
    return photo.transform(
        photo.size, Image.Transform.PERSPECTIVE, solved.tolist(), _BICUBIC, fillcolor=back
    )


def _two(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Two different edits, each two thirds as strong."""
    for edit in rng.sample([SINGLE[name] for name in TAUGHT if name in SINGLE], 2):
        photo = edit(photo, strength * 2 / 3, rng)
    return photo


def _area(photo: Image.Image) -> int:
    return photo.width * photo.height


def _shape(photo: Image.Image) -> tuple[int, int, int]:
    return photo.height, photo.width, 3


def _scaled(side: int, *places: float) -> list[float]:
    return [place * side for place in places]


def _colour(rng: random.Random) -> Colour:
    """Mostly white or black, sometimes any."""
    if rng.random() < 0.7:
        return rng.choice(_BARS)
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(6, round(size)))


SINGLE: dict[str, Edit] = {
    "crop": _crop,
    "resize": _resize,
    "recompress": _recompress,
    "grey": _grey,
    "sepia": _sepia,
    "light": _light,
    "hue": _hue,
    "vignette": _vignette,
    "blur": _blur,
    "noise": _noise,
    "pixelate": _pixelate,
    "text": _text,
    "sticker": _sticker,
    "border": _border,
    "letterbox": _letterbox,
    "rounded": _rounded,
    "banner": _banner,
    "screenshot": _screenshot,
    "rotate": _rotate,
    "flip": _flip,
    "perspective": _perspective,
}

UNTAUGHT = ("vignette", "rounded", "banner")
"""Kinds of edits that prints are tested on and never taught."""

EDITS: dict[str, Edit] = SINGLE | {"two": _two}
TAUGHT = tuple(name for name in EDITS if name not in UNTAUGHT)
