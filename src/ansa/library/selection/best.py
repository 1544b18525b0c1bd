"""The photos worth showing: good ones, no two alike, spread over time and subjects, and why."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library.selection.covers import Cover, cover
from ansa.library.selection.diversity import select_diverse
from ansa.library.selection.gallery import Gallery, open_gallery
from ansa.library.session import LibrarySession
from ansa.scene import Precision, when_text


@dataclass(frozen=True, slots=True)
class BestPhoto:
    """A photo worth showing.

    Attributes:
        path: where it is.
        merit: 0..1, how good it is by its looks and its quality.
        taken: when; None if unknown.
        tags: what it surely shows, likeliest first.
        reasons: why it was chosen, in words.
        precision: how much of ``taken`` is known.
    """

    path: Path
    merit: float
    taken: datetime | None
    tags: tuple[str, ...]
    reasons: tuple[str, ...]
    precision: Precision = "second"

    def to_dict(self) -> dict[str, Any]:
        """The photo as JSON-ready values."""
        return {
            "path": str(self.path),
            "merit": round(self.merit, 4),
            "taken": when_text(self.taken, self.precision) if self.taken else None,
            "tags": list(self.tags),
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Best:
    """A selection.

    Attributes:
        photos: the best one first.
        cover: which of them stands for all; None for no photos.
        among: how many photos were chosen from.
        left_out: how many were not, by why: "clutter", "hidden", "gone".
        message: why there are fewer than asked for; else empty.
    """

    photos: tuple[BestPhoto, ...]
    cover: Cover | None
    among: int
    left_out: Mapping[str, int]
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The selection as JSON-ready values."""
        return {
            "photos": [photo.to_dict() for photo in self.photos],
            "cover": self.cover.to_dict() if self.cover else None,
            "among": self.among,
            "left_out": dict(sorted(self.left_out.items())),
            "message": self.message,
        }


def find_best(
    session: LibrarySession, count: int, album: str | os.PathLike[str] | None = None
) -> Best:
    """The photos of a library that are worth showing, at most ``count``.

    Clutter, hidden photos and those that are gone are never among them, nor are two that show the
    same. The same library gives the same photos in the same order.

    Args:
        session: the library.
        count: at most so many, at least one.
        album: a folder to choose from, with its folders; all of the library if left out.

    Raises:
        ValueError: ``count`` is below one.
        LibraryError: the library's file fails.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    gallery = open_gallery(session)
    rows = np.arange(len(gallery)) if album is None else gallery.below(album)
    chosen = select_diverse(gallery, rows, count)
    picks = tuple(_pick(gallery, choice.row, choice.reasons) for choice in chosen)
    front = cover(gallery, np.array([choice.row for choice in chosen], np.intp))
    return Best(
        picks, front, len(rows), gallery.left_out, _message(gallery, len(rows), picks, count)
    )


def _pick(gallery: Gallery, row: int, reasons: tuple[str, ...]) -> BestPhoto:
    photo = gallery.photos[row]
    facts, merit = photo.facts, float(gallery.merit[row])
    return BestPhoto(photo.path, merit, facts.taken, photo.tags, reasons, facts.taken_precision)


def _message(gallery: Gallery, among: int, picks: tuple[BestPhoto, ...], count: int) -> str:
    if not among and gallery.left_out["clutter"] and not len(gallery):
        return "all photos are clutter or gone; `ansa clutter` says why"
    if not among:
        return "no photos to choose from; run `ansa index` on the folder first"
    if len(picks) < count:
        return f"only {len(picks):,} of {among:,} photos are not much like a better one"
    return ""
