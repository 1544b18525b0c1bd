"""Writes an edited photo to a new file; the photo itself is only read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ansa.atomic_write import open_atomic
from ansa.library.index_report import LibraryError
from ansa.library.storage.new_file import new_file
from ansa.library.wallpapers.crop_file import FORMATS, QUALITY, SUFFIXES
from ansa.photo.read import read_colours
from ansa.render.styles.apply import apply_edit
from ansa.render.styles.photo_edit import PhotoEdit


def write_edited(
    photo: Path, edit: PhotoEdit, out: Path, *, replace: bool = False
) -> tuple[int, int]:
    """Writes an edited photo at full size, upright, in its own colours, without any metadata.

    Neither place nor time nor camera is copied. Channels have 8 bits, also if the photo has 16, and
    transparency becomes white. Of a file with several pictures, the first is written.

    Args:
        photo: the photo.
        edit: the edit.
        out: the new file; its suffix, .jpg, .jpeg, .png or .webp, determines the format.
        replace: whether to replace an existing file, unless it is the photo itself.

    Returns:
        Width and height of the written picture, in pixels.

    Raises:
        PhotoError: the photo cannot be read.
        LibraryError: ``out`` has another suffix, is the photo, exists already, or cannot be
            written.
    """
    out = out.expanduser()
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        ends = f"end it in {', '.join(SUFFIXES)}"
        raise LibraryError(str(out), "not the name of a picture that can be written", ends)
    pixels, profile = read_colours(photo)
    if replace and out.exists():
        if not out.is_file() or out.samefile(photo):
            reason = "it is the photo itself" if out.is_file() else "it is no file"
            raise LibraryError(str(out), reason, "name another file")
    elif out.is_symlink() or out.exists():
        raise LibraryError(str(out), "it is there already", "name another file")
    picture = Image.fromarray(np.ascontiguousarray(apply_edit(pixels, edit)))
    try:
        with open_atomic(out) if replace else new_file(out) as file:
            picture.save(file, kind, quality=QUALITY, icc_profile=profile)
    except ValueError as error:  # WebP ends at 16,383 pixels
        reason = f"{kind} cannot hold {picture.width} x {picture.height} pixels"
        raise LibraryError(str(out), reason, "end it in .png") from error
    except OSError as error:
        reason = f"it cannot be written ({error.strerror or error})"
        raise LibraryError(str(out), reason, "name another file") from error
    return picture.size
