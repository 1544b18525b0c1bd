"""Moves clutter into a folder, from where it can be moved back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ansa.library.cleanup.move_duplicates import digests_of
from ansa.library.cleanup.moves import MoveResult, move_into
from ansa.library.session import LibrarySession


def move_photos(session: LibrarySession, photos: Iterable[int], folder: Path) -> MoveResult:
    """Moves all files of some photos into a folder, with the files that belong to them.

    Nothing is overwritten. A file that has changed since it was indexed stays, and so does one
    whose companions would be lost. :func:`ansa.library.cleanup.moves.move_back` moves them back.

    Args:
        session: the library.
        photos: ids of photos; unknown ones are left out.
        folder: a folder outside of the indexed ones, which is created if needed.

    Raises:
        LibraryError: the folder is inside an indexed one or cannot be written, or the library's
            file cannot be read.
    """
    paths = session.store.paths(list(dict.fromkeys(photos)), session.scope())
    files = [path for some in paths.values() for path in some]
    moves = [(path, ()) for path in files]
    return move_into(folder, moves, session.folders(), digests_of(session, files))
