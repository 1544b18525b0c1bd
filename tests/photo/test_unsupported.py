"""What is valid and not read is not called damaged, and the remedy can help."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ansa.photo.read import DamagedPhoto, UnsupportedPhoto, read_photo
from tests.photo.metadata.packets import chunk
from tests.photos import draw_photo, encode


def tiff(bits: int, code: int, kind: int, samples: int, *, photometric: int = 2) -> bytes:
    """A TIFF of 8 x 6 pixels, in one strip."""
    size = 8 * 6 * samples * bits // 8
    tags = {
        256: (3, 8), 257: (3, 6), 258: (3, bits), 259: (3, code), 262: (3, photometric),
        273: (4, 8), 277: (3, samples), 278: (3, 6), 279: (4, size), 339: (3, kind),
    }  # fmt: skip
    head = b"II*\0" + struct.pack("<L", 8 + size) + bytes(size)
    rows = b"".join(
        struct.pack("<HHL", tag, field, 1) + struct.pack("<HH" if field == 3 else "<L",
        *((value, 0) if field == 3 else (value,))) for tag, (field, value) in tags.items()
    )  # fmt: skip
    return head + struct.pack("<H", len(tags)) + rows + bytes(4)


def jpeg(marker: int, bits: int = 8) -> bytes:
    data = bytearray(encode(draw_photo(48, 32), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, bits
    return bytes(data)


def bmp(bits: int, coding: int) -> bytes:
    data = bytearray(encode(draw_photo(48, 32), "BMP"))
    data[28:30], data[30:34] = bits.to_bytes(2, "little"), coding.to_bytes(4, "little")
    return bytes(data)


VARIANTS = {
    "a TIFF of 3 x 32 bits, floating point": tiff(32, 1, 3, 3),
    "a TIFF of 3 x 64 bits, floating point": tiff(64, 1, 3, 3),
    "a TIFF of 1 x 64 bits, complex numbers": tiff(64, 1, 5, 1, photometric=1),
    "a TIFF of 3 x 16 bits, whole numbers, colours 2, compression 34712": tiff(16, 34712, 1, 3),
    "a TIFF of 4 x 8 bits, whole numbers, colours 6": tiff(8, 1, 1, 4, photometric=6),
    "a lossless JPEG": jpeg(0xC3),
    "a JPEG of 12 bits": jpeg(0xC1, bits=12),
    "a JPEG-LS image": jpeg(0xF7),
    "a BMP with a JPEG in it": bmp(24, 4),
    "a BMP of 2 bits": bmp(2, 0),
    "a BMP of 16 bits, coded as 6": bmp(16, 6),
    "a PNG as Xcode packs it": b"\x89PNG\r\n\x1a\n"
    + chunk(b"CgBI", bytes(4))
    + chunk(b"IHDR", struct.pack(">LLBBBBB", 8, 8, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(bytes(8 * 25))[2:-4])
    + chunk(b"IEND", b""),
    "a HEIF image coded as JPEG 2000": encode(draw_photo(64, 64), "HEIF").replace(b"hvc1", b"j2k1"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_that_is_not_read_is_called_so(variant: str) -> None:
    with pytest.raises(UnsupportedPhoto) as refusal:
        read_photo(VARIANTS[variant])
    assert variant in refusal.value.reason
    assert "export it" in refusal.value.remedy


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_file_that_is_cut_off_is_damaged(kind: str) -> None:
    data = encode(draw_photo(96, 64), kind)
    with pytest.raises(DamagedPhoto):
        read_photo(data[: len(data) // 2])


def test_a_variant_that_is_cut_off_is_damaged() -> None:
    whole = tiff(32, 1, 3, 3)
    at = struct.unpack_from("<L", whole, 4)[0]
    cut = whole[:4] + struct.pack("<L", 8) + whole[at:]
    with pytest.raises(DamagedPhoto):
        read_photo(cut)


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(np.linspace(0, 1, 96, dtype=np.float32).reshape(8, 12)),
        Image.fromarray((np.arange(96) * 600).astype(np.uint16).reshape(8, 12)),
        Image.fromarray((np.arange(96) * 60000).astype(np.int32).reshape(8, 12)),
        draw_photo(12, 8).convert("CMYK"),
        draw_photo(12, 8).convert("1"),
        draw_photo(12, 8).convert("P"),
        draw_photo(12, 8).convert("LAB"),
    ],
)
def test_what_can_be_read_is_read(image: Image.Image) -> None:
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    assert read_photo(buffer.getvalue())[0].shape == (8, 12, 3)


@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_read(kind: str) -> None:
    buffer = io.BytesIO()
    frames = [draw_photo(48, 32, seed=n) for n in range(3)]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    assert read_photo(buffer.getvalue())[0].shape == (32, 48, 3)
