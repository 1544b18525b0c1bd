"""Photos for tests: drawn by code, and the awkward files that real folders and attackers hold."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

QUARTERS = ((200, 40, 40), (40, 160, 40), (40, 60, 200), (230, 200, 40))
"""The colours of `quarters`: top left, top right, bottom left, bottom right."""


def draw_photo(width: int = 320, height: int = 240, seed: int = 0) -> Image.Image:
    """A landscape with a sun, unlike those of other seeds, with a little noise as cameras have."""
    rng = np.random.default_rng(seed)
    sky, ground, sun = rng.integers(40, 220, size=(3, 3))
    rows = np.linspace(0, 1, height)[:, None, None]
    pixels = np.broadcast_to(sky * (1 - rows / 2) + 60 * rows, (height, width, 3)).copy()
    horizon = int(height * rng.uniform(0.5, 0.8))
    pixels[horizon:] = ground
    pixels += rng.normal(0, 3, size=(height, width, 1))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    radius = min(width, height) // 8
    x, y = int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.15, 0.35))
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(image).ellipse(box, fill=tuple(int(c) for c in sun))
    return image


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Four plain colours, so that every turn and mirror image of it looks different."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    w, h = width // 2, height // 2
    for colour, (x, y) in zip(QUARTERS, ((0, 0), (w, 0), (0, h), (w, h)), strict=True):
        draw.rectangle((x, y, x + w, y + h), fill=colour)
    return image


def encode(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The image as the bytes of a file; HEIF too."""
    buffer = io.BytesIO()
    if kind == "HEIF":
        from pillow_heif import from_pillow

        from_pillow(image).save(buffer, **options)
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def write_photo(path: Path, seed: int = 0, size: tuple[int, int] = (320, 240), **exif: Any) -> Path:
    """A drawn photo as a file in the format that its suffix names; `exif` as in `exif_block`."""
    suffix = path.suffix.lower()
    kind = "HEIF" if suffix == ".heic" else Image.registered_extensions()[suffix]
    options: dict[str, Any] = {"exif": exif_block(**exif)} if exif else {}
    path.write_bytes(encode(draw_photo(*size, seed=seed), kind, **options))
    return path


# EXIF

_UNTURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def as_camera_stores(image: Image.Image, orientation: int) -> Image.Image:
    """The image as a camera held that way stores it; with the EXIF orientation it is upright."""
    return image.transpose(_UNTURNED[orientation]) if orientation in _UNTURNED else image


Field = tuple[int, list[Any]]
"""An EXIF field: its TIFF type (1 byte, 2 text, 3 short, 4 long, 5 rational, 7 bytes, 10 signed
rational, 11 float, 12 double) and its values."""


def text(value: str | bytes) -> Field:
    """A field of text."""
    return 2, [value.encode() if isinstance(value, str) else value]


def exif_block(
    *,
    orientation: int | None = None,
    taken: str | None = None,
    offset: str | None = None,
    modified: str | None = None,
    make: str | None = None,
    model: str | None = None,
    place: tuple[float, float] | None = None,
    gps: Mapping[int, Field] | None = None,
    order: str = "<",
) -> bytes:
    """An EXIF block; `place` is latitude and longitude, `gps` replaces that directory's fields."""
    main: dict[int, Field] = {}
    exif: dict[int, Field] = {}
    if make is not None:
        main[0x010F] = text(make)
    if model is not None:
        main[0x0110] = text(model)
    if orientation is not None:
        main[0x0112] = (3, [orientation])
    if modified is not None:
        main[0x0132] = text(modified)
    if taken is not None:
        exif[0x9003] = text(taken)
    if offset is not None:
        exif[0x9011] = text(offset)
    if gps is None and place is not None:
        gps = _gps(*place)
    return b"Exif\0\0" + tiff_block(main, exif, gps or {}, order)


def _gps(latitude: float, longitude: float) -> dict[int, Field]:
    return {
        1: text("S" if latitude < 0 else "N"),
        2: (5, _sexagesimal(abs(latitude))),
        3: text("W" if longitude < 0 else "E"),
        4: (5, _sexagesimal(abs(longitude))),
    }


def _sexagesimal(degrees: float) -> list[tuple[int, int]]:
    seconds = round(degrees * 3600 * 1000)
    return [(seconds // 3_600_000, 1), (seconds // 60_000 % 60, 1), (seconds % 60_000, 1000)]


def tiff_block(
    main: Mapping[int, Field],
    exif: Mapping[int, Field] | None = None,
    gps: Mapping[int, Field] | None = None,
    order: str = "<",
) -> bytes:
    """A TIFF file without a picture: its first directory, and what hangs on it."""
    block = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HL", 42, 8))
    main = dict(main)
    children = [(0x8769, exif), (0x8825, gps)]
    for tag, child in children:
        if child:
            main[tag] = (4, [0])
    _append(block, main, order)
    for tag, child in children:
        if child:
            at = 10 + 12 * sorted(main).index(tag) + 8
            block[at : at + 4] = struct.pack(order + "L", len(block))
            _append(block, child, order)
    return bytes(block)


def _append(block: bytearray, fields: Mapping[int, Field], order: str) -> None:
    values_at = len(block) + 2 + 12 * len(fields) + 4
    entries, values = bytearray(), bytearray()
    for tag, (kind, items) in sorted(fields.items()):
        if kind == 2:
            data = items[0] + b"\0"
            count = len(data)
        else:
            code = {1: "B", 3: "H", 4: "L", 5: "LL", 7: "B", 10: "ll", 11: "f", 12: "d"}[kind]
            data = b"".join(
                struct.pack(order + code, *(item if isinstance(item, tuple) else (item,)))
                for item in items
            )
            count = len(items)
        if len(data) > 4:
            entries += struct.pack(order + "HHLL", tag, kind, count, values_at + len(values))
            values += data + b"\0" * (len(data) % 2)
        else:
            entries += struct.pack(order + "HHL", tag, kind, count) + data.ljust(4, b"\0")
    block += struct.pack(order + "H", len(fields)) + entries + bytes(4) + values


# Awkward files


def png_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A PNG of some hundred bytes that claims to be a picture of that size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        )

    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def jpeg_that_claims(width: int, height: int, **options: Any) -> bytes:
    """A small JPEG whose header claims another size."""
    data = bytearray(encode(quarters(), **options))
    at = next(i for i in range(len(data)) if data[i] == 0xFF and data[i + 1] in (0xC0, 0xC2))
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def animated_gif(frames: int = 5000) -> bytes:
    """A red first frame and then many more, of two by two pixels."""
    head = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + bytes((255, 0, 0, 0, 0, 255))
    frame = b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02"
    red, blue = b"\x03\x04\x00\x05\x00", b"\x03\x4c\x12\x05\x00"
    return head + frame + red + (frame + blue) * (frames - 1) + b";"


def tiff_with_many_entries(entries: int = 60_000) -> bytes:
    """A TIFF whose directory really holds that many entries."""
    rows = b"".join(struct.pack("<HHLL", tag, 3, 1, 0) for tag in range(entries))
    return b"II*\0" + struct.pack("<LH", 8, entries) + rows + bytes(4)


def tiff_that_unpacks_to_gigabytes(size: int = 1_000_000, entries: int = 4000) -> bytes:
    """A TIFF of a megabyte whose entries all point to that same megabyte."""
    rows = b"".join(struct.pack("<HHLL", tag, 7, size // 2, 100) for tag in range(entries))
    return (b"II*\0" + struct.pack("<LH", 8, entries) + rows + bytes(4)).ljust(size, b"\0")


def raw_file() -> bytes:
    """What a RAW file looks like to a TIFF decoder: a small preview comes first."""
    buffer = io.BytesIO()
    draw_photo(160, 120).save(buffer, "TIFF", tiffinfo={254: 1})
    return buffer.getvalue()


def film() -> bytes:
    """How the film half of a Live Photo begins."""
    return struct.pack(">L4s4sL4s", 20, b"ftyp", b"qt  ", 0, b"qt  ") + bytes(1000)


NOT_PHOTOS: dict[str, bytes] = {
    "an EPS drawing": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n",
    "a FITS image": b"SIMPLE  =                    T".ljust(2880),
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "a Photoshop file": b"8BPS\0\x01" + bytes(100),
    "a ZIP archive": b"PK\x03\x04" + bytes(100),
    "text": "BMW, Höhe und Breite: no photo at all.\n".encode() * 20,
}
"""Files of other kinds, by what the refusal calls them."""
