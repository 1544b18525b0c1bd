"""What the border of a photo goes through counts against it, unless it is a close-up."""

from __future__ import annotations

import pytest

from ansa.library.cut_off import CutOff, cut_off
from ansa.scene import Box, Object


def person(box: Box, score: float = 0.9) -> Object:
    return Object("person", score, box)


def face(box: Box) -> Object:
    return Object("face", 0.9, box)


@pytest.mark.parametrize(
    ("objects", "heads", "subject"),
    [
        ([], 0.0, False),
        ([person((0.3, 0.1, 0.6, 0.9)), face((0.4, 0.12, 0.5, 0.3))], 0.0, False),
        ([person((0.3, 0.1, 0.6, 1.0)), face((0.4, 0.12, 0.5, 0.3))], 0.0, False),
        ([person((0.3, 0.0, 0.6, 0.9)), face((0.4, 0.0, 0.5, 0.2))], 1.0, True),
        ([person((0.0, 0.1, 0.3, 0.9)), face((0.1, 0.2, 0.2, 0.4))], 0.0, True),
        ([face((0.1, 0.3, 0.3, 0.6)), face((0.85, 0.3, 1.0, 0.6))], 0.5, False),
        ([face((0.1, 0.0, 0.9, 1.0))], 0.0, False),
        ([Object("dog", 0.9, (0.5, 0.3, 1.0, 0.9))], 0.0, True),
        ([Object("car", 0.9, (0.5, 0.3, 1.0, 0.9))], 0.0, False),
        ([person((0.0, 0.4, 0.05, 0.5))], 0.0, False),
        ([person((0.3, 0.0, 0.6, 0.9), 0.4)], 0.0, False),
    ],
    ids=[
        "nothing",
        "a whole person",
        "cut at the knees",
        "the head above the border",
        "an arm outside",
        "one face of two",
        "a close-up",
        "a dog outside",
        "a thing",
        "a passer-by",
        "a doubtful person",
    ],
)
def test_heads_and_the_subject_count(objects: list[Object], heads: float, subject: bool) -> None:
    assert cut_off(objects) == CutOff(heads, subject)
    assert 0 <= cut_off(objects).cost <= 0.4
