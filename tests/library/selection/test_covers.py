"""The cover of a set is a good photo that stands for the others."""

from __future__ import annotations

import numpy as np

from ansa.library.selection.covers import cover
from tests.library.drawn_gallery import gallery_of, keepsake, vector


def test_of_photos_as_good_the_most_typical_is_the_cover() -> None:
    looks = [vector(1)] + [vector(n, like=1, cosine=0.7) for n in range(2, 7)] + [vector(9)]
    gallery = gallery_of([keepsake(n) for n in range(7)], vectors=looks)
    found = cover(gallery, np.arange(7))
    assert found is not None
    assert found.path.name == "0000.jpg"
    assert "one of the most like the others" in found.reasons


def test_a_poor_photo_is_no_cover_however_typical() -> None:
    looks = [vector(1)] + [vector(n, like=1, cosine=0.7) for n in range(2, 7)]
    gallery = gallery_of([keepsake(n) for n in range(6)], [0.1] + [0.9] * 5, looks)
    found = cover(gallery, np.arange(6))
    assert found is not None
    assert found.path.name != "0000.jpg"


def test_it_says_what_it_shows_of_the_set() -> None:
    photos = [keepsake(n, tags=("dog", "grass") if n else ("grass", "dog")) for n in range(4)]
    found = cover(gallery_of(photos, [0.9, 0.5, 0.5, 0.5]), np.arange(4))
    assert found is not None
    assert found.reasons[0] == "the best of 4 by looks and quality"
    assert "shows grass, as 4 of them do" in found.reasons


def test_a_wide_photo_before_a_high_one() -> None:
    photos = [keepsake(0, width=300, height=400), keepsake(1)]
    found = cover(gallery_of(photos, vectors=[vector(1), vector(1)]), np.arange(2))
    assert found is not None
    assert found.path.name == "0001.jpg"


def test_one_photo_is_its_own_cover_and_none_has_none() -> None:
    found = cover(gallery_of([keepsake(3)]), np.arange(1))
    assert found is not None
    assert found.path.name == "0003.jpg"
    assert cover(gallery_of([]), np.arange(0)) is None


def test_a_cover_that_others_outshine_is_not_told_its_number() -> None:
    looks = [vector(1)] + [vector(n, like=1, cosine=0.7) for n in range(2, 8)]
    gallery = gallery_of([keepsake(n) for n in range(7)], [0.5] + [0.6] * 6, looks)
    found = cover(gallery, np.arange(7))
    assert found is not None
    assert found.path.name == "0000.jpg"
    assert found.reasons == ("one of the most like the others",)
