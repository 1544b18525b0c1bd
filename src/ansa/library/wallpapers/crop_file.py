"""Writes a part of a photo to a new file; the photo itself is only read."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from ansa.library.index_report import LibraryError
from ansa.library.storage.new_file import new_file
from ansa.photo.read import read_colours
from ansa.scene import Box

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
"""The formats that can be written, by their suffixes."""

SUFFIXES = tuple(FORMATS)
"""The suffixes of formats that can be written."""

QUALITY = 92
"""The quality of written JPEG and WebP files."""


def write_crop(
    photo: Path, box: Box, out: Path, size: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Writes a part of a photo, upright, in its own colours, and without any metadata.

    Neither place nor time nor camera is copied. An existing file is never overwritten.

    Args:
        photo: the photo.
        box: the part, in 0..1 of the upright photo.
        out: the new file; its suffix, one of :data:`SUFFIXES`, determines the format.
        size: width and height in pixels to which it is resized; by default it is not resized.

    Returns:
        Width and height of the written picture, in pixels.

    Raises:
        PhotoError: the photo cannot be read.
        LibraryError: ``out`` has another suffix, exists already, or cannot be written.
    """
    out = out.expanduser()
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        ends = f"end it in {', '.join(SUFFIXES)}"
        raise LibraryError(str(out), "not the name of a picture that can be written", ends)
    image, profile = _cut(photo, box, size)
    with new_file(out) as file:
        image.save(file, kind, quality=QUALITY, icc_profile=profile)
    return image.size


def cropped(photo: Path, box: Box, kind: str, size: tuple[int, int] | None = None) -> bytes:
    """Returns a part of a photo as :func:`write_crop` would write it.

    Args:
        photo: the photo.
        box: the part, in 0..1 of the upright photo.
        kind: "JPEG", "PNG" or "WEBP".
        size: width and height in pixels to which it is resized; by default it is not resized.

    Raises:
        PhotoError: the photo cannot be read.
    """
    image, profile = _cut(photo, box, size)
    out = io.BytesIO()
    image.save(out, kind, quality=QUALITY, icc_profile=profile)
    return out.getvalue()


def _cut(photo: Path, box: Box, size: tuple[int, int] | None) -> tuple[Image.Image, bytes | None]:
    pixels, profile = read_colours(photo)
    height, width, _ = pixels.shape
    left, top = min(width - 1, round(box[0] * width)), min(height - 1, round(box[1] * height))
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    image = Image.fromarray(pixels[top:bottom, left:right])
    return image.resize(size, Image.Resampling.LANCZOS) if size else image, profile
