"""The candidates for duplicates: where they are now, and which of two is better."""

from __future__ import annotations

import math
import os
import stat
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from pathlib import Path
from typing import Any

from ansa.library.calendar.spans import clock
from ansa.library.cleanup.companions import Companions
from ansa.library.cleanup.identical_files import by_name, each_once
from ansa.library.cut_off import NOTHING_CUT, CutOff, cut_off
from ansa.library.storage.codec import decode, is_sound
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import Store
from ansa.scene import Facts, Quality, Utility

SCREENSHOT = "screenshot"
FLAT = frozenset({SCREENSHOT, "document", "receipt", "code"})
"""Kinds with mostly one colour, which look alike if they have the same layout."""

_CHUNK = 256
_HEADS = "aesthetics", "detection", "quality", "utility"
# Differences below these do not decide.
_LARGER = 1.1
_BETTER = 0.05
_LOOKS = 0.5  # the weight of aesthetics beside quality
_BLURRED, _TILTED = 0.1, 3.0  # differences of blur, and of tilt in degrees, that are named


@dataclass(frozen=True, slots=True)
class Candidate:
    """One content, with everything that decides whether it should be kept.

    Attributes:
        photo: its row in the library.
        files: the files with this content, at least one; the one to keep comes first.
        width: pixels.
        height: pixels.
        taken: the shutter time; None if no camera or person wrote it into the file.
        camera: maker and model; None if unknown.
        kind: the kind that it surely is: "photo", "screenshot", ...; "photo" if unknown.
        sure: whether the kind is known.
        quality: 0..1; None if unknown.
        blur: 0..1, the stronger of defocus and motion blur; 0 if unknown.
        aesthetics: 0..1; low if the subject is cut off, covered or tilted; None if unknown.
        tilt: of the horizon in degrees, either way; 0 if unknown.
        cut: what the border of the photo cuts off.
        favourite: whether its owner marked it as a favourite.
        format: the decoder's name for the file format.
    """

    photo: int
    files: tuple[Path, ...]
    width: int
    height: int
    taken: datetime | None = None
    camera: str | None = None
    kind: str = "photo"
    sure: bool = False
    quality: float | None = None
    blur: float = 0.0
    aesthetics: float | None = None
    favourite: bool = False
    format: str | None = None
    tilt: float = 0.0
    cut: CutOff = NOTHING_CUT

    @property
    def shot(self) -> float:
        """How good a shot it is among those of its moment, from -0.4 to 1.5."""
        return (self.quality or 0.0) + _LOOKS * (self.aesthetics or 0.0) - self.cut.cost

    @property
    def rank(self) -> tuple[Any, ...]:
        """The sort key, by which the better one comes first: favourite, no screenshot, known time,
        larger, the better shot, earlier, name."""
        return (
            not self.favourite,
            self.kind == SCREENSHOT,
            self.taken is None,
            -round(math.log(max(1, self.width * self.height), _LARGER)),
            -round(self.shot / _BETTER),
            math.inf if self.taken is None else clock(self.taken),
            by_name(self.files[0]),
        )


def reason(kept: Candidate, other: Candidate) -> str:
    """Returns why the better of two is kept: the first criterion that differs."""
    differ = [a != b for a, b in zip(kept.rank, other.rank, strict=True)]
    match differ.index(True) if True in differ else len(differ):
        case 0:
            return "a favourite"
        case 1:
            return "it looks like a photo, the other like a screenshot"
        case 2:
            return "it says when it was taken"
        case 3:
            sizes = (f"{each.width} x {each.height}" for each in (kept, other))
            return "larger: {}, not {}".format(*sizes)
        case 4:
            return _why_better(kept, other)
        case 5:
            return f"earlier: {kept.taken}, not {other.taken}"
        case _:
            return "as good; the shorter name" if _shorter(kept, other) else "as good; by name"


def _why_better(kept: Candidate, other: Candidate) -> str:
    """Returns what makes the greatest difference between a shot and a worse one."""
    cut = other.cut.cost - kept.cut.cost
    quality = (kept.quality or 0.0) - (other.quality or 0.0)
    looks = _LOOKS * ((kept.aesthetics or 0.0) - (other.aesthetics or 0.0))
    if cut >= max(quality, looks):
        heads = other.cut.heads > kept.cut.heads
        return "no head is cut off" if heads and not kept.cut.heads else "less of it is cut off"
    if looks > quality:
        return f"better framed: {kept.aesthetics or 0:.2f}, not {other.aesthetics or 0:.2f}"
    if other.blur - kept.blur >= _BLURRED:
        return f"sharper: blur {kept.blur:.2f}, not {other.blur:.2f}"
    if other.tilt - kept.tilt >= _TILTED:
        return f"more level: tilted by {kept.tilt:.0f} degrees, not {other.tilt:.0f}"
    return f"better quality: {kept.quality or 0:.2f}, not {other.quality or 0:.2f}"


def read_candidates(
    store: Store, bundle: int | None, scope: Scope | None, favourites: Collection[int] = ()
) -> Iterator[Candidate | Path]:
    """Yields every content with a file as it was indexed, or else a file that is gone or changed.

    Links are left out, because they are not copies, and their target is in the library itself.
    Contents with damaged rows are left out too, because half the data cannot tell which is better.
    """
    companions = Companions()
    places = store.places(scope)
    photos = sorted(places)
    for start in range(0, len(photos), _CHUNK):
        chunk = photos[start : start + _CHUNK]
        facts, signals = store.facts(chunk), store.signals(chunk, bundle, _HEADS)
        store.damaged.update(
            photo for photo in chunk if not all(starmap(is_sound, signals[photo].items()))
        )
        for photo in chunk:
            if photo in store.damaged:
                continue
            here, gone = set(), []
            for path, size, mtime_ns in places[photo]:
                match _state(path, size, mtime_ns):
                    case "here":
                        here.add(path)
                    case "gone":
                        gone.append(path)
                    case "changed":
                        yield path
            if not here:
                yield from gone
            about = facts[photo]
            # Two films with one frame in common are no copies, and neither are a film and a photo.
            if about.seconds is None and (files := each_once(here, companions)):
                known = {head: _read(head, signals[photo]) for head in _HEADS}
                yield candidate_of(photo, files, about, known, photo in favourites)


def candidate_of(
    photo: int, files: tuple[Path, ...], facts: Facts, signals: Mapping[str, Any], favourite: bool
) -> Candidate:
    """Returns a content as a candidate, by its signals as far as they are known, by head."""
    quality, aesthetics = signals.get("quality"), signals.get("aesthetics")
    seen = quality if isinstance(quality, Quality) else None
    return Candidate(
        photo,
        files,
        facts.width,
        facts.height,
        facts.shutter,
        facts.camera,
        *_kind(signals.get("utility")),
        seen.overall if seen else None,
        max(seen.defocus_blur, seen.motion_blur) if seen else 0.0,
        aesthetics if isinstance(aesthetics, float) else None,
        favourite,
        facts.format,
        abs(seen.tilt) if seen else 0.0,
        cut_off(signals.get("detection") or ()),
    )


def _kind(utility: Any) -> tuple[str, bool]:
    sure = isinstance(utility, Utility) and utility.sure
    return (sys.intern(utility.kind), True) if sure else ("photo", False)


def _state(path: Path, size: int, mtime_ns: int) -> str:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return "gone"
    if stat.S_ISLNK(found.st_mode):
        return "link"
    return "here" if (found.st_size, found.st_mtime_ns) == (size, mtime_ns) else "changed"


def _read(head: str, packed: dict[str, bytes]) -> Any:
    try:
        return decode(head, packed.get(head, b""))
    except ValueError:
        return None


def _shorter(one: Candidate, other: Candidate) -> bool:
    return by_name(one.files[0])[0] < by_name(other.files[0])[0]


def sort_best_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Returns the candidates, the best first."""
    return sorted(candidates, key=lambda each: each.rank)
