"""Loads what the first search needs, and the rest of the app, while nobody waits for anything else.

It goes on in steps. One that somebody must wait for takes a fraction of a second, and all of them
take a few seconds for 100,000 photos.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future

from ansa.app.library_threads import LibraryThreads
from ansa.library.library import Library

REST_SECONDS = 0.3
"""The time for which nobody has asked for anything when nobody is thought to wait."""

_MOST_SECONDS = 4.0  # that this waits for people who scroll without a rest


class Preparation:
    """Prepares the searches of an app.

    Args:
        searching: the thread of the searches.
        pictures: the threads of the small pictures, which are more urgent.
        before: what to do first.
    """

    def __init__(
        self,
        searching: LibraryThreads,
        pictures: LibraryThreads,
        before: Callable[[], None],
    ) -> None:
        self._searching = searching
        self._pictures = pictures
        self._before = before
        self._done: set[Hashable] = set()
        self._steps: Iterator[None] | None = None
        self._wanted_since = 0.0
        self._unfinished = False
        self._work: Future[object] | None = None

    def go_on(self, state: Hashable) -> None:
        """Goes on if nobody waits; to be called now and then.

        Args:
            state: of the library; with another one, everything is prepared again.
        """
        if state not in self._done:
            self._done.add(state)
            self._steps = None
            self._wanted_since = time.monotonic()
            self._unfinished = True
        if self._unfinished and self._may() and (self._work is None or self._work.done()):
            self._work = self._searching.begin(self._take_steps)

    def _take_steps(self, library: Library) -> None:
        if self._steps is None:
            self._before()
            self._steps = library.prepare_searches()
        while self._may():
            self._unfinished = False  # if there is no next step, or it fails
            if next(self._steps, self) is self:
                return
            self._unfinished = True

    def _may(self) -> bool:
        now = time.monotonic()
        if now - self._searching.asked <= REST_SECONDS:
            return False
        return now - self._pictures.asked > REST_SECONDS or now - self._wanted_since > _MOST_SECONDS
