"""What all operations of the API share: the library in its threads, indexing, and jobs."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.app.indexing import BackgroundIndexing
from ansa.app.jobs import Jobs
from ansa.app.library_threads import LibraryThreads
from ansa.app.preparation import Preparation
from ansa.library.library import Library
from ansa.model.analyzer import Analyzer

if TYPE_CHECKING:
    from ansa.app.later import Later
    from ansa.library.cleanup.duplicates import Group
    from ansa.review.queue import ReviewQueue

FIRST_PHOTOS = 200
"""The photos that the page gets before all others: more than a first screen shows."""

_PICTURE_THREADS = 2


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
        later: the part of the app that the first pictures do not need.
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
        self.later: Later | None = None
        self._preparation = Preparation(self.searching, self.pictures, self._prepare_rest)
        self._timelines: dict[int | None, tuple[tuple[int, int], bytes]] = {}
        self.quick.begin(self.newest)  # what the first page will ask for

    def open_library(self) -> Library:
        """Opens the library once more, for the thread that calls this."""
        return Library(self.folder, database=self.database, analyzer=self.analyzer)

    def timeline(self, library: Library, newest: int | None = None) -> bytes:
        """Returns all photos as JSON, made anew only if something was stored since the last time.

        Only the thread of ``quick`` may call it, by whose connection changes are told.

        Args:
            library: the library of that thread.
            newest: limits it to so many photos.
        """
        version = library.store.version()
        made = self._timelines.get(newest)
        if made is None or made[0] != version:
            told = json.dumps(library.timeline(newest).to_dict(), separators=(",", ":"))
            made = self._timelines[newest] = version, told.encode()
        return made[1]

    def newest(self, library: Library) -> bytes:
        """Returns as many of the newest photos as any first screen shows, as :meth:`timeline`
        does."""
        return self.timeline(library, FIRST_PHOTOS)

    def prepare_searches(self) -> None:
        """Loads what searches need before the first one, while nobody waits for anything else.

        To be called now and then. When all photos are indexed, it is loaded again.
        """
        self._preparation.go_on(self.indexing.state.phase == "done")

    def _prepare_rest(self) -> None:
        if self.later is not None:
            self.later.prepare()

    def close(self) -> None:
        """Ends indexing, and closes the library in all threads."""
        self.indexing.stop()
        self.jobs.close()
        for threads in (self.pictures, self.quick, self.searching, self.slow):
            threads.close()
