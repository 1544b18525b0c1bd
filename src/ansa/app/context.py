"""What all operations of the API share: the library in its threads, indexing, and jobs."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from ansa.app.indexing import BackgroundIndexing
from ansa.app.jobs import Jobs
from ansa.app.library_threads import LibraryThreads
from ansa.library.cleanup.duplicates import Group
from ansa.library.library import Library
from ansa.model.analyzer import Analyzer
from ansa.review.queue import ReviewQueue

_PICTURE_THREADS = 2
# Searches that read what later ones need: photos, networks and names, and then dictionaries.
_NEEDING_ALL = "a dog on a beach", "un perro en la playa"


@dataclass(frozen=True, slots=True)
class Review:
    """A queue of proposals to be answered, and the name of who answers them."""

    queue: ReviewQueue
    annotator: str


class AppContext:
    """A running app.

    Args:
        folder: limits the app to the photos in it; None for all indexed folders.
        database: the library's file.
        bundle: the folder of the bundle; None for the shipped one.
        token: the secret of this run.
        review: a queue of proposals that somebody is to answer, and their name.

    Attributes:
        quick: a thread for what is answered at once.
        searching: a thread that holds the photos' vectors in memory.
        slow: a thread for what looks at the whole library: memories, duplicates and the like.
        pictures: threads that make and find small pictures.
        indexing: indexes in the background.
        jobs: work that takes minutes.
        groups: the duplicates that were found last, by their ids.
        browsed: the folders that were listed for the user to choose from, by their numbers.
        browsed_numbers: the same the other way round.
        closing: whether the app is about to end.
        run_key: a part of the addresses of pictures, so that no browser mixes two runs.
    """

    def __init__(
        self,
        folder: Path | None,
        database: Path,
        bundle: str | None,
        token: str,
        review: Review | None = None,
        text: bool = False,
    ) -> None:
        self.folder = folder
        self.database = database
        self.token = token
        self.review = review
        self.run_key = secrets.token_hex(4)
        self.analyzer = Analyzer(bundle)
        arguments = folder, database, self.analyzer
        self.quick = LibraryThreads("quick", *arguments)
        self.searching = LibraryThreads("search", *arguments)
        self.slow = LibraryThreads("slow", *arguments)
        self.pictures = LibraryThreads("pictures", *arguments, count=_PICTURE_THREADS)
        self.indexing = BackgroundIndexing(*arguments, text=text)
        self.jobs = Jobs(self.open_library)
        self.groups: dict[str, Group] = {}
        self.browsed: dict[int, Path] = {}
        self.browsed_numbers: dict[Path, int] = {}
        self.closing = False
        self._prepared: set[bool] = set()
        self._preparing: list[str] = []
        self._prepared_by: Future[object] = Future()
        self._prepared_by.set_result(None)
        self._timeline: tuple[tuple[int, int], bytes] | None = None

    def open_library(self) -> Library:
        """Opens the library once more, for the thread that calls this."""
        return Library(self.folder, database=self.database, analyzer=self.analyzer)

    def timeline(self, library: Library) -> bytes:
        """Returns all photos as JSON, made anew only if something was stored since the last time.

        Only the thread of ``quick`` may call it, by whose connection changes are told.
        """
        version = library.store.version()
        if self._timeline is None or self._timeline[0] != version:
            told = json.dumps(library.timeline().to_dict(), separators=(",", ":"))
            self._timeline = version, told.encode()
        return self._timeline[1]

    def prepare_searches(self) -> None:
        """Loads a part of what searches need before the first one; again when all photos are
        indexed.

        To be called while nobody waits: each part takes a second or so, and searches wait for it.
        """
        indexed = self.indexing.state.phase == "done"
        if indexed not in self._prepared:
            self._prepared.add(indexed)
            self._preparing = list(_NEEDING_ALL)
        if self._preparing and self._prepared_by.done():
            query = self._preparing.pop(0)
            self._prepared_by = self.searching.begin(
                lambda library: library.search(query, limit=1, every=True)
            )

    def close(self) -> None:
        """Ends indexing, and closes the library in all threads."""
        self.indexing.stop()
        self.jobs.close()
        for threads in (self.pictures, self.quick, self.searching, self.slow):
            threads.close()
