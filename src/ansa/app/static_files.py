"""The files of the pages, which are read once and then sent from memory.

A page asks for some twenty of them before it can show anything. No address ever becomes a path: the
files are those that lie in the folder when the app starts.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class StaticFiles:
    """Answers requests for the files in a folder.

    Args:
        folder: the folder, whose files do not change.
    """

    def __init__(self, folder: Path) -> None:
        paths = (path for path in folder.rglob("*") if path.suffix in _TYPES)
        self._files = {path.relative_to(folder).as_posix(): _File(path) for path in paths}

    async def answer(self, request: Request) -> Response:
        """Answers with the file that the address names below ``/static``."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        # The browser asks each time whether the file is still the same, as another version may run.
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.data, media_type=file.type, headers=headers)


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.type = _TYPES[path.suffix]

    @cached_property
    def data(self) -> bytes:
        return self._path.read_bytes()

    @cached_property
    def tag(self) -> str:
        return f'"{sha256(self.data).hexdigest()[:16]}"'
