"""How many people a photo shows, by their faces and bodies together."""

from __future__ import annotations

from collections.abc import Iterable

from ansa.render.heads import FACES, PERSON, holder_of
from ansa.scene import Object

LEAST = 0.35
"""The calibrated probability from which on a photo shows anybody. The detector is unsure of small
people, but of photos without people it is not: fewer are missed than with one half, and hardly any
are invented."""

_FURTHER = 0.27
"""That from which on others count where somebody is: who is there is seldom alone, and many are
missed."""


def count_people(objects: Iterable[Object], least: float = LEAST) -> int:
    """Returns the number of people among the objects of a photo.

    A detector finds a body, a face, or both of one person. A face that belongs to no body is one
    more person, as in a close-up. If nobody has a probability of ``least``, there is nobody.
    """
    chances = person_chances(objects)
    if max(chances, default=0.0) < least:
        return 0
    return sum(chance >= min(least, _FURTHER) for chance in chances)


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
