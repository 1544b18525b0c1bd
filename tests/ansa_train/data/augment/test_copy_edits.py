from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ansa_train.data.augment.copy_edits import EDITS, TAUGHT, UNTAUGHT
from tests.photos import draw_photo

PHOTO = draw_photo()


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_photo_and_the_same_numbers_change_it_alike(name: str) -> None:
    first, again = (EDITS[name](PHOTO, 0.8, random.Random(3)) for _ in range(2))
    assert first.mode == "RGB"
    assert first == again
    assert first != PHOTO


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_leaves_its_photo_as_it_was(name: str) -> None:
    before = PHOTO.copy()
    EDITS[name](PHOTO, 1.0, random.Random(0))
    assert before == PHOTO


@settings(deadline=None, max_examples=8)
@pytest.mark.parametrize("name", EDITS)
@given(st.integers(1, 90), st.integers(1, 90), st.floats(0, 1), st.integers(0, 10**6))
def test_photos_of_any_size_can_be_edited(
    name: str, width: int, height: int, strength: float, seed: int
) -> None:
    edited = EDITS[name](Image.new("RGB", (width, height)), strength, random.Random(seed))
    assert min(edited.size) >= 1


def test_crops_keep_at_least_half_of_the_area() -> None:
    crops = [EDITS["crop"](PHOTO, 1.0, random.Random(seed)) for seed in range(50)]
    shares = [c.width * c.height / (PHOTO.width * PHOTO.height) for c in crops]
    assert min(shares) > 0.48
    assert max(shares) < 0.52


@pytest.mark.parametrize("name", ["border", "letterbox", "banner", "screenshot"])
def test_a_framed_photo_is_whole_inside_its_frame(name: str) -> None:
    framed = EDITS[name](PHOTO, 0.7, random.Random(1))
    wide, high = framed.width - PHOTO.width + 1, framed.height - PHOTO.height + 1
    pixels, photo = np.asarray(framed), np.asarray(PHOTO)
    middle = photo[100:104, 100:140]  # what lies in the middle is nowhere else
    places = [
        (x, y)
        for y in range(high)
        for x in range(wide)
        if (pixels[y + 100 : y + 104, x + 100 : x + 140] == middle).all()
    ]
    assert len(places) == 1
    x, y = places[0]
    assert (pixels[y : y + 200, x : x + 300] == photo[:200, :300]).all()


@pytest.mark.parametrize("name", ["light", "blur", "noise", "recompress", "pixelate", "sepia"])
def test_stronger_edits_change_more(name: str) -> None:
    def change(strength: float) -> float:
        edited = EDITS[name](PHOTO, strength, random.Random(5))
        return float(np.abs(np.asarray(edited, int) - np.asarray(PHOTO, int)).mean())

    assert change(0.2) < change(1.0)


def test_some_kinds_are_kept_for_tests() -> None:
    assert set(TAUGHT) | set(UNTAUGHT) == set(EDITS)
    assert not set(TAUGHT) & set(UNTAUGHT)
