"""The incremental index run: new and changed photos are analyzed, all others keep their signals."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, cast

from ansa.library.index_report import (
    LIVE_FILM,
    IndexReport,
    Kind,
    LibraryError,
    Problem,
    Progress,
)
from ansa.library.indexing.missing_folders import (
    MissingFolders,
    elsewhere,
    find_missing_folders,
    missing_folder_problem,
)
from ansa.library.indexing.model import Model
from ansa.library.indexing.scan import Scan, scan
from ansa.library.indexing.system_folders import lies_in_system_folder
from ansa.library.storage.codec import packed_size
from ansa.library.storage.database import index_lock
from ansa.library.storage.rows import EMBEDDING, FileRecord, KnownFile, Signal
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import KnownContent, Store
from ansa.processors import processor_count

if TYPE_CHECKING:
    from ansa.library.indexing.worker import Analyzed, Outcome

# A kill -9 can lose at most so many photos, or the photos of so many seconds.
_BATCH = 64
_BATCH_SECONDS = 2.0
_NO_VECTOR = "index again with another bundle; if it stays so, save the photo again"


def index_folder(
    store: Store,
    folder: bytes,
    model: Model,
    *,
    workers: int | None = None,
    timeout: float = 120.0,
    progress: Progress | None = None,
    analyzed: Analyzed | None = None,
) -> IndexReport:
    """Updates the library with the photos of a folder, which is an absolute real path.

    Args:
        store: the library.
        folder: the folder to scan.
        model: analyzes photos.
        workers: the number of processes; by default one for each core.
        timeout: seconds for one photo.
        progress: called after each photo.
        analyzed: called in the workers with each file that was analyzed.

    Raises:
        LibraryError: the folder does not exist, or is empty and had photos before (an empty mount
            point); the library cannot be written, or another run is indexing; workers cannot start.
    """
    began = time.monotonic()
    store.require_writable()
    with index_lock(store.path):
        seen = scan(folder)
        run = _Run(store, folder, model, seen)
        if run.todo:
            run.analyze(workers or processor_count(), timeout, progress, analyzed)
        return run.finish(began)


def index_changes(
    store: Store,
    folder: bytes,
    model: Model,
    changed: Mapping[bytes, bool],
    *,
    workers: int = 1,
    timeout: float = 120.0,
) -> IndexReport:
    """Updates the library with what changed in some folders below an indexed one.

    What is elsewhere is not looked at, so that a change in a large library takes no longer than in
    a small one. Only what is new, changed or gone is counted.

    Args:
        store: the library.
        folder: the indexed folder, an absolute real path.
        model: analyzes photos.
        changed: folders relative to the indexed one, and whether all that is in them may have
            changed, or only the files directly in them. A folder that is gone is one of these.
        workers: the number of processes.
        timeout: seconds for one photo.

    Raises:
        LibraryBusyError: another run is indexing.
        LibraryError: see :func:`index_folder`.
    """
    began = time.monotonic()
    store.require_writable()
    with index_lock(store.path):
        seen = scan(folder, changed)
        root = store.roots().get(folder)
        stored = {} if root is None else store.fingerprints(root)
        stored = {path: print_ for path, print_ in stored.items() if _concerned(path, changed)}
        here = {path: new for path, new in seen.photos.items() if stored.get(path) != new}
        gone = {
            path
            for path, before in stored.items()
            if before and path not in seen.photos and not seen.hides(path)
        }
        seen = replace(seen, photos=here, skipped=[])
        run = _Run(store, folder, model, seen, {*here, *gone})
        if run.todo:
            run.analyze(workers, timeout, None)
        return run.finish(began)


def _concerned(path: bytes, changed: Mapping[bytes, bool]) -> bool:
    """Whether a file lies directly in a changed folder, or deeper in one that is wholly so."""
    folder = os.path.dirname(path)  # noqa: PTH120 - of bytes
    if folder in changed:
        return True
    while folder:
        folder = os.path.dirname(folder)  # noqa: PTH120
        if changed.get(folder):
            return True
    return False


class _Run:
    """One run over one folder. Every photo that is found goes into exactly one counter.

    Args:
        store: the library.
        folder: the folder.
        model: analyzes photos.
        seen: what is there.
        paths: the run is about these files alone; None for all.
    """

    def __init__(
        self,
        store: Store,
        folder: bytes,
        model: Model,
        seen: Scan,
        paths: Collection[bytes] | None = None,
    ) -> None:
        self._whole = paths is None
        self._store = store
        self._folder = folder
        self._model = model
        self._seen = seen
        self._root = store.roots().get(folder) or store.add_root(folder)
        self._bundle = store.bundle(model.bundle) or store.add_bundle(model.bundle)
        self._reader = _reader(model.bundle)
        self._known = store.files(self._root, model.wanted(self._bundle), paths)
        self._counts: Counter[str] = Counter()
        self._problems = [*seen.skipped, *seen.folders]
        self._analyzed = 0
        self._repaired: list[str] = []
        there = [
            path
            for path, file in self._known.items()
            if file.status == "ok" and not (file.missing or lies_in_system_folder(path))
        ]
        if there and self._whole:
            self._refuse_empty_mount()
        self._mounts = store.mounts(self._root) if self._whole else {}
        self._away = find_missing_folders(seen, there, self._mounts) if self._whole else []
        # Missing files, by content. If such a content appears elsewhere, the file was moved there.
        self._moved: set[int] = set()
        self._gone: dict[bytes, list[int]] = defaultdict(list)
        for path, file in self._known.items():
            if file.digest and not (
                path in seen.photos or seen.hides(path) or lies_in_system_folder(path)
            ):
                self._gone[file.digest].append(file.id)
        self.todo = [path for path in seen.photos if not self._settled(path)]

    def _refuse_empty_mount(self) -> None:
        if not (self._seen.photos or self._seen.unreadable):
            raise LibraryError(
                os.fsdecode(self._folder),
                "empty, though it held photos",
                "if they are on a drive, connect it; if they are gone for good,"
                " `ansa forget FOLDER` takes it out of the library",
            )

    def _settled(self, path: bytes) -> bool:
        """Whether a file needs no analysis; then it is counted."""
        file = self._known.get(path)
        if file is None or file.fingerprint != self._seen.photos[path]:
            return False
        if file.status == "ok":
            if file.analyzed:
                self._counts["unchanged"] += 1
            return file.analyzed
        if file.reason == LIVE_FILM and path not in self._seen.beside:
            return False  # its still is gone
        if file.status == "quarantined" or file.reader == self._reader:
            self._fail(path, file.status, file.reason, file.remedy)
            return True
        return False

    def analyze(
        self,
        workers: int,
        timeout: float,
        progress: Progress | None,
        analyzed: Analyzed | None = None,
    ) -> None:
        """Analyzes the remaining files, and stores the results in batches."""
        from ansa.library.indexing.pool import Pool, PoolError  # not needed if nothing changed
        from ansa.library.indexing.worker import Job

        known = KnownContent(self._store.path, self._model.wanted(self._bundle))
        pool = Pool(self._model.start, known, workers=workers, timeout=timeout, analyzed=analyzed)
        stills = {film: self._full(still) for film, still in self._seen.beside.items()}
        jobs = (Job(key, self._full(p), stills.get(p)) for key, p in enumerate(self.todo))
        batch: list[FileRecord] = []
        stored = time.monotonic()
        try:
            with closing(pool.run(jobs)) as outcomes:
                for done, outcome in enumerate(outcomes, start=1):
                    record = self._take(self.todo[outcome.key], outcome)
                    batch += [record] if record else []
                    if len(batch) >= _BATCH or time.monotonic() - stored > _BATCH_SECONDS:
                        self._store.save(self._root, self._bundle, batch)
                        batch = []
                        stored = time.monotonic()
                    if progress:
                        progress(done, len(self.todo))
        except PoolError as error:
            raise LibraryError(
                str(self._store.path),
                f"photos cannot be analyzed ({error})",
                "reinstall ansa, or free some memory and index again",
            ) from error
        finally:
            # This also runs if the run is interrupted, so that analyzed photos are not lost.
            self._store.save(self._root, self._bundle, batch)

    def _take(self, path: bytes, outcome: Outcome) -> FileRecord | None:
        """Counts the outcome of a photo; returns what to store, if anything."""
        before = self._known.get(path)
        signals: tuple[Signal, ...] = ()
        if outcome.status == "ok":
            size = packed_size(EMBEDDING, (self._model.dim,))
            if len(outcome.signals.get(EMBEDDING, b"")) == size:
                self._analyzed += 1
                signals = self._signals(outcome.signals)
            else:
                reason = f"the network gave a vector not of {self._model.dim} numbers or length 1"
                outcome = replace(outcome, status="failed", reason=reason, remedy=_NO_VECTOR)
        if outcome.status == "unreadable":
            # The photo is assumed to be unchanged, and is tried again in the next run.
            self._fail(path, "failed", outcome.reason, outcome.remedy)
            return None
        record = FileRecord(
            path, outcome.fingerprint or self._seen.photos[path], "ok", self._reader, outcome.digest
        )
        if outcome.status == "ok" or outcome.status == "known":
            kind, moved = self._kind(before, outcome.digest or b"")
            self._counts[kind] += 1
            if before and before.damaged:
                self._repaired.append(os.fsdecode(self._full(path)))
            return replace(
                record,
                facts=outcome.facts,
                signals=signals,
                moments=outcome.moments,
                replaces=moved,
            )
        self._fail(path, outcome.status, outcome.reason, outcome.remedy)
        if before and before.digest and before.digest == outcome.digest:
            return None  # the results of an older bundle for the same content are kept
        return replace(
            record,
            status=outcome.status,
            digest=None,
            reason=outcome.reason,
            remedy=outcome.remedy,
        )

    def _signals(self, packed: Mapping[str, bytes]) -> tuple[Signal, ...]:
        """Returns one signal per head, empty if it gave nothing, so that it is not asked again."""
        heads = self._model.heads.items()
        return tuple(Signal(head, version, packed.get(head, b"")) for head, version in heads)

    def _kind(self, before: KnownFile | None, digest: bytes) -> tuple[str, int | None]:
        """Returns the counter of a photo, and the file that it was before it moved here, if any."""
        if before and before.digest == digest:
            return "unchanged", None
        if gone := self._gone.get(digest):
            moved = gone.pop()
            self._moved.add(moved)
            return "moved", moved
        return ("changed" if before and before.digest else "new"), None

    def _fail(self, path: bytes, kind: str, reason: str, remedy: str) -> None:
        if reason == LIVE_FILM:
            self._counts["paired"] += 1
            return
        self._counts[kind] += 1
        file = os.fsdecode(self._full(path))
        self._problems.append(Problem(file, cast(Kind, kind), reason, remedy))

    def finish(self, began: float) -> IndexReport:
        """Marks missing files, and returns the report."""
        seen = self._seen
        missing, replaced, back, dropped = [], [], [], []
        away: dict[MissingFolders, list[int]] = {each: [] for each in self._away}
        for path, file in self._known.items():
            if path in seen.photos:
                if file.missing:
                    back.append(file.id)
            elif lies_in_system_folder(path):
                dropped.append(file.id)
            elif not (file.missing or seen.hides(path) or file.id in self._moved):
                folder = next((each for each in self._away if each.holds(path)), None)
                if folder is None or not file.photo:
                    missing.append(file.id)
                else:
                    away[folder].append(file.photo)
                    replaced += [file.id] if folder.replaced else []
        if missing or replaced or back:
            self._store.mark(missing + replaced, back, datetime.now(UTC))
        if dropped:
            self._store.drop(dropped)
        self._store.update_names()
        if self._whole:
            self._store.drop_damaged()
            self._store.damaged_files.clear()
            self._store.damaged.clear()  # they were read again, or are reported as a problem
            self._tell_away(away)
        self._counts["skipped"] += len(seen.skipped)
        found = len(seen.photos) + len(seen.skipped) - self._counts["paired"]
        self._counts["paired"] += seen.paired
        unsaid = self._store.unsaid(Scope(((self._root, b""),)))
        return IndexReport(
            found=found,
            missing=len(missing),
            away=sum(map(len, away.values())),
            dropped=len(dropped),
            ignored=seen.ignored,
            unread=seen.unread,
            unreadable=len(seen.folders),
            no_time=unsaid.time,
            no_place=unsaid.place,
            weak_times=unsaid.weak,
            analyzed=self._analyzed,
            repaired=tuple(sorted(self._repaired)),
            seconds=time.monotonic() - began,
            problems=tuple(sorted(self._problems, key=lambda problem: problem.file)),
            **self._counts,
        )

    def _tell_away(self, away: Mapping[MissingFolders, list[int]]) -> None:
        """Reports folders that may be disconnected, and keeps the record of their mount points."""
        for folder, photos in away.items():
            if photos:  # otherwise all of them were moved elsewhere
                name = os.fsdecode(self._full(folder.folder) if folder.folder else self._folder)
                all_elsewhere = elsewhere(self._store, photos) == len(photos)
                self._problems.append(
                    missing_folder_problem(name, folder.now, len(photos), all_elsewhere)
                )
        kept = {
            path: device
            for path, device in self._mounts.items()
            if path in self._seen.unreadable
            or self._seen.hides(path)
            or any(path == each.folder or each.holds(path) for each in away)
        }
        now = kept | {path: str(device) for path, device in self._seen.mounts.items()}
        if now != self._mounts:
            self._store.save_mounts(self._root, now)

    def _full(self, path: bytes) -> bytes:
        return os.path.join(self._folder, path)  # noqa: PTH118


def _reader(bundle: str) -> str:
    """Returns the versions of everything that decides whether a photo can be analyzed."""
    parts = [f"bundle {bundle}"]
    for package in ("ansa", "pillow", "pillow-heif", "rawpy", "av"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(parts)
