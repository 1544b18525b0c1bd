from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ansa.photo.read import read_photo
from ansa.scene import Pixels
from ansa_train.data.builder.difference_hash import BANDS, NEAR_BITS, difference_hash, same_picture
from tests.photos import draw_photo, encode


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image)


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_saved_smaller_or_coarser_is_the_same_picture(seed: int) -> None:
    photo = draw_photo(400, 300, seed=seed)
    coarse = read_photo(encode(photo, quality=50))[0]
    smaller = pixels(photo.resize((250, 188), Image.Resampling.LANCZOS))
    one = difference_hash(pixels(photo))
    assert same_picture(one, [difference_hash(coarse), difference_hash(smaller)]).all()


def test_other_photos_are_other_pictures() -> None:
    prints = [difference_hash(pixels(draw_photo(seed=seed))) for seed in range(40)]
    for number, one in enumerate(prints):
        assert same_picture(one, prints).tolist() == [n == number for n in range(40)]


def test_plain_pages_with_other_words_are_other_pictures() -> None:
    rng = np.random.default_rng(0)
    pages = []
    for _ in range(20):
        page = np.full((300, 300, 3), 255, np.uint8)
        page[60:240:12, 60:240] = rng.choice([0, 255], (15, 180, 1), p=[0.4, 0.6])
        page[60:240:12, rng.integers(100, 240) : 240] = 255
        pages.append(difference_hash(page))
    for number, one in enumerate(pages):
        assert same_picture(one, pages).tolist() == [n == number for n in range(20)]


def test_near_hashes_share_a_band() -> None:
    assert NEAR_BITS < BANDS
    bands = difference_hash(pixels(draw_photo())).bands()
    assert len(set(bands)) == BANDS
    assert [band >> 16 for band in bands] == list(range(BANDS))


def test_compared_with_nothing_is_nothing() -> None:
    assert same_picture(difference_hash(pixels(draw_photo())), []).shape == (0,)
