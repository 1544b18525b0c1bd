"""Applies an edit to the pixels of a photo."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ansa.render.styles.geometry import cropped, straightened
from ansa.render.styles.photo_edit import PhotoEdit
from ansa.render.styles.tone import change_tones
from ansa.scene import Pixels


def apply_edit(pixels: Pixels, edit: PhotoEdit) -> Pixels:
    """Returns edited pixels: straightened, cropped, then with other tones. The input stays.

    Args:
        pixels: uint8 (height, width, 3), upright.
        edit: the edit.

    Returns:
        uint8 (height, width, 3); straightening and cropping make it smaller.
    """
    picture = Image.fromarray(pixels)
    if edit.straighten:
        picture = straightened(picture, edit.straighten)
    if edit.crop is not None:
        picture = cropped(picture, edit.crop)
    return change_tones(np.asarray(picture), edit)
