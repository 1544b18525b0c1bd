"""All photos: the timeline, photos in short, their pictures, and marks."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import Response

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, photo_ids
from ansa.library.library import Library
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.details import PhotoSummary
    from ansa.library.thumbnails.picture import Size

_PICTURE_HEADERS = {"Cache-Control": "private, max-age=86400, immutable"}
_MOST_SUMMARIES = 500
_MOST_PICTURES = 100
_BYTES = "application/octet-stream"


async def get_timeline(context: AppContext) -> Response:
    """Returns all photos in columns: ids, ratios and days."""
    data = await context.quick.run(context.timeline)
    return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})


async def get_photos(context: AppContext, ids: list[int]) -> dict[str, Any]:
    """Returns some photos in short."""
    from ansa.library.details import photo_summaries

    found = await context.quick.run(lambda library: photo_summaries(library, ids))
    return {"photos": [_summary(each) for each in found]}


async def get_picture(context: AppContext, photo: int, size: str, key: str) -> Response:
    """Returns a small picture of a photo; ``key`` only tells runs apart in a browser's cache."""

    def find(library: Library, pictures: ThumbnailCache) -> bytes:
        return picture_of(library, pictures, photo, cast("Size", size))

    data = await context.pictures.run_with_pictures(find)
    return Response(data, media_type="image/webp", headers=_PICTURE_HEADERS)


async def get_pictures(context: AppContext, ids: list[int]) -> Response:
    """Returns the small pictures of many photos in one answer, which costs little more than one.

    Their lengths in bytes come first, as unsigned integers of four bytes, the lowest byte first;
    then the pictures. The length of one that is not stored is 0, so that nobody waits for it here.
    """

    def find(library: Library, pictures: ThumbnailCache) -> bytes:
        digests = library.store.digests(ids)
        known = (digests.get(photo) for photo in ids)
        found = [(digest and pictures.get(digest, "grid")) or b"" for digest in known]
        return b"".join([struct.pack(f"<{len(found)}I", *map(len, found)), *found])

    data = await context.pictures.run_with_pictures(find)
    return Response(data, media_type=_BYTES, headers={"Cache-Control": "no-store"})


def picture_of(library: Library, pictures: ThumbnailCache, photo: int, size: Size) -> bytes:
    """Returns a small picture of a photo, which is made now if it is not stored.

    Raises:
        RequestError: the library has no such photo, or its file is gone.
        PhotoError: its file cannot be read.
    """
    digest = library.store.digests([photo]).get(photo)
    if digest is None:
        raise RequestError(404, "the library has no such photo", "it may have been removed")
    stored = pictures.get(digest, size)
    if stored is not None:
        return stored
    paths = library.store.paths([photo], library.scope())[photo]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        raise RequestError(404, "the photo's file is gone", "connect the drive that it is on")
    from ansa.library.thumbnails.picture import make_picture  # not for what is stored

    made = make_picture(path, size)
    pictures.put(digest, size, made)
    return made


def _summary(photo: PhotoSummary) -> dict[str, Any]:
    return {
        "id": photo.id,
        "name": printable(photo.name),
        "taken": photo.facts.taken_text,
        "width": photo.facts.width,
        "height": photo.facts.height,
        "text": photo.text,
    }


OPERATIONS = (
    Operation("GET", "/timeline", "All photos, the newest first, in columns.", get_timeline),
    Operation(
        "GET",
        "/photos",
        "Some photos in short, with alternative texts.",
        get_photos,
        query={"ids": photo_ids(_MOST_SUMMARIES)},
    ),
    Operation(
        "GET",
        "/photos/{photo}/picture/{size}",
        "A small picture of a photo, as WebP.",
        get_picture,
        query={"key": {"type": "string", "minLength": 0, "maxLength": 16, "default": ""}},
        returns="image/webp",
    ),
    Operation(
        "GET",
        "/pictures",
        "Small pictures of many photos: their lengths as 32-bit integers, 0 for one that is not"
        " stored, and then the WebP files.",
        get_pictures,
        query={"ids": photo_ids(_MOST_PICTURES)},
        returns=_BYTES,
    ),
)
