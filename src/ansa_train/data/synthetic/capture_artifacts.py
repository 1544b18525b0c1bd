"""What happens to pictures on their way: cut, framed, made smaller, made grey, saved again.

Every kind of picture goes through it alike, photos too, so that neither sharpness nor margins nor
the marks of compression say what it is.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from ansa_train.data.synthetic.canvas import Canvas

_FILTERS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
)


def with_capture_artifacts(studio: Canvas, image: Image.Image) -> Image.Image:
    """The picture after whatever happened to it."""
    if studio.chance(0.5):
        image = _cut(studio, image)
    if studio.chance(0.25):
        image = _framed(studio, image)
    if studio.chance(0.7):
        image = _resized(studio, image)
    if studio.chance(0.08):
        image = ImageOps.grayscale(image).convert("RGB")
    if studio.chance(0.3):
        curve = 255 * np.linspace(0, 1, 256) ** studio.rng.uniform(0.6, 1.6)
        image = image.point([round(value) for value in curve] * 3)
    if studio.chance(0.7):
        image = _saved(studio, image)
    return image


def _cut(studio: Canvas, image: Image.Image) -> Image.Image:
    """Up to 8 % off every side."""
    w, h = image.size
    left, right = studio.rng.uniform(0, 0.08) * w, studio.rng.uniform(0, 0.08) * w
    top, bottom = studio.rng.uniform(0, 0.08) * h, studio.rng.uniform(0, 0.08) * h
    return image.crop((round(left), round(top), round(w - right), round(h - bottom)))


def _framed(studio: Canvas, image: Image.Image) -> Image.Image:
    """A border on all sides, or bars on two."""
    colour = studio.rng.choice(((0, 0, 0), (255, 255, 255), studio.colour()))
    x = round(image.width * studio.rng.uniform(0, 0.15))
    y = round(image.height * studio.rng.uniform(0, 0.15))
    way = studio.between(0, 2)
    return ImageOps.expand(image, (x, y) if way == 0 else (x, 0) if way == 1 else (0, y), colour)


def _resized(studio: Canvas, image: Image.Image) -> Image.Image:
    """To between 90 and 700 pixels on the longer side, by any filter."""
    long = 90 * (700 / 90) ** studio.rng.random()
    scale = long / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    return image.resize(size, studio.rng.choice(_FILTERS))


def _saved(studio: Canvas, image: Image.Image) -> Image.Image:
    """As JPEG or WebP, of any quality."""
    stream = BytesIO()
    kind = studio.rng.choice(("JPEG", "JPEG", "JPEG", "WEBP"))
    image.save(
        stream, kind, quality=studio.between(25, 95), **({"method": 0} if kind == "WEBP" else {})
    )
    return Image.open(stream).convert("RGB")
