"""Single photos of a library by their ids: what is known about them, in full or in short."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.storage.codec import decode
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.photos import read_photos
from ansa.scene import Facts, Scene

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_TOLD_BY = "tags", "detection", "utility"
"""The heads that the words of an alternative text come from."""


@dataclass(frozen=True, slots=True)
class PhotoDetails:
    """A photo of a library.

    Attributes:
        id: its row.
        paths: its files: those that exist, or, if none does, those that are known.
        there: whether the first of them exists.
        facts: what its metadata state.
        scene: its signals; None if this bundle has not analyzed it.
        mark: "favourite", "hidden" or None.
        place: the names of the place, the most exact first; empty if it is unknown.
    """

    id: int
    paths: tuple[Path, ...]
    there: bool
    facts: Facts
    scene: Scene | None
    mark: str | None
    place: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhotoSummary:
    """A photo in short, for a list of many.

    Attributes:
        id: its row.
        name: the name of its file; empty if no file is known any more.
        facts: what its metadata state.
        text: an alternative text for people who do not see the picture.
    """

    id: int
    name: str
    facts: Facts
    text: str


def photo_details(session: LibrarySession, photo: int) -> PhotoDetails | None:
    """Returns what is known about a photo; None if the library has no file of it in its scope.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store, scope = session.store, session.scope()
    paths = store.paths([photo], scope)[photo]
    if not paths:
        return None
    found = next(read_photos(store, session.model(), [photo], scope), None)
    facts = store.facts([photo])[photo]
    return PhotoDetails(
        photo,
        tuple(paths),
        paths[0].is_file(),
        facts,
        found.scene if found else None,
        _mark_of(session, photo),
        _place(facts),
    )


def photo_summaries(session: LibrarySession, photos: Sequence[int]) -> list[PhotoSummary]:
    """Returns photos in short, in the given order; unknown ones are left out.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store, scope = session.store, session.scope()
    paths = store.paths(list(dict.fromkeys(photos)), scope)
    photos = [photo for photo, files in paths.items() if files]
    facts = store.facts(photos)
    stored = store.signals(photos, store.bundle(session.model().bundle), _TOLD_BY)
    corrections = read_corrections(store, session.model().tree)
    summaries = []
    for photo in photos:
        signals: dict[str, Any] = {}
        for head, packed in stored[photo].items():
            with suppress(ValueError):  # there is none, or it is damaged
                signals[head] = decode(head, packed)
        corrections.apply_all(photo, signals)
        scene = Scene(facts[photo], np.zeros(1, np.float32), signals)
        name = paths[photo][0].name
        summaries.append(PhotoSummary(photo, name, facts[photo], alternative_text(scene)))
    return summaries


def alternative_text(scene: Scene) -> str:
    """Returns a picture in words: what it surely shows, and when it was taken."""
    taken = scene.facts.taken
    return scene.description + (f" {taken.day} {taken:%B %Y}." if taken else "")


def _mark_of(session: LibrarySession, photo: int) -> str | None:
    with session.store.reading() as connection:
        row = connection.execute(
            "SELECT mark FROM told_marks JOIN photos USING (digest) WHERE id = ?", (photo,)
        ).fetchone()
    return row[0] if row else None


def _place(facts: Facts) -> tuple[str, ...]:
    if facts.latitude is None or facts.longitude is None:
        return ()
    from ansa.library.events.places import place_of

    return place_of(facts.latitude, facts.longitude).names
