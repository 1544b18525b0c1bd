"""Which sidecars belong to a photo: PHOTO.EXT.xmp and PHOTO.xmp, in any case of letters."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ansa.files import open_plain
from ansa.library.exports.xmp import XmpError, extension
from ansa.library.exports.xmp_packet import MAX_BYTES
from ansa.photo.metadata.sidecar_keys import SUFFIX, file_key, sidecar_keys


class SidecarNames:
    """Finds the sidecars of photos; each folder is listed once."""

    def __init__(self) -> None:
        self._listed = lru_cache(maxsize=256)(_list)

    def of(self, photo: Path) -> list[Path]:
        """The sidecars of a photo that are there, the one with its whole name first.

        A sidecar with the name of a RAW photo and of a JPEG is that one's which it says; of both
        if it says nothing.

        Raises:
            OSError: its folder cannot be listed.
        """
        listing = self._listed(photo.parent)
        whole, short = (listing.sidecars.get(key, []) for key in sidecar_keys(photo.name))
        if file_key(photo.stem) in listing.files:
            short = []  # a whole name itself: a.jpg.xmp is of a.jpg, not of a.jpg.png
        found = [photo.with_name(name) for name in whole]
        others = listing.extensions.get(file_key(photo.stem), set()) - {photo.suffix[1:].lower()}
        for name in short:
            path = photo.with_name(name)
            if path not in found and not (others and _says(path) in others):
                found.append(path)
        return found


def read_sidecar(path: Path) -> bytes | None:
    """The bytes of a sidecar; None if there is none.

    Raises:
        XmpError: it is a link, a pipe or something else that is no plain file.
        OSError: it cannot be read.
    """
    try:
        with open_plain(path, follow=False) as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EINVAL):
            raise XmpError(str(error.strerror)) from None
        raise


@dataclass(frozen=True, slots=True)
class _Listing:
    """A folder's names without case: sidecars as they are written, and the other files."""

    sidecars: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    extensions: dict[str, set[str]] = field(default_factory=dict)


def _list(folder: Path) -> _Listing:
    listing = _Listing()
    for name in sorted(_names(folder)):
        if name.lower().endswith(SUFFIX):
            listing.sidecars.setdefault(file_key(name), []).append(name)
        else:
            listing.files.add(file_key(name))
            stem, _, suffix = name.rpartition(".")
            listing.extensions.setdefault(file_key(stem), set()).add(suffix.lower())
    return listing


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.name


def _says(sidecar: Path) -> str:
    try:
        return extension(read_sidecar(sidecar) or b"")
    except (OSError, XmpError):
        return ""
