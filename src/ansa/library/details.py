"""Single photos of a library by their ids: what is known about them, in full or in short."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.library.storage.codec import decode
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.photos import read_photos
from ansa.scene import Facts, Scene, Tag

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_MOST_TAGS = 4


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
    stored = store.signals(photos, store.bundle(session.model().bundle), ("tags",))
    corrections = read_corrections(store, session.model().tree)
    summaries = []
    for photo in photos:
        tags: tuple[Tag, ...] = ()
        with suppress(KeyError, ValueError):  # there are none, or they are damaged
            tags = corrections.apply(photo, "tags", decode("tags", stored[photo]["tags"]))
        name = paths[photo][0].name
        summaries.append(
            PhotoSummary(photo, name, facts[photo], alternative_text(facts[photo], tags))
        )
    return summaries


def alternative_text(facts: Facts, tags: Sequence[Tag]) -> str:
    """Returns a picture in words: what it surely shows, and when it was taken.

    Args:
        facts: the facts of the photo.
        tags: its tags, the likeliest first.
    """
    sure = [tag.name for tag in tags if tag.sure][:_MOST_TAGS]
    what = f"Photo of {', '.join(sure)}" if sure else "Photo"
    return f"{what}, {facts.taken.day} {facts.taken:%B %Y}" if facts.taken else what


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
