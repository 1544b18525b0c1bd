"""The places of a library's photos, looked up once and then kept.

To load the table of towns takes about a second, which every search would spend that may name one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ansa.library.events.places import DECIMALS, Place, Places, Point, places_of
from ansa.library.storage.store import Store

_RULES = 2  # how a place is told; places told by others are looked up anew


def cached_places(store: Store, points: Mapping[int, Point]) -> Places:
    """The places of photos, by their rows.

    Raises:
        LibraryError: the library's file fails.
    """
    if not points:
        return Places({})
    rounded = {
        photo: (round(north, DECIMALS), round(east, DECIMALS))
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
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            continue  # not known, damaged, or of another version: looked up anew
    return known


def _place(told: Any) -> Place:
    place = Place.from_dict(told)
    names = place.city, place.region, place.country, place.code, *place.also
    if any(type(name) is not str for name in names):
        raise ValueError("no place")
    numbers = place.latitude, place.longitude, place.people
    if any(type(n) not in (int, float) or not math.isfinite(n) for n in numbers):
        raise ValueError("no place")
    return place


def _subject(source: str) -> str:
    return f"places of {source}"


def _key(point: Point) -> str:
    return f"{point[0]:.{DECIMALS}f} {point[1]:.{DECIMALS}f}"


def _source() -> str:
    """Whose towns and borders these are; empty if there are none, and then nothing is kept."""
    try:
        towns = f"reverse_geocode {version('reverse_geocode')}"
    except PackageNotFoundError:
        return ""
    try:
        return f"{towns}, tzfpy {version('tzfpy')}, rules {_RULES}"
    except PackageNotFoundError:
        return f"{towns}, rules {_RULES}"
