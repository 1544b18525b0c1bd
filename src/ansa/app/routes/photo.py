"""One photo: everything that is known about it, its file, and where it is."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from starlette.responses import FileResponse, Response

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, integer
from ansa.app.routes.photos import picture_of
from ansa.library.cleanup.clutter import signs
from ansa.library.details import PhotoDetails, alternative_text, photo_details
from ansa.library.films import film_moments, live_film
from ansa.library.index_report import LibraryError
from ansa.library.library import Library
from ansa.library.search.alike import alike
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.names import printable
from ansa.photo.file_kinds import FILM_SUFFIXES
from ansa.photo.formats import HEAD_BYTES, identify, is_film
from ansa.render.crop import best_crop
from ansa.render.heads import heads_of
from ansa.scene import Scene, plain

_SHOWN_BY_BROWSERS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
}
_FILMS = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",  # browsers play what is in it, but not under its own name
    ".3gp": "video/mp4",
    ".mp": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/webm",
}
"""Films that browsers play, if they know the codec."""

_CROPS = {"1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9, "9:16": 9 / 16}


async def get_photo(context: AppContext, photo: int) -> dict[str, Any]:
    """Returns everything that is known about a photo."""
    details = await context.quick.run(lambda library: _known(library, photo))
    return _told(details)


async def get_file(context: AppContext, photo: int) -> Response:
    """Returns the photo's file if browsers show its format, or else a large picture of it."""

    def find(library: Library, pictures: ThumbnailCache) -> tuple[Path, str] | bytes:
        path = file_of(library, photo)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        kind = identify(head)
        film = _FILMS.get(path.suffix.lower())
        if film and is_film(head):
            return path, film
        if kind in _SHOWN_BY_BROWSERS:
            return path, _SHOWN_BY_BROWSERS[kind]
        return picture_of(library, pictures, photo, "screen")

    found = await context.pictures.run_with_pictures(find)
    headers = {"Cache-Control": "private, max-age=3600"}
    if isinstance(found, bytes):
        return Response(found, media_type="image/webp", headers=headers)
    path, kind = found
    return FileResponse(path, media_type=kind, headers=headers)


async def get_live_film(context: AppContext, photo: int) -> Response:
    """Returns the film of a Live Photo."""

    def find(library: Library, pictures: ThumbnailCache) -> Path:
        path = file_of(library, photo)
        film = live_film(path)
        if film is None or path.suffix.lower() in FILM_SUFFIXES:  # a film is not a Live Photo
            raise RequestError(404, "no film belongs to this photo")
        return film

    path = await context.pictures.run_with_pictures(find)
    kind = _FILMS.get(path.suffix.lower(), "video/mp4")
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})


async def get_moments(context: AppContext, photo: int) -> dict[str, Any]:
    """Returns the telling moments of a film."""
    found = await context.quick.run(lambda library: film_moments(library, file_of(library, photo)))
    return {"moments": [each.to_dict() for each in found]}


async def get_alike(context: AppContext, photo: int, limit: int) -> dict[str, Any]:
    """Returns the photos that look most like a photo."""
    found = await context.searching.run(lambda library: alike(library, photo, limit))
    return {"photos": [{"id": each, "similarity": round(score, 4)} for each, score in found]}


async def get_window(context: AppContext, photo: int, width: int, height: int) -> dict[str, Any]:
    """Returns the part of a photo that fills a frame of a shape best."""
    details = await context.quick.run(lambda library: _known(library, photo))
    box = _crops(details, {"frame": width / height}).get("frame")
    return {"window": box or [0.0, 0.0, 1.0, 1.0]}


async def show_file(context: AppContext, photo: int) -> dict[str, Any]:
    """Opens the folder of a photo in the system's file manager."""
    path = await context.quick.run(lambda library: file_of(library, photo))
    if sys.platform == "darwin":
        command = ["open", "-R", str(path)]
    elif sys.platform == "win32":
        command = ["explorer", "/select,", str(path)]
    else:
        command = ["xdg-open", str(path.parent)]
    try:
        subprocess.Popen(  # noqa: S603 - a path of the library, and no shell
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        raise RequestError(
            501, "this system has no file manager that ANSA knows", "copy the path instead"
        ) from None
    return {"shown": True}


def _known(library: Library, photo: int) -> PhotoDetails:
    details = photo_details(library, photo)
    if details is None:
        raise RequestError(404, "the library has no such photo", "it may have been removed")
    return details


def file_of(library: Library, photo: int) -> Path:
    """Returns the first file of a photo that exists.

    Raises:
        RequestError: the library has no such photo, or its files are gone.
    """
    details = _known(library, photo)
    path = next((each for each in details.paths if each.is_file()), None)
    if path is None:
        raise RequestError(404, "the photo's file is gone", "connect the drive that it is on")
    return path


def _told(details: PhotoDetails) -> dict[str, Any]:
    facts, scene = details.facts, details.scene
    tags = (scene.tags if scene else None) or ()
    whole = scene or Scene(facts, np.zeros(1, np.float32))
    return {
        "id": details.id,
        "paths": [printable(str(path)) for path in details.paths],
        "there": details.there,
        "live": _is_live(details),
        "mark": details.mark,
        "text": alternative_text(whole),
        "description": whole.description,
        "place": list(details.place),
        "facts": facts.to_dict(),
        "film": _FILMS.get(details.paths[0].suffix.lower(), "") if facts.seconds else None,
        "seconds": facts.seconds,
        "tags": plain(tags),
        "objects": plain((scene.objects if scene else None) or ()),
        "utility": plain(scene.utility) if scene and scene.utility else None,
        "quality": plain(scene.quality) if scene and scene.quality else None,
        "aesthetics": scene.aesthetics if scene else None,
        "saliency": _saliency(details),
        "crops": _crops(details, _CROPS),
        "clutter": [
            {"kind": sign.kind, "sure": sign.sure, "reason": sign.reason}
            for sign in (signs(scene) if scene else ())
        ],
        "missing": dict(scene.missing) if scene else {},
        "analyzed": scene is not None,
    }


def _is_live(details: PhotoDetails) -> bool:
    if details.facts.seconds is not None or not details.there:
        return False
    try:
        return live_film(details.paths[0]) is not None
    except LibraryError:
        return False


def _saliency(details: PhotoDetails) -> list[list[int]] | None:
    """Returns what draws the eye, in rows of 0 to 255."""
    if details.scene is None or details.scene.saliency is None:
        return None
    rows: list[list[int]] = (details.scene.saliency * 255).round().astype(int).tolist()
    return rows


def _crops(details: PhotoDetails, aspects: Mapping[str, float]) -> dict[str, list[float]]:
    scene, facts = details.scene, details.facts
    if scene is None or scene.saliency is None or min(facts.width, facts.height) < 2:
        return {}
    found, heads = {}, heads_of(scene.objects or ())
    for name, aspect in aspects.items():
        box = best_crop(scene.saliency, aspect, facts.width, facts.height, heads)
        if all(map(math.isfinite, box)):
            found[name] = [round(float(side), 4) for side in box]
    return found


OPERATIONS = (
    Operation("GET", "/photos/{photo}", "Everything that is known about a photo.", get_photo),
    Operation(
        "GET",
        "/photos/{photo}/file",
        "The photo itself, unchanged if browsers show its format.",
        get_file,
        returns="image/*",
    ),
    Operation(
        "GET",
        "/photos/{photo}/live",
        "The film of a Live Photo.",
        get_live_film,
        returns="video/mp4",
    ),
    Operation("GET", "/photos/{photo}/moments", "The moments of a film.", get_moments),
    Operation(
        "GET",
        "/photos/{photo}/alike",
        "The photos that look most like it.",
        get_alike,
        query={"limit": integer(1, 200, 24)},
    ),
    Operation(
        "GET",
        "/photos/{photo}/window",
        "The part of it that fills a frame of a shape: left, top, right, bottom in 0..1.",
        get_window,
        query=dict.fromkeys(("width", "height"), integer(1, 16384)),
    ),
    Operation("POST", "/photos/{photo}/show", "Shows its file in the file manager.", show_file),
)
