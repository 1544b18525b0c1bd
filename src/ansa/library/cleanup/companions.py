"""Files that belong to a photo beside it: sidecars, its RAW, the film of a Live Photo."""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansa.photo.formats import SUFFIXES
from ansa.photo.metadata.photo_service import stems
from ansa.photo.metadata.sidecar_keys import file_key

# Files with these suffixes only describe the photo beside them. Any other file with its name is a
# work of its own: a RAW, a film, a sound, a document.
_DESCRIBE = frozenset(
    {".xmp", ".json", ".aae", ".pp3", ".dop", ".on1", ".cos", ".cop", ".arp", ".vrd", ".nks"}
    | {".nksc", ".xml", ".txt", ".thm", ".exif", ".ithmb"}
)
_NUMBERED_JSON = re.compile(r"\(\d{1,4}\)\.json$")
_APPLE = re.compile(r"([a-z]{3}_)e(\d+)")


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that belongs to a photo.

    Attributes:
        path: the file.
        describes: whether it only describes the photo; otherwise it is a work of its own.
        shared: other photos beside it to which it may belong as well.
    """

    path: Path
    describes: bool
    shared: tuple[Path, ...] = ()


class Companions:
    """Finds companions; each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, _Folder] = {}

    def of(self, photo: Path) -> list[Companion]:
        """Returns the companions of a photo, by name.

        Raises:
            OSError: its folder cannot be listed.
        """
        folder = self._listed(photo.parent)
        rivals = folder.photos(photo.name)
        found = dict.fromkeys(folder.by_stem(photo.name), rivals)
        found |= folder.by_name(photo.name)
        return [
            Companion(
                photo.with_name(name),
                Path(name).suffix.lower() in _DESCRIBE or name.startswith("._"),
                tuple(photo.with_name(other) for other in others),
            )
            for name, others in sorted(found.items())
            if (photo.parent / name).is_file()
        ]

    def works(self, photo: Path) -> int:
        """Returns the number of companions that are works; 0 if the folder cannot be listed."""
        try:
            return sum(not each.describes for each in self.of(photo))
        except OSError:
            return 0

    def forget(self, folder: Path) -> None:
        """Forgets the listing of a folder, because something in it was moved."""
        self._folders.pop(folder, None)

    def _listed(self, folder: Path) -> _Folder:
        if folder not in self._folders:
            self._folders[folder] = _Folder(os.listdir(folder))  # noqa: PTH208 - names only
        return self._folders[folder]


class _Folder:
    """The names in a folder, which are found in any letter case."""

    def __init__(self, names: list[str]) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        self._first: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._names[file_key(name)].append(name)
            self._first[file_key(name).partition(".")[0]].append(name)

    def by_name(self, photo: str) -> dict[str, list[str]]:
        """Returns files with the photo's whole name (``IMG.JPG.xmp``), and their other owners."""
        name = file_key(photo)
        found: dict[str, list[str]] = {each: [] for each in self._names.get(f"._{name}", ())}
        for each in self._first[name.partition(".")[0]]:
            of_another = _NUMBERED_JSON.search(file_key(each))
            if file_key(each).startswith(f"{name}.") and not _is_photo(each) and not of_another:
                found[each] = []
        self._add_service(photo, found)
        return found

    def _add_service(self, photo: str, found: dict[str, list[str]]) -> None:
        """Adds a photo service's JSON. Its name may be cut, and then fit several photos."""
        for place, (stem, _) in enumerate(stems(photo)):
            for each in self._names.get(file_key(f"{stem}.json"), ()):
                if each in found:
                    continue
                others = [one for same in self._names.values() for one in same if _is_photo(one)]
                claims = {one: _claim(one, each) for one in others if one != photo}
                if min(claims.values(), default=place) >= place:
                    found[each] = [one for one in claims if claims[one] == place]

    def by_stem(self, photo: str) -> Iterator[str]:
        """Yields files with its name without suffix: ``IMG.xmp``, ``IMG.CR2``, ``IMG.CR2.xmp``."""
        stem = _stem(photo)
        for each in self._first[stem.partition(".")[0]]:
            low = file_key(each)
            if low == stem:  # for example PXL.MP beside PXL.MP.jpg
                yield each
            elif low.startswith(f"{stem}.") and not _is_photo(each):
                inner, _, more = low[len(stem) + 1 :].partition(".")
                beside = f"{stem}.{inner}"  # the file that this one describes
                if not more or (beside in self._names and not _is_photo(beside)):
                    yield each
        yield from self._names.get(f"{stem}_hevc.mov", ())
        # An edited file, whose companions have the original's name.
        if apple := _APPLE.fullmatch(stem):
            yield from self._names.get(f"{apple[1]}o{apple[2]}.aae", ())

    def photos(self, photo: str) -> list[str]:
        """Returns other photos with the same name except for the suffix."""
        stem = _stem(photo)
        return [
            each
            for each in self._first[stem.partition(".")[0]]
            if each != photo and _is_photo(each) and _stem(each) == stem
        ]


def _stem(name: str) -> str:
    return file_key(name).rpartition(".")[0]


def _is_photo(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _claim(photo: str, document: str) -> float:
    """Returns the rank of a JSON name among those that a photo's may have; low is likely."""
    wanted = file_key(document)
    places = (
        place for place, (stem, _) in enumerate(stems(photo)) if file_key(f"{stem}.json") == wanted
    )
    return next(places, math.inf)
