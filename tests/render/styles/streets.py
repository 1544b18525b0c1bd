"""Drawn streets: level lines, all brightnesses, colours around grey, as in an even daylight."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ansa.scene import Facts, Pixels, Scene


def draw_street(seed: int, width: int = 320, height: int = 240) -> Pixels:
    """A row of houses with windows under a pale sky, unlike those of other seeds."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        grey = int(250 - 70 * y / height)
        draw.line((0, y, width, y), fill=(grey - 6, grey, min(255, grey + 8)))
    ground = int(height * rng.uniform(0.72, 0.85))
    x = 0
    while x < width:
        wide, high = int(rng.integers(40, 80)), int(rng.integers(80, 140))
        wall = tuple(int(c) for c in rng.integers(70, 200) + rng.integers(-15, 16, 3))
        draw.rectangle((x, ground - high, x + wide, ground), fill=wall)
        for row in range(ground - high + 10, ground - 20, 26):
            for column in range(x + 6, x + wide - 12, 18):
                draw.rectangle((column, row, column + 9, row + 15), fill=(12, 12, 14))
        draw.rectangle((x, ground - high, x + wide, ground - high + 3), fill=(245, 245, 245))
        x += wide + int(rng.integers(0, 12))
    draw.rectangle((0, ground, width, height), fill=(110, 108, 106))
    draw.line((0, ground + 14, width, ground + 14), fill=(235, 235, 235), width=3)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), np.float64)
    noisy = pixels + rng.normal(0, 2, (height, width, 1))
    return np.clip(noisy + 0.5, 0, 255).astype(np.uint8)


def scene_of(pixels: Pixels, **signals: object) -> Scene:
    """A scene with these signals and no others."""
    height, width, _ = pixels.shape
    embedding = np.zeros(4, np.float32)
    embedding[0] = 1
    return Scene(Facts(width=width, height=height), embedding, signals)
