from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ansa_train.data.edited_copies import EditedCopies
from ansa_train.data.pack import read_pack
from ansa_train.evaluate.copy_detection import all_pairs, without


@pytest.fixture
def pictures(pack: Path) -> EditedCopies:
    photos = read_pack(pack, ["train"])
    return EditedCopies(photos[:2], ("grey", "crop"), 2, (0.5, 1.0), 0, photos[2:4])


def units(*angles: float) -> NDArray[np.float32]:
    turns = np.radians(np.array(angles, np.float32))
    return np.stack([np.cos(turns), np.sin(turns)], 1)


def test_copies_nearer_than_any_other_photo_are_all_found(pictures: EditedCopies) -> None:
    # Two photos with two copies each, then two others.
    pairs = all_pairs(units(0, 2, 4, 90, 92, 94, 180, 270), pictures, library=3)
    assert pairs.recall(pairs.threshold()) == 1
    assert pairs.precision(pairs.threshold()) == 1
    assert pairs.threshold() == pytest.approx(np.cos(np.radians(4)))
    assert len(pairs.wrong) == 4 * 3


def test_a_copy_nearer_to_another_photo_costs_all_that_are_less_sure(
    pictures: EditedCopies,
) -> None:
    # The second copy lies 10 degrees from its original and 5 from another photo.
    pairs = all_pairs(units(0, 2, 10, 90, 91, 94, 15, 270), pictures, library=3)
    assert pairs.threshold() == pytest.approx(np.cos(np.radians(4)))
    assert pairs.recall(pairs.threshold()) == 3 / 4
    assert pairs.which[0].tolist() == [2, 6]
    below = float(np.cos(np.radians(10)))
    assert pairs.recall(below) == 1
    assert pairs.precision(below - 1e-3) == pytest.approx(4 / 5)


def test_mistakes_count_as_often_as_a_larger_library_makes_them(pictures: EditedCopies) -> None:
    vectors = units(0, 2, 10, 90, 91, 94, 15, 270)
    pairs = all_pairs(vectors, pictures, library=30)
    assert pairs.precision(float(np.cos(np.radians(10.1)))) == pytest.approx(4 / 14)


def test_where_nothing_is_surely_right_nothing_is_found(pictures: EditedCopies) -> None:
    pairs = all_pairs(units(0, 90, 90, 90, 0, 0, 180, 270), pictures, library=3)
    assert pairs.recall(pairs.threshold()) == 0
    assert pairs.precision(pairs.threshold()) == 1


def test_two_photos_known_to_be_one_are_no_mistake(pictures: EditedCopies) -> None:
    vectors = units(0, 2, 4, 90, 92, 94, 3, 270)
    twins = [frozenset({pictures.photos[0].key, pictures.others[0].key})]
    assert all_pairs(vectors, pictures, 3).wrong[0] > 0.99
    assert all_pairs(vectors, pictures, 3, twins).wrong[0] < 0.1


def test_pairs_without_a_source_are_those_that_would_be_found_without_it(
    pictures: EditedCopies,
) -> None:
    vectors = units(0, 2, 10, 90, 91, 94, 15, 270)
    pairs = all_pairs(vectors, pictures, library=3)
    source = pictures.photos[0].source
    same = without(pairs, pictures, (), library=3)
    np.testing.assert_array_equal(same.right, pairs.right)
    np.testing.assert_array_equal(same.which, pairs.which)
    none = without(pairs, pictures, (source,), library=3)
    assert len(none.right) == len(none.wrong) == 0
