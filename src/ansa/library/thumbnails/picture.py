"""Makes small pictures of photos: upright, in sRGB, as WebP, and without any metadata."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from PIL import Image

from ansa.photo.colour import srgb
from ansa.photo.read import PhotoInColour, read_colours
from ansa.scene import Pixels

Size = Literal["grid", "screen"]
SIZES: tuple[Size, ...] = get_args(Size)


@dataclass(frozen=True, slots=True)
class _Limits:
    """Pixels of the shorter and of the longer side, at most, and how WebP encodes them."""

    shorter: int
    longer: int
    quality: int
    method: int


_LIMITS: dict[Size, _Limits] = {
    "grid": _Limits(256, 768, 72, 0),
    "screen": _Limits(1600, 2560, 82, 2),
}


def make_picture(photo: str | os.PathLike[str] | bytes, size: Size) -> bytes:
    """Returns a small picture of a photo as WebP.

    It is upright, in sRGB, and holds neither place nor time nor camera. A photo that is smaller is
    not enlarged.

    Args:
        photo: its file, or the bytes of it.
        size: "grid", whose shorter side has at most 256 pixels, or "screen", whose shorter side has
            at most 1,600.

    Raises:
        PhotoError: the photo cannot be read.
    """
    return _shrunk(*read_colours(photo, min_side=_LIMITS[size].shorter), _LIMITS[size])


def picture_of_read(photo: PhotoInColour, size: Size) -> bytes | None:
    """Returns a small picture of a photo that was read already, as :func:`make_picture` does.

    Returns:
        None if too few pixels of the photo were read for this size.
    """
    limits = _LIMITS[size]
    all_pixels = min(photo.facts.width, photo.facts.height)
    if min(photo.shown.shape[:2]) < min(limits.shorter, all_pixels):
        return None
    return _shrunk(photo.shown, photo.profile, limits)


def _shrunk(pixels: Pixels, profile: bytes | None, limits: _Limits) -> bytes:
    high, wide, _ = pixels.shape
    scale = min(1.0, limits.shorter / min(high, wide), limits.longer / max(high, wide))
    image = Image.fromarray(pixels)
    if scale < 1:
        fitted = max(1, round(wide * scale)), max(1, round(high * scale))
        image = image.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=2.0)
    if profile is not None:  # it costs less where there are fewer pixels
        image = Image.fromarray(srgb(np.asarray(image), profile))
    out = io.BytesIO()
    image.save(out, "WEBP", quality=limits.quality, method=limits.method)
    return out.getvalue()
