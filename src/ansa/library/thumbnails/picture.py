"""Makes small pictures of photos: upright, in sRGB, as WebP, and without any metadata."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Literal, get_args

from PIL import Image

from ansa.photo.read import read_srgb

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
    limits = _LIMITS[size]
    pixels = read_srgb(photo, min_side=limits.shorter)
    high, wide, _ = pixels.shape
    scale = min(1.0, limits.shorter / min(high, wide), limits.longer / max(high, wide))
    image = Image.fromarray(pixels)
    if scale < 1:
        fitted = max(1, round(wide * scale)), max(1, round(high * scale))
        image = image.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=limits.quality, method=limits.method)
    return out.getvalue()
