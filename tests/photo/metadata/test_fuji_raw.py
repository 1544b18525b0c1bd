"""Fujifilm's RAF says when and with what it was taken in the JPEG inside."""

from __future__ import annotations

import io
import struct
from datetime import datetime

import numpy as np

from ansa.photo.metadata.fuji_raw import read_fuji
from tests.photos import draw_photo, encode, exif_block


def raf() -> bytes:
    exif = exif_block(model="X-T5", taken="2024:05:02 12:30:10")
    exif = struct.pack(">HH", 0xFFE1, len(exif) + 2) + exif
    jpeg = b"\xff\xd8" + exif + encode(draw_photo(320, 240))[2:]
    head = b"FUJIFILMCCD-RAW 0201FF392201X-T5".ljust(84, b"\0")
    return head + struct.pack(">LL", 148, len(jpeg)) + bytes(56) + jpeg


def test_the_facts_are_those_of_the_jpeg_inside() -> None:
    found = read_fuji(io.BytesIO(raf()))
    assert found.camera == "X-T5"
    assert found.taken is not None
    assert found.taken.moment == datetime(2024, 5, 2, 12, 30, 10)


def test_other_files_say_nothing() -> None:
    for data in (b"", raf()[:86], raf()[:150], b"II*\0" + bytes(200)):
        assert read_fuji(io.BytesIO(data)).camera is None


def test_mangled_files_are_no_error() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        data = bytearray(raf())
        for place in rng.integers(84, 600, 8):
            data[place] = rng.integers(256)
        read_fuji(io.BytesIO(bytes(data)))
