"""Threads that own a library each, because an open library belongs to the thread that opened it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, local
from typing import TYPE_CHECKING, Any, TypeVar

from ansa.library.library import Library
from ansa.library.thumbnails.cache import ThumbnailCache

if TYPE_CHECKING:
    from ansa.model.analyzer import Analyzer

T = TypeVar("T")

_WAIT_SECONDS = 60.0


class LibraryThreads:
    """A few threads, each with the library and its cache of small pictures opened.

    Args:
        name: what the threads are called.
        folder: limits the library; None for all of it.
        database: the library's file.
        analyzer: encodes texts; used by one thread at a time.
        count: the number of threads.

    Attributes:
        asked: when somebody waited for them last, in seconds of the monotonic clock.
    """

    def __init__(
        self, name: str, folder: Path | None, database: Path, analyzer: Analyzer, count: int = 1
    ) -> None:
        self._arguments = folder, database, analyzer
        self._own = local()
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=f"ansa-{name}")
        self._count = count
        self._closed = False
        self.asked = 0.0

    async def run(self, work: Callable[[Library], T]) -> T:
        """Runs some work with a library in one of the threads."""
        self.asked = time.monotonic()
        return await asyncio.wrap_future(self._pool.submit(lambda: work(self._library()[0])))

    def begin(self, work: Callable[[Library], object]) -> Future[object]:
        """Begins some work that nobody waits for, whose errors are left to whoever needs it."""
        if self._closed:
            return Future()
        return self._pool.submit(lambda: work(self._library()[0]))

    async def run_with_pictures(self, work: Callable[[Library, ThumbnailCache], T]) -> T:
        """Runs some work with a library and its small pictures in one of the threads."""
        self.asked = time.monotonic()
        return await asyncio.wrap_future(self._pool.submit(lambda: work(*self._library())))

    def close(self) -> None:
        """Closes the libraries after the work that was begun; no more work is accepted."""
        if self._closed:
            return
        self._closed = True
        together = Barrier(self._count)  # so that each thread takes one of these
        for _ in range(self._count):
            self._pool.submit(self._close_own, together)
        self._pool.shutdown(wait=True)

    def _library(self) -> tuple[Library, ThumbnailCache]:
        own: Any = self._own
        if not hasattr(own, "library"):
            folder, database, analyzer = self._arguments
            library = Library(folder, database=database, analyzer=analyzer)
            own.library = library, ThumbnailCache(library.store.path)
        found: tuple[Library, ThumbnailCache] = own.library
        return found

    def _close_own(self, together: Barrier) -> None:
        together.wait(_WAIT_SECONDS)
        own: Any = self._own
        if hasattr(own, "library"):
            library, pictures = own.library
            del own.library
            pictures.close()
            library.close()
