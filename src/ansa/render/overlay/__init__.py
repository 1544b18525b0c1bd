"""A picture of what a look at a photo gave: the photo with its objects, and a panel beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from ansa.render.overlay.boxes import with_boxes
from ansa.render.overlay.panel import GROUND, LEAST_WIDTH, panel
from ansa.scene import Pixels, Scene
from ansa.summary import Line

MAX_SIDE = 1280
"""Photos are drawn no larger than this, in pixels."""


def draw_scene(pixels: Pixels, scene: Scene, lines: Sequence[Line]) -> Image.Image:
    """The photo with a panel: at its right if it is square or upright, else below it.

    Objects are framed on the photo, and what draws the eye is shown with the best crops on the
    panel. What is uncertain is pale and has a question mark. The panel begins with the photo's
    size, format, time and camera. Its place is left out, because drawings are made to be shown
    around.

    Args:
        pixels: the upright photo, at any size.
        scene: what a look at it gave.
        lines: what the panel says.

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
