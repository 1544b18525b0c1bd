"""Applies ICC colour profiles: converts pixels to RGB with a profile, or to sRGB."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from ansa.photo.pixels import eight_bit_grey
from ansa.scene import Pixels

_SPACE = slice(16, 20)
"""The bytes of a profile that name its colour space (ICC.1, section 7.2.6)."""


def rgb_colours(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Converts a picture to RGB with the same colours, and gives the ICC profile of its pixels.

    Args:
        image: a loaded picture of any mode; it stays as it is.

    Returns:
        The same picture and its own profile, if that is of an RGB space: alpha, palettes and 16
        bits lose nothing of it. Greys and inks become sRGB by their profile. The profile is None
        for sRGB, and where the picture states none that fits its pixels.
    """
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode == "LAB":
        return image, None
    space = profile[_SPACE]
    if space == b"RGB " and image.mode != "CMYK":
        return image, profile
    if space == b"CMYK" and image.mode == "CMYK":
        return _converted(image, profile, "RGB") or image, None
    if space == b"GRAY" and (image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I")):
        return _from_grey(image, profile), None
    return image, None


def srgb(pixels: Pixels, profile: bytes | None) -> Pixels:
    """Converts pixels to sRGB.

    Args:
        pixels: uint8 (height, width, 3).
        profile: their ICC profile; None for sRGB.

    Returns:
        uint8 (height, width, 3); the same pixels if the profile is damaged.
    """
    if profile is None:
        return pixels
    converted = _converted(Image.fromarray(pixels), profile, "RGB")
    return pixels if converted is None else np.asarray(converted)


def _from_grey(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        grey = eight_bit_grey(image)
    else:
        grey = image.convert("LA" if image.has_transparency_data else "L")
    alpha = grey.getchannel("A") if grey.mode == "LA" else None
    converted = _converted(grey.getchannel(0), profile, "RGB")
    if converted is None:
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted


def _converted(image: Image.Image, profile: bytes, mode: str) -> Image.Image | None:
    """The picture converted to sRGB in the given mode; None if its profile is damaged."""
    from PIL import ImageCms

    options: dict[str, Any] = {
        "renderingIntent": ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "flags": ImageCms.Flags.BLACKPOINTCOMPENSATION,
        "outputMode": mode,
    }
    try:
        return ImageCms.profileToProfile(
            image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), **options
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
