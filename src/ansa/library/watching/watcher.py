"""Watches folders: what changes in them is in the library soon after.

The system tells of changes (inotify, FSEvents and the like, through ``watchfiles``). Where it
cannot, on network drives and where its limit is reached, the folders are looked at from time to
time. A first run and rare later ones over everything make sure that nothing is missed.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansa.library.canonical_path import real_folder
from ansa.library.index_report import IndexReport, LibraryBusyError, LibraryError
from ansa.library.indexing.index import index_changes, index_folder
from ansa.library.indexing.model import Model
from ansa.library.storage.store import Store
from ansa.library.watching.pace import interval, is_remote, waiting_time
from ansa.names import printable
from ansa.photo.file_kinds import read_suffixes

Tell = Callable[[Path, IndexReport], None]
"""Called with a folder and what changed in it."""

Warn = Callable[[str], None]
"""Called with a problem in one line: what is wrong, and what helps."""

_DEBOUNCE, _STEP = 400, 50  # milliseconds: changes that come together are one batch
_TICK = 500  # milliseconds after which the watch looks around without any change
_BUSY_AGAIN = 2.0  # seconds until a library that another run is at work on is tried again
_BACK_AGAIN = 5.0  # seconds between two looks for a folder that is gone
_FULL = "watch limit reached"  # what the error of the system's limit says
_EVERYTHING = 6 * 3600.0  # seconds between two runs over everything


def outermost(folders: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The real paths of some folders, without those that are inside another.

    Raises:
        LibraryError: one does not exist.
    """
    found = sorted({real_folder(folder) for folder in folders})
    for folder in found:
        if not folder.is_dir():
            raise LibraryError(
                str(folder), "no such folder", "if it is on a drive, connect it and start again"
            )
    return [each for each in found if not any(other in each.parents for other in found)]


@dataclass(slots=True)
class _Folder:
    """A folder that is watched.

    Attributes:
        path: its absolute real path.
        changed: folders in it in which something changed; see
            :func:`ansa.library.indexing.index.index_changes`.
        whole: when to look at everything in it, by ``time.monotonic``.
        told: whether the system tells of changes in it.
        gone: whether it is not there.
        due: when to look at what changed.
        looked: when what changed was last looked at.
    """

    path: Path
    changed: dict[bytes, bool] = field(default_factory=dict)
    whole: float = 0.0
    told: bool = True
    gone: bool = False
    due: float = 0.0
    looked: float = -math.inf


class Watcher:
    """Keeps a library up to date with some folders.

    Args:
        store: the library.
        model: analyzes photos.
        folders: absolute real paths, none inside another.
        tell: called after each change.
        warn: called once for each problem.
    """

    def __init__(
        self, store: Store, model: Model, folders: Sequence[Path], tell: Tell, warn: Warn
    ) -> None:
        self._store = store
        self._model = model
        self._folders = [_Folder(folder, told=not is_remote(folder)) for folder in folders]
        self._tell = tell
        self._warn = warn
        self._own = os.fspath(store.path)

    def run(self, stop: threading.Event) -> None:
        """Watches until ``stop`` is set.

        Raises:
            LibraryError: the library can no longer be written.
            ModuleNotFoundError: the package ``watchfiles`` is not installed.
        """
        import watchfiles  # noqa: F401 - it is missed before anything is looked at

        for folder in self._folders:
            if not folder.told:
                self._warn(
                    f"{folder.path}: a network drive, which tells of no changes;"
                    " it is looked at from time to time"
                )
        while not stop.is_set():
            self._look_for_gone()
            for folder in self._folders:
                if folder.told:
                    folder.whole = 0.0  # nobody told of what happened before the system was asked
            heard = [f.path for f in self._folders if f.told and not f.gone]
            for changes in self._heard(heard, stop):
                self._take(changes)
                self._work()
                if stop.is_set() or self._look_for_gone():
                    break  # the system has to be asked anew

    def _heard(self, paths: Sequence[Path], stop: threading.Event) -> Iterator[set[str]]:
        """Yields the paths that changed, at least once in a while.

        By the first time the system tells of changes already, so that what is looked at from then
        on misses none.
        """
        if not paths:
            yield set()
            while not stop.wait(_TICK / 1000):
                yield set()
            return
        try:
            try:
                yield from _changes(paths, stop, lenient=False)
            except PermissionError:
                yield from _changes(paths, stop, lenient=True)
        except OSError as error:
            self._deaf(error)
            yield set()

    def _deaf(self, error: OSError) -> None:
        """Goes on by looking from time to time, where the system does not tell of changes."""
        for folder in self._folders:
            if folder.told and not folder.gone:
                if not folder.path.is_dir():
                    continue  # which is found out by the next look
                folder.told, folder.whole = False, 0.0
                self._warn(
                    f"{folder.path}: the system does not tell of changes here"
                    f" ({_reason(error)}); it is looked at from time to time{_remedy(error)}"
                )

    def _take(self, paths: set[str]) -> None:
        """Notes the folders in which something may have changed."""
        now = time.monotonic()
        for path in paths:
            if path.startswith(self._own):
                continue  # the library's own files
            for folder in self._folders:
                if Path(path) == folder.path or folder.path in Path(path).parents:
                    self._note(folder, path, now)

    def _note(self, folder: _Folder, path: str, now: float) -> None:
        inner = os.fsencode(os.path.relpath(path, folder.path))
        if inner == b".":
            return  # the folder itself, whose content is told of
        is_folder = os.path.isdir(path)  # noqa: PTH112 - it never raises
        if not is_folder and os.path.lexists(path):
            suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122
            if suffix not in read_suffixes():
                return
        before = bool(folder.changed)
        if is_folder or not os.path.lexists(path):
            folder.changed[inner] = True
        if not is_folder:
            folder.changed.setdefault(os.path.dirname(inner), False)  # noqa: PTH120 - of bytes
        if folder.changed and not before:
            # The first change after a while is taken in at once; of many, batches are made.
            folder.due = max(now, folder.looked + waiting_time())

    def _work(self) -> None:
        """Updates the library with what is due."""
        for folder in self._folders:
            if folder.gone:
                continue
            now = time.monotonic()
            try:
                if now >= folder.whole:
                    self._index_whole(folder)
                elif folder.changed and now >= folder.due:
                    self._index_changed(folder)
            except LibraryBusyError:
                folder.due = now + _BUSY_AGAIN
                folder.whole = max(folder.whole, folder.due)
            except LibraryError as error:
                if folder.path.is_dir() and error.file == self._own:
                    raise
                self._lose(folder, str(error))

    def _index_whole(self, folder: _Folder) -> None:
        began = time.monotonic()
        folder.changed.clear()
        report = index_folder(self._store, os.fsencode(folder.path), self._model)
        self._told(folder, report)
        now = time.monotonic()
        pause = _EVERYTHING if folder.told else interval(now - began) + waiting_time()
        folder.whole = now + pause

    def _index_changed(self, folder: _Folder) -> None:
        changed: Mapping[bytes, bool] = dict(folder.changed)
        report = index_changes(self._store, os.fsencode(folder.path), self._model, changed)
        folder.changed.clear()
        folder.looked = time.monotonic()
        self._told(folder, report)

    def _told(self, folder: _Folder, report: IndexReport) -> None:
        counts = report.new, report.changed, report.moved, report.missing, report.failed
        if any(counts) or report.analyzed:
            self._tell(folder.path, report)

    def _look_for_gone(self) -> bool:
        """Finds out which folders went away or came back; whether any did."""
        before = [folder.gone for folder in self._folders]
        for folder in self._folders:
            if not folder.gone and not folder.path.is_dir():
                self._lose(folder, f"{folder.path}: no such folder")
            elif folder.gone and time.monotonic() >= folder.due and folder.path.is_dir():
                folder.gone, folder.whole = False, 0.0
        return before != [folder.gone for folder in self._folders]

    def _lose(self, folder: _Folder, problem: str) -> None:
        if not folder.gone:
            self._warn(f"{problem}; what the library knows of it is kept, and it is watched again"
                       " when it is back")  # fmt: skip
        folder.gone = True
        folder.due = time.monotonic() + _BACK_AGAIN


def _changes(paths: Sequence[Path], stop: threading.Event, *, lenient: bool) -> Iterator[set[str]]:
    """Yields the paths that changed, as the system tells.

    Raises:
        PermissionError: a folder may not be listed, unless ``lenient``. Then such a folder is left
            out, and one beyond the system's limit as well, without a word.
        OSError: the system cannot tell of all changes.
    """
    from watchfiles import watch

    for changes in watch(
        *paths,
        watch_filter=None,
        debounce=_DEBOUNCE,
        step=_STEP,
        rust_timeout=_TICK,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
        ignore_permission_denied=lenient,
    ):
        yield {path for _, path in changes}


def _reason(error: OSError) -> str:
    if _FULL in str(error):
        return "it watches as many folders as its limit allows"
    return printable(str(error).partition(" about [")[0])


def _remedy(error: OSError) -> str:
    told = str(error)
    if _FULL in told:
        return ". A higher limit helps: sudo sysctl fs.inotify.max_user_watches=524288"
    if "Too many open files" in told:
        return ". A higher limit helps: sudo sysctl fs.inotify.max_user_instances=1024"
    return ""
