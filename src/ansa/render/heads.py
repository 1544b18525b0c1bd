"""Where the heads of people are in a photo: faces, and the upper ends of bodies without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansa.scene import Box, Object

PERSON = "person"
FACES = frozenset({"face", "human face"})
LIKELY = 0.5
"""The calibrated probability from which on a body or a face counts."""

_POSSIBLE = 0.27
"""The same where a crop may cut it: to keep what is no head costs little, to cut one does harm."""

_INSIDE = 0.6  # the share of a face that is inside the body it belongs to
# The share of a body's height that is its head: of a standing one, and of a portrait's.
_HEAD, _CLOSE_UP, _STANDING = 0.2, 0.45, 1.6
# Beside, above and below a face, as shares of its sides: its hair, and the room that makes good for
# a box that is too small.
_HAIR, _ROOM = (0.1, 0.35, 0.0), (0.3, 0.5, 0.15)
_NARROW = 0.25  # the share of a body's width beside its head, on each side


def faces_and_bodies(
    objects: Iterable[Object], least: float = LIKELY
) -> tuple[list[Box], list[Box]]:
    """Sorts the people among the objects of a photo.

    A face inside a body belongs to it, and each body has one face at most.

    Args:
        objects: the objects.
        least: the probability from which on a body or a face counts, 0..1.

    Returns:
        The faces, and the bodies that have no face: together one box for each person.
    """
    likely = [each for each in objects if each.score >= least]
    free = [each.box for each in likely if each.label == PERSON]
    found = sorted(
        (each for each in likely if each.label in FACES), key=lambda each: (-each.score, each.box)
    )
    for face in found:
        body = holder_of(face.box, free)
        if body is not None:
            del free[body]
    return [face.box for face in found], free


def holder_of(face: Box, bodies: Sequence[Box]) -> int | None:
    """Returns the place of the body that a face belongs to; None if it belongs to none."""
    holders = [at for at, body in enumerate(bodies) if _inside(face, body) >= _INSIDE]
    # The smallest body is the one whose head it is; a larger one may stand around it.
    return min(holders, key=lambda at: (_area(bodies[at]), bodies[at]), default=None)


def heads_of(objects: Iterable[Object]) -> list[Box]:
    """Returns what crops should not cut: each face, the same with its hair and with some room
    around it, and where the heads of bodies without a face should be.

    They need not be certain. Where a face does not fit with its hair, the face itself counts.
    """
    possible = [
        each
        for each in objects
        if (each.label in FACES or each.label == PERSON) and each.score >= _POSSIBLE
    ]
    faces, faceless = faces_and_bodies(possible, 0.0)
    rooms = [_with_room(face, *room) for room in (_HAIR, _ROOM) for face in faces]
    return [*faces, *rooms, *map(head_of_body, faceless)]


def _with_room(face: Box, beside: float, above: float, below: float) -> Box:
    left, top, right, bottom = face
    wide, high = right - left, bottom - top
    return (
        max(0.0, left - beside * wide),
        max(0.0, top - above * high),
        min(1.0, right + beside * wide),
        min(1.0, bottom + below * high),
    )


def head_of_body(body: Box) -> Box:
    """Returns where the head of a body should be, whose face was not found."""
    left, top, right, bottom = body
    wide, high = right - left, bottom - top
    share = _HEAD if high > _STANDING * wide else _CLOSE_UP
    return left + _NARROW * wide, top, right - _NARROW * wide, top + share * high


def _inside(inner: Box, outer: Box) -> float:
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return max(0.0, width) * max(0.0, height) / max(_area(inner), 1e-12)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
