"""A picture of what a look at a photo gave: the photo, and a panel that lists its signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from ansa.names import printable
from ansa.scene import Facts, Pixels, Scene

MAX_SIDE = 1280
"""Photos are drawn no larger than this, in pixels."""

_PANEL_WIDTH = 460
_MARGIN = 28
_HEAD_SIZE, _BODY_SIZE = 17, 21
_MAX_LABEL = 16
_PANEL, _HEAD, _LABEL, _VALUE = "#16181d", "#9aa3b2", "#7cb7ff", "#eceff4"

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_scene(pixels: Pixels, scene: Scene, lines: Sequence[str]) -> Image.Image:
    """The photo with a panel: at its right if it is square or upright, else below it.

    The panel begins with the photo's size, format, time and camera. Its place is left out, because
    drawings are made to be shown around.

    Args:
        pixels: the upright photo, at any size.
        scene: what a look at it gave.
        lines: the signals, one a line; what comes before a first ": " is drawn as its label,
            if it is short.

    Returns:
        An RGB picture.
    """
    photo = Image.fromarray(pixels)
    photo.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if photo.height >= photo.width:
        panel = _panel(scene.facts, lines, _PANEL_WIDTH)
        drawing = Image.new(
            "RGB", (photo.width + panel.width, max(photo.height, panel.height)), _PANEL
        )
        drawing.paste(photo, (0, 0))
        drawing.paste(panel, (photo.width, 0))
    else:
        panel = _panel(scene.facts, lines, max(photo.width, _PANEL_WIDTH))
        drawing = Image.new("RGB", (panel.width, photo.height + panel.height), _PANEL)
        drawing.paste(photo, ((panel.width - photo.width) // 2, 0))
        drawing.paste(panel, (0, photo.height))
    return drawing


def _panel(facts: Facts, lines: Sequence[str], width: int) -> Image.Image:
    head, body = _font(_HEAD_SIZE), _font(_BODY_SIZE)
    pairs = [_label_and_value(printable(line)) for line in lines]
    indent = max((body.getlength(label) for label, _ in pairs if label), default=-16) + 16
    room = width - 2 * _MARGIN
    heading = list(_wrapped(_about(facts), head, room))
    blocks = [
        (label, list(_wrapped(value, body, room - (indent if label else 0))))
        for label, value in pairs
    ]
    line_height = round(_BODY_SIZE * 1.5)
    rows = sum(len(parts) for _, parts in blocks)
    height = 2 * _MARGIN + round(_HEAD_SIZE * 1.5) * len(heading)
    panel = Image.new("RGB", (width, height + (12 + line_height * rows if rows else 0)), _PANEL)
    draw = ImageDraw.Draw(panel)
    y = _MARGIN
    for part in heading:
        draw.text((_MARGIN, y), part, _HEAD, font=head)
        y += round(_HEAD_SIZE * 1.5)
    y += 12
    for label, parts in blocks:
        draw.text((_MARGIN, y), label, _LABEL, font=body)
        for part in parts:
            draw.text((_MARGIN + (indent if label else 0), y), part, _VALUE, font=body)
            y += line_height
    return panel


def _about(facts: Facts) -> str:
    parts = [f"{facts.width} x {facts.height}"]
    if facts.format:
        parts.append(facts.format)
    if facts.taken:
        parts.append(facts.taken.strftime("%Y-%m-%d %H:%M"))
    if facts.camera:
        parts.append(printable(facts.camera))
    return ", ".join(parts)


def _label_and_value(line: str) -> tuple[str, str]:
    label, colon, value = line.partition(": ")
    return (label, value) if colon and len(label) <= _MAX_LABEL else ("", line)


def _wrapped(text: str, font: _Font, room: float) -> Iterator[str]:
    """The text in lines no wider than `room`; words that are wider themselves are cut."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= room:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and font.getlength(line) > room:
            cut = next(
                (n for n in range(len(line) - 1, 1, -1) if font.getlength(line[:n]) <= room), 1
            )
            yield line[:cut]
            line = line[cut:]
    yield line


@cache
def _font(size: int) -> _Font:
    # The font that Pillow carries knows English letters only, and cameras and photos have names.
    for name in ("DejaVuSans.ttf", "Arial.ttf", "arial.ttf", "Helvetica.ttc"):
        try:
            return ImageFont.truetype(name, round(0.93 * size))
        except OSError:
            continue
    return ImageFont.load_default(size)
