"""The web server: its routes, its static files, and how it starts and ends."""

from __future__ import annotations

import logging
import re
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from ansa.app.context import AppContext
from ansa.app.later import Later
from ansa.app.openapi import BASE, describe
from ansa.app.operations import Operation, RequestError, answer_json
from ansa.app.routes import library, photos
from ansa.app.security import App, Guard, Receive, Scope, Send
from ansa.app.static_files import StaticFiles
from ansa.errors import AnsaError, FileError
from ansa.names import printable

STATIC = Path(__file__).with_name("static")
LOOPBACK = "127.0.0.1"

_SWITCH_SECONDS = 0.001  # so that pictures hardly wait for what another thread computes
_COMPRESSION = 4  # beyond it, the list of all photos takes three times as long and is as large
_NAMES_OF_LOOPBACK = "127.0.0.1", "localhost", "[::1]"
_MEDIA = re.compile(r"/(file|live|crop|pictures)$|/picture(/|$)")
_MISSING_EXTRAS = {"av": "movie", "sklearn": "teach", "reverse_geocode": "experiences"}


def create_app(context: AppContext, port: int, hosts: Sequence[str] = _NAMES_OF_LOOPBACK) -> App:
    """Returns the app as an ASGI application.

    Args:
        context: the library and what belongs to it.
        port: the port on which it will listen, which requests have to name.
        hosts: the host names by which requests may reach it.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        context.closing = True

    html = (STATIC / "index.html").read_bytes()

    async def page(request: Request) -> Response:
        return Response(html, media_type="text/html", headers={"Cache-Control": "no-store"})

    first = [*library.OPERATIONS, *photos.OPERATIONS]
    routes = [
        Route("/", page),
        Route("/static/{name:path}", StaticFiles(STATIC).answer),
        *_routes(context, first),
    ]
    context.later = Later(lambda: _all_routes(context))
    handlers: dict[Any, Callable[..., Any]] = {
        HTTPException: _http_problem,
        RequestError: _request_problem,
        AnsaError: _library_problem,
        ModuleNotFoundError: _missing_extra,
        Exception: _unexpected,
    }
    inner = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    inner.router.default = context.later
    return Guard(_compressing(inner), context.token, port, hosts)


def _compressing(app: App) -> App:
    """Returns the app with compressed answers, but for pictures and films, of which parts are
    asked for."""
    compressed = GZipMiddleware(app, minimum_size=20_000, compresslevel=_COMPRESSION)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] != "http" or _MEDIA.search(scope["path"])
        chosen: App = app if plain else compressed
        await chosen(scope, receive, send)

    return answer


def _all_routes(context: AppContext) -> App:
    from ansa.app.routes.all import OPERATIONS

    description = bytes(answer_json(describe(OPERATIONS)).body)

    async def openapi(request: Request) -> Response:
        return Response(description, media_type="application/json")

    return Router([Route(f"{BASE}/openapi.json", openapi), *_routes(context, OPERATIONS)])


def _routes(context: AppContext, operations: Sequence[Operation]) -> list[Route]:
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [
        Route(BASE + path, _endpoint(context, some), methods=[each.method for each in some])
        for path, some in by_path.items()
    ]


def _endpoint(context: AppContext, operations: list[Operation]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        for each in operations:
            if each.method == method:
                return await each.answer(context, request)
        raise HTTPException(405)

    return answer


async def _http_problem(request: Request, error: HTTPException) -> Response:
    reason = {404: "there is nothing at this address", 405: "this method is not allowed here"}
    answer = _problem(error.status_code, reason.get(error.status_code, "the request is invalid"))
    answer.headers.update(error.headers or {})
    return answer


async def _request_problem(request: Request, error: RequestError) -> Response:
    return _problem(error.status, error.reason, error.remedy)


async def _library_problem(request: Request, error: AnsaError) -> Response:
    reason = error.reason
    if isinstance(error, FileError):
        reason = f"{printable(error.file)}: {reason}"
    return _problem(409, reason, error.remedy)


async def _missing_extra(request: Request, error: ModuleNotFoundError) -> Response:
    extra = _MISSING_EXTRAS.get((error.name or "").split(".")[0])
    if extra is None:
        raise error
    return _problem(501, f"{error.name} is not installed", f"run pip install 'ansa[{extra}]'")


async def _unexpected(request: Request, error: Exception) -> Response:
    return _problem(503, "something went wrong here", "the terminal says more")


def _problem(status: int, reason: str, remedy: str = "") -> JSONResponse:
    return answer_json({"error": {"reason": reason, "remedy": remedy}}, status)


class AppServer:
    """A server of one app.

    Args:
        context: the library and what belongs to it.
        host: the address to listen on.
        port: the port; 0 for any free one.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
    """

    def __init__(self, context: AppContext, host: str = LOOPBACK, port: int = 0) -> None:
        self.context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Only for a socket that says it is TCP does asyncio switch Nagle's algorithm off. With it,
        # each answer on a kept connection would wait 40 ms for the browser's acknowledgement.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
            self._socket.listen(128)  # who comes before the server is ready waits
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.host = shown
        hosts = {*_NAMES_OF_LOOPBACK, shown}
        app = create_app(context, self.port, sorted(hosts))
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
            ws="none",
        )
        self._server = _Server(config, context)

    @property
    def address(self) -> str:
        """The start address, with the token."""
        return f"http://{self.host}:{self.port}/?token={self.context.token}"

    def run(self, *, open_browser: bool = False) -> None:
        """Serves until it is interrupted or :meth:`stop` is called."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.context.indexing.start()
        if open_browser:
            # Some browsers' commands return only when the browser ends.
            threading.Thread(target=webbrowser.open, args=(self.address,), daemon=True).start()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.context.closing = True
            self._socket.close()
            self.context.close()

    def stop(self) -> None:
        """Ends :meth:`run`, which another thread may be in."""
        self.context.closing = True
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """A server that tells the app at once that it is to end, as no open stream of events would end
    by itself."""

    def __init__(self, config: uvicorn.Config, context: AppContext) -> None:
        super().__init__(config)
        self._context = context

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to end; called with Ctrl-C and with the signals that end programs."""
        self._context.closing = True
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what is cut off now may be
        super().handle_exit(sig, frame)
