"""Finds good photos for a screen: large, with the whole subject, and calm under the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library.selection.gallery import Gallery, open_gallery
from ansa.library.session import LibrarySession
from ansa.library.storage.codec import decode
from ansa.library.wallpapers.framing import CLOCKS, Framing, best_framing
from ansa.photo.read import PhotoError, read_srgb
from ansa.scene import Box

_LEAST_PIXELS = 0.5  # of the screen's width; a photo that is enlarged more than twice looks blurred
_LEAST_WHOLE = 0.6
_LOOKED_AT = 6  # photos that are opened for each wanted one
_SMALL = 256
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Wallpaper:
    """A photo for the screen.

    Attributes:
        path: its file.
        crop: the part that fills the screen, in 0..1 of the upright photo.
        score: 0..1, by which wallpapers are ranked.
        whole: 0..1, the share of the subject that is visible.
        calm: 0..1, how little detail is under the clock; None without a clock.
        text: the readable text colour there, "light" or "dark"; None without a clock.
        pixels: width and height of the crop in the photo.
        reasons: why it was chosen, in words.
    """

    path: Path
    crop: Box
    score: float
    whole: float
    calm: float | None
    text: str | None
    pixels: tuple[int, int]
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns the photo as JSON-ready values."""
        return {
            "path": str(self.path),
            "crop": [round(x, 4) for x in self.crop],
            "score": round(self.score, 4),
            "whole": round(self.whole, 4),
            "calm": None if self.calm is None else round(self.calm, 4),
            "text": self.text,
            "pixels": list(self.pixels),
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Wallpapers:
    """The photos chosen for a screen.

    Attributes:
        photos: the best first.
        screen: width and height in pixels.
        clock: the area of text, one of ``CLOCKS`` in framing.py; None for no text.
        among: the number of photos worth showing.
        left_out: the number of photos that were left out, by reason: "clutter", "hidden", "gone",
            "small", "cut" (the subject would be cut off).
        message: why there are fewer than requested; empty otherwise.
    """

    photos: tuple[Wallpaper, ...]
    screen: tuple[int, int]
    clock: str | None
    among: int
    left_out: Mapping[str, int]
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the photos as JSON-ready values."""
        return {
            "wallpapers": [photo.to_dict() for photo in self.photos],
            "screen": list(self.screen),
            "clock": self.clock,
            "among": self.among,
            "left_out": dict(sorted(self.left_out.items())),
            "message": self.message,
        }


def find_wallpapers(
    session: LibrarySession, screen: tuple[int, int], clock: str | None = None, count: int = 20
) -> Wallpapers:
    """Returns at most ``count`` photos for a screen, no two of them alike.

    Only a few of the best are opened, to measure the detail under the clock; all other data is
    stored.

    Args:
        session: the library.
        screen: width and height in pixels.
        clock: the area of text: a name of :data:`~ansa.library.wallpapers.framing.CLOCKS`.
        count: the largest number of photos.

    Raises:
        ValueError: the screen, the clock or the count is invalid.
        LibraryError: the library's file cannot be read.
    """
    if min(screen) < 1 or count < 1 or clock not in (None, *CLOCKS):
        raise ValueError(f"no wallpapers: a screen of {screen}, a clock at {clock!a}, {count}")
    gallery = open_gallery(session)
    left_out: Counter[str] = Counter(gallery.left_out)
    framed = []
    for row, framing in _framings(session, gallery, screen, clock):
        if _pixels(gallery, row, framing)[0] < _LEAST_PIXELS * screen[0]:
            left_out["small"] += 1
        elif framing.whole < _LEAST_WHOLE:
            left_out["cut"] += 1
        else:
            framed.append((_score(gallery, row, framing, screen), row, framing))
    framed.sort(key=lambda each: (-each[0], each[1]))
    if clock:
        framed = _looked_at(session, gallery, framed, screen, clock, count)
    chosen: list[Wallpaper] = []
    free = np.ones(len(gallery), bool)
    for score, row, framing in framed:
        if len(chosen) < count and free[row]:
            free &= ~gallery.alike(row)
            chosen.append(_wallpaper(gallery, row, framing, score, screen, clock))
    message = _message(len(gallery), len(chosen), count, left_out)
    return Wallpapers(tuple(chosen), screen, clock, len(gallery), left_out, message)


def _framings(
    session: LibrarySession, gallery: Gallery, screen: tuple[int, int], clock: str | None
) -> Iterator[tuple[int, Framing]]:
    """Yields the best framing of each photo from its stored signals."""
    bundle = session.store.bundle(session.model().bundle)
    for start in range(0, len(gallery), _CHUNK):
        rows = range(start, min(start + _CHUNK, len(gallery)))
        ids = [gallery.photos[row].id for row in rows]
        stored = session.store.signals(ids, bundle, ("saliency", "detection"))
        for row, photo in zip(rows, ids, strict=True):
            yield row, _framing(gallery, row, stored[photo], screen, clock, None)


def _framing(
    gallery: Gallery,
    row: int,
    stored: Mapping[str, bytes],
    screen: tuple[int, int],
    clock: str | None,
    pixels: Any,
) -> Framing:
    facts = gallery.photos[row].facts
    seen = {}
    for head, data in stored.items():
        try:
            seen[head] = decode(head, data)
        except ValueError:
            continue  # missing or damaged signals count as missing
    return best_framing(
        screen[0] / screen[1],
        (facts.width, facts.height),
        seen.get("saliency", np.zeros((1, 1), np.float32)),
        seen.get("detection", ()),
        CLOCKS[clock] if clock else None,
        pixels,
    )


def _looked_at(
    session: LibrarySession,
    gallery: Gallery,
    framed: list[tuple[float, int, Framing]],
    screen: tuple[int, int],
    clock: str,
    count: int,
) -> list[tuple[float, int, Framing]]:
    """Returns the best of them, framed again by their pixels."""
    bundle = session.store.bundle(session.model().bundle)
    best = framed[: _LOOKED_AT * count]
    ids = {row: gallery.photos[row].id for _, row, _ in best}
    stored = session.store.signals(list(ids.values()), bundle, ("saliency", "detection"))
    again = []
    for _, row, _ in best:
        try:
            pixels = read_srgb(gallery.photos[row].path, min_side=_SMALL)
        except PhotoError:
            continue  # changed or gone since it was indexed
        framing = _framing(gallery, row, stored[ids[row]], screen, clock, pixels)
        again.append((_score(gallery, row, framing, screen), row, framing))
    return sorted(again, key=lambda each: (-each[0], each[1]))


def _score(gallery: Gallery, row: int, framing: Framing, screen: tuple[int, int]) -> float:
    """Returns a score in 0..1 from merit, visible subject, calmness and enlargement."""
    width, height = _pixels(gallery, row, framing)
    enlarged = min(1.0, width / screen[0], height / screen[1])
    return float(gallery.merit[row] * framing.score * enlarged**0.5)


def _pixels(gallery: Gallery, row: int, framing: Framing) -> tuple[int, int]:
    facts, (left, top, right, bottom) = gallery.photos[row].facts, framing.box
    return round((right - left) * facts.width), round((bottom - top) * facts.height)


def _wallpaper(
    gallery: Gallery,
    row: int,
    framing: Framing,
    score: float,
    screen: tuple[int, int],
    clock: str | None,
) -> Wallpaper:
    photo, pixels = gallery.photos[row], _pixels(gallery, row, framing)
    better = max(1, round(100 * (1 - float(gallery.rank[row]))))
    reasons = [f"among the best {better} % of this library"] if better <= 25 else []
    reasons.append(f"shows {framing.whole:.0%} of its subject")
    if clock:
        reasons.append(f"calm at the {clock}: {framing.calm:.2f}; {framing.text} text")
    wide = pixels[0] / screen[0]
    reasons.append("large enough" if wide >= 1 else f"enlarged {1 / wide:.1f} times")
    return Wallpaper(
        photo.path,
        framing.box,
        score,
        framing.whole,
        framing.calm if clock else None,
        framing.text,
        pixels,
        tuple(reasons),
    )


def _message(among: int, chosen: int, count: int, left_out: Mapping[str, int]) -> str:
    if not among:
        return "no photos to choose from; run `ansa index`, and `ansa clutter` to see what is not"
    if not chosen and left_out["small"]:
        return "no photo has half the pixels of the screen; try a smaller --screen"
    return f"only {chosen:,} of {among:,} photos fit the screen" if chosen < count else ""
