"""Draws the signals of a photo: the photo with framed objects, and a panel of text."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from ansa.render.overlay.boxes import with_boxes
from ansa.render.overlay.panel import GROUND, LEAST_WIDTH, panel
from ansa.scene import Pixels, Scene
from ansa.summary import Line

MAX_SIDE = 1280
"""The longest side of a drawn photo in pixels."""


def draw_scene(pixels: Pixels, scene: Scene, lines: Sequence[Line]) -> Image.Image:
    """Draws the photo with a panel: to the right of a square or upright photo, below any other.

    Objects are framed on the photo. The panel shows the saliency map and the best crops.
    Uncertain values are pale and have a question mark. The panel begins with the photo's
    size, format, time and camera. Its place is left out, because drawings are made to be shown
    around.

    Args:
        pixels: the upright photo, at any size.
        scene: the signals of the photo.
        lines: the lines of text on the panel.

    Returns:
        An RGB picture.
    """
    photo = Image.fromarray(pixels)
    photo.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    framed = with_boxes(photo, scene.objects or ())
    if photo.height >= photo.width:
        side = panel(photo, scene, lines, LEAST_WIDTH)
        size = photo.width + side.width, max(photo.height, side.height)
        places = (0, 0), (photo.width, 0)
    else:
        side = panel(photo, scene, lines, max(photo.width, LEAST_WIDTH))
        size = side.width, photo.height + side.height
        places = ((side.width - photo.width) // 2, 0), (0, photo.height)
    drawing = Image.new("RGB", size, GROUND)
    for part, place in zip((framed, side), places, strict=True):
        drawing.paste(part, place)
    return drawing
