"""Exposure and warmth are gains in linear light; contrast and black and white keep their places."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.render.styles.photo_edit import PhotoEdit
from ansa.render.styles.tone import (
    LUMINANCE,
    change_tones,
    displayed_values,
    linear_light,
    warmth_gains,
)

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)


def changed(**edit: float) -> np.ndarray:
    row: np.ndarray = change_tones(RAMP, PhotoEdit(**edit))[0]  # type: ignore[arg-type]
    return row.astype(int)


def test_an_edit_that_changes_nothing_gives_the_same_pixels() -> None:
    assert change_tones(RAMP, PhotoEdit()) is RAMP


def test_light_and_displayed_values_are_each_others_inverse() -> None:
    values = np.linspace(0, 1, 101)
    assert displayed_values(linear_light(values)) == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("exposure", [-2.0, -0.5, 0.5, 1.0])
def test_a_step_of_exposure_doubles_the_light(exposure: float) -> None:
    before = linear_light(RAMP[0, 40:100, 0] / 255)
    after = linear_light(changed(exposure=exposure)[40:100, 0] / 255)
    assert after == pytest.approx(before * 2**exposure, rel=0.04, abs=2e-3)


@pytest.mark.parametrize(
    "edit",
    [{"exposure": 1.0}, {"contrast": 1.0}, {"contrast": -1.0}, {"warmth": 6000.0}],
    ids=str,
)
def test_brighter_pixels_stay_brighter_and_highlights_are_not_cut_off(
    edit: dict[str, float],
) -> None:
    after = changed(**edit)
    assert (np.diff(after, axis=0) >= 0).all()
    assert len(np.unique(after[200:, 0])) > 5


def test_contrast_spreads_the_middle_and_keeps_black_and_white() -> None:
    after = changed(contrast=1.0)[:, 0]
    assert after[148] - after[108] == pytest.approx(80, abs=3)
    assert (after[0], after[255]) == (0, 255)
    flat = changed(contrast=-1.0)[:, 0]
    assert flat[255] - flat[0] == pytest.approx(128, abs=2)


def test_warmth_adds_red_and_takes_blue_and_keeps_the_brightness() -> None:
    warm, cold = warmth_gains(1500), warmth_gains(-1500)
    assert warm[0] > 1 > warm[2]
    assert cold[0] < 1 < cold[2]
    assert warmth_gains(0) == pytest.approx([1, 1, 1])
    assert warm @ LUMINANCE == pytest.approx(1)


def test_black_and_white_keeps_how_bright_each_colour_was() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]]], np.uint8)
    grey = change_tones(colours, PhotoEdit(black_and_white=True))
    assert (grey == grey[..., :1]).all()
    light = linear_light(grey[0, :, 0] / 255)
    assert light[:3] == pytest.approx(LUMINANCE, abs=5e-3)
    assert grey[0, 3, 0] == pytest.approx(90, abs=1)


def test_every_value_of_every_edit_is_a_value() -> None:
    for exposure in (-5.0, 5.0):
        for contrast in (-1.0, 1.0):
            for warmth in (-3000.0, 6000.0):
                for grey in (False, True):
                    edit = PhotoEdit(exposure, contrast, warmth, grey)
                    after = change_tones(RAMP, edit)
                    assert after.dtype == np.uint8
                    assert (np.diff(after[0].astype(int), axis=0) >= 0).all(), edit
