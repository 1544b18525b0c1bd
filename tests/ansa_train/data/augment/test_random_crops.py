"""Windows show parts of photos, the same ones every time, and cut masks at the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ansa_train.data.augment.random_crops import WHOLE, RandomCrop, RandomCrops
from ansa_train.data.pack import read_pack


def test_every_photo_is_seen_whole_first_and_then_through_windows(pack: Path) -> None:
    samples = read_pack(pack, ["train"])
    pictures = RandomCrops(samples, 3, seed=0)
    assert len(pictures) == 3 * len(samples)
    assert pictures.windows[: len(samples)] == [WHOLE] * len(samples)
    for window in pictures.windows[len(samples) :]:
        left, top, right, bottom = window.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


def test_the_same_seed_shows_the_same_and_another_seed_is_another_identity(pack: Path) -> None:
    samples = read_pack(pack, ["train"])
    one, same, other = (RandomCrops(samples, 2, seed=seed) for seed in (0, 0, 1))
    last = len(one) - 1
    np.testing.assert_array_equal(one.render(last, 32), same.render(last, 32))
    assert one.identity() == same.identity()
    assert len({one.identity(), other.identity(), RandomCrops(samples, 3, seed=0).identity()}) == 3


def test_a_picture_is_a_square_of_the_wanted_size(pack: Path) -> None:
    pictures = RandomCrops(read_pack(pack, ["train"]), 2, seed=0)
    assert pictures.render(len(pictures) - 1, 48).shape == (48, 48, 3)


def test_pixels_and_masks_are_cut_at_the_same_place() -> None:
    mask = np.arange(64, dtype=np.uint8).repeat(64).reshape(64, 64).T
    pixels = mask.repeat(2, 0).repeat(2, 1)[..., np.newaxis].repeat(3, 2)
    window = RandomCrop((0.25, 0.0, 0.75, 0.5), mirrored=True)
    small, large = np.asarray(window.cut(mask)), np.asarray(window.cut(pixels))
    assert small.shape == (32, 32)
    assert large.shape == (64, 64, 3)
    assert small[0, 0] == 47
    assert small[0, -1] == 16
    np.testing.assert_array_equal(small, large[::2, ::2, 0])


def test_the_whole_photo_is_untouched() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    np.testing.assert_array_equal(WHOLE.cut(pixels), pixels)


def test_the_smallest_photo_has_windows_too() -> None:
    window = RandomCrop((0.4, 0.4, 0.6, 0.6), mirrored=False)
    assert window.cut(np.zeros((1, 1, 3), np.uint8)).size == (1, 1)
