"""Finds folders whose photos all disappeared at once, because a drive may be disconnected.

The folder tells such photos from deleted ones: it is a mount point that is empty now, or another
drive is mounted there, or the system that created the mount point removed it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansa.library.index_report import Problem
from ansa.library.indexing.scan import Scan
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import Store

_SLASH = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class MissingFolders:
    """A folder that had photos, none of which exists now.

    Attributes:
        folder: its path relative to the root; empty for the root.
        now: what is in its place, in words.
        replaced: whether other files are there, as on another drive.
    """

    folder: bytes
    now: str
    replaced: bool = False

    def holds(self, path: bytes) -> bool:
        """Whether a file is inside the folder."""
        return _lies_in(path, self.folder)


def gone_roots(store: Store) -> list[Problem]:
    """Returns indexed folders that do not exist, because they were renamed or moved.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    problems = []
    for folder, root in store.roots().items():
        if not os.path.exists(folder):  # noqa: PTH110 - of bytes
            photos = list(store.places(Scope(((root, b""),))))
            if photos and elsewhere(store, photos) == len(photos):
                problems.append(
                    missing_folder_problem(os.fsdecode(folder), "not there", len(photos), True)
                )
    return problems


def elsewhere(store: Store, photos: Sequence[int]) -> int:
    """Returns how many of some photos have a file that exists."""
    paths = store.paths(photos, None)
    return sum(any(map(os.path.exists, paths[photo])) for photo in photos)


def missing_folder_problem(folder: str, now: str, photos: int, elsewhere: bool) -> Problem:
    """Returns the message about a folder with missing photos; ``elsewhere``: all exist
    elsewhere."""
    held = f"{now}, though it held " + (f"{photos:,} photos" if photos > 1 else "a photo")
    forget = "if it is gone for good, `ansa forget FOLDER` takes it out of the library"
    if elsewhere:
        what = "all of them are" if photos > 1 else "it is"
        return Problem(folder, "away", f"{held}; {what} in other folders, too", forget)
    reason = f"{held}; perhaps a drive that is not connected"
    return Problem(
        folder, "away", reason, f"connect it, what the library knows of it is kept; {forget}"
    )


def find_missing_folders(
    seen: Scan, known: Iterable[bytes], mounts: Mapping[bytes, str]
) -> list[MissingFolders]:
    """Returns the folders below a root that may be disconnected; none is inside another.

    Args:
        seen: the photos that exist now.
        known: the photos that existed before.
        mounts: folders that were on another device than their parent, and the root, with devices.
    """
    candidates = set(seen.empty)
    for folder, device in mounts.items():
        # If the root is still on the same device, it is no other drive.
        if folder or str(seen.mounts[b""]) != device:
            candidates.add(folder)
    files = list(known) if candidates else []
    held, here = _holding(files), _holding(path for path in files if path in seen.photos)
    away: list[MissingFolders] = []
    for folder in sorted(candidates & held - here):
        if seen.hides(folder) or folder in seen.unreadable:
            continue
        if not any(_lies_in(folder, each.folder) for each in away):
            away.append(_away(folder, seen))
    return away


def _away(folder: bytes, seen: Scan) -> MissingFolders:
    if folder not in seen.walked:
        return MissingFolders(folder, "not there")
    if folder in seen.empty:
        return MissingFolders(folder, "empty")
    return MissingFolders(folder, "other files are there now", replaced=True)


def _holding(files: Iterable[bytes]) -> set[bytes]:
    """Returns all folders that contain any of some files, at any depth."""
    folders: set[bytes] = set()
    for path in files:
        folders.add(b"")
        while (end := path.rfind(_SLASH)) >= 0 and (path := path[:end]) not in folders:
            folders.add(path)
    return folders


def _lies_in(path: bytes, folder: bytes) -> bool:
    return not folder or path.startswith(folder + _SLASH)
