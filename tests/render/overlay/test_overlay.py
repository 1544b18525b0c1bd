from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from ansa.render.overlay import MAX_SIDE, draw_scene
from ansa.scene import Box, Facts, Object, Pixels, Scene
from ansa.summary import Line, SummaryItem
from tests.photos import draw_photo

LINES = [
    Line("closest", (SummaryItem("dog 0.31"), SummaryItem("beach 0.29"))),
    Line("embedding", (SummaryItem("+0.031 -0.120 (512 numbers)"),)),
]


def _scene(width: int, height: int, **signals: object) -> Scene:
    facts = Facts(width, height, "JPEG", datetime(2024, 5, 2, 12, 30), 48.2, 16.3, "Canon EOS R5")
    return Scene(facts, np.zeros(4, np.float32), signals)


def _drawn(photo: Pixels, lines: list[Line], **signals: object) -> Pixels:
    height, width, _ = photo.shape
    return np.asarray(draw_scene(photo, _scene(width, height, **signals), lines))


@pytest.fixture
def photo() -> Pixels:
    return np.asarray(draw_photo(500, 320))


@pytest.mark.parametrize("size", [(640, 400), (400, 640), (500, 500), (60, 40), (40, 60)])
def test_the_whole_photo_is_there_beside_a_panel(size: tuple[int, int]) -> None:
    photo = np.asarray(draw_photo(*size))
    drawing = _drawn(photo, LINES)
    width, height = size
    left = 0 if height >= width else (drawing.shape[1] - width) // 2
    assert np.array_equal(drawing[:height, left : left + width], photo)
    panel = drawing[:, width:] if height >= width else drawing[height:]
    assert panel.max() > 200, "nothing is written on the panel"


def test_a_large_photo_is_drawn_smaller() -> None:
    assert _drawn(np.asarray(draw_photo(3000, 1500)), LINES).shape[1] == MAX_SIDE


def test_every_line_adds_to_the_panel(photo: Pixels) -> None:
    heights = [len(_drawn(photo, LINES[:1] * n)) for n in range(4)]
    assert heights == sorted(set(heights))


@pytest.mark.parametrize(
    "text",
    ["x" * 500, "long words " * 60, "a\nb\x1b[31m\udcff", "", ": ", "日本 Grüße", "l" * 90 + ": v"],
)
def test_any_line_fits(text: str) -> None:
    photo = np.asarray(draw_photo(320, 200))
    for line in (
        Line("label", (SummaryItem(text), SummaryItem(text, sure=False, share=2.0))),
        Line(text, (SummaryItem("value"),)),
        Line(text, ()),
    ):
        drawing = _drawn(photo, [line])
        assert (drawing[200:, -8:] == drawing[-1, -1]).all(), "text runs over the edge"


def test_the_same_scene_is_drawn_the_same(photo: Pixels) -> None:
    assert np.array_equal(_drawn(photo, LINES), _drawn(photo, LINES))


def _changed(photo: Pixels, box: Box, score: float) -> NDArray[np.int64]:
    """Where an object is drawn onto the photo, and how much that changes it."""
    drawing = _drawn(photo, [], detection=(Object("dog", score, box),))
    height, width, _ = photo.shape
    changed: NDArray[np.int64] = np.abs(drawing[:height, :width].astype(int) - photo).max(2)
    return changed


def test_objects_are_framed_where_they_are(photo: Pixels) -> None:
    changed = _changed(photo, (0.2, 0.25, 0.6, 0.75), 0.9)
    assert changed[100:220, 100].all(), "the left edge"
    assert changed[239, 110:290].all(), "the bottom edge"
    assert not changed[90:230, 110:290].any(), "what is inside"
    assert not changed[:, 320:].any(), "what is outside"


def test_an_uncertain_object_is_paler(photo: Pixels) -> None:
    sure, unsure = (_changed(photo, (0.2, 0.25, 0.6, 0.75), score) for score in (0.9, 0.3))
    assert 0 < unsure[239, 110:290].mean() < 0.7 * sure[239, 110:290].mean()


@pytest.mark.parametrize(
    "box", [(0.0, 0.0, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0), (0.9, 0.0, 1.0, 0.01)]
)
@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (50, 40)])
def test_any_box_on_any_photo_is_drawn(size: tuple[int, int], box: Box) -> None:
    saliency = np.full((4, 4), 0.5, np.float32)
    objects = (Object("d\nog" * 20, 0.9, box),) * 12
    _drawn(np.asarray(draw_photo(16, 16).resize(size)), LINES, detection=objects, saliency=saliency)


def test_saliency_and_crops_are_shown_where_there_is_a_map(photo: Pixels) -> None:
    plain = _drawn(photo, LINES)
    saliency = np.zeros((8, 8), np.float32)
    saliency[2:4, 5:7] = 1
    shown = _drawn(photo, LINES, saliency=saliency)
    assert len(shown) > len(plain) + 100
    assert np.array_equal(shown[: len(photo)], plain[: len(photo)])
