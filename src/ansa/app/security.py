"""What keeps the app to its user: the token, the host, the origin, and what pages may do.

Other pages in the same browser can send requests to this machine, and a name of theirs can be made
to lead here (DNS rebinding). So a request needs a host name that is this machine's, must not come
from another page, and needs the token. The start address sets it as a strict same-site cookie. A
request that changes something also needs it in a header, which no other page can set.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from ansa.app.operations import answer_json

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TOKEN_HEADER = "x-ansa-token"  # noqa: S105 - a name
_SAFE_METHODS = {"GET", "HEAD"}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), microphone=(), camera=(self)",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
_LOCKED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>ANSA</title>
<h1>This window is not connected to ANSA</h1>
<p>Open the address that <code>ansa app</code> printed when it started. It holds a key that is made
anew each time, so that no other page or program can see your photos.</p></html>"""


class Guard:
    """Refuses requests that do not come from the app's own page or from who knows the token.

    Args:
        app: what answers the others.
        token: the secret of this run.
        port: the port on which the app listens.
        hosts: the names of this machine that are accepted in the header ``Host``.
    """

    def __init__(self, app: App, token: str, port: int, hosts: Iterable[str]) -> None:
        self._app = app
        self._token = token
        self._cookie = f"ansa-{port}"  # cookies are shared by all ports of a host
        self._hosts = {name.lower() for host in hosts for name in (f"{host}:{port}",)}
        if port == 80:
            self._hosts |= {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or refuses it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # there are no web sockets
        refusal = self._refusal(scope)
        app: App = refusal if refusal is not None else self._app
        await app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = _headers(scope)
        host = headers.get("host", "")
        if host.lower() not in self._hosts:
            return _refuse("this host name is not the app's", "open the address it printed")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"http://{each}" for each in self._hosts}:
            return _refuse("the request comes from another page", "use the app's own pages")
        # Addresses in the same browser window may be typed or come from the terminal ("none").
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (
            headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
        ):
            return _refuse("the request comes from another page", "use the app's own pages")
        if scope["path"] == "/" and (given := _token_in_query(scope)):
            if not self._is_token(given):
                return HTMLResponse(_LOCKED, 403)
            answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return answer
        if not (self._is_token(self._in_cookie(headers)) or self._is_token(_bearer(headers))):
            if scope["path"].startswith("/api/"):
                return _refuse("the token is missing or wrong", "open the address it printed")
            return HTMLResponse(_LOCKED, 403)
        if scope["method"] not in _SAFE_METHODS and not self._is_token(
            headers.get(TOKEN_HEADER, "")
        ):
            return _refuse("a request that changes something needs the header X-Ansa-Token")
        return None

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _in_cookie(self, headers: dict[str, str]) -> str:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return found.value if found else ""


def new_token() -> str:
    """Returns a secret that nobody guesses."""
    return secrets.token_urlsafe(24)


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        # Of a header that is there twice, neither can be believed.
        found[key] = (
            f"{found[key]}, {value.decode('latin-1')}"
            if key in found
            else (value.decode("latin-1"))
        )
    return found


def _bearer(headers: dict[str, str]) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _token_in_query(scope: Scope) -> str:
    for part in scope["query_string"].decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if name == "token":
            return str(value)
    return ""


def _refuse(reason: str, remedy: str = "") -> Response:
    return answer_json({"error": {"reason": reason, "remedy": remedy}}, 403)


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message.get("headers", ())}
            more = [(name, value) for name, value in _HEADERS.items() if name not in own]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sending
