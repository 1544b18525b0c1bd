from __future__ import annotations

import numpy as np
import pytest

from ansa_train.slicing.observation import appearance, to_lab
from ansa_train.slicing.skin_tone import tone_class, typology_angle


def flat(*colour: int) -> np.ndarray:
    return np.full((80, 80, 3), colour, np.uint8)


def test_colours_lie_where_cielab_puts_them() -> None:
    white, grey, red = to_lab(np.array([[255] * 3, [119] * 3, [255, 0, 0]], np.uint8))
    assert white == pytest.approx([100, 0, 0], abs=0.1)
    assert grey == pytest.approx([50, 0, 0], abs=0.5)
    assert red == pytest.approx([53.2, 80.1, 67.2], abs=0.3)


def test_a_grey_photo_has_no_colour_and_an_orange_one_has_a_cast() -> None:
    assert appearance(flat(90, 90, 90), None).chroma < 1
    assert appearance(flat(200, 140, 60), None).cast > 20


def test_the_subject_is_where_saliency_is_high() -> None:
    pixels = flat(230, 230, 230)
    pixels[20:60, 20:60] = 30
    saliency = np.zeros((32, 32), np.float32)
    saliency[8:24, 8:24] = 1
    look = appearance(pixels, saliency)
    assert look.subject_luma is not None
    assert look.surroundings_luma is not None
    assert look.subject_luma < 0.2 < 0.8 < look.surroundings_luma
    assert look.subject_share == pytest.approx(0.25, abs=0.03)
    assert look.subject_at_edge == 0


def test_darker_skin_has_a_smaller_angle() -> None:
    face = (0.0, 0.0, 1.0, 1.0)
    tones = [(240, 205, 180), (200, 150, 115), (130, 85, 60), (70, 45, 33)]
    angles = [typology_angle(flat(*tone), face) for tone in tones]
    assert all(angle is not None for angle in angles)
    assert angles == sorted(angles, reverse=True)  # type: ignore[type-var]
    assert [tone_class(angle) for angle in angles if angle is not None] == [
        "very light",
        "intermediate",
        "brown",
        "dark",
    ]


def test_a_grey_or_tiny_face_says_nothing() -> None:
    assert typology_angle(flat(120, 120, 120), (0, 0, 1, 1)) is None
    assert typology_angle(flat(200, 150, 115), (0, 0, 0.05, 0.05)) is None
