from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa_train.pretrained import PARTS
from ansa_train.teachers.nanodet import NanoDet, decode
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.teachers.ncnn_networks import write_detector
from tests.photos import draw_photo


@pytest.fixture
def _part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PARTS["nanodet"]
    folder = tmp_path / "parts-cache" / "parts" / part.requirement.replace("/", "+")
    write_detector(folder / part.file)
    use_parts(monkeypatch, tmp_path / "parts-cache")


def given(*seen: tuple[int, int, tuple[float, ...]]) -> np.ndarray:
    """What a detector gives that sees things: their places, classes and distances in cells."""
    rows = np.zeros((3598, 112), np.float32)
    rows[:, :80] = 0.01
    for place, kind, reach in seen:
        rows[place, kind] = 0.8
        logits = np.full((4, 8), -50, np.float32)
        for i, cells in enumerate(reach):  # between two distances lies their mean by their weights
            low = int(cells)
            logits[i, low] = np.log(1 - (cells - low) + 1e-9)
            logits[i, low + 1] = np.log(cells - low + 1e-9)
        rows[place, 80:] = logits.ravel()
    return rows


def test_a_box_is_where_its_place_and_its_distances_say() -> None:
    on_the_third_grid = 52 * 52 + 26 * 26 + 13 * 6 + 6
    found = decode(
        given((on_the_third_grid, 16, (1.5, 2.0, 1.5, 2.5)), (52 + 2, 2, (0.5, 0.5, 3.0, 3.0))), 0.5
    )
    assert sorted(found[:, 5]) == [2, 16]
    dog, car = found[found[:, 5] == 16][0], found[found[:, 5] == 2][0]
    assert dog[:5] == pytest.approx([4.5 / 13, 4 / 13, 7.5 / 13, 8.5 / 13, 0.8], abs=1e-5)
    assert car[:5] == pytest.approx([1.5 / 52, 0.5 / 52, 5 / 52, 4 / 52, 0.8], abs=1e-5)


def test_one_thing_that_two_places_see_is_one() -> None:
    reach = (4.0, 4.0, 4.0, 4.0)
    rows = given((1000, 3, reach), (1001, 3, reach), (1002, 5, reach))
    rows[1001, 3] = 0.7
    found = decode(rows, 0.5)
    assert found[:, 5].tolist() == [3, 5]
    assert found[0, 4] == pytest.approx(0.8)


def test_a_photo_of_nothing_it_knows_has_no_boxes() -> None:
    assert decode(given(), 0.5).shape == (0, 6)


@pytest.mark.usefixtures("_part")
@pytest.mark.parametrize("size", [(320, 240), (100, 300), (2, 500)])
def test_boxes_lie_within_a_photo_of_any_shape(size: tuple[int, int]) -> None:
    found = NanoDet()(draw_photo(*size) if min(size) > 50 else Image.new("RGB", size, "red"), 0.05)
    assert found.dtype == np.float32
    assert found.shape[1] == 6
    assert 0 < len(found) <= 100
    assert (found[:, :4] >= 0).all()
    assert (found[:, :4] <= 1).all()
    assert (np.diff(found[:, 4]) <= 0).all()
