"""Random views of a photo: crop, flip, light."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageEnhance

from ansa_train.recipe import View


def augment(photo: Image.Image, view: View, rng: random.Random) -> Image.Image:
    """One random crop of a photo (RGB), flipped half the time, its light changed; any size."""
    if view.scale >= 1.0:
        return photo
    area = rng.uniform(view.scale, view.largest) * photo.width * photo.height
    ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3))) * photo.width / photo.height
    width = max(1, min(photo.width, round(math.sqrt(area * ratio))))
    height = max(1, min(photo.height, round(math.sqrt(area / ratio))))
    left, top = rng.randint(0, photo.width - width), rng.randint(0, photo.height - height)
    photo = photo.crop((left, top, left + width, top + height))
    if rng.random() < 0.5:
        photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if view.jitter:
        for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            photo = enhancer(photo).enhance(1 + rng.uniform(-view.jitter, view.jitter))
    return photo
