"""Faults have the strength they claim, leave the rest alone, and are always the same."""

import random
from dataclasses import astuple

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.augment.degradations import STOPS, TILT, Faults, degrade, draw_faults, frame

SIZE = 128


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]


def made(photo: Image.Image, **faults: float) -> Pixels:
    return degrade(photo, Faults(**faults), SIZE, "a seed")


def sharpness(pixels: Pixels) -> float:
    grey = pixels.astype(float).mean(2)
    return float(np.square(np.diff(grey, axis=0)).mean() + np.square(np.diff(grey, axis=1)).mean())


def test_without_faults_it_is_the_photo_as_a_network_sees_it(photo: Image.Image) -> None:
    np.testing.assert_array_equal(made(photo), resize_square(np.asarray(photo), SIZE))


def test_the_same_seed_makes_the_same_picture(photo: Image.Image) -> None:
    all_at_once = Faults(0.5, 0.5, 0.5, 0.5, 0.5, 5.0)
    one, two, other = (degrade(photo, all_at_once, SIZE, seed) for seed in "aab")
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize("name", ["defocus_blur", "motion_blur"])
def test_the_stronger_the_blur_the_less_sharp(photo: Image.Image, name: str) -> None:
    sharp = [sharpness(made(photo, **{name: s})) for s in (0, 0.2, 0.4, 0.7, 1)]
    assert sharp == sorted(sharp, reverse=True)


def test_a_hardly_there_blur_hardly_changes_anything(photo: Image.Image) -> None:
    change = made(photo, defocus_blur=1e-6).astype(int) - made(photo)
    assert np.abs(change).max() <= 1  # nor does it shift the picture


def test_noise_has_the_deviation_it_claims() -> None:
    grey = Image.new("RGB", (SIZE, SIZE), (128, 128, 128))
    for strength in (0.1, 0.3, 0.5):
        assert made(grey, noise=strength).std() == pytest.approx(255 * 0.2 * strength, rel=0.05)


def test_exposure_is_a_gain_in_linear_light() -> None:
    grey = Image.new("RGB", (SIZE, SIZE), (188, 188, 188))  # half of the light of white
    assert made(grey, exposure=-1 / STOPS).max() == 137  # a quarter
    assert made(grey, exposure=1 / STOPS).min() == 255


def test_compression_grows_to_blocks(photo: Image.Image) -> None:
    plain = made(photo).astype(int)
    errors = [
        np.abs(made(photo, compression_artifacts=s) - plain).mean() for s in (0.01, 0.3, 0.6, 1)
    ]
    assert errors == sorted(errors)
    assert errors[-1] > 2 * errors[0] > 0


@pytest.mark.parametrize("size", [(300, 200), (200, 300)])
@pytest.mark.parametrize("tilt", [-TILT, -3, 8, TILT])
def test_a_tilted_photo_turns_clockwise_and_shows_no_borders(
    size: tuple[int, int], tilt: float
) -> None:
    width, height = size
    photo = Image.new("RGB", size, (255, 255, 255))
    middle = height // 2
    ImageDraw.Draw(photo).rectangle((0, middle, width, height), fill=(90, 90, 90))
    turned = np.asarray(frame(photo, tilt))
    assert turned.min() > 40  # what lies outside would be black
    edges = (turned[:, [10, -11], 0] > 170).sum(0)
    slope = np.degrees(np.arctan2(edges[1] - edges[0], turned.shape[1] - 21))
    assert slope == pytest.approx(tilt, abs=1)
    assert turned.shape[1] / turned.shape[0] == pytest.approx(width / height, rel=0.02)


def test_drawn_faults_are_few_and_in_their_ranges() -> None:
    rng = random.Random(0)
    drawn = [draw_faults(rng) for _ in range(500)]
    assert {sum(map(bool, astuple(faults))) for faults in drawn} == {0, 1, 2, 3}
    assert 18 < max(abs(f.tilt) for f in drawn) <= TILT
    assert min(f.exposure for f in drawn) < -0.9
    assert min(f.tilt for f in drawn) < -18


def test_as_many_photos_as_wanted_are_tilted() -> None:
    rng = random.Random(0)
    drawn = [draw_faults(rng, 0.9) for _ in range(500)]
    assert np.mean([faults.tilt != 0 for faults in drawn]) == pytest.approx(0.9, abs=0.05)
