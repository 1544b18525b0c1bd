"""Lists the photos in a folder without opening any."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import NamedTuple

from ansa.library.index_report import LibraryError, Problem
from ansa.library.indexing.system_folders import is_system_folder
from ansa.photo.formats import SUFFIXES

# Users would miss these pictures, so they are counted as skipped, with a reason. All other files
# that are not photos (videos, documents, sidecars) are only counted as ignored.
_RAW = frozenset(
    b".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw"
    b" .rw2 .rwl .sr2 .srf .srw .x3f".split()
)
_UNOPENED = frozenset(b".eps .fits .fit .jxl .jp2 .j2k .psd .svg .tga .ico".split())


class Fingerprint(NamedTuple):
    """What distinguishes a changed file from an unchanged one without opening it.

    The change time is set by the file system. Unlike the modification time, no program can set it.

    Attributes:
        size: bytes.
        mtime_ns: modification time, nanoseconds.
        ctime_ns: change time, nanoseconds.
    """

    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Returns the fingerprint of an ``os.stat`` result."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(slots=True)
class Scan:
    """The result of a scan.

    Attributes:
        photos: the fingerprint of each photo by its path relative to the root, as bytes of the
            file system, in the order of the scan.
        skipped: pictures and links that are not opened, each with its reason.
        unreadable: folders that could not be listed, relative to the root ...
        folders: ... and the same as problems for the report.
        ignored: the number of other files.
        walked: folders that were listed, relative to the root, which itself is the empty path.
        empty: those of them that contain nothing at all.
        mounts: the device of each folder on another device than its parent, and of the root.
    """

    photos: dict[bytes, Fingerprint] = field(default_factory=dict)
    skipped: list[Problem] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)
    folders: list[Problem] = field(default_factory=list)
    ignored: int = 0
    walked: set[bytes] = field(default_factory=set)
    empty: list[bytes] = field(default_factory=list)
    mounts: dict[bytes, int] = field(default_factory=dict)

    def hides(self, path: bytes) -> bool:
        """Whether ``path`` is in a folder that could not be listed, so that it may still exist."""
        return any(path.startswith(folder + _SLASH) for folder in self.unreadable)


_SLASH = os.fsencode(os.sep)
_PHOTOS = frozenset(os.fsencode(suffix) for suffix in SUFFIXES)


def scan(root: bytes) -> Scan:
    """Scans the folder ``root`` (an absolute real path) in the order of names, without hidden files
    and without folders that a system made for itself.

    Links to photos inside the root count as photos. Links that are broken, circular or lead out of
    the root are skipped, and so are links to folders.

    Raises:
        LibraryError: the root itself is missing or cannot be listed.
    """
    found = Scan()
    before = _identity(root)
    found.mounts[b""] = before[0]
    folders = [(b"", before[0])]
    while folders:
        folder, device = folders.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as listing:  # noqa: PTH118
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise _no_root(root, error) from None
            # A folder that was deleted during the scan is no problem, because its photos are gone.
            if not isinstance(error, FileNotFoundError):
                found.unreadable.append(folder)
                found.folders.append(_unreadable(root, folder, error))
            continue
        found.walked.add(folder)
        if not entries:
            found.empty.append(folder)
        deeper = []
        for entry in entries:
            path = folder + _SLASH + entry.name if folder else entry.name
            if _visit(found, root, path, entry):
                deeper.append((path, _device(found, path, entry, device)))
        folders += reversed(deeper)
    if _identity(root) != before:
        raise LibraryError(
            os.fsdecode(root), "another folder took its place meanwhile", "index it again"
        )
    return found


def is_walked(folder: bytes) -> bool:
    """Whether the scan of a root visits a folder, given by its path relative to the root."""
    hidden = any(name.startswith(b".") for name in folder.split(_SLASH))
    return not (hidden or is_system_folder(folder))


def _identity(root: bytes) -> tuple[int, int]:
    """Returns the identity of a folder, which changes if a drive is unmounted during a scan."""
    try:
        status = os.stat(root)  # noqa: PTH116
    except OSError as error:
        raise _no_root(root, error) from None
    return status.st_dev, status.st_ino


def _device(found: Scan, path: bytes, entry: os.DirEntry[bytes], outer: int) -> int:
    """Returns the device of a folder, and records it if it differs from that of its parent."""
    try:
        device = os.lstat(entry.path).st_dev  # on Windows, the entry itself has no device
    except OSError:
        return outer  # it is gone or inaccessible, which is noticed when it is listed
    if device != outer:
        found.mounts[path] = device
    return device


def _visit(found: Scan, root: bytes, path: bytes, entry: os.DirEntry[bytes]) -> bool:
    """Adds one entry to ``found``; returns True if it is a folder to scan."""
    name = entry.name
    hidden = name.startswith(b".")
    suffix = name[name.rfind(b".") :].lower()
    link = entry.is_symlink()
    try:
        if entry.is_dir(follow_symlinks=False):
            return not hidden and not is_system_folder(path)
        status = entry.stat(follow_symlinks=link) if link or suffix in _PHOTOS else None
    except OSError as error:
        problem = _unseen(entry.path, link, error)
        if problem and suffix in _PHOTOS and not hidden:
            found.skipped.append(problem)
        elif problem:
            found.ignored += 1
        return False
    if hidden:
        found.ignored += 1
    elif link and status and stat.S_ISDIR(status.st_mode):
        found.skipped.append(_link(entry.path, "a link to a folder"))
    elif suffix in _RAW or suffix in _UNOPENED:
        found.skipped.append(_unopened(entry.path, suffix))
    elif suffix not in _PHOTOS or status is None:
        found.ignored += 1
    elif link and not _inside(root, entry.path):
        found.skipped.append(_link(entry.path, "a link out of the indexed folder"))
    elif not stat.S_ISREG(status.st_mode):
        found.skipped.append(_skipped(entry.path, "not a plain file", "nothing to do"))
    else:
        found.photos[path] = Fingerprint.of(status)
    return False


def _inside(root: bytes, link: bytes) -> bool:
    return os.path.realpath(link).startswith(root.rstrip(_SLASH) + _SLASH)


def _no_root(root: bytes, error: OSError) -> LibraryError:
    reason = {
        FileNotFoundError: "no such folder",
        NotADirectoryError: "not a folder",
    }.get(type(error), f"cannot be listed ({error.strerror})")
    return LibraryError(
        os.fsdecode(root),
        reason,
        "if it is on a drive, connect it; what the library knows of it is kept",
    )


def _unreadable(root: bytes, folder: bytes, error: OSError) -> Problem:
    return Problem(
        os.fsdecode(root + _SLASH + folder),
        "folder",
        f"cannot be listed ({error.strerror})",
        "allow reading it and index again; what the library knows of it is kept",
    )


def _unopened(path: bytes, suffix: bytes) -> Problem:
    if suffix in _RAW:
        return _skipped(path, "a RAW photo", "ANSA reads the JPEG beside it, if there is one")
    return _skipped(path, f"{suffix.decode()} is not opened", "save it as JPEG or PNG")


def _unseen(path: bytes, link: bool, error: OSError) -> Problem | None:
    """Returns the problem of an entry without a status; None if it was just deleted."""
    if link:
        return _link(path, "a link that leads nowhere or in a circle")
    if isinstance(error, FileNotFoundError):
        return None
    return _skipped(path, f"cannot be looked at ({error.strerror})", "check the disk")


def _link(path: bytes, reason: str) -> Problem:
    return _skipped(path, reason, "index the folder that holds the photo itself")


def _skipped(path: bytes, reason: str, remedy: str) -> Problem:
    return Problem(os.fsdecode(path), "skipped", reason, remedy)
