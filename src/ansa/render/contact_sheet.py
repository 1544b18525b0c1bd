"""A contact sheet: searches and the photos they found, as one HTML page that needs nothing else.

The page can be opened offline and handed on. Its pictures are small copies without EXIF, so neither
places nor serial numbers travel with it; it names files, not folders; and its policy forbids it to
load or run anything.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

from PIL import Image

from ansa.names import printable
from ansa.photo.read import PhotoError, read_srgb

_THUMBNAIL = 1080, 360
"""The largest width and height of a thumbnail in pixels: twice the height at which it is shown."""


Draw = Callable[[Path, Image.Image], Image.Image]
"""A function that draws on the thumbnail of the photo at a path, and returns the result."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the page: one search and the photos it found.

    Attributes:
        query: the words that were searched for.
        photos: path of each photo, best first, and its score or a word in its place.
        message: what the search says about its result, such as that nothing matches well.
        descriptions: for people who cannot see, a sentence about each photo by its path.
        draws: for each photo, what draws on its thumbnail in this row, or None for what draws on
            all of the page; left out for the latter.
    """

    query: str
    photos: Sequence[tuple[str | os.PathLike[str], float | str]]
    message: str = ""
    descriptions: Mapping[Path, str] = field(default_factory=dict)
    draws: Sequence[Draw | None] = ()


def contact_sheet(
    rows: Sequence[Row], *, title: str = "Contact sheet", draw: Draw | None = None
) -> str:
    """An HTML page of the rows, ready to be encoded as UTF-8.

    A photo that cannot be opened is shown as an empty frame that says why.
    """

    @cache  # a photo may be found by several searches
    def picture(path: Path, description: str, draw: Draw | None) -> str:
        return _picture(path, description, draw)

    sections = []
    for row in rows:
        paths = [(Path(path), score) for path, score in row.photos]
        said = row.descriptions
        draws = row.draws or [None] * len(paths)
        figures = [
            _figure(picture(path, said.get(path, path.name), own or draw), path.name, score)
            for (path, score), own in zip(paths, draws, strict=True)
        ]
        sections.append(_section(row, figures))
    style_hash = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{_safe(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_safe(title)}</h1>
{"".join(sections)}</body>
</html>
"""


def _section(row: Row, figures: Sequence[str]) -> str:
    message = f'<p class="message">{_safe(row.message)}</p>\n' if row.message else ""
    photos = "\n".join(figures)
    return f"""<section>
<h2>{_safe(row.query)}</h2>
{message}<div class="photos">
{photos}
</div>
</section>
"""


def _figure(picture: str, name: str, score: float | str) -> str:
    name, told = _safe(name), _safe(score) if isinstance(score, str) else f"{score:.3f}"
    return (
        f'<figure>{picture}<figcaption><span title="{name}">{name}</span> '
        f"<b>{told}</b></figcaption></figure>"
    )


def _picture(path: Path, description: str, draw: Draw | None) -> str:
    try:
        pixels = read_srgb(path, min_side=_THUMBNAIL[1])
    except PhotoError as error:
        return f'<p class="frame">{_safe(error.reason)}</p>'
    image = Image.fromarray(pixels)
    image.thumbnail(_THUMBNAIL)
    if draw:
        image = draw(path, image)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img src="data:image/jpeg;base64,{data}" '
        f'width="{image.width}" height="{image.height}" alt="{_safe(description)}">'
    )


def _safe(text: str) -> str:
    return escape(printable(text))


_STYLE = """
:root {
  --ground: #fafafa; --ink: #1b1d22; --quiet: #666c78; --frame: #e9ebef; --note: #9a5b00;
  --height: 180px;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #131519; --ink: #e8eaee; --quiet: #949cab; --frame: #22262d; --note: #f0b45a; }
}
* { box-sizing: border-box; margin: 0; }
body {
  max-width: 1400px; margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--ground); color: var(--ink); font: 16px/1.4 system-ui, sans-serif;
}
h1 { font-size: 1rem; font-weight: 500; color: var(--quiet); }
section { margin-top: 2.5rem; }
h2 { font-size: 1.5rem; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
.message { margin-top: .25rem; color: var(--note); }
.photos { display: flex; flex-wrap: wrap; gap: 1.25rem 1rem; margin-top: .9rem; }
figure { width: min-content; min-width: 110px; }
img, .frame { display: block; border-radius: 6px; background: var(--frame); }
img { width: auto; height: auto; max-width: min(86vw, 640px); max-height: var(--height); }
.frame {
  width: calc(1.33 * var(--height)); height: var(--height); padding: 1rem; overflow: hidden;
  color: var(--quiet); font-size: .85rem;
}
figcaption {
  display: flex; gap: .6rem; margin-top: .35rem;
  color: var(--quiet); font-size: .8rem; white-space: nowrap;
}
figcaption span { flex: 1 1 0; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
figcaption b { font-weight: 500; font-variant-numeric: tabular-nums; color: var(--ink); }
@media (max-width: 520px) { :root { --height: 125px; } }
@media print { section { break-inside: avoid-page; } body { padding: 0; } }
"""
