from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from ansa.draw import MAX_SIDE, draw_scene
from ansa.scene import Facts, Scene
from tests.photos import draw_photo

LINES = ["closest: dog 0.31, beach 0.29", "embedding: +0.031 -0.120 (512 numbers)"]


def _scene(width: int, height: int) -> Scene:
    facts = Facts(width, height, "JPEG", datetime(2024, 5, 2, 12, 30), 48.2, 16.3, "Canon EOS R5")
    return Scene(facts, np.zeros(4, np.float32))


@pytest.mark.parametrize("size", [(640, 400), (400, 640), (500, 500), (60, 40), (40, 60)])
def test_the_whole_photo_is_there_beside_a_panel(size: tuple[int, int]) -> None:
    photo = np.asarray(draw_photo(*size))
    drawing = np.asarray(draw_scene(photo, _scene(*size), LINES))
    width, height = size
    left = 0 if height >= width else (drawing.shape[1] - width) // 2
    assert np.array_equal(drawing[:height, left : left + width], photo)
    panel = drawing[:, width:] if height >= width else drawing[height:]
    assert panel.max() > 200, "nothing is written on the panel"


def test_a_large_photo_is_drawn_smaller() -> None:
    drawing = draw_scene(np.asarray(draw_photo(3000, 1500)), _scene(3000, 1500), LINES)
    assert drawing.width == MAX_SIDE


def test_every_line_adds_to_the_panel() -> None:
    photo, scene = np.asarray(draw_photo(320, 200)), _scene(320, 200)
    heights = [draw_scene(photo, scene, LINES[:1] * n).height for n in range(4)]
    assert heights == sorted(set(heights))


@pytest.mark.parametrize(
    "line",
    [
        "x" * 500,
        "label: " + "long words " * 60,
        "a\nb\x1b[31m\udcff",
        "",
        ": ",
        "日本 Grüße",
        "l" * 90 + ": v",
    ],
)
def test_any_line_fits(line: str) -> None:
    drawing = np.asarray(draw_scene(np.asarray(draw_photo(320, 200)), _scene(320, 200), [line]))
    assert (drawing[200:, -8:] == drawing[-1, -1]).all(), "text runs over the edge"


def test_the_same_scene_is_drawn_the_same() -> None:
    photo, scene = np.asarray(draw_photo()), _scene(320, 240)
    assert draw_scene(photo, scene, LINES).tobytes() == draw_scene(photo, scene, LINES).tobytes()
