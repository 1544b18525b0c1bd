from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.augment.mosaic import MosaicPiece, Mosaics, moved_along
from ansa_train.data.pack import Sample, read_pack
from tests.ansa_train.conftest import note, write_tar


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("pack")
    write_tar(folder / "one.tar", [note(f"train{i:03}") for i in range(4)])
    return read_pack(folder, ["train"])


def looks(samples: list[Sample], count: int = 40, seed: int = 0) -> Mosaics:
    known = [np.array([[0.2, 0.3, 0.6, 0.7, 1, i]], np.float32) for i in range(len(samples))]
    return Mosaics(samples, known, [1.0] * len(samples), count, seed)


def moved(row: list[float], piece: MosaicPiece) -> list[list[float]]:
    found: list[list[float]] = moved_along(np.array([row], np.float32), piece).tolist()
    return found


def test_a_box_goes_with_its_photo_into_a_corner() -> None:
    piece = MosaicPiece(0, place=(0.5, 0.5, 1.0, 1.0))
    assert moved([0.2, 0.4, 0.6, 0.8, 0.9, 7], piece)[0] == pytest.approx(
        [0.6, 0.7, 0.8, 0.9, 0.9, 7]
    )


def test_a_box_is_mirrored_with_its_photo() -> None:
    piece = MosaicPiece(0, mirrored=True)
    assert moved([0.1, 0.2, 0.3, 0.4, 1, 7], piece)[0] == pytest.approx([0.7, 0.2, 0.9, 0.4, 1, 7])


def test_a_box_is_cut_where_a_window_ends() -> None:
    piece = MosaicPiece(0, window=(0.5, 0.0, 1.0, 1.0))
    assert moved([0.4, 0.2, 0.7, 0.4, 1, 7], piece)[0] == pytest.approx([0, 0.2, 0.4, 0.4, 1, 7])


def test_what_is_mostly_cut_off_is_not_to_be_learned_from() -> None:
    piece = MosaicPiece(0, window=(0.5, 0.0, 1.0, 1.0))
    assert moved([0.2, 0.2, 0.6, 0.4, 1, 7], piece)[0][4] == 0
    assert moved([0.1, 0.2, 0.4, 0.4, 1, 7], piece) == []


def test_looks_are_always_the_same_and_say_so(samples: list[Sample]) -> None:
    first, again, other = looks(samples), looks(samples), looks(samples, seed=1)
    assert first.identity() == again.identity() != other.identity()
    np.testing.assert_array_equal(first.render(3, 64), again.render(3, 64))


def test_looks_are_whole_photos_crops_and_mosaics_with_all_their_boxes(
    samples: list[Sample],
) -> None:
    made = looks(samples, count=200)
    assert {len(pieces) for pieces in made.plan} == {1, 4}
    assert 0.35 < np.mean([len(pieces) == 4 for pieces in made.plan]) < 0.65
    for index in range(40):
        picture, known = made.render(index, 64), made.known(index)
        assert picture.shape == (64, 64, 3)
        assert picture.dtype == np.uint8
        assert (picture.reshape(-1, 3).max(axis=1) > 0).mean() > 0.95, "no place is left black"
        assert ((known[:, :4] >= 0) & (known[:, :4] <= 1)).all()
        assert len(known) <= len(made.plan[index])


def test_a_photo_that_weighs_nothing_is_never_shown(samples: list[Sample], tmp_path: Path) -> None:
    known = [np.zeros((0, 6), np.float32)] * 4
    made = Mosaics(samples, known, [1, 0, 1, 1], 100)
    assert {piece.photo for pieces in made.plan for piece in pieces} == {0, 2, 3}
