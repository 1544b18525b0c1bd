"""Coordinates have the names that people use, without a network."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from ansa.library.occasions import places as module
from ansa.library.occasions.places import Places, distance_km, key, place_of, places_of
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
    module._towns.cache_clear()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    try:
        assert place_of(*LISBON).names == ("38.72°N 9.14°W",)
    finally:
        module._towns.cache_clear()


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket")

    module._towns.cache_clear()
    monkeypatch.setattr(socket, "socket", refuse)
    assert place_of(*LISBON).city == "Lisbon"


def test_many_places_are_told_in_their_order() -> None:
    assert [place.code for place in places_of([LISBON, MUNICH, LISBON])] == ["PT", "DE", "PT"]
    assert places_of([]) == []


def test_distances_are_those_on_a_sphere() -> None:
    assert distance_km([LISBON], [MUNICH])[0] == pytest.approx(1968, rel=0.01)
    across = distance_km(np.array([(0.0, 179.9)]), np.array([(0.0, -179.9)]))
    assert across[0] == pytest.approx(22.2, rel=0.01)


def test_names_are_compared_without_case_and_accents() -> None:
    assert key("São  Paulo") == key("sao paulo")
    assert key("Île-de-France") == "ile de france"
    assert key("Ελλάδα") == key("ελλαδα")
    assert key("Tromsø") == "tromso"
    assert key("Łódź") == "lodz"


def test_photos_are_found_by_city_region_and_country() -> None:
    lisbon, munich = places_of([LISBON, MUNICH])
    found = Places({3: munich, 1: lisbon, 2: lisbon})
    assert found.named("lisbon") == found.named("PORTUGAL") == (1, 2)
    assert found.named("bavaria") == (3,)
    assert found.named("atlantis") == found.named("") == ()
