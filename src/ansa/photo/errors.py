"""The errors of photos and films that cannot be read."""

from __future__ import annotations

from ansa.errors import FileError


class PhotoError(FileError):
    """A photo could not be read. ``file`` is its name as it was given."""


class UnsupportedPhoto(PhotoError):  # noqa: N818 - the name says what it is
    """The format is one that ANSA does not open: EPS, FITS, PDF, text, ..."""


class MissingDecoder(PhotoError):  # noqa: N818
    """The photo needs an optional package, which is not installed."""


class DamagedPhoto(PhotoError):  # noqa: N818
    """The file is empty, truncated or damaged."""


class OversizedPhoto(PhotoError):  # noqa: N818
    """The photo has so many pixels that decoding it could exhaust the memory."""
