"""How many people a photo shows, by their faces and bodies together."""

from __future__ import annotations

from collections.abc import Iterable

from ansa.render.heads import FACES, PERSON, faces_and_bodies, holder_of
from ansa.scene import Object

LEAST = 0.35
"""The calibrated probability from which on a face or a body counts. The detector is unsure of small
people, but of photos without people it is not: fewer are missed than with one half, and none are
invented."""


def count_people(objects: Iterable[Object], least: float = LEAST) -> int:
    """Returns the number of people among the objects of a photo.

    A detector finds a body, a face, or both of one person. A face that belongs to no body is one
    more person, as in a close-up. Those with a probability below ``least`` do not count.
    """
    faces, faceless = faces_and_bodies(objects, least)
    return len(faces) + len(faceless)


def person_chances(objects: Iterable[Object]) -> list[float]:
    """Returns the probability, 0..1, that each person who may be on a photo is one.

    That of a face inside a body is the greater of the two.
    """
    objects = list(objects)
    bodies = [(each.box, each.score) for each in objects if each.label == PERSON]
    chances = []
    for face in sorted((each for each in objects if each.label in FACES), key=lambda f: -f.score):
        body = holder_of(face.box, [box for box, _ in bodies])
        score = 0.0 if body is None else bodies.pop(body)[1]
        chances.append(max(face.score, score))
    return [*chances, *(score for _, score in bodies)]
