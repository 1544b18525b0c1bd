from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa_train.data.pack import Sample, read_pack
from ansa_train.pretrained import PARTS
from ansa_train.teachers import nanodet
from ansa_train.teachers.nanodet import NanoDet, boxes_of, decode
from tests.ansa_train.conftest import note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.teachers.tfjs_graphs import write_detector
from tests.photos import draw_photo


@pytest.fixture
def _part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PARTS["nanodet"]
    folder = tmp_path / "parts-cache" / "parts" / part.requirement.replace("/", "+")
    write_detector(folder / part.file)
    use_parts(monkeypatch, tmp_path / "parts-cache")


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    write_tar(tmp_path / "pack" / "one.tar", [note(f"train{i:03}") for i in range(5)])
    return read_pack(tmp_path / "pack", ["train"])


def grid(
    side: int, cell: int, kind: int, reach: tuple[float, float, float, float]
) -> list[np.ndarray]:
    """What a detector gives that sees one thing, in one cell."""
    scores = np.full((side * side, 80), 0.01, np.float32)
    scores[cell, kind] = 0.8
    logits = np.zeros((side * side, 4, 8), np.float32)
    for i, cells in enumerate(reach):
        low = int(cells)
        # Between two distances lies their mean by their weights.
        logits[cell, i] = -50
        logits[cell, i, low] = np.log(1 - (cells - low) + 1e-9)
        logits[cell, i, low + 1] = np.log(cells - low + 1e-9)
    return [logits.reshape(side * side, 32), scores]


def test_a_box_is_where_its_cell_and_its_distances_say() -> None:
    given = grid(13, 13 * 6 + 6, 16, (1.5, 2.0, 1.5, 2.5)) + grid(26, 0, 2, (0.5, 0.5, 3.0, 3.0))
    found = decode(given, 0.5)
    assert sorted(found[:, 5]) == [2, 16]
    dog, car = found[found[:, 5] == 16][0], found[found[:, 5] == 2][0]
    assert dog[:5] == pytest.approx([5 / 13, 4.5 / 13, 8 / 13, 9 / 13, 0.8], abs=1e-5)
    assert car[:5] == pytest.approx([0, 0, 3.5 / 26, 3.5 / 26, 0.8], abs=1e-5)


def test_one_thing_that_two_cells_see_is_one() -> None:
    twice = [np.concatenate([value, value]) for value in grid(13, 40, 3, (2, 2, 2, 2))]
    side = 13
    scores, logits = twice[1][: side * side].copy(), twice[0][: side * side].copy()
    scores[41], logits[41] = scores[40] * 0.9, logits[40]
    assert len(decode([logits, scores], 0.5)) == 1


@pytest.mark.usefixtures("_part")
@pytest.mark.parametrize("size", [(320, 240), (100, 300), (2, 500)])
def test_boxes_lie_within_a_photo_of_any_shape(size: tuple[int, int]) -> None:
    found = NanoDet()(draw_photo(*size) if min(size) > 50 else Image.new("RGB", size, "red"), 0.05)
    assert found.dtype == np.float32
    assert found.shape[1] == 6
    assert len(found) <= 100
    assert (found[:, :4] >= 0).all()
    assert (found[:, :4] <= 1).all()
    assert (np.diff(found[:, 4]) <= 0).all()


@pytest.mark.usefixtures("_part")
def test_a_photo_is_looked_at_once_and_a_stopped_run_goes_on(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    class Counts(NanoDet):
        def __call__(self, photo: Image.Image, least: float = 0.05) -> nanodet.Found:
            looked.append(1)
            return super().__call__(photo, least)

    monkeypatch.setattr(nanodet, "NanoDet", Counts)
    first = boxes_of(samples[:3], tmp_path / "cache", 0.02)
    assert len(looked) == 3
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-20])  # the machine went down in the middle of a line
    found = boxes_of(samples, tmp_path / "cache", 0.02)
    assert len(looked) == 3 + 3
    assert found.keys() == {sample.key for sample in samples}
    assert any(len(boxes) for boxes in found.values())
    for key, boxes in first.items():
        np.testing.assert_array_equal(found[key], boxes)
