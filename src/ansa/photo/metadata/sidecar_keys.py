"""The names of the XMP sidecars of a photo: ``PHOTO.EXT.xmp`` and ``PHOTO.xmp``, in any case."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath

SUFFIX = ".xmp"


def sidecar_keys(photo: str) -> tuple[str, str]:
    """The keys of the two sidecar names of a photo, the one with its whole name first.

    Args:
        photo: the name of the photo with its suffix, without a folder.

    Returns:
        For ``IMG.JPG`` the keys of ``IMG.JPG.xmp`` and ``IMG.xmp``; see :func:`file_key`.
    """
    return file_key(photo + SUFFIX), file_key(PurePath(photo).stem + SUFFIX)


def file_key(name: str) -> str:
    """The key by which names of files are compared: without case, and in Unicode's form NFC.

    Some systems decompose letters with accents in the names that they store.
    """
    return unicodedata.normalize("NFC", name).casefold()
