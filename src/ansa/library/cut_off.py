"""What the border of a photo cuts off: heads, and the subject.

Of several shots of one moment, the one with everybody in the picture is the better one. A close-up,
which cuts on purpose, is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansa.render.heads import LIKELY, PERSON, faces_and_bodies, head_of_body
from ansa.scene import Box, Object

_EDGE = 0.006  # of a side; what is nearer to the border touches it
_CLOSE_UP = 0.5  # a head of this share of a side is cut on purpose
_LARGE = 0.05  # of the photo's area; a smaller thing is no subject
_ALIVE = frozenset("dog cat bird horse sheep cow elephant bear zebra giraffe".split())  # noqa: SIM905
_HEADS, _SUBJECT = 0.25, 0.15


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a photo's border cuts off.

    Attributes:
        heads: the share of the heads that it goes through, 0..1.
        subject: whether it goes through the largest person or animal, except at the lower border,
            where photographers cut people.
    """

    heads: float = 0.0
    subject: bool = False

    @property
    def cost(self) -> float:
        """What it takes from the merit of a shot among those of its moment, from 0 to 0.4."""
        return _HEADS * self.heads + _SUBJECT * self.subject


NOTHING_CUT = CutOff()
"""Of a photo with no head or subject at its border, or of which nothing is known."""


def cut_off(objects: Iterable[Object]) -> CutOff:
    """Returns what the border of a photo cuts off among its objects."""
    likely = [each for each in objects if each.score >= LIKELY]
    faces, faceless = faces_and_bodies(likely)
    heads = [*faces, *map(head_of_body, faceless)]
    heads = [head for head in heads if max(_sides(head)) < _CLOSE_UP]
    cut = sum(_touches(head) for head in heads)
    alive = [each.box for each in likely if each.label == PERSON or each.label in _ALIVE]
    largest = max(alive, key=_area, default=None)
    subject = (
        largest is not None
        and _area(largest) >= _LARGE
        and max(_sides(largest)) < 1 - _EDGE
        and _touches((largest[0], largest[1], largest[2], 0.5))
    )
    return CutOff(cut / len(heads) if heads else 0.0, subject)


def _touches(box: Box) -> bool:
    left, top, right, bottom = box
    return min(left, top) <= _EDGE or max(right, bottom) >= 1 - _EDGE


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _area(box: Box) -> float:
    wide, high = _sides(box)
    return wide * high
