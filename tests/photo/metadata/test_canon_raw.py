from __future__ import annotations

import io
import struct
from datetime import datetime

import numpy as np

from ansa.photo.metadata.canon_raw import read_canon
from tests.photos import text, tiff_block


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L4s", len(data) + 8, name) + data


def cr3() -> bytes:
    main = tiff_block({0x010F: text("Canon"), 0x0110: text("Canon EOS R5"), 0x0112: (3, [6])})
    exif = tiff_block({0x9003: text("2024:05:02 12:30:10")})
    gps = tiff_block(
        {1: text("N"), 2: (5, [(48, 1), (0, 1), (0, 1)]), 3: text("E"), 4: (5, [(16, 1)] * 1)}
    )
    parts = box(b"CMT1", main) + box(b"CMT2", exif) + box(b"CMT4", gps)
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", bytes(16) + parts))


def test_each_directory_is_read_from_its_box() -> None:
    found = read_canon(io.BytesIO(cr3()))
    assert found.camera == "Canon EOS R5"
    assert found.orientation == 6
    assert found.taken is not None
    assert found.taken.moment == datetime(2024, 5, 2, 12, 30, 10)
    assert found.where == (48.0, 16.0)


def test_other_files_say_nothing() -> None:
    assert read_canon(io.BytesIO(b"")).taken is None
    assert read_canon(io.BytesIO(b"II*\0CMT1" + bytes(100))).camera is None


def test_mangled_boxes_are_no_error() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        data = bytearray(cr3())
        for place in rng.integers(16, len(data), 8):
            data[place] = rng.integers(256)
        read_canon(io.BytesIO(bytes(data)))
