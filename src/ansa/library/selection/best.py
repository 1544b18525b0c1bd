"""Selects the best photos: good, no two alike, spread over time and subjects, with reasons."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library.selection.covers import Cover, cover
from ansa.library.selection.diversity import SelectedPhoto, select_diverse
from ansa.library.selection.gallery import Gallery, Rows, open_gallery
from ansa.library.selection.subject_ranking import subject_ranks
from ansa.library.session import LibrarySession
from ansa.scene import Precision, when_text

_CANDIDATES = 4  # candidates for each photo that is wanted
_WORTH = 0.5  # the weight of the rank within the subject beside the merit


@dataclass(frozen=True, slots=True)
class BestPhoto:
    """A photo worth showing.

    Attributes:
        path: its file.
        merit: 0..1, from its aesthetics and its quality.
        taken: its time; None if unknown.
        tags: its sure tags, the likeliest first.
        reasons: why it was chosen, in words.
        precision: the precision of ``taken``.
    """

    path: Path
    merit: float
    taken: datetime | None
    tags: tuple[str, ...]
    reasons: tuple[str, ...]
    precision: Precision = "second"

    def to_dict(self) -> dict[str, Any]:
        """Returns the photo as JSON-ready values."""
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
        cover: the one that represents all; None if there are no photos.
        among: the number of photos to choose from.
        left_out: the number of photos that were left out, by reason: "clutter", "hidden", "gone".
        message: why there are fewer than requested; empty otherwise.
    """

    photos: tuple[BestPhoto, ...]
    cover: Cover | None
    among: int
    left_out: Mapping[str, int]
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the selection as JSON-ready values."""
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
    """Returns at most ``count`` photos of a library that are worth showing.

    Clutter, hidden photos and missing files are never among them, nor are two photos that show the
    same. The same library gives the same photos in the same order.

    Args:
        session: the library.
        count: the largest number of photos, at least one.
        album: a folder to choose from, including its subfolders; by default the whole library.

    Raises:
        ValueError: ``count`` is below one.
        LibraryError: the library's file cannot be read.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    gallery = open_gallery(session)
    rows = np.arange(len(gallery)) if album is None else gallery.below(album)
    chosen = _chosen(gallery.part(rows), rows, count)
    picks = tuple(_pick(gallery, choice.row, choice.reasons) for choice in chosen)
    front = cover(gallery, np.array([choice.row for choice in chosen], np.intp))
    return Best(
        picks, front, len(rows), gallery.left_out, _message(gallery, len(rows), picks, count)
    )


def _chosen(album: Gallery, rows: Rows, count: int) -> list[SelectedPhoto]:
    """Returns the selection among the photos of an album that are at rows of the whole gallery.

    Only the best of each subject are candidates, because variety would else outweigh looks.
    """
    ranks = subject_ranks(album)
    ranks[[photo.favourite for photo in album.photos]] = 1
    order = np.argsort(-ranks, kind="stable")
    found: list[SelectedPhoto] = []
    for many in (_CANDIDATES * count, len(rows)):
        best = np.sort(order[:many])
        found = select_diverse(album, best, count, _WORTH * ranks[best])
        if len(found) == count or many >= len(rows):
            break
    return [SelectedPhoto(int(rows[each.row]), each.reasons) for each in found]


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
