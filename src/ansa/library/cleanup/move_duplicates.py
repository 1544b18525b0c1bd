"""Moves duplicates into a folder, and says which file must be kept for each of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from ansa.library.cleanup.duplicates import Duplicates
from ansa.library.cleanup.moves import MoveResult, move_into
from ansa.library.session import LibrarySession


def move_duplicates(session: LibrarySession, found: Duplicates, folder: Path) -> MoveResult:
    """Moves all but the kept photos into a folder; see
    :func:`ansa.library.cleanup.moves.move_into`.

    Raises:
        LibraryError: the folder is inside an indexed one or cannot be written, or the library's
            file cannot be read.
    """
    files = list(_with_kept(found))
    wanted = {path for file, kept in files for path in (file, *kept)}
    return move_into(folder, files, session.folders(), digests_of(session, wanted))


def _with_kept(found: Duplicates) -> Iterator[tuple[Path, list[Path]]]:
    for group in found.groups:
        going = {other.path for other in group.others}
        for other in group.others:
            yield other.path, list(dict.fromkeys({group.keep, other.like} - going))


def digests_of(session: LibrarySession, wanted: Collection[Path]) -> dict[Path, bytes]:
    """Returns the sha256 of files as they were indexed."""
    query = """
        SELECT roots.path, files.path, digest FROM files
        JOIN roots ON roots.id = root JOIN photos ON photos.id = photo
        WHERE missing_since IS NULL
    """
    with session.store.reading() as connection:
        return {
            file: digest
            for root, path, digest in connection.execute(query)
            if (file := Path(os.fsdecode(root)) / os.fsdecode(path)) in wanted
        }
