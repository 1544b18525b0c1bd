"""Photos spoiled on purpose: the worse half of pairs from which a head learns what looks better."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Literal, get_args

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ansa_train.data.augment.degradations import TILT, frame

Way = Literal["crop", "tilt", "occlusion", "clutter"]
"""Ways to spoil a photo's composition."""

WAYS: tuple[Way, ...] = get_args(Way)

Other = Callable[[random.Random], Image.Image]
"""Gives any other photo, RGB."""

_SKIN = ((236, 188, 160), (205, 150, 120), (160, 110, 84), (100, 66, 50))


def add_composition_fault(
    photo: Image.Image, way: Way, rng: random.Random, other: Other
) -> Image.Image:
    """Spoils a photo (RGB) in one way. A crop or a tilt also changes its size."""
    match way:
        case "crop":
            return _cut(photo, rng)
        case "tilt":
            return frame(photo, rng.choice((-1, 1)) * rng.uniform(0.3, 1) * TILT)
        case "occlusion":
            return rng.choice((_finger, _strap, _blob))(photo, rng)
        case "clutter":
            return _cluttered(photo, rng, other)


def _cut(photo: Image.Image, rng: random.Random) -> Image.Image:
    """About half of each side, so that an edge goes through the middle, where subjects are."""
    share = rng.uniform(0.45, 0.6)
    near = rng.choice((0.0, 1.0))
    x, y = rng.choice(((near, rng.random()), (rng.random(), near), (near, rng.choice((0.0, 1.0)))))
    return frame(photo, 0.0, (share, x, y))


def _finger(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A fingertip before an edge of the lens."""
    width, height = photo.size
    across, deep = rng.uniform(0.25, 0.6), rng.uniform(0.15, 0.4)
    upright = rng.random() < 0.5
    x = (rng.random() if upright else rng.choice((0, 1))) * width
    y = (rng.choice((0, 1)) if upright else rng.random()) * height
    w, h = (across * width, deep * height) if upright else (deep * width, across * height)
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).ellipse((x - w, y - h, x + w, y + h), fill=255)
    return _before(photo, mask, _tinted(rng.choice(_SKIN), rng), rng.uniform(0.02, 0.06))


def _strap(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A camera's strap or a cable across the picture."""
    width, height = photo.size
    ends = [(rng.uniform(-0.1, 0.5) * width, -0.1 * height)]
    ends.append((rng.uniform(0, 1) * width, rng.uniform(0.3, 0.7) * height))
    ends.append((rng.uniform(0.5, 1.1) * width, 1.1 * height))
    if rng.random() < 0.5:
        ends = [(width - x, y) for x, y in ends]
    mask = Image.new("L", photo.size)
    thick = round(rng.uniform(0.06, 0.15) * width)
    ImageDraw.Draw(mask).line(ends, fill=255, width=thick, joint="curve")
    shade = rng.randint(0, 70)
    return _before(photo, mask, _tinted((shade, shade, shade), rng), rng.uniform(0.01, 0.03))


def _blob(photo: Image.Image, rng: random.Random) -> Image.Image:
    """Something close and far out of focus, anywhere."""
    width, height = photo.size
    x, y = rng.random() * width, rng.random() * height
    w, h = rng.uniform(0.15, 0.4) * width, rng.uniform(0.15, 0.4) * height
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).ellipse((x - w, y - h, x + w, y + h), fill=rng.randint(190, 255))
    grey = rng.randint(20, 220)
    colour = _tinted((grey, grey, grey), rng, 0.4)
    return _before(photo, mask, colour, rng.uniform(0.04, 0.1))


def _before(
    photo: Image.Image, mask: Image.Image, colour: tuple[int, int, int], blur: float
) -> Image.Image:
    """A colour before the photo where the mask is, blurred by a share of the width."""
    soft = mask.filter(ImageFilter.GaussianBlur(blur * photo.width))
    return Image.composite(Image.new("RGB", photo.size, colour), photo, soft)


def _tinted(
    colour: tuple[int, int, int], rng: random.Random, most: float = 0.08
) -> tuple[int, int, int]:
    """The colour in another light; ``most`` is how much each channel may go its own way."""
    light = rng.uniform(0.6, 1.1)
    red, green, blue = (
        min(255, round(c * light * rng.uniform(1 - most, 1 + most))) for c in colour
    )
    return red, green, blue


def _cluttered(photo: Image.Image, rng: random.Random, other: Other) -> Image.Image:
    """Pieces of other photos and lines of letters strewn over the picture."""
    photo = photo.copy()
    width, height = photo.size
    source = other(rng)
    for number in range(rng.randint(5, 14)):
        if number % 4 == 3:
            source = other(rng)
        w, h = (max(8, round(rng.uniform(0.08, 0.25) * side)) for side in photo.size)
        x, y = rng.uniform(0, source.width * 0.6), rng.uniform(0, source.height * 0.6)
        box = (x, y, x + source.width * 0.4, y + source.height * 0.4)
        piece = source.resize((w, h), Image.Resampling.BICUBIC, box)
        mask = Image.new("L", (w, h), 255)
        if rng.random() < 0.6:
            mask = Image.new("L", (w, h))
            ImageDraw.Draw(mask).ellipse((0, 0, w - 1, h - 1), fill=255)
        photo.paste(
            piece, (rng.randint(-w // 3, width - w // 2), rng.randint(-h // 3, height)), mask
        )
    draw = ImageDraw.Draw(photo)
    for _ in range(rng.randint(0, 3)):
        letters = rng.choices(string.ascii_letters + string.digits + "   :-", k=rng.randint(6, 18))
        place = rng.uniform(0, 0.7) * width, rng.uniform(0, 0.95) * height
        font = ImageFont.load_default(rng.uniform(0.05, 0.12) * height)
        draw.text(place, "".join(letters), rng.choice(("white", "yellow", "red", "black")), font)
    return photo
