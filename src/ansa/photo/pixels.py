"""Converts decoded pictures of any mode and orientation to upright RGB pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ansa.scene import Pixels

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_pixels(image: Image.Image, orientation: int = 1, min_side: int | None = None) -> Pixels:
    """Converts a picture to uint8 (height, width, 3), read-only. Transparency becomes white.

    Args:
        image: a loaded picture of any mode, which is not changed.
        orientation: the EXIF orientation, 1..8.
        min_side: halve the picture as long as its shorter side keeps at least this many pixels.
    """
    image = _resizable(image)
    # Shrinking comes early: everything after it then costs next to nothing.
    if min_side:
        image = _halved(image, min_side)
    image = _flat(image)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    return np.asarray(image)


def resize_square(pixels: Pixels, size: int) -> Pixels:
    """Resizes the whole photo to (size, size, 3) without keeping its aspect ratio, antialiased."""
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image)


def _resizable(image: Image.Image) -> Image.Image:
    """Converts the picture to a mode that Pillow can resize: L, LA, RGB, RGBA or CMYK."""
    if image.mode == "F" or image.mode.startswith("I"):
        return eight_bit_grey(image)
    if image.has_transparency_data:
        return image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    return image.convert("L" if image.mode == "1" else "RGB")


def eight_bit_grey(image: Image.Image) -> Image.Image:
    """Converts grey values of 16 bits, 32 bits or floating point to 8 bits.

    Only 16 bits say how bright white is; for the others it is the first usual value that is not
    exceeded.
    """
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0, neginf=0)
    peak = float(values.max())
    if image.mode == "F" and peak <= 1:
        white = 1.0
    else:
        white = next((w for w in (255.0, 65535.0) if peak <= w), peak)
    return Image.fromarray(np.clip(values * (255 / white), 0, 255).astype(np.uint8))


def _halved(image: Image.Image, min_side: int) -> Image.Image:
    factor = 1
    while min(image.size) // (2 * factor) >= min_side:
        factor *= 2
    return image.reduce(factor) if factor > 1 else image


def _flat(image: Image.Image) -> Image.Image:
    if image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
