"""Memories, the best photos and wallpapers, and films of memories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, choice, integer, number, photo_ids
from ansa.app.routes.photo import file_of
from ansa.library.library import Library
from ansa.library.memories.memories import Memories, Memory
from ansa.library.wallpapers.crop_file import cropped
from ansa.library.wallpapers.framing import CLOCKS

_MAX_MUSIC_BYTES = 60 * 2**20
_LEAST_PHOTOS = 2
_FILM_SIZES = {
    "360p": (640, 360),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "square": (1080, 1080),
}


async def get_memories(context: AppContext) -> dict[str, Any]:
    """Returns the memories, the best first."""
    return await context.slow.run(_memories)


async def get_memories_of(context: AppContext, photo: int) -> dict[str, Any]:
    """Returns the memories with a photo."""
    found = await context.slow.run(_memories)
    memories = [
        {"id": each["id"], "title": each["title"]}
        for each in found["memories"]
        if any(shown["id"] == photo for shown in each["photos"])
    ]
    return {"memories": memories}


async def dismiss_memory(context: AppContext, memory: str) -> dict[str, Any]:
    """Stops proposing a memory."""
    title = await context.slow.run(lambda library: library.dismiss_memory(memory))
    return {"title": title}


async def restore_memory(context: AppContext, memory: str) -> dict[str, Any]:
    """Allows a dismissed memory to be proposed again."""
    return {"restored": await context.slow.run(lambda library: library.restore_memory(memory))}


async def make_film(
    context: AppContext, memory: str, photos: list[int], size: str, music: int
) -> dict[str, Any]:
    """Begins a film of a memory."""
    folder = context.jobs.folder()
    song = context.jobs.file(music, "music") if music else None

    def work(library: Library, progress: Any) -> Path:
        whole = library.memories().only(memory, library.database).memories[0]
        chosen = _only(library, whole, photos)
        out = folder / f"{_file_name(whole.title)}.mp4"
        library.movie(chosen, out, music=song, size=_FILM_SIZES[size], progress=progress)
        return out

    return {"job": context.jobs.start("film", work)}


async def put_music(context: AppContext, data: bytes) -> dict[str, Any]:
    """Takes the user's own music for a film, which is deleted when the app ends."""
    file = context.jobs.folder() / "music"
    file.write_bytes(data)
    return {"music": context.jobs.add("music", file)}


async def get_job(context: AppContext, job: int) -> dict[str, Any]:
    """Returns how far a film is."""
    return context.jobs.state(job)


async def get_job_file(context: AppContext, job: int) -> Response:
    """Returns a film that is finished."""
    file = context.jobs.file(job, "film")
    return FileResponse(file, media_type="video/mp4", filename=file.name)


async def get_best(context: AppContext, count: int) -> dict[str, Any]:
    """Returns the best photos, the best first."""

    def find(library: Library) -> dict[str, Any]:
        best = library.best(count)
        photos = with_ids(library, [each.to_dict() for each in best.photos])
        return {"photos": photos, "among": best.among, "message": best.message}

    return await context.slow.run(find)


async def get_wallpapers(
    context: AppContext, width: int, height: int, clock: str, count: int
) -> dict[str, Any]:
    """Returns photos for a screen, with the part that fills it."""

    def find(library: Library) -> dict[str, Any]:
        area = None if clock == "none" else clock
        found = library.wallpapers((width, height), clock=area, count=count)
        return {
            "wallpapers": with_ids(library, [each.to_dict() for each in found.photos]),
            "clock": list(CLOCKS[area]) if area else None,
            "message": found.message,
        }

    return await context.slow.run(find)


async def get_crop(
    context: AppContext,
    photo: int,
    left: float,
    top: float,
    right: float,
    bottom: float,
    width: int,
    height: int,
) -> Response:
    """Returns a part of a photo in a size, as a JPEG without place or time."""
    if right - left < 0.001 or bottom - top < 0.001:
        raise RequestError(400, "the part of the photo is empty")

    def cut(library: Library) -> tuple[bytes, str]:
        path = file_of(library, photo)
        data = cropped(path, (left, top, right, bottom), "JPEG", (width, height))
        return data, f"{_file_name(path.stem)} {width}x{height}.jpg"

    data, name = await context.pictures.run(cut)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="image/jpeg", headers=headers)


def with_ids(library: Library, told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns what was told of photos by their ids instead of their paths."""
    found = []
    for each in told:
        photo = library.photo_of(each["path"])
        if photo is not None:
            found.append({"id": photo, **{k: v for k, v in each.items() if k != "path"}})
    return found


def _memories(library: Library) -> dict[str, Any]:
    found: Memories = library.memories()
    told = []
    for memory in found.memories:
        photos = with_ids(library, [photo.to_dict() for photo in memory.photos])
        cover = library.photo_of(memory.cover.path)
        if photos:
            about = memory.to_dict() | {"photos": photos, "cover": cover or photos[0]["id"]}
            told.append(about)
    return {"memories": told, "message": found.message}


def _only(library: Library, memory: Memory, photos: list[int]) -> Memory:
    """Returns a memory with some of its photos; all if none is named."""
    if not photos:
        return memory
    wanted = set(photos)
    kept = tuple(each for each in memory.photos if library.photo_of(each.path) in wanted)
    if len(kept) < _LEAST_PHOTOS:
        raise RequestError(400, "a film needs at least two photos of the memory")
    return replace(memory, photos=kept)


def _file_name(title: str) -> str:
    kept = "".join(
        char if char.isascii() and (char.isalnum() or char in " -") else "_" for char in title
    )
    return kept.strip()[:60] or "ansa"


_SHARE = number(0, 1)
_MEMORY = "/memories/{memory}"

OPERATIONS = (
    Operation("GET", "/memories", "Memories, the best first.", get_memories),
    Operation("GET", "/photos/{photo}/memories", "The memories with a photo.", get_memories_of),
    Operation("POST", f"{_MEMORY}/dismiss", "Stops proposing a memory.", dismiss_memory),
    Operation("POST", f"{_MEMORY}/restore", "Proposes a dismissed memory again.", restore_memory),
    Operation(
        "POST",
        f"{_MEMORY}/film",
        "Begins a film of a memory, or of some of its photos; needs the extra `movie`.",
        make_film,
        body={
            "photos": photo_ids(500, []),
            "size": choice(*_FILM_SIZES, default="720p"),
            "music": integer(default=0),
        },
    ),
    Operation(
        "POST", "/music", "Takes music for a film, as bytes.", put_music, raw=_MAX_MUSIC_BYTES
    ),
    Operation("GET", "/jobs/{job}", "How far a film is.", get_job),
    Operation("GET", "/jobs/{job}/file", "A finished film.", get_job_file, returns="video/mp4"),
    Operation("GET", "/best", "The best photos.", get_best, query={"count": integer(1, 500, 50)}),
    Operation(
        "GET",
        "/wallpapers",
        "Photos for a screen, cropped.",
        get_wallpapers,
        query={
            "width": integer(320, 8192, 2560),
            "height": integer(320, 8192, 1440),
            "clock": choice("none", *CLOCKS, default="none"),
            "count": integer(1, 60, 12),
        },
    ),
    Operation(
        "GET",
        "/photos/{photo}/crop",
        "A part of a photo, resized, as a file to keep.",
        get_crop,
        query={
            **dict.fromkeys(("left", "top", "right", "bottom"), _SHARE),
            **dict.fromkeys(("width", "height"), integer(16, 8192)),
        },
        returns="image/jpeg",
    ),
)
