"""Towns to live in and to travel to, and how far apart they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]
"""Degrees north, degrees east."""

_EARTH = 6371.0
_KM = 111.2  # to a degree of latitude


@dataclass(frozen=True, slots=True)
class Town:
    """A town.

    Attributes:
        name: in English.
        country: ISO 3166 code.
        point: where its centre is.
        themes: what people photograph there.
    """

    name: str
    country: str
    point: Point
    themes: tuple[str, ...]


def _town(line: str) -> Town:
    name, country, north, east, themes = (part.strip() for part in line.split(";"))
    return Town(name, country, (float(north), float(east)), tuple(themes.split()))


TOWNS = tuple(
    map(
        _town,
        """\
Lisbon; PT; 38.7223; -9.1393; city sea food
Porto; PT; 41.1496; -8.6110; city sea food
Barcelona; ES; 41.3874; 2.1686; city sea people
Seville; ES; 37.3891; -5.9845; city people food
Paris; FR; 48.8566; 2.3522; city people food
Nice; FR; 43.7102; 7.2620; sea city
Chamonix; FR; 45.9237; 6.8694; mountain snow
Zermatt; CH; 46.0207; 7.7491; mountain snow
Innsbruck; AT; 47.2692; 11.4041; mountain snow city
Vienna; AT; 48.2082; 16.3738; city food
Munich; DE; 48.1351; 11.5820; city people
Berlin; DE; 52.5200; 13.4050; city people
Hamburg; DE; 53.5511; 9.9937; city sea
Freiburg; DE; 47.9990; 7.8421; forest mountain
Prague; CZ; 50.0755; 14.4378; city people
Rome; IT; 41.9028; 12.4964; city food people
Venice; IT; 45.4408; 12.3155; city sea
Palermo; IT; 38.1157; 13.3615; sea food city
Athens; GR; 37.9838; 23.7275; city sea
Dubrovnik; HR; 42.6507; 18.0944; sea city
Bergen; NO; 60.3913; 5.3221; sea mountain forest
Tromso; NO; 69.6492; 18.9553; snow mountain sea
Reykjavik; IS; 64.1466; -21.9426; mountain snow sea
Edinburgh; GB; 55.9533; -3.1883; city mountain
London; GB; 51.5072; -0.1276; city people
Amsterdam; NL; 52.3676; 4.9041; city people
Istanbul; TR; 41.0082; 28.9784; city food
Marrakesh; MA; 31.6295; -7.9811; city food
New York; US; 40.7128; -74.0060; city people
San Francisco; US; 37.7749; -122.4194; city sea
Denver; US; 39.7392; -104.9903; mountain snow
Banff; CA; 51.1784; -115.5708; mountain forest snow
Tokyo; JP; 35.6762; 139.6503; city food people
Kyoto; JP; 35.0116; 135.7681; city forest food
Sydney; AU; -33.8688; 151.2093; sea city
Cape Town; ZA; -33.9249; 18.4241; sea mountain animals
Nairobi; KE; -1.2921; 36.8219; animals forest""".splitlines(),
    )
)


def apart(one: Point, other: Point) -> float:
    """Kilometres between two points, on a sphere (haversine)."""
    north, south = math.radians(one[0]), math.radians(other[0])
    east = math.radians(other[1] - one[1])
    half = math.sin((south - north) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(half))


def moved(point: Point, north: float, east: float) -> Point:
    """A point so many kilometres further; to 6 places."""
    latitude = point[0] + north / _KM
    longitude = point[1] + east / (_KM * math.cos(math.radians(point[0])))
    return round(latitude, 6), round(longitude, 6)
