"""Lists the photos in a folder without opening any."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ansa.library.index_report import LibraryError, Problem
from ansa.library.indexing.system_folders import is_system_folder
from ansa.photo.file_kinds import (
    FILM_SUFFIXES,
    HIDDEN,
    RAW_PHOTO,
    RAW_SUFFIXES,
    kind_of,
    read_suffixes,
)
from ansa.photo.formats import SUFFIXES


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
        beside: those of the photos that are films and lie beside a photo of their name, each with
            that photo.
        paired: the number of RAW photos beside a photo of their name, with which they are one.
        skipped: pictures and links that are not opened, each with its reason.
        unreadable: folders that could not be listed, relative to the root ...
        folders: ... and the same as problems for the report.
        ignored: the number of other files.
        unread: how many files of each kind (:mod:`ansa.photo.file_kinds`) are not read.
        walked: folders that were listed, relative to the root, which itself is the empty path.
        empty: those of them that contain nothing at all.
        mounts: the device of each folder on another device than its parent, and of the root.
    """

    photos: dict[bytes, Fingerprint] = field(default_factory=dict)
    beside: dict[bytes, bytes] = field(default_factory=dict)
    paired: int = 0
    skipped: list[Problem] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)
    folders: list[Problem] = field(default_factory=list)
    ignored: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    walked: set[bytes] = field(default_factory=set)
    empty: list[bytes] = field(default_factory=list)
    mounts: dict[bytes, int] = field(default_factory=dict)

    def hides(self, path: bytes) -> bool:
        """Whether ``path`` is in a folder that could not be listed, so that it may still exist."""
        return any(path.startswith(folder + _SLASH) for folder in self.unreadable)


_SLASH = os.fsencode(os.sep)
_PHOTOS = frozenset(map(os.fsencode, SUFFIXES))
_RAW = frozenset(map(os.fsencode, RAW_SUFFIXES))
_FILMS = frozenset(map(os.fsencode, FILM_SUFFIXES))
# Users would miss these pictures, so each is named, with a reason. All other files that are not
# read are only counted, by their kinds.
_PICTURES = frozenset(b".eps .fits .fit .jxl .jp2 .j2k .psd .svg .tga .ico".split())
# What phones add to the names of the two files of one shot.
_HALF = re.compile(rb"(?:\.raw-\d\d\.(?:cover|original|mp)|_hevc|\.mp)$")


def scan(root: bytes, folders: Mapping[bytes, bool] | None = None) -> Scan:
    """Scans the folder ``root`` (an absolute real path) in the order of names, without hidden files
    and without folders that a system made for itself.

    Args:
        root: the folder.
        folders: only these folders are scanned, relative to the root, and those in them if the
            value is True; None for everything. One that does not exist has no photos.

    Links to photos inside the root count as photos. Links that are broken, circular or lead out of
    the root are skipped, and so are links to folders.

    Raises:
        LibraryError: the root itself is missing or cannot be listed.
    """
    found = Scan()
    before = _identity(root)
    found.mounts[b""] = before[0]
    if folders is None:
        folders = {b"": True}
    waiting = [(name, before[0], deep) for name, deep in sorted(folders.items()) if is_walked(name)]
    waiting.reverse()
    while waiting:
        folder, device, deep = waiting.pop()
        if folder in found.walked:
            continue
        try:
            with os.scandir(os.path.join(root, folder)) as listing:  # noqa: PTH118
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise _no_root(root, error) from None
            # A folder that was deleted during the scan is no problem, because its photos are gone.
            if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
                found.unreadable.append(folder)
                found.folders.append(_unreadable(root, folder, error))
            continue
        found.walked.add(folder)
        if not entries:
            found.empty.append(folder)
        deeper = []
        stems = _stems(entries)
        for entry in entries:
            path = folder + _SLASH + entry.name if folder else entry.name
            if _visit(found, root, path, entry, stems):
                deeper.append((path, _device(found, path, entry, device), True))
        waiting += reversed(deeper) if deep else ()
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


def _stems(entries: Iterable[os.DirEntry[bytes]]) -> dict[bytes, bytes]:
    """The names of the photos among some entries, by what both files of one shot are called."""
    names = (entry.name for entry in entries if entry.name[:1] != b".")
    return {_stem(name): name for name in names if _suffix(name).lower() in _PHOTOS}


def _suffix(name: bytes) -> bytes:
    dot = name.rfind(b".")
    return name[dot:] if dot >= 0 else b""


def _stem(name: bytes) -> bytes:
    """The lower-case name of a file without its suffix, the same for both files of one shot."""
    return _HALF.sub(b"", name.lower().removesuffix(_suffix(name).lower()))


def _visit(
    found: Scan,
    root: bytes,
    path: bytes,
    entry: os.DirEntry[bytes],
    stems: Mapping[bytes, bytes],
) -> bool:
    """Adds one entry to ``found``; returns True if it is a folder to scan."""
    name = entry.name
    hidden = name.startswith(b".")
    suffix = _suffix(name).lower()
    wanted = suffix in _PHOTOS or suffix in _RAW or suffix in _FILMS
    link = entry.is_symlink()
    try:
        if entry.is_dir(follow_symlinks=False):
            return not hidden and not is_system_folder(path)
        status = entry.stat(follow_symlinks=link) if link or wanted else None
    except OSError as error:
        problem = _unseen(entry.path, link, error)
        if problem and wanted and not hidden:
            found.skipped.append(problem)
        elif problem:
            _ignore(found, suffix)
        return False
    if hidden:
        found.ignored += 1
        found.unread[HIDDEN.name] += 1
    elif link and status and stat.S_ISDIR(status.st_mode):
        found.skipped.append(_link(entry.path, "a link to a folder"))
    elif suffix in _RAW and _stem(name) in stems:
        found.paired += 1
    elif (suffix in _RAW and not RAW_PHOTO.is_read) or suffix in _PICTURES:
        found.skipped.append(_unopened(entry.path, suffix))
        found.unread[kind_of(os.fsdecode(suffix)).name] += 1
    elif os.fsdecode(suffix) not in read_suffixes() or status is None:
        _ignore(found, suffix)
    elif link and not _inside(root, entry.path):
        found.skipped.append(_link(entry.path, "a link out of the indexed folder"))
    elif not stat.S_ISREG(status.st_mode):
        found.skipped.append(_skipped(entry.path, "not a plain file", "nothing to do"))
    else:
        found.photos[path] = Fingerprint.of(status)
        if suffix in _FILMS and _stem(name) in stems:
            found.beside[path] = path.removesuffix(name) + stems[_stem(name)]
    return False


def _ignore(found: Scan, suffix: bytes) -> None:
    """Counts a file that is not read and that nobody expects to be."""
    found.ignored += 1
    found.unread[kind_of(os.fsdecode(suffix)).name] += 1


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
        return _skipped(
            path, "a RAW photo, which needs one more package", f"run {RAW_PHOTO.remedy}"
        )
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
