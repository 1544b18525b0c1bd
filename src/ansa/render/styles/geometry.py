"""Straightening and cropping."""

from __future__ import annotations

import math

from PIL import Image

from ansa.scene import Box


def kept_share(width: int, height: int, degrees: float) -> float:
    """The share of each side that remains when a picture is turned and its empty corners cut off.

    Args:
        width: of the picture in pixels.
        height: of the picture in pixels.
        degrees: by which it is turned, -45..45.

    Returns:
        A share in 0..1 of the width and of the height: the result has the picture's own shape.
    """
    cos, sin = math.cos(math.radians(degrees)), abs(math.sin(math.radians(degrees)))
    return min(width / (width * cos + height * sin), height / (width * sin + height * cos))


def straightened(picture: Image.Image, degrees: float) -> Image.Image:
    """Turns a picture clockwise about its centre, and cuts off the empty corners.

    Args:
        picture: RGB.
        degrees: -45..45.

    Returns:
        The largest part of the picture's own shape; at least one pixel.
    """
    if not degrees:
        return picture
    width, height = picture.size
    share = kept_share(width, height, degrees)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new = max(1, round(share * width)), max(1, round(share * height))
    # The new pixel (i, j) shows the old one at (a i + b j + c, d i + e j + f).
    across = cos, sin, width / 2 - cos * new[0] / 2 - sin * new[1] / 2
    down = -sin, cos, height / 2 + sin * new[0] / 2 - cos * new[1] / 2
    return picture.transform(
        new, Image.Transform.AFFINE, (*across, *down), Image.Resampling.BICUBIC
    )


def cropped(picture: Image.Image, box: Box) -> Image.Image:
    """Returns a part of a picture, in 0..1 of its sides; at least one pixel."""
    width, height = picture.size
    left, top = min(width - 1, round(box[0] * width)), min(height - 1, round(box[1] * height))
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return picture.crop((left, top, right, bottom))
