"""Folders that people named are told from those of cameras and programs."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ansa.library.events.albums import album_name, album_of
from ansa.library.events.named_places import is_only_place, named_place


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("India", "India"),
        ("2019-05-12_Annas wedding", "Annas wedding"),
        ("2023.08 Summer in Sweden", "Summer in Sweden"),
        *((name, "") for name in ("DCIM", "100CANON", "2024", "2024-05", "2024-05-12", "IMG_0042")),
        *((name, "") for name in ("Camera", "Photos", "Backup (2)", "May 2019", "1", "", ".trash")),
        *((name, "") for name in ("WhatsApp Images", "Camera Roll", "new folder", "Day 2", "\x00")),
        ("x" * 200, ""),
    ],
)
def test_names_of_cameras_programs_and_dates_are_no_albums(folder: str, name: str) -> None:
    assert album_name(folder) == name


def test_a_deeper_folder_of_a_camera_belongs_to_the_album_around_it() -> None:
    roots = [PurePosixPath("/home/anna/Pictures")]
    assert album_of(PurePosixPath("/home/anna/Pictures/2019/India/100CANON"), roots) == "India"
    assert album_of(PurePosixPath("/home/anna/Pictures/2019"), roots) == ""


def test_the_name_of_an_indexed_folder_counts_only_if_it_is_a_place() -> None:
    assert album_of(PurePosixPath("/p/India/DCIM"), [PurePosixPath("/p/India")]) == "India"
    assert album_of(PurePosixPath("/p/Anna/DCIM"), [PurePosixPath("/p/Anna")]) == ""


@pytest.mark.parametrize(
    ("name", "place", "only"),
    [
        ("India", "India", True),
        ("Thai", "Thailand", True),
        ("Trip to Rome 2019", "Rome", True),
        ("USA roadtrip", "United States", True),
        ("Tuscany", "Tuscany", True),
        ("Anna in Lisbon", "Lisbon", False),
        *((name, None, False) for name in ("Nice", "Reading", "Sofia", "Anna's wedding", "Garden")),
        ("Seville 2024", "Seville", True),
        ("Trip to Mallorca", "Mallorca", True),
        ("New York", "New York", True),
        ("A week in New Orleans", "New Orleans", True),
        ("South Africa 2022", "South Africa", True),
        ("Northern Thailand", "Thailand", True),
        ("Western", None, False),
    ],
)
def test_a_place_is_found_only_where_the_name_hardly_means_anything_else(
    name: str, place: str | None, only: bool
) -> None:
    found = named_place(name)
    assert (found and found.city) == place
    assert is_only_place(name) == only
