"""Each way to spoil a photo changes it as it says."""

import random

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ansa_train.data.augment.composition_faults import WAYS, Way, add_composition_fault


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return Image.fromarray(data.coffee()).resize((150, 100))  # type: ignore[no-untyped-call]


def spoiled(photo: Image.Image, way: Way, seed: int) -> Image.Image:
    return add_composition_fault(
        photo, way, random.Random(seed), lambda _: Image.new("RGB", (40, 60), "magenta")
    )


def changed(one: Image.Image, other: Image.Image) -> float:
    """Share of the pixels that anybody sees to differ."""
    difference = np.abs(np.asarray(one, int) - np.asarray(other.resize(one.size), int)).max(2)
    return float((difference > 20).mean())


@pytest.mark.parametrize("way", WAYS)
def test_the_same_numbers_spoil_a_photo_the_same_way(photo: Image.Image, way: Way) -> None:
    before = photo.tobytes()
    one, two = (spoiled(photo, way, 1) for _ in range(2))
    assert one.tobytes() == two.tobytes()
    assert photo.tobytes() == before


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_seen(photo: Image.Image, way: Way) -> None:
    assert all(changed(photo, spoiled(photo, way, seed)) > 0.01 for seed in range(12))


def test_a_bad_crop_goes_through_the_middle() -> None:
    across = np.arange(200, dtype=np.uint8)[None, :].repeat(200, 0)
    photo = Image.fromarray(np.stack([across, across.T, across], 2))
    for seed in range(20):
        kept = np.asarray(spoiled(photo, "crop", seed))
        assert 90 <= kept.shape[0] <= 120
        touched = kept[..., :2].min() < 3 or kept[..., :2].max() > 196
        assert touched  # it lies at an edge, so its other edge is near the middle


def test_occlusion_leaves_most_of_the_photo_as_it_was(photo: Image.Image) -> None:
    assert np.median([changed(photo, spoiled(photo, "occlusion", s)) for s in range(12)]) < 0.6


def test_clutter_is_of_other_photos(photo: Image.Image) -> None:
    pixels = np.asarray(spoiled(photo, "clutter", 3))
    assert (pixels == (255, 0, 255)).all(2).mean() > 0.05
