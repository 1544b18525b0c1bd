"""The saliency teacher is asked once a photo, and resumes where it was stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.pack import read_pack
from ansa_train.teachers.u2netp import SIDE, U2Netp, masks
from tests.ansa_train.random_parts import use_parts, write_bright_is_salient


@pytest.fixture(autouse=True)
def _teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bright_is_salient(tmp_path)
    use_parts(monkeypatch, tmp_path)


def test_a_mask_shows_where_the_teacher_sees_a_subject() -> None:
    pixels = np.zeros((80, 120, 3), np.uint8)
    pixels[:40, 60:] = 255
    mask = U2Netp()(pixels)
    assert mask.shape == (SIDE, SIDE)
    assert mask.dtype == np.uint8
    assert mask[2 : SIDE // 2 - 2, SIDE // 2 + 2 : -2].min() > 200
    assert mask[SIDE // 2 + 2 :].max() < 60


@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_photo_gets_a_mask_of_numbers(value: int) -> None:
    assert U2Netp()(np.full((1, 1, 3), value, np.uint8)).shape == (SIDE, SIDE)


def test_what_is_kept_is_not_asked_again_and_what_is_missing_is(pack: Path, tmp_path: Path) -> None:
    samples = read_pack(pack, ["train"])[:4]
    folder = tmp_path / "masks"
    first = masks(samples, folder)
    files = sorted(folder.iterdir())
    assert len(files) == len(samples)
    times = [file.stat().st_mtime_ns for file in files]
    files[1].unlink()
    np.testing.assert_array_equal(masks(samples, folder), first)
    assert [file.stat().st_mtime_ns == t for file, t in zip(files, times, strict=True)] == [
        True,
        False,
        True,
        True,
    ]


def test_no_photos_give_no_masks(tmp_path: Path) -> None:
    assert masks([], tmp_path / "none").shape == (0, SIDE, SIDE)
