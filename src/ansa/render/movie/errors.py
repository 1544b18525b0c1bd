"""The error of films."""

from __future__ import annotations

from ansa.errors import FileError


class MovieError(FileError):
    """A film cannot be made; ``file`` is a photo, the music or the film itself."""
