"""How many people a photo shows, by their faces and bodies together."""

from __future__ import annotations

from collections.abc import Iterable

from ansa.render.heads import faces_and_bodies
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
