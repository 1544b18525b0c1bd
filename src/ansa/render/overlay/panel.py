"""Draws the panel beside a photo: file facts, signals as text, saliency map and crops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ansa.names import printable
from ansa.render.crop import ASPECTS, best_crop
from ansa.render.heads import heads_of
from ansa.render.overlay.text import Font, font, wrapped
from ansa.scene import Facts, Scene
from ansa.summary import MISSING, Line, SummaryItem

GROUND = "#16181d"
LEAST_WIDTH = 460

_MARGIN = 28
_HEAD_SIZE, _BODY_SIZE, _NOTE_SIZE = 17, 21, 15
_ROW, _GAP, _BAR = 36, 20, 3
_TILE, _BETWEEN = 132, 14
_HEAD, _LABEL, _VALUE, _PALE, _TRACK = "#9aa3b2", "#7cb7ff", "#eceff4", "#7b8494", "#2c313b"
_WARM = (255, 80, 40)

_Stroke = Callable[[Image.Image], None]


def panel(photo: Image.Image, scene: Scene, lines: Sequence[Line], width: int) -> Image.Image:
    """The panel at a width in pixels, as high as its content needs."""
    pen = _Pen(width)
    _heading(pen, scene.facts)
    _say(pen, lines)
    if scene.saliency is not None:
        _show(pen, list(_views(photo, scene.saliency, scene)))
    return pen.drawn()


class _Pen:
    """Collects what to draw until the height of the panel is known."""

    def __init__(self, width: int) -> None:
        self.width, self.y = width, _MARGIN
        self.room = width - 2 * _MARGIN
        self._strokes: list[_Stroke] = []

    def text(self, x: float, text: str, colour: str, letters: Font) -> None:
        y = self.y
        self._strokes.append(
            lambda canvas: ImageDraw.Draw(canvas).text((x, y), text, colour, font=letters)
        )

    def bar(self, x: float, length: float, share: float, colour: str) -> None:
        """Draws a bar below a text, which shows a share in 0..1."""
        top = self.y + _BODY_SIZE + 6
        end = x + length * min(1.0, max(0.0, share))

        def stroke(canvas: Image.Image) -> None:
            draw = ImageDraw.Draw(canvas)
            draw.rectangle((x, top, x + length, top + _BAR - 1), _TRACK)
            if end > x:
                draw.rectangle((x, top, end, top + _BAR - 1), colour)

        self._strokes.append(stroke)

    def picture(self, x: float, picture: Image.Image) -> None:
        place = round(x), self.y
        self._strokes.append(lambda canvas: canvas.paste(picture, place))

    def drawn(self) -> Image.Image:
        canvas = Image.new("RGB", (self.width, self.y + _MARGIN), GROUND)
        for stroke in self._strokes:
            stroke(canvas)
        return canvas


def _heading(pen: _Pen, facts: Facts) -> None:
    head = font(_HEAD_SIZE)
    for part in wrapped(_about(facts), head, pen.room):
        pen.text(_MARGIN, part, _HEAD, head)
        pen.y += round(_HEAD_SIZE * 1.5)
    pen.y += 12


def _about(facts: Facts) -> str:
    parts = [f"{facts.width} x {facts.height}"]
    if facts.format:
        parts.append(facts.format)
    if facts.taken_text:
        parts.append(facts.taken_text[:16].replace("T", " "))
    if facts.camera:
        parts.append(printable(facts.camera))
    return ", ".join(parts)


def _say(pen: _Pen, lines: Sequence[Line]) -> None:
    """Draws the labels in a column and their items beside them, as many in a row as fit."""
    body = font(_BODY_SIZE)
    indent = max((body.getlength(printable(line.label)) for line in lines), default=0) + 16
    indent = min(indent, 0.4 * pen.room)
    end = _MARGIN + pen.room
    for line in lines:
        label = next(wrapped(printable(line.label), body, indent - 8))
        pen.text(_MARGIN, label, _LABEL, body)
        x = start = _MARGIN + indent
        for said in line.said:
            parts = list(wrapped(printable(str(said)), body, end - start))
            for i, part in enumerate(parts):
                length = body.getlength(part)
                if i or (x > start and x + length > end):
                    x, pen.y = start, pen.y + _ROW
                pen.text(x, part, _VALUE if said.sure and line.label != MISSING else _PALE, body)
                if said.share is not None and len(parts) == 1:
                    pen.bar(x, length, said.share, _colour(said))
                x += length + _GAP
        pen.y += _ROW


def _colour(said: SummaryItem) -> str:
    return _LABEL if said.sure else _PALE


def _show(pen: _Pen, tiles: list[tuple[str, Image.Image]]) -> None:
    """Draws small pictures of equal height with captions, as many in a row as fit."""
    note = font(_NOTE_SIZE)
    pen.y += 8
    x = _MARGIN
    for name, tile in tiles:
        if x > _MARGIN and x + tile.width > _MARGIN + pen.room:
            x, pen.y = _MARGIN, pen.y + _TILE + 2 * _NOTE_SIZE
        pen.picture(x, tile)
        pen.y += _TILE + 3
        pen.text(x, name, _HEAD, note)
        pen.y -= _TILE + 3
        x += max(tile.width, round(note.getlength(name))) + _BETWEEN
    pen.y += _TILE + 2 * _NOTE_SIZE


def _views(
    photo: Image.Image, saliency: NDArray[np.float32], scene: Scene
) -> Iterator[tuple[str, Image.Image]]:
    """The saliency map laid over the photo, and the best crops, with their captions."""
    small = _tile(photo)
    glow = Image.fromarray((saliency.clip(0, 1) * 200).astype(np.uint8)).resize(
        small.size, Image.Resampling.BICUBIC
    )
    dark = Image.eval(small.convert("L").convert("RGB"), lambda value: value // 2)
    dark.paste(small, mask=glow)
    dark.paste(_WARM, mask=Image.eval(glow, lambda value: value // 3))
    yield "saliency", dark
    heads = heads_of(scene.objects or ())
    for name, aspect in ASPECTS.items():
        size = scene.facts.width, scene.facts.height
        left, top, right, bottom = best_crop(saliency, aspect, *size, heads)
        width, height = photo.size
        window = (
            round(left * width),
            round(top * height),
            max(round(left * width) + 1, round(right * width)),
            max(round(top * height) + 1, round(bottom * height)),
        )
        yield name, _tile(photo.crop(window))


def _tile(picture: Image.Image) -> Image.Image:
    """The picture at the height of a tile, and at most three times as wide."""
    width = max(1, min(3 * _TILE, round(picture.width * _TILE / picture.height)))
    return picture.resize((width, _TILE), Image.Resampling.LANCZOS)
