"""The library of a life as it is has everything that makes real ones hard."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from ansa.photo.read import read_photo
from tests.world.files import encoded, write
from tests.world.library_files import CAMERA
from tests.world.photo_life import FAULTS, photo_life
from tests.world.pictures import CLUTTER, DrawnPictures
from tests.world.truth import EITHER, HIDDEN, Truth

PICTURES = DrawnPictures(60)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return photo_life(PICTURES, 400, years=2)


def test_the_same_seed_gives_the_same_library(truth: Truth) -> None:
    assert photo_life(DrawnPictures(60), 400, years=2) == truth
    assert photo_life(PICTURES, 401, years=2) != truth


def test_it_has_some_of_everything(truth: Truth) -> None:
    files = truth.files
    assert len({file.path.lower() for file in files}) == len(files) > 500
    assert {file.relation for file in files} == {"original", "burst", "edited", "exact"}
    assert {file.clutter for file in files} == {"", EITHER, *CLUTTER}
    assert {file.fault for file in files} == {"", *FAULTS}
    assert {file.clock for file in files} >= {"right", "shifted", "none"}
    assert {"film", "flat", "party", "collection"} <= {file.theme for file in files}
    assert truth.trips
    assert truth.stays


def test_the_second_camera_has_no_place_and_its_own_folder(truth: Truth) -> None:
    shots = [file for file in truth.files if file.camera == CAMERA and file.relation == "original"]
    assert shots
    assert not any(file.place for file in shots)
    assert all(file.clock in ("right", "shifted", "wrong") for file in shots)


def test_what_nothing_tells_is_no_trip_to_be_found(truth: Truth) -> None:
    assert {file.trip for file in truth.files} <= {"", HIDDEN, *truth.trips}


def test_every_kind_of_file_can_be_written_and_read(truth: Truth, tmp_path: Path) -> None:
    kinds = {(f.make.partition(" ")[0], f.theme in ("film", "flat")): f for f in truth.files}
    write(Truth(0, "", "", (), {}, tuple(kinds.values())), PICTURES, tmp_path, workers=1)
    for file in kinds.values():
        assert (tmp_path / file.path).stat().st_size > 500
        if file.make != "film":
            facts = read_photo(encoded(file, PICTURES))[1]
            taken = datetime.fromisoformat(file.taken) if file.taken else None
            assert facts.taken == taken or "2036" in file.taken


def test_truth_comes_back_from_its_file(truth: Truth, tmp_path: Path) -> None:
    truth.save(tmp_path / "truth.json")
    assert Truth.load(tmp_path / "truth.json") == truth


def test_a_collection_shows_one_subject(truth: Truth) -> None:
    folders = Counter(f.path.split("/")[0] for f in truth.files if f.theme == "collection")
    for folder in folders:
        labels = {f.labels for f in truth.files if f.path.startswith(f"{folder}/")}
        assert len(labels) == 1
