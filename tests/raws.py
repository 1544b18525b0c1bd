"""RAW photos for tests: a DNG with a sensor's data and a preview, made by code."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.photos import draw_photo

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8}
Entry = tuple[int, list[int] | bytes]


def dng(
    *,
    size: tuple[int, int] = (320, 240),
    preview: Image.Image | None = None,
    seen: Image.Image | None = None,
    without_preview: bool = False,
    orientation: int = 1,
    taken: str = "2024:05:02 12:30:10",
) -> bytes:
    """A DNG with a preview that is drawn unless one is given.

    Its sensor saw ``seen``, through red, green and blue filters as in cameras, or a plain grey.
    """
    width, height = size if seen is None else seen.size
    buffer = io.BytesIO()
    shown = preview or draw_photo(width, height)
    shown.save(buffer, "JPEG", quality=90)
    jpeg = buffer.getvalue()
    sensor = (np.full((height, width), 20_000, "<u2") if seen is None else mosaic(seen)).tobytes()
    at_exif = 4096
    at_sensor_directory, at_jpeg = 4300, 8192
    at_sensor = at_jpeg + len(jpeg) + len(jpeg) % 2
    common: dict[int, Entry] = {
        0x010F: (2, b"Drawn\0"),
        0x0110: (2, b"Drawn One\0"),
        0x0112: (3, [orientation]),
        0x014A: (4, [at_sensor_directory]),
        0x8769: (4, [at_exif]),
        0xC612: (1, [1, 4, 0, 0]),
        0xC613: (1, [1, 1, 0, 0]),
        0xC614: (2, b"Drawn One\0"),
        0xC621: (10, [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]),
        0xC628: (5, [1, 1, 1, 1, 1, 1]),
        0xC65A: (3, [21]),
    }
    picture: dict[int, Entry] = {
        0x00FE: (4, [1]),
        0x0100: (4, [shown.width]),
        0x0101: (4, [shown.height]),
        0x0102: (3, [8, 8, 8]),
        0x0103: (3, [7]),
        0x0106: (3, [6]),
        0x0111: (4, [at_jpeg]),
        0x0115: (3, [3]),
        0x0116: (4, [shown.height]),
        0x0117: (4, [len(jpeg)]),
    }
    data: dict[int, Entry] = {
        0x00FE: (4, [0]),
        0x0100: (4, [width]),
        0x0101: (4, [height]),
        0x0102: (3, [16]),
        0x0103: (3, [1]),
        0x0106: (3, [32803]),
        0x0111: (4, [at_sensor]),
        0x0115: (3, [1]),
        0x0116: (4, [height]),
        0x0117: (4, [len(sensor)]),
        0x828D: (3, [2, 2]),
        0x828E: (1, [0, 1, 1, 2]),
        0xC61D: (4, [65535]),
    }
    del common[0x014A]
    first = common | data if without_preview else common | picture | {0x014A: (4, [4300])}
    file = bytearray(at_sensor + len(sensor))
    file[:8] = b"II*\0" + struct.pack("<L", 8)
    _directory(file, 8, first)
    _directory(file, at_exif, {0x9003: (2, taken.encode() + b"\0")})
    if not without_preview:
        _directory(file, at_sensor_directory, data)
    file[at_jpeg : at_jpeg + len(jpeg)] = jpeg
    file[at_sensor:] = sensor
    return bytes(file)


def mosaic(seen: Image.Image) -> NDArray[np.uint16]:
    """What a sensor with red, green, green and blue filters in each square of four measures."""
    light = (np.asarray(seen.convert("RGB")) / 255) ** 2.2 * 60_000
    sensor = light[..., 1].astype("<u2")
    sensor[::2, ::2] = light[::2, ::2, 0]
    sensor[1::2, 1::2] = light[1::2, 1::2, 2]
    return sensor


def _directory(file: bytearray, at: int, entries: dict[int, Entry]) -> None:
    values_at = at + 2 + 12 * len(entries) + 4
    rows = bytearray(struct.pack("<H", len(entries)))
    for tag, (kind, values) in sorted(entries.items()):
        if isinstance(values, bytes):
            packed, count = values, len(values)
        else:
            code = {1: "B", 3: "H", 4: "L", 5: "L", 10: "l"}[kind]
            packed = struct.pack(f"<{len(values)}{code}", *values)
            count = len(packed) // _SIZES[kind]
        if len(packed) > 4:
            file[values_at : values_at + len(packed)] = packed
            rows += struct.pack("<HHLL", tag, kind, count, values_at)
            values_at += len(packed) + len(packed) % 2
        else:
            rows += struct.pack("<HHL", tag, kind, count) + packed.ljust(4, b"\0")
    rows += bytes(4)
    file[at : at + len(rows)] = rows
