"""Finds the photos that users name, as files or as folders with all photos in them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ansa.library.canonical_path import real_folder
from ansa.library.index_report import Problem
from ansa.library.session import LibrarySession
from ansa.library.storage.scope import is_below

_DAMAGED = (
    "what the library keeps of it is damaged",
    "run `ansa index` on its folder and try again",
)


@dataclass(frozen=True, slots=True)
class NamedPhotos:
    """The photos that were named.

    Attributes:
        photos: the row of each photo and the first of its files that was named, sorted by path.
        problems: names that match no photo of the library.
    """

    photos: dict[int, Path]
    problems: tuple[Problem, ...]


def find_named(session: LibrarySession, names: Iterable[str | os.PathLike[str]]) -> NamedPhotos:
    """Returns the library's photos with these files or in these folders and their subfolders.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    photos: dict[int, Path] = {}
    problems = []
    everything: list[tuple[bytes, int]] | None = None
    for name in names:
        path = real_folder(name)
        if path.is_dir():
            if everything is None:
                everything = _everything(session)
            top = os.fsencode(path)
            found = [
                (file, photo)
                for file, photo in everything
                if is_below(file, top) and os.path.lexists(file)
            ]
        else:
            photo = session.photo_of(name)
            found = [] if photo is None else [(os.fsencode(path), photo)]
        if not found:
            problems.append(Problem(str(name), "failed", *_why(path)))
        for file, photo in found:
            photos.setdefault(photo, Path(os.fsdecode(file)))
    whole = session.store.digests(photos)  # the user's data is stored by digest
    for photo in photos.keys() - whole.keys():
        problems.append(Problem(str(photos[photo]), "failed", *_DAMAGED))
    in_order = sorted(whole, key=lambda photo: os.fsencode(photos[photo]))
    return NamedPhotos({photo: photos[photo] for photo in in_order}, tuple(problems))


def _everything(session: LibrarySession) -> list[tuple[bytes, int]]:
    places = session.store.places(session.scope())
    return sorted((os.fsencode(file), photo) for photo, at in places.items() for file, *_ in at)


def _why(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "it does not exist", "check its name"
    if path.is_dir():
        return "the library knows no photo in it", "run `ansa index` on it first"
    return "the library does not know this photo", "run `ansa index` on its folder first"
