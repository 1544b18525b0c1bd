"""Photos are spoiled by known amounts, and a fault is undone by an edit against it alone."""

from __future__ import annotations

import random

import numpy as np

from ansa.render.styles import PhotoEdit, Style
from benchmarks.styles import spoil
from tests.render.styles.streets import draw_street


def test_the_edit_against_a_fault_leaves_nothing_of_it() -> None:
    spoiled = {each.fault: each for each in spoil(draw_street(0), random.Random(0))}
    dark, flat = spoiled["1.5 EV too dark"], spoiled["half the contrast"]
    tilt = spoiled["tilt of 3 to 8 degrees"]
    for each, edit in (
        (dark, PhotoEdit(exposure=1.5)),
        (flat, PhotoEdit(contrast=1)),
        (tilt, PhotoEdit(straighten=-tilt.amount)),
    ):
        assert each.share_left([Style("x", edit, "y")]) < 1e-9
        assert each.share_left([Style("All corrections", edit, "y")]) == 1
        assert each.share_left([Style("x", PhotoEdit(black_and_white=True), "y")]) == 1
    assert dark.share_left([Style("x", PhotoEdit(exposure=-1), "y")]) == 1


def test_a_cast_is_undone_by_warmth_the_other_way() -> None:
    spoiled = {each.fault: each for each in spoil(draw_street(0), random.Random(0))}
    warm, cold = Style("x", PhotoEdit(warmth=2500), ""), Style("x", PhotoEdit(warmth=-1400), "")
    assert spoiled["warm cast"].share_left([cold]) < 0.3
    assert spoiled["warm cast"].share_left([warm]) == 1
    assert spoiled["cold cast"].share_left([warm]) < 0.3


def test_every_fault_changes_the_photo() -> None:
    pixels = draw_street(1)
    for each in spoil(pixels, random.Random(1)):
        assert each.pixels.dtype == np.uint8
        assert each.pixels.shape != pixels.shape or (each.pixels != pixels).any()
