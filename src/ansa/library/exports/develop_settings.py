"""Edits as develop settings of Adobe's Camera Raw, which other photo programs read, too.

The settings have the same meaning there, but each program has its own curves: the result looks
alike, not the same.
"""

from __future__ import annotations

import math

from ansa.render.styles.geometry import kept_share
from ansa.render.styles.photo_edit import PhotoEdit
from ansa.scene import Box

_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_PROCESS = "11.0"  # the version of the curves from which on these names mean what they mean here
_PER_STOP = 100  # units of contrast for each stop
_PER_MIRED = -1.0  # units of temperature for each mired
_DAYLIGHT = 6500.0  # kelvins
_MIRRORED = (2, 4, 5, 7)


def develop_settings(
    edit: PhotoEdit, size: tuple[int, int], *, orientation: int = 1, raw: bool = False
) -> dict[str, str]:
    """Returns the values of an edit by their names in Camera Raw's namespace, without a prefix.

    Args:
        edit: the edit.
        size: width and height of the upright photo in pixels.
        orientation: the EXIF orientation, 1..8, because crops are of the photo as it is stored.
        raw: whether it is a RAW photo. Its white balance is stated in kelvins of its own, which are
            not known here, so that warmth is left out.
    """
    settings = {"ProcessVersion": _PROCESS, "HasSettings": "True"}
    if edit.exposure:
        settings["Exposure2012"] = f"{edit.exposure:+.2f}"
    if edit.contrast:
        settings["Contrast2012"] = f"{round(edit.contrast * _PER_STOP):+d}"
    if edit.warmth and not raw:
        mireds = 1e6 / (_DAYLIGHT + edit.warmth) - 1e6 / _DAYLIGHT
        value = min(100, max(-100, round(mireds * _PER_MIRED)))
        settings["WhiteBalance"] = "Custom"
        settings["IncrementalTemperature"] = f"{value:+d}"
    if edit.black_and_white:
        settings["ConvertToGrayscale"] = "True"
    if edit.straighten or edit.crop is not None:
        settings |= _crop(edit.crop or _WHOLE, edit.straighten, size, orientation)
    return settings


def _crop(box: Box, degrees: float, size: tuple[int, int], orientation: int) -> dict[str, str]:
    """The crop as two opposite corners in the stored photo before it is turned, and its angle."""
    width, height = size if orientation < 5 else size[::-1]
    if orientation in _MIRRORED:
        degrees = -degrees
    corners = [_stored(box[0], box[1], orientation), _stored(box[2], box[3], orientation)]
    (left, right), (top, bottom) = (sorted(ends) for ends in zip(*corners, strict=True))
    share = kept_share(width, height, degrees)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def before(x: float, y: float) -> tuple[float, float]:
        across, down = (x - 0.5) * share * width, (y - 0.5) * share * height
        return 0.5 + (cos * across + sin * down) / width, 0.5 + (cos * down - sin * across) / height

    (left, top), (right, bottom) = before(left, top), before(right, bottom)
    return {
        "HasCrop": "True",
        "CropLeft": f"{left:.6f}",
        "CropTop": f"{top:.6f}",
        "CropRight": f"{right:.6f}",
        "CropBottom": f"{bottom:.6f}",
        "CropAngle": f"{0.0 - degrees:.4f}",
    }


def _stored(x: float, y: float, orientation: int) -> tuple[float, float]:
    """Where a point of the upright photo, in 0..1, lies in the photo as it is stored."""
    match orientation:
        case 2:
            return 1 - x, y
        case 3:
            return 1 - x, 1 - y
        case 4:
            return x, 1 - y
        case 5:
            return y, x
        case 6:
            return y, 1 - x
        case 7:
            return 1 - y, 1 - x
        case 8:
            return 1 - y, x
        case _:
            return x, y
