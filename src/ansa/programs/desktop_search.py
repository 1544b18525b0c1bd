"""What the search of a desktop asks for: photos by words, and how to show each of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ansa.library.details import photo_summaries
from ansa.library.library import Library
from ansa.library.search.match_calibration import NOT_HERE
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.names import printable
from ansa.scene import Pixels

MOST_RESULTS = 12
"""The most photos that one search gives. Desktops show five or so."""

ICON_SIDE = 96
"""The longest side of an icon in pixels."""

_MOST_TERMS, _MOST_LETTERS = 20, 200
_MOST_TEXT = 200  # characters of a name or a description


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo as a desktop shows it.

    Attributes:
        id: its number as text.
        name: the name of its file.
        description: what it surely shows, and when it was taken.
        icon: uint8 (height, width, 3), at most :data:`ICON_SIDE` on a side; None if no small
            picture of it is stored.
    """

    id: str
    name: str
    description: str
    icon: Pixels | None


class DesktopSearch:
    """Searches a library for a desktop.

    Args:
        library: the library, which belongs to the thread that asks.
        pictures: its small pictures; None if there are none.
    """

    def __init__(self, library: Library, pictures: ThumbnailCache | None = None) -> None:
        self._library = library
        self._pictures = pictures

    def warm_up(self) -> None:
        """Loads what every search needs, so that the first one does not wait for it."""
        self.find(["a dog on a beach"])

    def find(self, terms: Sequence[str]) -> list[str]:
        """Returns the ids of the best photos; none of those that do not match.

        Args:
            terms: the words that were typed. Only the first 20 words and 200 characters count.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        query = words_of(terms)
        if not query or (query.isascii() and len(query) < 2):
            return []  # the first letter of a longer word
        try:
            result = self._library.search(query, limit=MOST_RESULTS)
        except ValueError:
            return []  # half a query, such as one that ends in a minus sign
        return [str(match.id) for match in result.matches if match.grade != NOT_HERE]

    def shown(self, ids: Sequence[str]) -> list[ShownPhoto]:
        """Returns how photos are shown, at most :data:`MOST_RESULTS`; unknown ones are left out.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        photos = [number for each in ids[:MOST_RESULTS] if (number := _number(each))]
        icons = self._icons(photos)
        return [
            ShownPhoto(
                str(each.id),
                printable(each.name)[:_MOST_TEXT],
                printable(each.text)[:_MOST_TEXT],
                icons.get(each.id),
            )
            for each in photo_summaries(self._library, photos)
        ]

    def file(self, photo: str) -> Path | None:
        """Returns the file of a photo; None if the library has none that exists.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        if not (number := _number(photo)):
            return None
        paths = self._library.store.paths([number], self._library.scope())[number]
        return next((path for path in paths if path.is_file()), None)

    def _icons(self, photos: Sequence[int]) -> dict[int, Pixels]:
        if self._pictures is None:
            return {}
        found = {}
        for photo, digest in self._library.store.digests(photos).items():
            data = self._pictures.get(digest, "grid")
            if data is not None and (icon := _icon(data)) is not None:
                found[photo] = icon
        return found


def words_of(terms: Sequence[str]) -> str:
    """Returns typed words as one query of bounded length."""
    words = (printable(term) for term in terms[:_MOST_TERMS])
    return " ".join(" ".join(words).split())[:_MOST_LETTERS].strip()


def _number(text: str) -> int:
    """The number in an id; 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else 0


def _icon(data: bytes) -> Pixels | None:
    with suppress(OSError, ValueError), Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
        picture.thumbnail((ICON_SIDE, ICON_SIDE))
        return np.asarray(picture.convert("RGB"), np.uint8)
    return None
