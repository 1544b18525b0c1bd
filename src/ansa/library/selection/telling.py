"""What a photo tells of an occasion: how it began, who was there, where, a detail, the evening.

A selection of only landscapes, or only of faces, tells little of a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ansa.library.selection.gallery import Gallery, SelectablePhoto

PARTS = ("the arrival", "the people", "the place", "a detail", "the evening")
"""The parts of the story of an occasion, in the order of the columns of :func:`parts_told`."""

_ARRIVAL = timedelta(hours=2)
_EVENING, _MORNING = 18, 4  # hours
PLACE = frozenset(
    """
    city skyline street square building castle palace church monastery mosque monument bridge
    tower harbour market mountain beach coast lake river waterfall forest field garden park sea
    sky valley cliff hill road path
    """.split()  # noqa: SIM905
)
"""Tags of places."""

DETAIL = frozenset(
    """
    food drink dessert flower close-up cup glass toy book sign leaf butterfly insect jewellery
    """.split()  # noqa: SIM905
)
"""Tags of details."""


def parts_told(gallery: Gallery) -> NDArray[np.bool_]:
    """Returns which parts of its story each photo of an occasion tells, (n, 5).

    A photo may tell several parts, or none. Without a time it tells neither of the arrival nor of
    the evening.
    """
    known = [moment for moment in gallery.times if moment]
    arrival = min(known, default=datetime.max)
    found = np.zeros((len(gallery), len(PARTS)), bool)
    for row, (photo, moment) in enumerate(zip(gallery.photos, gallery.times, strict=True)):
        timed = moment if photo.facts.taken_precision != "day" else None
        found[row] = (
            timed is not None and timed - arrival <= _ARRIVAL,
            photo.people > 0,
            not photo.people and bool(PLACE.intersection(photo.tags)),
            _is_detail(photo),
            timed is not None and not _MORNING <= timed.hour < _EVENING,
        )
    return found


def _is_detail(photo: SelectablePhoto) -> bool:
    return not photo.people and bool(DETAIL.intersection(photo.tags))
