"""The public face of the library: index a folder, search it, ask what was seen."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from ansa.library.report import IndexReport, LibraryError, Problem, Progress
from ansa.library.search import Match, Ranking, SearchResult, Term, rank
from ansa.library.store import Store
from ansa.library.times import Moment, parse_moment

if TYPE_CHECKING:
    from ansa.analyzer import Analyzer
    from ansa.images import ImageSource
    from ansa.library.clutter import Clutter
    from ansa.library.duplicates import Duplicates
    from ansa.library.model import Model
    from ansa.library.moves import Moved
    from ansa.library.photos import Photo
    from ansa.library.snapshot import Snapshot
    from ansa.scene import Scene

_INDEX_FIRST = "run `ansa index` on the folder first"


class Library:
    """Photos that can be searched. Photos are only ever read; all that is known is in one file.

    Args:
        folder: the folder of photos; index and search are limited to it. Left out, all the
            folders the library knows.
        database: the library's file; by default one in the user's data directory. Made if missing.
        analyzer: what looks at photos and reads texts; by default one on the shipped bundle, loaded
            when it is first needed.

    Raises:
        LibraryError: the file is damaged, foreign, of a newer version, or cannot be opened. A
            file that cannot be written still opens, for searching.

    Example:
        >>> with Library("~/Pictures") as library:
        ...     library.index()
        ...     for match in library.search("a dog on a beach").matches:
        ...         print(match.score, match.path)
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        database: str | os.PathLike[str] | None = None,
        analyzer: Analyzer | None = None,
    ) -> None:
        self.folder = None if folder is None else Path(os.path.realpath(Path(folder).expanduser()))
        self.database = _default_database() if database is None else Path(database).expanduser()
        self._analyzer = analyzer
        self._snapshot: tuple[object, Snapshot] | None = None
        self._store = Store(self.database.absolute())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the library's file."""
        self._snapshot = None
        self._store.close()

    def index(self, progress: Progress | None = None, *, workers: int | None = None) -> IndexReport:
        """Takes in what is new or changed; the rest keeps its signals.

        May be stopped at any time: what was analyzed until then is kept.

        Args:
            progress: called as ``progress(done, total)`` after each photo that had to be looked at.
            workers: how many processes analyze photos; one for each core if left out.

        Raises:
            LibraryError: the folder is missing or empty where it held photos; the library cannot be
                written or another run is at work on it. Of several folders one that is missing is
                only reported.
            BundleError: the bundle is damaged.
        """
        from ansa.library.index import index_folder

        model = self._model()
        if self.folder is not None:
            folder = os.fsencode(self.folder)
            return index_folder(self._store, folder, model, workers=workers, progress=progress)
        report = IndexReport()
        for folder in self._store.roots():
            try:
                report += index_folder(
                    self._store, folder, model, workers=workers, progress=progress
                )
            except LibraryError as error:
                if error.file != os.fsdecode(folder):
                    raise
                problem = Problem(error.file, "folder", error.reason, error.remedy)
                report += IndexReport(unreadable=1, problems=(problem,))
        return report

    def search(
        self,
        query: str | None = None,
        *,
        like: ImageSource | None = None,
        without: str | None = None,
        after: Moment | None = None,
        before: Moment | None = None,
        limit: int = 20,
    ) -> SearchResult:
        """The photos that match best, and whether they match at all.

        Args:
            query: what the photo shows, in plain words.
            like: a photo that it looks like, itself left out; together with a query, both count
                alike.
            without: what it does not show. A photo that matches this better than what is wanted
                is left out, and others sink as far as they match it.
            after: taken at this time or later.
            before: taken earlier than this time. Photos without a time are left out by either.
            limit: at most so many.

        Raises:
            ValueError: neither a query nor a photo, an empty text, a bad date or limit.
            PhotoError: ``like`` cannot be opened.
            LibraryError: the library's file fails.
        """
        if query is None and like is None:
            raise ValueError("a search needs a query, a photo to be like, or both")
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        start = None if after is None else parse_moment(after)
        end = None if before is None else parse_moment(before)
        alike = None if like is None else self._look().embed_image(like)[0]
        root = self._root()
        if self.folder is not None and root is None:
            return SearchResult((), False, f"nothing of this folder is known; {_INDEX_FIRST}")
        snapshot = self._load(root)
        if not snapshot.photos:
            return SearchResult((), False, _nothing(snapshot.waiting), snapshot.waiting)
        analyzer = self._look()
        wanted = []
        among = np.arange(len(snapshot.photos))
        if query is not None:
            wanted.append(Term(analyzer.embed_text(query)[0], snapshot.text_baseline))
        if like is not None and alike is not None:
            wanted.append(Term(alike, snapshot.photo_baseline))
            among = np.delete(among, _row_of(like, snapshot))
        unwanted = None
        if without is not None:
            unwanted = Term(analyzer.embed_text(without)[0], snapshot.text_baseline)
        if start or end:
            among = among[snapshot.times.between(start, end)[among]]
        ranking = rank(snapshot.vectors, wanted, unwanted, among, limit)
        matches = self._matches(snapshot, ranking, root, limit)
        message = _message(query, ranking, len(among), snapshot.waiting)
        return SearchResult(matches, ranking.good, message, snapshot.waiting)

    def photos(self) -> Iterator[Photo]:
        """Every photo that is there and was looked at, with all its signals, in a stable order.

        Memory does not grow with their number.

        Raises:
            LibraryError: the library's file fails.
        """
        from ansa.library.photos import read_photos

        model, root = self._model(), self._root()
        if self.folder is None or root is not None:
            photos, _ = self._store.vectors(self._store.bundle(model.bundle), root)
            yield from read_photos(self._store, model, photos, root)

    def waiting(self) -> int:
        """How many photos are there that this bundle has not looked at, or not with all its heads.

        Raises:
            LibraryError: the library's file fails.
        """
        model, root = self._model(), self._root()
        if self.folder is not None and root is None:
            return 0
        return self._store.waiting(self._store.bundle(model.bundle), len(model.heads), root)

    def scene_of(self, path: str | os.PathLike[str]) -> Scene | None:
        """What was seen in a photo when it was indexed: its file is not opened.

        None if the library does not know it, or has not looked at it with this bundle.

        Raises:
            LibraryError: the library's file fails.
        """
        from ansa.library.photos import read_photos

        path = Path(path).expanduser()
        file = os.fsencode(Path(os.path.realpath(path.parent)) / path.name)
        for folder, root in self._store.roots().items():
            if file.startswith(start := os.path.join(folder, b"")):  # noqa: PTH118
                photo = self._store.photo_in(root, file.removeprefix(start))
                if photo is not None:
                    found = next(read_photos(self._store, self._model(), [photo], root), None)
                    return found.scene if found else None
        return None

    def duplicates(self) -> Duplicates:
        """Exact copies, edited or resized ones and bursts, in groups, each with the one to keep.

        Only stored signals are compared; of the photos' files it is looked up whether they are
        there. The same library gives the same groups in the same order.

        Raises:
            LibraryError: the library's file fails.
        """
        from ansa.library.duplicates import Duplicates, find_duplicates

        root = self._root()
        if self.folder is not None and root is None:
            return Duplicates((), 0, message=f"nothing of this folder is known; {_INDEX_FIRST}")
        return find_duplicates(self._store, self._model(), root)

    def move_duplicates(self, found: Duplicates, folder: str | os.PathLike[str]) -> Moved:
        """Moves all but the kept ones into a folder; :meth:`undo_move` moves them back.

        Nothing is overwritten, and a photo whose kept one is gone stays.

        Raises:
            LibraryError: the folder lies in an indexed one, or cannot be written.
        """
        from ansa.library.moves import move_into

        files = ((other.path, group.keep) for group in found.groups for other in group.others)
        return move_into(Path(folder).expanduser(), files, self._folders())

    def undo_move(self, folder: str | os.PathLike[str]) -> Moved:
        """Moves back what :meth:`move_duplicates` moved into a folder.

        Raises:
            LibraryError: nothing was moved there, or its journal is damaged.
        """
        from ansa.library.moves import move_back

        return move_back(Path(folder).expanduser(), self._folders())

    def _folders(self) -> list[Path]:
        return [Path(os.fsdecode(folder)) for folder in self._store.roots()]

    def clutter(self) -> Iterator[Clutter]:
        """Receipts, documents, screenshots, memes, codes, blanks, and shots that went wrong.

        In a stable order; memory does not grow with their number.

        Raises:
            LibraryError: the bundle has neither of the heads ``utility`` and ``quality``, or the
                library's file fails.
        """
        from ansa.library.clutter import find_clutter

        model = self._model()
        if not {"utility", "quality"} & model.heads.keys():
            raise LibraryError(
                str(self.database),
                "this bundle does not tell clutter from photos",
                "use one with the heads `utility` and `quality`, and index with it",
            )
        yield from find_clutter(self.photos())

    def _matches(
        self, snapshot: Snapshot, ranking: Ranking, root: int | None, limit: int
    ) -> tuple[Match, ...]:
        photos = [snapshot.photos[row] for row in ranking.rows]
        paths = self._store.paths(photos, root)
        facts = self._store.facts(photos)
        matches = [
            (key, Match(paths[photo][0], score, margin, facts[photo], tuple(paths[photo][1:])))
            for photo, key, score, margin in zip(
                photos,
                ranking.keys.tolist(),
                ranking.scores.tolist(),
                ranking.margins.tolist(),
                strict=True,
            )
            if paths[photo]
        ]
        # By name where photos tie, so that the order never depends on how they were indexed.
        matches.sort(key=lambda match: (-match[0], os.fsencode(match[1].path)))
        return tuple(match for _, match in matches[:limit])

    def _root(self) -> int | None:
        return None if self.folder is None else self._store.roots().get(os.fsencode(self.folder))

    def _load(self, root: int | None) -> Snapshot:
        """The photos as they are now; loaded again only if something was stored since."""
        from ansa.library.snapshot import Snapshot

        if self._snapshot is None or self._snapshot[0] != self._store.version():
            snapshot = Snapshot(self._store, self._look(), root)
            if snapshot.photos:
                _ = (
                    snapshot.text_baseline
                )  # may store the everyday texts: before the version is taken
            self._snapshot = self._store.version(), snapshot
        return self._snapshot[1]

    def _model(self) -> Model:
        from ansa.bundle import Bundle
        from ansa.library.model import Model

        return Model.of(self._analyzer.bundle if self._analyzer else Bundle.open())

    def _look(self) -> Analyzer:
        from ansa.analyzer import Analyzer

        if self._analyzer is None:
            self._analyzer = Analyzer()
        return self._analyzer


def _default_database() -> Path:
    from platformdirs import user_data_path

    return user_data_path("ansa", appauthor=False) / "library.sqlite"


def _row_of(photo: ImageSource, snapshot: Snapshot) -> list[int]:
    """The row of the very same photo, if it is in the library."""
    if isinstance(photo, (str, os.PathLike)):
        photo = Path(photo).expanduser().read_bytes()
    if not isinstance(photo, bytes):
        return []
    row = snapshot.row(hashlib.sha256(photo).digest())
    return [] if row is None else [row]


def _nothing(waiting: int) -> str:
    if waiting:
        return f"{waiting:,} photos wait to be looked at with this bundle; {_INDEX_FIRST}"
    return f"there are no photos in the library; {_INDEX_FIRST}"


def _message(query: str | None, ranking: Ranking, among: int, waiting: int) -> str:
    """What there is to say about a result, in one line."""
    parts = []
    if not among:
        parts.append("no photo is known to be of that time")
    elif not ranking.good:
        what = f'"{query}"' if query is not None else "that photo"
        parts.append(f"nothing here matches {what} well")
    if waiting:
        parts.append(f"{waiting:,} photos wait for `ansa index`")
    return "; ".join(parts)
