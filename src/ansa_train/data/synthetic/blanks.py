"""Shots of nothing: black, white, a lens cap, a finger, the floor, the inside of a pocket."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ansa_train.data.synthetic.canvas import Canvas, gradient, smooth


def blank(studio: Canvas) -> Image.Image:
    """One of all kinds."""
    kinds = (_plain, _dark, _bright, _finger, _finger, _blur, _blur, _pocket)
    size = studio.rng.choice(((320, 240), (240, 320), (320, 320), (320, 180)))
    return studio.rng.choice(kinds)(studio, size)


def _noisy(studio: Canvas, image: Image.Image, strength: float) -> Image.Image:
    values = np.asarray(image, np.float32)
    grain = strength * studio.noise.standard_normal(values.shape, np.float32)
    if studio.chance(0.5):  # coarse, as cameras leave it in the dark
        shape = (values.shape[0] // 3, values.shape[1] // 3)
        coarse = Image.fromarray(studio.noise.standard_normal(shape, np.float32))
        grain += strength * np.asarray(coarse.resize(image.size))[..., None]
    return Image.fromarray((values + grain).clip(0, 255).astype(np.uint8))


def _plain(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """One colour."""
    level = studio.rng.choice((0, 0, 255, 255, studio.between(0, 255)))
    colour = (level, level, level) if studio.chance(0.7) else studio.colour()
    return Image.new("RGB", size, colour)


def _dark(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """A lens cap: nearly black, with noise and a leak of light."""
    image = gradient(size, studio.colour(0, 25), studio.colour(0, 40))
    if studio.chance(0.3):
        leak = smooth(studio.noise, size, 2)[..., None] ** 4 * np.array(studio.colour(20, 160))
        image = Image.fromarray((np.asarray(image) + leak).clip(0, 255).astype(np.uint8))
    return _noisy(studio, image, studio.rng.uniform(0.5, 12))


def _bright(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """Blown out."""
    image = gradient(size, studio.colour(225, 255), studio.colour(205, 255))
    return _noisy(studio, image, studio.rng.uniform(0, 4))


def _finger(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """Skin out of focus before most of the picture."""
    behind = studio.photo(*size).filter(ImageFilter.GaussianBlur(studio.rng.uniform(1, 10)))
    tone = studio.rng.uniform(0.35, 1.0)
    skin = np.array((235, studio.between(110, 180), studio.between(80, 150))) * tone
    light = 0.6 + 0.6 * smooth(studio.noise, size, 2)[..., None]
    covered = smooth(studio.noise, size, 2) > studio.rng.uniform(-0.1, 0.25)
    soft = Image.fromarray((covered * 255).astype(np.uint8))
    mask = np.asarray(soft.filter(ImageFilter.GaussianBlur(18)), np.float32)[..., None] / 255
    values = np.asarray(behind) * (1 - mask) + skin * light * mask
    return _noisy(studio, Image.fromarray(values.clip(0, 255).astype(np.uint8)), 3)


def _blur(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """Whatever was before the lens, moved or out of focus until nothing can be told."""
    image = studio.photo(*size)
    if studio.chance(0.5):
        image = image.filter(ImageFilter.GaussianBlur(studio.rng.uniform(16, 60)))
    else:
        # A shift along one axis: shrink it to a few pixels, then stretch them.
        few = studio.between(2, 6)
        across = studio.chance(0.5)
        image = image.resize((few, size[1]) if across else (size[0], few), Image.Resampling.BOX)
        image = image.resize(size, Image.Resampling.BICUBIC)
        angle = studio.rng.uniform(-40, 40)
        image = image.rotate(angle, Image.Resampling.BICUBIC).resize(
            size, Image.Resampling.BICUBIC, (80, 60, size[0] - 80, size[1] - 60)
        )
        image = image.filter(ImageFilter.GaussianBlur(studio.rng.uniform(3, 8)))
    values = np.asarray(image, np.float32) * studio.rng.uniform(0.2, 1.1)
    return _noisy(
        studio, Image.fromarray(values.clip(0, 255).astype(np.uint8)), studio.rng.uniform(0, 8)
    )


def _pocket(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """Cloth, carpet or floor from too near: a soft weave in one colour."""
    base = np.array(studio.colour(10, 170), np.float32)
    light = 0.4 + 0.8 * smooth(studio.noise, size, studio.between(1, 4))
    weave = studio.noise.standard_normal((size[1], size[0]), np.float32)
    coarse = studio.between(1, 6)
    soft = Image.fromarray(weave).reduce(coarse).resize(size, Image.Resampling.BICUBIC)
    texture = np.asarray(soft) * studio.rng.uniform(0.0, 0.08) * coarse
    values = base * (light + texture)[..., None]
    return _noisy(studio, Image.fromarray(values.clip(0, 255).astype(np.uint8)), 2)
