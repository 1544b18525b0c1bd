"""Degraded copies: of which pictures, always the same, and worse than their originals."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.scene import Pixels
from ansa_train.data.augment.degraded_copies import WithDegradedCopies, degraded

SIDE = 64


class Stripes:
    """Pictures of vertical stripes, each of another width."""

    name = "stripes"

    def __init__(self, count: int = 4) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def identity(self) -> str:
        return f"{self.count} stripes"

    def render(self, index: int, size: int) -> Pixels:
        line = (np.arange(size) // (index + 2) % 2 * 200 + 20).astype(np.uint8)
        return np.broadcast_to(line[None, :, None], (size, size, 3)).copy()


def test_originals_come_first_and_are_left_as_they_are() -> None:
    both = WithDegradedCopies(Stripes(), 6)
    assert len(both) == 10
    assert both.origins[:4].tolist() == [0, 1, 2, 3]
    for row in range(4):
        assert np.array_equal(both.render(row, SIDE), Stripes().render(row, SIDE))


def test_every_picture_is_copied_before_one_is_copied_twice() -> None:
    origins = WithDegradedCopies(Stripes(), 6).origins[4:].tolist()
    assert sorted(origins[:4]) == [0, 1, 2, 3]
    assert origins[4:] == origins[:2]


def test_a_copy_is_the_same_at_every_call_and_unlike_another_copy_of_the_same_picture() -> None:
    both = WithDegradedCopies(Stripes(1), 2)
    first, second = (both.render(row, SIDE) for row in (1, 2))
    assert np.array_equal(first, both.render(1, SIDE))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("seed", range(40))
def test_a_degraded_picture_keeps_its_form(seed: int) -> None:
    copy = degraded(Stripes().render(1, SIDE), str(seed))
    assert copy.shape == (SIDE, SIDE, 3)
    assert copy.dtype == np.uint8


def test_most_degraded_pictures_differ_from_their_originals() -> None:
    original = Stripes().render(1, SIDE)
    changed = [not np.array_equal(degraded(original, str(seed)), original) for seed in range(60)]
    assert np.mean(changed) > 0.8


def test_without_copies_there_are_the_originals_alone() -> None:
    assert WithDegradedCopies(Stripes(), 0).origins.tolist() == [0, 1, 2, 3]
    assert len(WithDegradedCopies(Stripes(0), 5)) == 0


def test_another_number_of_copies_is_another_list_of_pictures() -> None:
    assert (
        WithDegradedCopies(Stripes(), 3).identity() != WithDegradedCopies(Stripes(), 4).identity()
    )
