"""People are counted by their bodies and faces together."""

from __future__ import annotations

import pytest

from ansa.library.people import count_people, person_chances
from ansa.render.heads import heads_of
from ansa.scene import Box, Object

LEFT: Box = (0.1, 0.1, 0.4, 1.0)
RIGHT: Box = (0.5, 0.1, 0.8, 1.0)
FACE_LEFT: Box = (0.2, 0.12, 0.3, 0.25)
FACE_RIGHT: Box = (0.6, 0.12, 0.7, 0.25)


def body(box: Box, score: float = 0.9) -> Object:
    return Object("person", score, box)


def face(box: Box, score: float = 0.9) -> Object:
    return Object("face", score, box)


@pytest.mark.parametrize(
    ("objects", "count"),
    [
        ([], 0),
        ([Object("dog", 0.9, LEFT)], 0),
        ([body(LEFT, 0.3)], 0),
        ([body(LEFT, 0.3), face(FACE_RIGHT, 0.3)], 0),
        ([body(LEFT, 0.4), face(FACE_RIGHT, 0.4)], 2),
        ([body(LEFT, 0.4), face(FACE_RIGHT, 0.3)], 2),
        ([body(LEFT, 0.9), face(FACE_RIGHT, 0.2)], 1),
        ([body(LEFT)], 1),
        ([face(FACE_LEFT)], 1),
        ([body(LEFT), face(FACE_LEFT)], 1),
        ([body(LEFT), face(FACE_RIGHT)], 2),
        ([body(LEFT), body(RIGHT), face(FACE_LEFT), face(FACE_RIGHT)], 2),
        ([body((0.0, 0.0, 1.0, 1.0)), face(FACE_LEFT), face(FACE_RIGHT)], 2),
        ([body(LEFT), body((0.0, 0.0, 1.0, 1.0)), face(FACE_LEFT)], 2),
    ],
)
def test_a_face_and_its_body_are_one_person(objects: list[Object], count: int) -> None:
    assert count_people(objects) == count


def test_a_body_without_a_face_has_its_head_at_its_upper_end() -> None:
    (head,) = heads_of([body(LEFT)])
    assert head == pytest.approx((0.175, 0.1, 0.325, 0.28))


def test_a_head_is_a_face_also_with_its_hair_inside_the_photo() -> None:
    bare, head, room = heads_of([body(LEFT), face(FACE_LEFT)])
    assert bare == FACE_LEFT
    assert head == pytest.approx((0.19, 0.0745, 0.31, 0.25))
    assert room == pytest.approx((0.17, 0.055, 0.33, 0.2695))
    _, head, _ = heads_of([face((0.0, 0.01, 1.0, 0.5))])
    assert head == (0.0, 0.0, 1.0, 0.5)


def test_a_crop_should_keep_faces_and_bodies_that_are_only_probable() -> None:
    assert len(heads_of([face(FACE_LEFT, 0.3), body(RIGHT, 0.3)])) == 4
    assert heads_of([face(FACE_LEFT, 0.2), body(RIGHT, 0.2)]) == []


def test_a_person_is_as_probable_as_the_surer_of_face_and_body() -> None:
    objects = [body(LEFT, 0.4), face(FACE_LEFT, 0.7), body(RIGHT, 0.3), Object("dog", 0.9, RIGHT)]
    assert sorted(person_chances(objects)) == [0.3, 0.7]
    assert sorted(person_chances([face(FACE_LEFT, 0.6), face(FACE_RIGHT, 0.5)])) == [0.5, 0.6]
    assert person_chances([]) == []
