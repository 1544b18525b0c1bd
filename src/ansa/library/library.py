"""The public interface of a library: it indexes folders, searches them, and tells what was seen."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.library.canonical_path import real_folder
from ansa.library.index_report import IndexReport, LibraryError, LibraryWarning, Problem, Progress
from ansa.library.indexing.scan import is_walked
from ansa.library.session import LibrarySession
from ansa.library.storage.scope import is_below
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.cleanup.clutter import Clutter
    from ansa.library.cleanup.duplicates import Duplicates
    from ansa.library.cleanup.moves import MoveResult
    from ansa.library.custom_tags.training import CustomTag
    from ansa.library.events.events import Event
    from ansa.library.events.moments import Moment as Occasion
    from ansa.library.events.places import Places
    from ansa.library.events.trips import Trip
    from ansa.library.exports.catalog import Catalog
    from ansa.library.exports.sidecars import Sidecars
    from ansa.library.films import FilmMoment
    from ansa.library.indexing.forget import ForgetResult
    from ansa.library.indexing.text_run import Expect, TextReport
    from ansa.library.memories.memories import Memories, Memory
    from ansa.library.personal.changes import Undone
    from ansa.library.personal.corrections import CorrectionResult
    from ansa.library.personal.corrections import Kind as PictureKind
    from ansa.library.personal.marks import MarkResult
    from ansa.library.personal.personal_ranking import PersonalRanking
    from ansa.library.search.ranking import SearchResult
    from ansa.library.search.times import Moment
    from ansa.library.selection.best import Best
    from ansa.library.selection.covers import Cover
    from ansa.library.storage.user_data import Mark
    from ansa.library.timeline import Timeline
    from ansa.library.wallpapers.wallpapers import Wallpapers
    from ansa.library.watching.watcher import Tell, Warn
    from ansa.photo.read import ImageSource
    from ansa.render.movie import Movie

_INDEX_FIRST = "run `ansa index` on the folder first"


class Library(LibrarySession):
    """A library of photos that can be searched.

    Photos are only read, except by the methods that move files. All data is in one file.

    Args:
        folder: a folder of photos that limits everything to the photos in it and its subfolders.
            It may be an indexed folder, or contain indexed folders, or be inside one. If left out,
            all indexed folders are used.
        database: the library's file, which is created if it does not exist; by default a file in
            the user's data directory.
        analyzer: analyzes photos and encodes texts; by default one with the shipped bundle, which
            is loaded when it is first needed.
        within: several folders that limit everything to the photos in any of them, instead of
            ``folder``.
        read_only: whether the library's file is never written. It must exist then, and everything
            that would change it is an error.

    Raises:
        LibraryError: the file is damaged, is no library, is from a newer version, or cannot be
            opened. A file that cannot be written can still be opened for searching.

    Example:
        >>> with Library("~/Pictures") as library:
        ...     library.index()
        ...     for match in library.search("a dog on a beach").matches:
        ...         print(match.score, match.path)
    """

    def index(
        self,
        progress: Progress | None = None,
        *,
        workers: int | None = None,
        thumbnails: bool = False,
    ) -> IndexReport:
        """Analyzes photos that are new or changed; all others keep their signals.

        The run can be interrupted at any time, and what was analyzed is kept. If the folder is
        inside an indexed one, all of that one is updated, and a warning says so.

        Args:
            progress: called as ``progress(done, total)`` after each photo that had to be analyzed.
            workers: the number of processes that analyze photos; by default one for each core.
            thumbnails: also make small pictures of the photos, as the app shows them.

        Raises:
            LibraryError: the folder is missing, or is empty and had photos before; the library
                cannot be written, or another run is indexing. If several folders are indexed, a
                missing one is only reported.
            BundleError: the bundle is damaged.
        """
        from ansa.library.indexing.index import index_folder
        from ansa.library.indexing.missing_folders import gone_roots

        model, report = self.model(), IndexReport()
        analyzed = None
        if thumbnails:
            from ansa.library.thumbnails.cache import MakeThumbnails

            analyzed = MakeThumbnails(self.store.path)
        self._spell_roots()
        folders = list(self.store.roots()) if self.folder is None else [self._root()]
        gone = {problem.file: problem for problem in gone_roots(self.store)}
        for folder in folders:
            try:
                report += index_folder(
                    self.store,
                    folder,
                    model,
                    workers=workers,
                    progress=progress,
                    analyzed=analyzed,
                )
            except LibraryError as error:
                if self.folder is not None or error.file != os.fsdecode(folder):
                    raise
                if error.file not in gone:
                    problem = Problem(error.file, "folder", error.reason, error.remedy)
                    report += IndexReport(unreadable=1, problems=(problem,))
        return report + IndexReport(problems=tuple(gone_roots(self.store)))

    def read_text(
        self,
        progress: Progress | None = None,
        *,
        expect: Expect | None = None,
        workers: int | None = None,
    ) -> TextReport:
        """Reads the text in indexed pictures that call for it, such as receipts and signs.

        Each is read once, so the run can be interrupted and goes on the next time. Searches find
        the text from then on. See :func:`ansa.library.indexing.text_run.read_text`.

        Args:
            progress: called as ``progress(done, total)`` after each picture.
            expect: called once as ``expect(seconds, pictures)``, after the first few pictures: how
                long the others will take.
            workers: the number of processes; by default one for each core, and at most 4.

        Raises:
            ModuleNotFoundError: the package ``rapidocr`` is not installed.
            LibraryError: the library cannot be written, the workers cannot start, or another such
                run is at work.
        """
        from ansa.library.indexing.text_run import read_text

        return read_text(self, workers=workers, progress=progress, expect=expect)

    def watch(
        self,
        folders: Iterable[str | os.PathLike[str]],
        *,
        stop: threading.Event,
        tell: Tell,
        warn: Warn,
    ) -> None:
        """Keeps the library up to date with folders until ``stop`` is set.

        Everything in them is indexed first. See :mod:`ansa.library.watching.watcher`.

        Args:
            folders: they need not have been indexed. One inside another is part of that one.
            stop: set it to end the watch, which it notices within a second.
            tell: called as ``tell(folder, report)`` after each change.
            warn: called with each problem in one line, once.

        Raises:
            LibraryError: a folder does not exist, or the library cannot be written.
            ModuleNotFoundError: the package ``watchfiles`` is not installed.
        """
        from ansa.library.watching.watcher import Watcher, outermost

        Watcher(self.store, self.model(), outermost(folders), tell, warn).run(stop)

    def _root(self) -> bytes:
        """Returns the indexed folder that contains the library's folder, or the folder itself."""
        folder = os.fsencode(self.folder or "")
        roots = self.store.roots()
        if folder in roots or not os.path.isdir(folder):  # noqa: PTH112 - of bytes
            return folder
        for root in sorted(roots, key=len):
            if is_below(folder, root) and is_walked(os.path.relpath(folder, root)):
                whole = printable(os.fsdecode(root))
                said = f"{self.folder}: part of {whole}, all of which is brought up to date"
                warnings.warn(said, LibraryWarning, stacklevel=3)
                return root
        return folder

    def _spell_roots(self) -> None:
        """Renames indexed folders whose name now leads elsewhere, through a link or letter case."""
        roots = self.store.roots()
        names = set(roots)
        for folder, root in roots.items():
            real = os.fsencode(real_folder(os.fsdecode(folder)))
            if real not in names and os.path.isdir(folder):  # noqa: PTH112 - it never raises
                self.store.rename_root(root, real)
                names.add(real)

    def search(
        self,
        query: str | None = None,
        *,
        like: ImageSource | None = None,
        without: str | None = None,
        after: Moment | None = None,
        before: Moment | None = None,
        limit: int = 20,
        every: bool = False,
        like_photos: Sequence[int] = (),
        unlike_photos: Sequence[int] = (),
    ) -> SearchResult:
        """Returns the best matches, the reasons, and whether anything matches well; see
        :func:`ansa.library.search.search.run_search`.

        Args:
            query: what photos show, and when, where, on which trip or with which camera they were
                taken: ``"dog on a beach last summer"``, ``"beach^2 sunset -people"``,
                ``"two people in Portugal on a trip"``.
            like: a photo to which the matches should be similar; it is not among them.
            without: what they must not show.
            after: the earliest time, inclusive.
            before: the latest time, exclusive.
            limit: the largest number of matches.
            every: whether each shot of a burst and each copy is a match of its own.
            like_photos: ids of photos of the library to which the matches should be similar, too.
            unlike_photos: ids of photos of the library to which they should not be similar.

        Raises:
            ValueError: there is neither a query nor a photo, or a text is empty, or a weight, a
                date or the limit is invalid.
            PhotoError: ``like`` cannot be opened.
            LibraryError: the library's file cannot be read.
        """
        from ansa.library.search.search import run_search

        return run_search(
            self,
            query,
            like=like,
            without=without,
            after=after,
            before=before,
            limit=limit,
            every=every,
            like_photos=like_photos,
            unlike_photos=unlike_photos,
        )

    def duplicates(self) -> Duplicates:
        """Returns exact copies, edited copies and bursts in groups, each with the photo to keep.

        Stored signals determine which photos may be copies. The files of these are read, and a file
        that cannot be read now is never proposed as a copy. The same library gives the same groups
        in the same order.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        from ansa.library.cleanup.duplicates import Duplicates, find_duplicates
        from ansa.library.personal.marks import marked

        if self.unknown():
            return Duplicates((), 0, message=f"nothing of this folder is known; {_INDEX_FIRST}")
        favourites = set(marked(self, "favourite"))
        return find_duplicates(self.store, self.model(), self.scope(), favourites)

    def move_duplicates(self, found: Duplicates, folder: str | os.PathLike[str]) -> MoveResult:
        """Moves all but the kept photos into a folder; :meth:`undo_move` moves them back.

        Nothing is overwritten. A photo is moved only if the kept one is another file that exists
        with the content that was indexed. Companions of a photo move with it, or prevent the move.

        Raises:
            LibraryError: the folder is inside an indexed one, or cannot be written.
        """
        from ansa.library.cleanup.move_duplicates import move_duplicates

        return move_duplicates(self, found, Path(folder).expanduser())

    def undo_move(self, folder: str | os.PathLike[str]) -> MoveResult:
        """Moves back the files that :meth:`move_duplicates` moved into a folder.

        Raises:
            LibraryError: nothing was moved there, or its journal is damaged.
        """
        from ansa.library.cleanup.moves import move_back

        return move_back(Path(folder).expanduser(), self.folders())

    def clutter(self) -> Iterator[Clutter]:
        """Yields receipts, documents, screenshots, memes, codes, blanks, and technically bad
        photos.

        The order is stable, and memory use does not grow with their number.

        Raises:
            LibraryError: the bundle has neither of the heads ``utility`` and ``quality``, or the
                library's file cannot be read.
        """
        from ansa.library.cleanup.clutter import find_clutter

        model = self.model()
        if not {"utility", "quality"} & model.heads.keys():
            raise LibraryError(
                str(self.database),
                "this bundle does not tell clutter from photos",
                "use one with the heads `utility` and `quality`, and index with it",
            )
        yield from find_clutter(self.photos())

    def descriptions(self, files: Iterable[str | os.PathLike[str]]) -> dict[Path, str]:
        """Returns a sentence for people who cannot see each of some photos, by its file.

        Photos that the library does not know, or has not analyzed, are left out. The files are not
        opened. See :mod:`ansa.description`.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        scenes = ((Path(file), self.scene_of(file)) for file in files)
        return {file: scene.description for file, scene in scenes if scene}

    def film_moments(self, path: str | os.PathLike[str]) -> tuple[FilmMoment, ...]:
        """Returns the telling frames of a film, by time; see :mod:`ansa.library.films`."""
        from ansa.library.films import film_moments

        return film_moments(self, path)

    def best(self, count: int = 50, *, album: str | os.PathLike[str] | None = None) -> Best:
        """Returns the best photos, the best first; see :mod:`ansa.library.selection.best`."""
        from ansa.library.selection.best import find_best

        return find_best(self, count, album)

    def cover(self, files: Iterable[str | os.PathLike[str]]) -> Cover | None:
        """Returns the photo that represents some photos; see
        :mod:`ansa.library.selection.covers`."""
        from ansa.library.selection.covers import find_cover

        return find_cover(self, files)

    def memories(
        self,
        *,
        today: date | None = None,
        limit: int | None = None,
        progress: Progress | None = None,
    ) -> Memories:
        """Returns memories, best first; see
        :func:`ansa.library.memories.memories.find_memories`."""
        from ansa.library.memories.memories import find_memories

        return find_memories(self, today=today, limit=limit, progress=progress)

    def movie(
        self,
        memory: Memory,
        out: str | os.PathLike[str],
        *,
        music: str | os.PathLike[str] | None = None,
        size: tuple[int, int] = (1280, 720),
        progress: Progress | None = None,
    ) -> Movie:
        """Writes a memory as an MP4, cut to the beat; see :func:`ansa.render.movie.make_movie`."""
        from ansa.library.memories.memories import film

        return film(self, memory, out, music=music, size=size, progress=progress)

    def dismiss_memory(self, memory: str, *, today: date | None = None) -> str:
        """Stops proposing the memory with this id; returns its title."""
        from ansa.library.memories.memories import dismiss_memory

        return dismiss_memory(self, memory, today=today)

    def restore_memory(self, memory: str) -> bool:
        """Allows a dismissed memory to be proposed again; returns False if it was not dismissed."""
        from ansa.library.memories.dismissed import restore

        return restore(self.store, memory)

    def like_memory(self, memory: str, liked: bool = True, *, today: date | None = None) -> str:
        """Says that people like a memory, or no longer; returns its title. See
        :func:`ansa.library.memories.memories.like_memory`."""
        from ansa.library.memories.memories import like_memory

        return like_memory(self, memory, liked, today=today)

    def leave_out(
        self,
        memory: str,
        files: Iterable[str | os.PathLike[str]],
        *,
        again: bool = False,
        today: date | None = None,
    ) -> MarkResult:
        """Says which photos do not belong into a memory; see
        :func:`ansa.library.memories.memories.leave_out`."""
        from ansa.library.memories.memories import leave_out

        return leave_out(self, memory, files, again=again, today=today)

    def moments(self) -> list[Occasion]:
        """Returns the moments, oldest first; see :mod:`ansa.library.events.moments`."""
        from ansa.library.events.moments import moments

        return moments(self)

    def trips(self) -> list[Trip]:
        """Returns the trips, oldest first; see :mod:`ansa.library.events.trips`."""
        from ansa.library.events.trips import trips

        return trips(self)

    def places(self) -> Places:
        """Returns where photos were taken, by name; see :mod:`ansa.library.events.places`."""
        from ansa.library.overview import places

        return places(self)

    def events(self) -> list[Event]:
        """Returns holidays, birthdays, seasons and weekends; see
        :mod:`ansa.library.events.events`."""
        from ansa.library.events.events import events

        return events(self)

    def prepare_searches(self) -> Iterator[None]:
        """Loads what the first search needs, a part with each step; see
        :mod:`ansa.library.search.preparation`."""
        from ansa.library.search.preparation import prepare_searches

        return prepare_searches(self)

    def timeline(self, newest: int | None = None) -> Timeline:
        """Returns all photos, the newest first; see :mod:`ansa.library.timeline`.

        Args:
            newest: limits it to so many of its first photos.
        """
        from ansa.library.timeline import timeline

        return timeline(self, newest)

    def overview(self) -> dict[str, int]:
        """Returns the library's contents in numbers; see :func:`ansa.library.overview.overview`."""
        from ansa.library.overview import overview

        return overview(self)

    def wallpapers(
        self, screen: tuple[int, int], *, clock: str | None = None, count: int = 20
    ) -> Wallpapers:
        """Returns photos for a screen; see
        :func:`ansa.library.wallpapers.wallpapers.find_wallpapers`."""
        from ansa.library.wallpapers.wallpapers import find_wallpapers

        return find_wallpapers(self, screen, clock, count)

    def teach(
        self, name: str, shown: Iterable[str] = (), absent: Iterable[str] = (), *, suggest: int = 8
    ) -> CustomTag:
        """Teaches a tag by a few photos; see :func:`ansa.library.custom_tags.training.teach`."""
        from ansa.library.custom_tags.training import teach

        return teach(self, name, shown, absent, suggest=suggest)

    def lessons(self) -> tuple[CustomTag, ...]:
        """Returns all custom tags; see :func:`ansa.library.custom_tags.training.custom_tags`."""
        from ansa.library.custom_tags.training import custom_tags

        return custom_tags(self)

    def forget(self, folder: str | os.PathLike[str], *, dry_run: bool = False) -> ForgetResult:
        """Removes a folder; see :func:`ansa.library.indexing.forget.forget_folder`."""
        from ansa.library.indexing.forget import forget_folder

        return forget_folder(self, folder, dry_run=dry_run)

    def forget_tag(self, name: str) -> bool:
        """Deletes a custom tag and all its examples; returns False if it does not exist."""
        from ansa.library.custom_tags.training import forget

        return forget(self, name)

    def mark(self, files: Iterable[str | os.PathLike[str]], mark: Mark | None) -> MarkResult:
        """Makes photos favourites or hides them; see :mod:`ansa.library.personal.marks`."""
        from ansa.library.personal.marks import set_mark

        return set_mark(self, files, mark)

    def set_kind(
        self, files: Iterable[str | os.PathLike[str]], kind: PictureKind | None
    ) -> CorrectionResult:
        """Says what kind of picture photos are, which wins over the network; see
        :func:`ansa.library.personal.corrections.set_kind`."""
        from ansa.library.personal.corrections import set_kind

        return set_kind(self, files, kind)

    def correct_tags(
        self,
        files: Iterable[str | os.PathLike[str]],
        *,
        here: Iterable[str] = (),
        absent: Iterable[str] = (),
        clear: Iterable[str] = (),
    ) -> CorrectionResult:
        """Says which tags photos show and which not, which wins over the network; see
        :func:`ansa.library.personal.corrections.correct_tags`."""
        from ansa.library.personal.corrections import correct_tags

        return correct_tags(self, files, here=here, absent=absent, clear=clear)

    def corrections(
        self, files: Iterable[str | os.PathLike[str]] | None = None
    ) -> CorrectionResult:
        """Returns what people corrected; see
        :func:`ansa.library.personal.corrections.corrections`."""
        from ansa.library.personal.corrections import corrections

        return corrections(self, files)

    def undo_last_change(self) -> Undone | None:
        """Undoes the last change of marks, kinds or tags; returns None if there is none. See
        :func:`ansa.library.personal.changes.undo_last_change`."""
        from ansa.library.personal.changes import undo_last_change

        return undo_last_change(self)

    def personal(self) -> PersonalRanking:
        """Returns what was learned from marks.

        :mod:`ansa.library.personal.personal_ranking` can switch it off.
        """
        from ansa.library.personal.personal_ranking import personal

        return personal(self)

    def write_sidecars(
        self, *, merge: bool = False, remove: bool = False, describe: bool = False
    ) -> Sidecars:
        """Writes tags to XMP sidecars; see :func:`ansa.library.exports.sidecars.write_sidecars`."""
        from ansa.library.exports.sidecars import write_sidecars

        return write_sidecars(self, merge=merge, remove=remove, describe=describe)

    def write_catalog(
        self, out: str | os.PathLike[str], *, places: bool = True, embeddings: bool = False
    ) -> Catalog:
        """Writes all known data to one file; see :mod:`ansa.library.exports.catalog`."""
        from ansa.library.exports.catalog import write_catalog

        return write_catalog(self, Path(out), places=places, embeddings=embeddings)
