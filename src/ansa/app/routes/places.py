"""Places and things: where photos were taken, and what they show."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation
from ansa.library.library import Library
from ansa.library.things import things

_DECIMALS = 5


async def get_places(context: AppContext) -> dict[str, Any]:
    """Returns where photos were taken, the towns, and the trips."""
    return await context.slow.run(_places)


async def get_things(context: AppContext) -> dict[str, Any]:
    """Returns the tags that photos surely have."""
    found = await context.slow.run(things)
    return {"things": [each.to_dict() for each in found]}


def _places(library: Library) -> dict[str, Any]:
    here = library.store.sides(library.scope())
    origins = library.store.origins()
    points: dict[int, tuple[float, float]] = {}
    for photo in here:
        north, east, _ = origins.get(photo, (None, None, None))
        if north is not None and east is not None:
            points[photo] = round(north, _DECIMALS), round(east, _DECIMALS)
    towns: defaultdict[Any, list[int]] = defaultdict(list)
    for photo, place in library.places().of.items():
        if photo in points:
            towns[place].append(photo)
    return {
        "points": [[photo, *point] for photo, point in points.items()],
        "without": len(here) - len(points),
        "towns": [
            {
                "name": place.city,
                "region": place.region,
                "country": place.country,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "photos": len(photos),
                "cover": photos[0],
            }
            for place, photos in sorted(towns.items(), key=lambda each: -len(each[1]))
        ],
        "trips": [
            {
                "name": trip.name,
                "start": trip.start.date().isoformat(),
                "end": trip.end.date().isoformat(),
                "days": trip.days,
                "photos": list(trip.photos),
                "cover": trip.photos[0],
                "line": [points[photo] for photo in trip.photos if photo in points],
            }
            for trip in reversed(library.trips())
        ],
    }


OPERATIONS = (
    Operation("GET", "/places", "Where photos were taken, towns and trips.", get_places),
    Operation("GET", "/things", "What photos surely show, with counts.", get_things),
)
