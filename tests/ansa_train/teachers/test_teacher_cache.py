from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa_train.data.pack import Sample, read_pack
from ansa_train.teachers.teacher_cache import Found, boxes_of
from tests.ansa_train.conftest import note, write_tar


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    write_tar(tmp_path / "pack" / "one.tar", [note(f"train{i:03}") for i in range(5)])
    return read_pack(tmp_path / "pack", ["train"])


def test_a_photo_is_looked_at_once_and_a_stopped_run_goes_on(
    samples: list[Sample], tmp_path: Path
) -> None:
    looked: list[tuple[int, int]] = []

    def look(photo: Image.Image, least: float) -> Found:
        looked.append(photo.size)
        return np.array([[0, 0.1, 0.5, 0.9, least, photo.width % 80]], np.float32)

    file = tmp_path / "cache" / "teacher.jsonl"
    first = boxes_of(samples[:3], file, lambda: look, 0.25)
    assert len(looked) == 3
    file.write_bytes(file.read_bytes()[:-20])  # the machine went down in the middle of a line
    found = boxes_of(samples, file, lambda: look, 0.25)
    assert len(looked) == 3 + 3
    assert list(found) == [sample.key for sample in samples]
    for key, boxes in first.items():
        np.testing.assert_array_equal(found[key], boxes)
        assert boxes[0, 4] == 0.25


def test_a_teacher_with_nothing_left_to_look_at_is_not_even_fetched(
    samples: list[Sample], tmp_path: Path
) -> None:
    def look(photo: Image.Image, least: float) -> Found:
        return np.zeros((0, 6), np.float32)

    def none() -> None:
        raise AssertionError("it was made")

    boxes_of(samples, tmp_path / "teacher.jsonl", lambda: look, 0.2)
    found = boxes_of(samples, tmp_path / "teacher.jsonl", none, 0.2)  # type: ignore[arg-type]
    assert all(boxes.shape == (0, 6) for boxes in found.values())
