"""Heads see photos as the runtime does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ansa.photo.read import read_photo, resize_square
from ansa_train.data.pack import read_pack
from ansa_train.data.pictures import WholePhotos, keys_identity


def test_photos_are_squashed_to_the_square_as_the_runtime_does(pack: Path) -> None:
    samples = read_pack(pack, ["train"])
    pictures = WholePhotos(samples)
    assert len(pictures) == len(samples)
    for i in (0, 5):
        seen = pictures.render(i, 32)
        assert seen.shape == (32, 32, 3)
        pixels, _ = read_photo(samples[i].read_bytes())
        np.testing.assert_array_equal(seen, resize_square(pixels, 32))


def test_the_same_photos_in_the_same_order_have_one_identity(pack: Path, tmp_path: Path) -> None:
    samples = read_pack(pack, ["train"])
    shutil.copytree(pack, tmp_path / "moved")
    assert keys_identity(samples) == keys_identity(read_pack(tmp_path / "moved", ["train"]))
    for other in (samples[::-1], samples[1:], []):
        assert keys_identity(other) != keys_identity(samples)


def test_a_photo_that_cannot_be_read_is_named(pack: Path) -> None:
    pictures = WholePhotos(read_pack(pack, ["test"]))  # whose bytes are no photos
    with pytest.raises(OSError, match=r"album-\d\.tar: test030 cannot be read .*copy the file"):
        pictures.render(0, 32)
