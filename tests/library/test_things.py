"""What photos surely show, with counts, and with covers that tell neighbours apart."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ansa.library.things import things
from tests.library.lives import MUNICH, Life, library_of


def life(name: str, **tags: float) -> Life:
    return Life(f"{name}.jpg", datetime(2024, 5, 1), MUNICH, tags=dict(tags))


def test_kinds_of_a_thing_count_for_it_and_neighbours_have_other_covers(tmp_path: Path) -> None:
    photos = [life("both", dog=0.99, cat=0.98), life("dog", dog=0.9), life("cat", cat=0.9)]
    with library_of(tmp_path, photos) as library:
        found = {each.name: each for each in things(library)}
        assert (found["dog"].photos, found["cat"].photos) == (2, 2)
        assert found["animal"].photos == 3
        assert found["dog"].parent == found["cat"].parent
        assert found["dog"].cover != found["cat"].cover


def test_two_things_of_one_photo_share_its_cover(tmp_path: Path) -> None:
    with library_of(tmp_path, [life("both", dog=0.99, cat=0.98)]) as library:
        found = {each.name: each.cover for each in things(library)}
        assert found["dog"] == found["cat"]
