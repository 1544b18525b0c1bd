"""Coordinates have the names that people use, without a network."""

from __future__ import annotations

import json
import socket
from dataclasses import replace

import numpy as np
import pytest

from ansa.library.events import places as module
from ansa.library.events.places import Place, Places, apart_km, distance_km, place_of, places_of
from ansa.names import name_key
from tests.library.lives import LISBON, MUNICH


@pytest.mark.parametrize(
    ("where", "point"),
    {
        "Lisbon, Portugal": (38.6916, -9.216),  # the tower of Belém, nearer to other towns' centres
        "Versailles, Île-de-France, France": (48.8049, 2.1204),  # not Paris
        "Tokyo, Japan": (35.658, 139.7016),
        "Zermatt, Valais, Switzerland": (45.9763, 7.6586),  # on the Matterhorn
        "Tromsø, Troms, Norway": (69.6492, 18.9553),
        "Labasa, Northern, Fiji": (-16.8, -179.999),  # across the date line
    }.items(),
)
def test_a_place_has_the_name_people_use(where: str, point: tuple[float, float]) -> None:
    assert ", ".join(place_of(*point).names) == where


@pytest.mark.parametrize(
    ("where", "point"),
    {
        "Hong Kong": (22.319, 114.169),
        "Shenzhen, Guangdong, China": (22.543, 114.057),
        "Windsor, Ontario, Canada": (42.3149, -83.0364),  # nearer to the middle of Detroit
        "Detroit, Michigan, United States": (42.3293, -83.0398),
        "El Paso, Texas, United States": (31.76, -106.485),
        "Ciudad Juárez, Chihuahua, Mexico": (31.739, -106.485),
        "Johor Bahru, Johor, Malaysia": (1.4927, 103.7414),
        "Singapore": (1.4470, 103.7690),
        "Bethlehem, West Bank, Palestinian Territory": (31.7054, 35.2024),
        "Jerusalem, Israel": (31.7816, 35.2155),
        "Kehl, Baden-Wurttemberg, Germany": (48.5725, 7.8156),
        "Strasbourg, Grand Est, France": (48.5839, 7.7455),
        "Tijuana, Baja California, Mexico": (32.5327, -117.0185),
        "Geneva": (46.2044, 6.1432),
        "Annemasse, Auvergne-Rhône-Alpes, France": (46.1944, 6.2378),
        "Saint-Louis, Grand Est, France": (47.590, 7.559),
        "Weil am Rhein, Baden-Wurttemberg, Germany": (47.593, 7.6208),
        "Niagara Falls, Ontario, Canada": (43.0896, -79.0849),
        "Niagara Falls, New York, United States": (43.083, -79.0735),
        "Brazzaville, Congo": (-4.2661, 15.2832),
        "Macau, Macao": (22.2006, 113.5461),
        "Malmö, Skåne, Sweden": (55.6059, 13.0007),
        "Gibraltar": (36.1447, -5.3526),
        "La Línea de la Concepción, Andalusia, Spain": (36.1682, -5.3477),
        "Beausoleil, Provence-Alpes-Côte d'Azur, France": (43.7425, 7.4210),
        "Nuevo Laredo, Tamaulipas, Mexico": (27.4763, -99.5164),
        "Pristina, Kosovo": (42.6629, 21.1655),
    }.items(),
)
def test_no_city_reaches_over_a_border(where: str, point: tuple[float, float]) -> None:
    assert where in ", ".join(place_of(*point).names)


@pytest.mark.parametrize(
    ("where", "point"),
    {
        "Yokohama, Kanagawa, Japan": (35.4437, 139.638),
        "Kawasaki, Kanagawa, Japan": (35.5308, 139.703),
        "Oakland, California, United States": (37.8044, -122.2712),
        "Hoboken, New Jersey, United States": (40.744, -74.0324),
        "Newark, New Jersey, United States": (40.7357, -74.1724),
        "Potsdam, Brandenburg, Germany": (52.3906, 13.0645),
        "Guarulhos, São Paulo, Brazil": (-23.4543, -46.5337),
        "Gurugram, Haryana, India": (28.4595, 77.0266),
    }.items(),
)
def test_a_city_does_not_swallow_its_neighbours(where: str, point: tuple[float, float]) -> None:
    assert ", ".join(place_of(*point).names) == where


@pytest.mark.parametrize(
    ("names", "point"),
    {
        ("Hong Kong", "kowloon", "mong kok"): (22.319, 114.169),
        ("Lisbon", "portugal", "ajuda"): (38.6916, -9.216),
        ("Los Angeles", "beverly hills", "california", "los angeles county"): (34.0736, -118.4004),
        ("Berlin", "kreuzberg"): (52.4987, 13.403),
        ("London", "croydon", "greater london", "england"): (51.3762, -0.0982),
    }.items(),
)
def test_a_quarter_is_called_by_its_city_and_found_by_either(
    names: tuple[str, ...], point: tuple[float, float]
) -> None:
    place = place_of(*point)
    assert place.city == names[0]
    found = Places({7: place, 8: place_of(*MUNICH)})
    assert [found.named(name) for name in names] == [(7,)] * len(names)
    assert Place.from_dict(json.loads(json.dumps(place.to_dict()))).found_by == place.found_by
    assert place == replace(place, also=())  # one city, however its quarters are called


def test_without_borders_the_deepest_disc_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    module._zone_finder.cache_clear()
    monkeypatch.setattr(module, "_zone_finder", lambda: None)
    assert place_of(48.5725, 7.8156).city == "Kehl"
    assert place_of(1.4927, 103.7414).code == "MY"


@pytest.mark.parametrize("point", [(40.0, -40.0), (90.0, 0.0), (-90.0, 180.0)])
def test_where_no_town_is_near_coordinates_are_the_name(point: tuple[float, float]) -> None:
    place = place_of(*point)
    assert not place.named
    assert place.city == f"{abs(point[0]):.2f}°{'N' if point[0] > 0 else 'S'} " + (
        f"{abs(point[1]):.2f}°{'E' if point[1] >= 0 else 'W'}"
    )


def test_without_the_table_of_towns_coordinates_are_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module.town_table.cache_clear()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    try:
        assert place_of(*LISBON).names == ("38.72°N 9.14°W",)
    finally:
        module.town_table.cache_clear()


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket")

    module.town_table.cache_clear()
    monkeypatch.setattr(socket, "socket", refuse)
    assert place_of(*LISBON).city == "Lisbon"


def test_many_places_are_told_in_their_order() -> None:
    assert [place.code for place in places_of([LISBON, MUNICH, LISBON])] == ["PT", "DE", "PT"]
    assert places_of([]) == []


def test_distances_are_those_on_a_sphere() -> None:
    assert distance_km([LISBON], [MUNICH])[0] == pytest.approx(1968, rel=0.01)
    across = distance_km(np.array([(0.0, 179.9)]), np.array([(0.0, -179.9)]))
    assert across[0] == pytest.approx(22.2, rel=0.01)


@pytest.mark.parametrize("other", [MUNICH, LISBON, (0.0, -179.9), (90.0, 0.0), (-38.7, 170.9)])
def test_the_distance_of_two_points_is_that_of_arrays(other: tuple[float, float]) -> None:
    for point in (LISBON, (0.0, 179.9)):
        assert apart_km(point, other) == pytest.approx(float(distance_km([point], [other])[0]))


def test_names_are_compared_without_case_and_accents() -> None:
    assert name_key("São  Paulo") == name_key("sao paulo")
    assert name_key("Île-de-France") == "ile de france"
    assert name_key("Ελλάδα") == name_key("ελλαδα")
    assert name_key("Tromsø") == "tromso"
    assert name_key("Łódź") == "lodz"


def test_photos_are_found_by_city_region_and_country() -> None:
    lisbon, munich = places_of([LISBON, MUNICH])
    found = Places({3: munich, 1: lisbon, 2: lisbon})
    assert found.named("lisbon") == found.named("PORTUGAL") == (1, 2)
    assert found.named("bavaria") == (3,)
    assert found.named("atlantis") == found.named("") == ()
