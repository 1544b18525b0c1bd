"""The films of a library: their stored moments, and the film that belongs to a Live Photo."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.library.cleanup.companions import Companions
from ansa.library.index_report import LibraryError
from ansa.library.storage.codec import decode
from ansa.photo.errors import MissingDecoder, PhotoError
from ansa.photo.file_kinds import FILM_SUFFIXES
from ansa.photo.film import read_header
from ansa.photo.live_photo import is_live_film
from ansa.scene import Tag

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession


@dataclass(frozen=True, slots=True)
class FilmMoment:
    """A telling frame of a film.

    Attributes:
        second: when it is shown, in seconds from the start of the film.
        tags: what it shows, as in :attr:`ansa.scene.Scene.tags`.
    """

    second: float
    tags: tuple[Tag, ...]

    def to_dict(self) -> dict[str, Any]:
        """The moment as JSON-ready values."""
        return {
            "second": self.second,
            "tags": [
                {"name": t.name, "score": round(t.score, 4), "sure": t.sure} for t in self.tags
            ],
        }


def film_moments(session: LibrarySession, path: str | os.PathLike[str]) -> tuple[FilmMoment, ...]:
    """The stored moments of a film, by time; none for a photo, or a film that is not known.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    photo = session.photo_of(path)
    if photo is None:
        return ()
    bundle = session.store.bundle(session.model().bundle)
    return tuple(
        FilmMoment(second, _tags(packed))
        for second, packed in session.store.moments_of(photo, bundle)
    )


def live_film(path: str | os.PathLike[str]) -> Path | None:
    """The film of a Live Photo beside its still; None if there is none.

    The still and the film have one name, and were taken at once. The library shows the still, and
    programs play the film.

    Raises:
        LibraryError: the folder of the photo cannot be listed.
    """
    photo = Path(path)
    try:
        beside = [companion.path for companion in Companions().of(photo)]
    except OSError as error:
        raise LibraryError(
            str(photo.parent), f"cannot be listed ({error.strerror})", "check that it still exists"
        ) from error
    films = [each for each in beside if _belongs(each, photo)]
    return min(films, key=lambda each: (each.suffix.lower() != ".mov", each.name), default=None)


def _belongs(film: Path, still: Path) -> bool:
    if film.suffix.lower() not in FILM_SUFFIXES:
        return False
    try:
        return is_live_film(read_header(film), still)
    except MissingDecoder:
        return True  # programs may play it nevertheless
    except PhotoError:
        return False


def _tags(packed: bytes) -> tuple[Tag, ...]:
    try:
        tags: tuple[Tag, ...] = decode("tags", packed)
    except ValueError:  # damaged, or the bundle gives none
        return ()
    return tags
