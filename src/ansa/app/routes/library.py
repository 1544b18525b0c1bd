"""The library itself: its state, its events, and indexing."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any

from anyio import sleep
from starlette.responses import Response, StreamingResponse

from ansa.app.context import FIRST_PHOTOS, AppContext
from ansa.app.operations import Operation
from ansa.library.library import Library

_LOOK_SECONDS = 0.25
_KEEP_ALIVE_SECONDS = 15.0

_FEATURES = {
    "film": "av",
    "teach": "sklearn",
    "places": "reverse_geocode",
}
"""Features that need an extra, and the package by which each is told."""


async def get_start(context: AppContext) -> Response:
    """Returns what the first screen needs: the state, and the newest photos."""
    newest = await context.quick.run(context.newest)
    state = json.dumps(_state(context)).encode()
    data = b'{"state":%b,"newest":%b,"first":%d}' % (state, newest, FIRST_PHOTOS)
    return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})


async def get_state(context: AppContext) -> dict[str, Any]:
    """Returns the number of photos, and what every page needs to know."""
    # Not in the thread that reads the timeline at the start, so that nobody need wait for it.
    count = await context.searching.run(lambda library: library.store.count(library.scope()))
    return {"photos": count, **_state(context)}


def _state(context: AppContext) -> dict[str, Any]:
    return {
        "folder": str(context.folder) if context.folder else None,
        "token": context.token,
        "run_key": context.run_key,
        "indexing": context.indexing.state.to_dict(),
        "review": context.review is not None,
        "features": {name: find_spec(package) is not None for name, package in _FEATURES.items()},
    }


async def index_now(context: AppContext) -> dict[str, Any]:
    """Asks for an index run."""
    context.indexing.ask()
    return {"asked": True}


async def get_events(context: AppContext) -> StreamingResponse:
    """Sends the state of indexing and a mark of the library's content whenever one changes."""
    return StreamingResponse(
        _events(context),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(context: AppContext) -> AsyncIterator[str]:
    before: dict[str, Any] = {}
    said = time.monotonic()
    while not context.closing:
        now = {
            "indexing": context.indexing.state.to_dict(),
            "content": await context.quick.run(_content),
        }
        for name, value in now.items():
            if before.get(name) != value:
                yield f"event: {name}\ndata: {json.dumps(value)}\n\n"
                said = time.monotonic()
        context.prepare_searches()
        before = now
        if time.monotonic() - said > _KEEP_ALIVE_SECONDS:
            yield ": still here\n\n"
            said = time.monotonic()
        await sleep(_LOOK_SECONDS)


def _content(library: Library) -> str:
    """Returns a text that differs whenever the library's content does, by whatever program."""
    return "-".join(map(str, library.store.version()))


OPERATIONS = (
    Operation("GET", "/start", "The state without its count, and the newest photos.", get_start),
    Operation("GET", "/state", "The library's size, folder and features.", get_state),
    Operation("POST", "/index", "Looks for new and changed photos.", index_now),
    Operation(
        "GET",
        "/events",
        "Server-sent events: `indexing` and `content`.",
        get_events,
        returns="text/event-stream",
    ),
)
