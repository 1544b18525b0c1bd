"""Reads the preview in a RAW photo, with LibRaw through the package ``rawpy``.

Cameras store a finished JPEG inside each RAW file. It looks as the photographer saw the photo on
the camera, and reading it takes a hundredth of the time of developing the sensor's data. A RAW file
without a preview is developed at half its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ansa.photo.errors import DamagedPhoto, MissingDecoder, UnsupportedPhoto
from ansa.photo.file_kinds import RAW_PHOTO

_FLIPS = {3: 3, 5: 8, 6: 6}
"""EXIF's orientation for each way in which LibRaw says that a camera was held."""

_MIN_SIDE = 200  # a preview that is smaller than this shows too little


@dataclass(frozen=True, eq=False, slots=True)
class RawPreview:
    """The preview of a RAW photo.

    Attributes:
        jpeg: the bytes of its JPEG; empty if it has none.
        pixels: uint8 (height, width, 3), if it has no JPEG.
        size: width and height of the sensor's picture in pixels, not turned.
        orientation: the EXIF orientation, 1..8, of the sensor's picture.
    """

    jpeg: bytes
    pixels: NDArray[np.uint8] | None
    size: tuple[int, int]
    orientation: int


def read_preview(file: BinaryIO, name: str) -> RawPreview:
    """Reads the preview of a RAW photo, or develops it if it has none.

    Args:
        file: the open file.
        name: the name of the photo in error messages.

    Raises:
        MissingDecoder: the package ``rawpy`` is not installed.
        UnsupportedPhoto: LibRaw does not know this maker or model.
        DamagedPhoto: the file is damaged or incomplete.
    """
    try:
        import rawpy
    except ImportError:
        raise MissingDecoder(
            name,
            "it is a RAW photo, which needs one more package",
            f"run {RAW_PHOTO.remedy or 'pip install rawpy'}",
        ) from None
    file.seek(0)
    try:
        with rawpy.imread(file) as raw:
            sizes = raw.sizes
            orientation = _FLIPS.get(sizes.flip, 1)
            size = int(sizes.width), int(sizes.height)
            try:
                preview = raw.extract_thumb()
            except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
                preview = None
            if preview is not None and preview.format == rawpy.ThumbFormat.JPEG:
                return RawPreview(bytes(preview.data), None, size, orientation)
            shown = np.zeros((0, 0, 3)) if preview is None else np.asarray(preview.data)
            if shown.ndim == 3 and min(shown.shape[:2]) >= _MIN_SIDE:
                pixels = np.array(shown[..., :3], np.uint8)
            else:
                pixels = raw.postprocess(
                    half_size=True, use_camera_wb=True, output_bps=8, user_flip=0
                )
            return RawPreview(b"", pixels, size, orientation)
    except rawpy.LibRawFileUnsupportedError:
        raise UnsupportedPhoto(
            name,
            "it is a RAW photo of a kind that LibRaw does not know",
            "update rawpy, or export the photo as JPEG",
        ) from None
    except rawpy.LibRawError as error:
        raise DamagedPhoto(
            name,
            f"it is a damaged or incomplete RAW photo ({_said(error)})",
            "restore it from a backup or copy it again from the camera",
        ) from error


def _said(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("ascii", "replace") if isinstance(told, bytes) else str(told)
