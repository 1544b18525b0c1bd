"""Clutter: pictures that people seldom look for among their photos, with reasons."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ansa.library.people import count_people
from ansa.library.storage.photos import Photo
from ansa.render.heads import LIKELY
from ansa.scene import Quality, Scene

Kind = Literal[
    "receipt",
    "document",
    "screenshot",
    "meme",
    "code",
    "blank",
    "accidental",
    "blurred",
    "exposure",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# The probability that a picture is no photo: likelier than not, and enough to act on.
_LEAST, _SURE = 0.5, 0.9
# Strengths of faults that are doubtful, and that are surely too much. Few photos are half as dark
# or bright as possible. A soft background may look like blur.
_BLUR, _BLURRED = 0.45, 0.6
_LIGHT, _GLARING = 0.35, 0.55
_WRITTEN = {"receipt", "document", "code"}  # kinds that are papers
PLACES = frozenset(
    {
        *("meeting", "stage", "theatre", "cinema", "shop", "shopping", "grocery store", "market"),
        *("bookshelf", "bookshop", "library", "street", "restaurant", "train station", "train"),
        *("church", "crowd", "audience"),
    }
)
"""Tags of places where writing hangs on walls and stands in shelves."""


@dataclass(frozen=True, slots=True)
class Clutter:
    """A photo that may be clutter.

    Attributes:
        path: its file.
        kind: the first of :data:`KINDS` that fits.
        score: 0..1: the probability of the kind of picture, or the strength of the fault.
        sure: whether the score is high enough to act on.
        reasons: all reasons, in words.
        copies: other files with the same bytes.
    """

    path: Path
    kind: Kind
    score: float
    sure: bool
    reasons: tuple[str, ...]
    copies: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the photo as JSON-ready values."""
        return {
            "path": str(self.path),
            "kind": self.kind,
            "score": round(self.score, 4),
            "sure": self.sure,
            "reasons": list(self.reasons),
            "copies": [str(path) for path in self.copies],
        }


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason for a kind of clutter; see :class:`Clutter`."""

    kind: Kind
    score: float
    sure: bool
    reason: str


def signs(scene: Scene) -> list[Sign]:
    """Returns the signs of clutter, sure ones first; an empty list for a photo to keep.

    Of a picture whose kind a person named, nothing else counts: what they call a photo is kept,
    also if it is dark or blurred.
    """
    found = list(_of_utility(scene))
    if "utility" not in scene.corrected:
        found += _of_quality(scene.quality)
    return sorted(found, key=lambda sign: (not sign.sure, KINDS.index(sign.kind)))


def is_clutter(scene: Scene) -> bool:
    """Whether a photo is surely clutter."""
    return any(sign.sure for sign in signs(scene))


def has_writing_in_a_place(scene: Scene) -> bool:
    """Whether a picture that looks like a paper is a photo of a place: a lecture, a shop, a shelf.

    Nobody stands in a document, and the tags of places are not learned from papers. It is False for
    a picture that a person called a paper.
    """
    if scene.utility is None or "utility" in scene.corrected:
        return False
    scores = {kind: scene.utility.scores.get(kind, 0.0) for kind in KINDS}
    if max(scores, key=scores.__getitem__) not in _WRITTEN:
        return False
    tags = {tag.name for tag in scene.tags or () if tag.sure}
    return bool(tags & PLACES) or count_people(scene.objects or (), LIKELY) > 0


def _of_utility(scene: Scene) -> Iterator[Sign]:
    """The exact kind may be uncertain even if it is certain that the picture is no photo."""
    utility = scene.utility
    if utility is None:
        return
    scores = {kind: utility.scores[kind] for kind in KINDS if kind in utility.scores}
    total = min(1.0, sum(scores.values()))
    if total >= _LEAST:
        kind = max(scores, key=scores.__getitem__)
        reason = f"{'' if kind == 'blank' else 'a '}{kind}: {scores[kind]:.0%}"
        if round(total, 2) > round(scores[kind], 2):
            reason += f", or the like: {total:.0%}"
        sure = total >= _SURE or (utility.sure and utility.kind == kind)
        if has_writing_in_a_place(scene):
            sure, reason = False, f"{reason}, but it shows a place or people"
        yield Sign(kind, total, sure, reason)


def _of_quality(quality: Quality | None) -> Iterator[Sign]:
    if quality is None:
        return
    blur, light = max(quality.defocus_blur, quality.motion_blur), abs(quality.exposure)
    found: list[Sign] = []
    if blur >= _BLUR:
        how = "out of focus" if quality.defocus_blur >= quality.motion_blur else "moved"
        found.append(Sign("blurred", blur, blur >= _BLURRED, f"{how}: {blur:.2f}"))
    if light >= _LIGHT:
        how = "too dark" if quality.exposure < 0 else "blown out"
        found.append(Sign("exposure", light, light >= _GLARING, f"{how}: {light:.2f}"))
    if len(found) == 2:
        weaker = min(found, key=lambda sign: sign.score)
        yield Sign("accidental", weaker.score, weaker.sure, "nothing to be seen")
    yield from found


def find_clutter(photos: Iterable[Photo]) -> Iterator[Clutter]:
    """Yields the photos with signs of clutter whose files exist."""
    for photo in photos:
        if photo.scene.facts.seconds is not None:
            continue  # one frame says little of how good a film is
        if found := signs(photo.scene):
            there = [path for path in (photo.path, *photo.copies) if os.path.lexists(path)]
            if there:
                first, reasons = found[0], tuple(sign.reason for sign in found)
                path, *copies = there
                yield Clutter(path, first.kind, first.score, first.sure, reasons, tuple(copies))
