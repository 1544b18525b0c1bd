"""A part of the app that is imported when it is first asked for, or when there is time for it.

The first pictures need a small part of the app; to import the rest takes as long as to show them.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from anyio.to_thread import run_sync

from ansa.app.security import App, Receive, Scope, Send


class Later:
    """An ASGI application that is made by a function, once.

    Args:
        make: makes it; called in a thread.
    """

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._made: App | None = None
        self._one = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, which waits for the application if that is not there yet."""
        if self._made is None:
            await run_sync(self.prepare)
        assert self._made is not None
        await self._made(scope, receive, send)

    def prepare(self) -> None:
        """Makes the application, if it is not made yet."""
        with self._one:
            if self._made is None:
                self._made = self._make()
