"""Previews of photos in terminals that can show pictures: kitty, iTerm2 and those with sixels."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from PIL import Image

from ansa.photo.read import PhotoError, read_srgb

Protocol = Literal["kitty", "iterm2", "sixel"]

_HEIGHT = 160  # pixels
_WIDTH = 480
_KITTY_CHUNK = 4096  # what kitty's protocol allows in one piece
_COLOURS = 255  # sixel terminals have 256 at least
_SIXEL_ROWS = 6


def protocol_of(environment: Mapping[str, str]) -> Protocol | None:
    """Returns how the terminal of these environment variables shows pictures; None if it cannot."""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm") or "ITERM_SESSION_ID" in environment:
        return "iterm2"
    sixel = term.startswith(("foot", "mlterm", "yaft")) or "sixel" in term
    return "sixel" if sixel or program in ("mintty", "contour") else None


def preview(photo: Path, protocol: Protocol) -> str:
    """Returns a small copy as control characters; empty if the photo cannot be opened."""
    try:
        image = Image.fromarray(read_srgb(photo, min_side=_HEIGHT))
    except PhotoError:
        return ""
    image.thumbnail((_WIDTH, _HEIGHT))
    if protocol == "sixel":
        return _sixel(image)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    if protocol == "iterm2":
        return f"\x1b]1337;File=inline=1;height={image.height}px:{data}\a"
    return "".join(_kitty(data))


def _kitty(data: str) -> Iterator[str]:
    pieces = [data[at : at + _KITTY_CHUNK] for at in range(0, len(data), _KITTY_CHUNK)]
    for number, piece in enumerate(pieces):
        first = "f=100,a=T," if number == 0 else ""
        yield f"\x1b_G{first}m={int(number < len(pieces) - 1)};{piece}\x1b\\"


def _sixel(image: Image.Image) -> str:
    """Returns a picture as sixels: bands of six rows, one colour after another."""
    plain = image.convert("RGB").quantize(_COLOURS)
    palette = plain.getpalette() or []
    width, height = plain.size
    indices = plain.tobytes()
    out = [f'\x1bPq"1;1;{width};{height}']
    for colour in range(len(palette) // 3):
        red, green, blue = (round(value / 2.55) for value in palette[3 * colour : 3 * colour + 3])
        out.append(f"#{colour};2;{red};{green};{blue}")
    for top in range(0, height, _SIXEL_ROWS):
        rows = range(top, min(top + _SIXEL_ROWS, height))
        masks: dict[int, list[int]] = {}
        for x in range(width):
            for y in rows:
                masks.setdefault(indices[y * width + x], [0] * width)[x] |= 1 << (y - top)
        bands = (
            f"#{colour}" + "".join(chr(63 + mask) for mask in row)
            for colour, row in sorted(masks.items())
        )
        out.append("$".join(bands) + "-")
    return "".join(out) + "\x1b\\"
