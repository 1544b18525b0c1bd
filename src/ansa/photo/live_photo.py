"""Tells the film of a Live Photo from another one that has the name of a photo by chance.

Two cameras that count their files alike give such pairs: a clip beside somebody else's photo. Were
they taken for one, the clip would be in no library.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ansa.photo.film import FilmHeader
from ansa.photo.read import MAX_FILE_BYTES, PhotoError, read_facts

_LONGEST = 6.5  # seconds; the film of a Live Photo is about three seconds long
_APART = 60.0  # seconds between the times that the two files of one shot state, at most
_ZONES = 15 * 60.0, 15 * 3600.0  # seconds of which zones differ by multiples, and at most


def is_live_film(film: FilmHeader, still: str | os.PathLike[str]) -> bool:
    """Whether a film is that of a still beside it, which has its name.

    It is not if it is too long, or was taken at another time, or if the still is no photo that can
    be read. Where both files state the identifier that Apple's cameras give, that alone decides.

    Args:
        film: the film's header.
        still: the photo.
    """
    if (film.facts.seconds or 0) > _LONGEST:
        return False
    try:
        path = Path(still)
        if path.stat().st_size > MAX_FILE_BYTES:
            return False
        data = path.read_bytes()
        if film.live_id and film.live_id.encode() in data:
            return True
        facts = read_facts(data)
    except (OSError, MemoryError, PhotoError):
        return False
    taken = facts.shutter
    return taken is None or film.facts.taken is None or _at_once(taken, film.facts.taken)


def _at_once(one: datetime, other: datetime) -> bool:
    """Whether two times may be the same moment; where one states no zone, in some zone."""
    if one.tzinfo and other.tzinfo:
        return abs((one - other).total_seconds()) <= _APART
    apart = abs((one.replace(tzinfo=None) - other.replace(tzinfo=None)).total_seconds())
    step, most = _ZONES
    return apart <= most + _APART and min(apart % step, step - apart % step) <= _APART
