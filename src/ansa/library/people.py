"""How many people a photo shows, by their faces and bodies together."""

from __future__ import annotations

from collections.abc import Iterable

from ansa.render.heads import faces_and_bodies
from ansa.scene import Object


def count_people(objects: Iterable[Object]) -> int:
    """Returns the number of people among the objects of a photo.

    A detector finds a body, a face, or both of one person. A face that belongs to no body is one
    more person, as in a close-up.
    """
    faces, faceless = faces_and_bodies(objects)
    return len(faces) + len(faceless)
