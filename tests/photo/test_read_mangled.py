"""Whatever the bytes, a photo gives pixels or a PhotoError that names it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansa.photo.read import PhotoError, read_photo
from tests.photos import draw_photo, encode, exif_block

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"]
EXIF = exif_block(
    orientation=6, taken="2024:05:02 12:30:05", offset="+02:00", make="Canon", place=(-33.86, 151.2)
)
_SMALL = {
    kind: encode(draw_photo(48, 32), kind, **({} if kind in ("GIF", "BMP") else {"exif": EXIF}))
    for kind in KINDS
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 2**32), changes=st.integers(1, 8), reach=st.sampled_from([64, 512, None])
)
def test_a_mangled_file_gives_pixels_or_a_photo_error(
    kind: str, seed: int, changes: int, reach: int | None
) -> None:
    rng = random.Random(seed)
    data = bytearray(_SMALL[kind])
    for _ in range(changes):
        at = rng.randrange(min(len(data), reach or len(data)))
        data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    try:
        pixels, facts = read_photo(bytes(data), min_side=16, name="mangled")
    except PhotoError as error:
        refusal = error
    else:
        assert pixels.ndim == 3
        assert pixels.dtype == np.uint8
        assert facts.width > 0
        return
    assert str(refusal).startswith("mangled: ")
    assert refusal.remedy


@given(st.binary(max_size=200))
@settings(derandomize=True, deadline=None)
def test_arbitrary_bytes_give_a_photo_error(data: bytes) -> None:
    with pytest.raises(PhotoError):
        read_photo(data)
