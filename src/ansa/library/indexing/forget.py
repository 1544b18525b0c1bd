"""Removes a folder from the library. Photos are not changed, and the user's data is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.library.canonical_path import real_folder
from ansa.library.index_report import LibraryError
from ansa.library.memories.memory_cache import drop_memories
from ansa.library.session import LibrarySession
from ansa.library.storage.database import index_lock
from ansa.library.storage.removal import drop_files
from ansa.library.storage.scope import Scope, is_below

_TOLD = "told_marks", "told_tags", "told_memories"


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """What was removed with a folder, or would be.

    Attributes:
        folder: the folder.
        files: the number of known files in it, including files that are gone or unreadable.
        photos: the number of different photos in these files.
        elsewhere: how many of these photos are also in other folders of the library; they stay.
        told: how many of the other photos have data from the user: marks, examples of custom tags,
            dismissed memories. This data is kept, and applies again if they are indexed again.
        again: the indexed folder that contains this folder, whose next indexing run adds existing
            photos again; None if the folder was indexed itself or does not exist.
        done: whether it was removed.
    """

    folder: Path
    files: int
    photos: int
    elsewhere: int
    told: int
    again: Path | None
    done: bool

    @property
    def lost(self) -> int:
        """The number of photos that are in no other file, whose signals are deleted."""
        return self.photos - self.elsewhere

    def to_dict(self) -> dict[str, Any]:
        """Returns what was removed as JSON-ready values."""
        return {
            "folder": str(self.folder),
            "files": self.files,
            "photos": self.photos,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
            "told": self.told,
            "again": None if self.again is None else str(self.again),
            "forgotten": self.done,
        }


def forget_folder(
    session: LibrarySession, folder: str | os.PathLike[str], *, dry_run: bool = False
) -> ForgetResult:
    """Removes a folder with its subfolders from the library.

    Args:
        session: the library.
        folder: an indexed folder, or a folder inside one; it need not exist any more.
        dry_run: only report what would be removed.

    Raises:
        LibraryError: no file in it is known, an index run is in progress, or the library cannot be
            written.
    """
    path = real_folder(folder)
    name, roots = os.fsencode(path), session.store.roots()
    inside = Scope.of(name, roots)
    above = [root for root in roots if is_below(name, root)]
    if not above and inside.parts:
        raise _holds_others(path, [root for root in roots if is_below(root, name)])
    if not above or not (name in roots or session.store.knows(inside)):
        raise LibraryError(
            str(path),
            "the library knows nothing of this folder",
            "`ansa forget` lists those it does",
        )
    counts = _counts(session, inside)
    outer = [root for root in above if root != name]
    again = Path(os.fsdecode(min(outer, key=len))) if outer and path.is_dir() else None
    if not dry_run:
        session.store.require_writable()
        with index_lock(session.store.path), session.store.writing() as connection:
            drop_files(connection, inside.sql)
            whole = [row for root, row in roots.items() if is_below(root, name)]
            for row in whole:
                connection.execute("DELETE FROM mounts WHERE root = ?", (row,))
                connection.execute("DELETE FROM roots WHERE id = ?", (row,))
        drop_memories(session)
    return ForgetResult(path, *counts, again, not dry_run)


def _counts(session: LibrarySession, inside: Scope) -> tuple[int, int, int, int]:
    """Counts files, photos, photos that are elsewhere too, and others with data from the user."""
    told = " UNION ".join(f"SELECT digest FROM {table}" for table in _TOLD)  # noqa: S608
    query = f"""
        WITH known AS (SELECT photo, {inside.sql} AS here FROM files WHERE photo IS NOT NULL),
             inside AS (SELECT DISTINCT photo FROM known WHERE here),
             others AS (SELECT photo FROM known WHERE NOT here)
        SELECT (SELECT count(*) FROM files WHERE {inside.sql}),
               (SELECT count(*) FROM inside),
               (SELECT count(*) FROM inside WHERE photo IN others),
               (SELECT count(*) FROM inside WHERE photo NOT IN others
                AND photo IN (SELECT id FROM photos WHERE digest IN ({told})))
    """  # noqa: S608
    with session.store.reading() as connection:
        files, photos, elsewhere, of_told = connection.execute(query).fetchone()
    return files, photos, elsewhere, of_told


def _holds_others(path: Path, roots: list[bytes]) -> LibraryError:
    names = ", ".join(os.fsdecode(root) for root in roots[:3])
    more = f" and {len(roots) - 3:,} more" if len(roots) > 3 else ""
    return LibraryError(
        str(path), f"not indexed itself; it holds {names}{more}", "name the one to be forgotten"
    )


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """An indexed folder, whether it exists, and the number of known photos in it."""

    folder: Path
    there: bool
    photos: int

    def to_dict(self) -> dict[str, Any]:
        """Returns the folder as JSON-ready values."""
        return {"folder": str(self.folder), "there": self.there, "photos": self.photos}


def known_folders(session: LibrarySession) -> list[KnownFolder]:
    """Returns the indexed folders, sorted by name.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    return [
        KnownFolder(
            Path(os.fsdecode(folder)),
            os.path.isdir(folder),  # noqa: PTH112 - it never raises
            session.store.count(Scope(((root, b""),))),
        )
        for folder, root in session.store.roots().items()
    ]
