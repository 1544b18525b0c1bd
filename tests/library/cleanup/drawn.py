"""Pictures that copies are told apart by: scenes, pages of one layout, skies, animations."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ansa.scene import Pixels

_WORDS = ("amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty")


def scene(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Soft light, shapes before it, grain: full of detail, unlike other seeds."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = rng.integers(0, size[0]), rng.integers(0, size[1])
        wide, high = rng.integers(8, size[0] // 6, 2)
        fill = tuple(int(level) for level in rng.integers(0, 256, 3))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((int(x), int(y), int(x + wide), int(y + high)), fill=fill)
    grain = rng.normal(0, 3, (size[1], size[0], 1))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def page(seed: int, changed: int | None = None) -> Image.Image:
    """An invoice: one layout; all its words and numbers follow the seed.

    Args:
        seed: of what is written.
        changed: a line of its table that is written anew.
    """
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (510, 660), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 16, 490, 60), fill=(40, 60, 110))
    draw.text((36, 28), "INVOICE", "white", ImageFont.load_default(20))
    draw.text((320, 90), f"No. {rng.integers(1000, 9999)}", "black", ImageFont.load_default(12))
    for line in range(10):
        row = np.random.default_rng((seed, line, 1)) if line == changed else rng
        y = 160 + 36 * line
        words = " ".join(row.choice(_WORDS, 3))
        draw.text((40, y), words, "black", ImageFont.load_default(12))
        draw.text((400, y), f"{row.uniform(3, 999):.2f}", "black", ImageFont.load_default(12))
        draw.line((36, y + 24, 474, y + 24), (190, 190, 190))
    return image


def sky(top: Sequence[int], bottom: Sequence[int], seed: int = 0) -> Image.Image:
    """Light that changes from top to bottom, with a little grain."""
    ramp = np.linspace(0, 1, 300)[:, None, None]
    light = np.array(top) * (1 - ramp) + np.array(bottom) * ramp
    grain = np.random.default_rng(seed).normal(0, 2, (300, 400, 1))
    return Image.fromarray((light + grain).clip(0, 255).astype(np.uint8))


def saved(image: Image.Image, quality: int = 80) -> Image.Image:
    """As it comes out of a JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def scaled(image: Image.Image, share: float) -> Image.Image:
    """Smaller or larger."""
    size = (round(image.width * share), round(image.height * share))
    return image.resize(size, Image.Resampling.LANCZOS)


def trimmed(image: Image.Image, share: float = 0.03) -> Image.Image:
    """Something cut off at every side."""
    across, down = image.width * share, image.height * share
    return image.crop((round(across), round(down), round(image.width - across / 2), image.height))


def pixels(image: Image.Image) -> Pixels:
    """Its pixels."""
    return np.asarray(image.convert("RGB"))


def animation(path: Path, frames: Sequence[Image.Image]) -> Path:
    """Writes a GIF, a WebP, a TIFF of several pages, ... by the name's ending."""
    first, *rest = frames
    if path.suffix == ".tif":
        first.save(path, save_all=True, append_images=rest)
    else:
        first.save(path, save_all=True, append_images=rest, duration=100, loop=0)
    return path
