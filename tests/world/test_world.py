"""A made library is what its truth says, is the same for the same seed, and what ANSA finds in a
drawn one reaches what is asked of it in a real one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ansa.library import Library
from ansa.library.events.moments import moments
from ansa.photo.read import read_photo
from tests.world.files import encoded, write
from tests.world.life import live
from tests.world.pictures import CLUTTER, DrawnPictures
from tests.world.places import apart
from tests.world.plan import plan
from tests.world.score import clusters, links, pairs
from tests.world.truth import Truth

PICTURES = DrawnPictures(8)
FILES = 110


@pytest.fixture(scope="module")
def truth() -> Truth:
    return plan(PICTURES, FILES, seed=1)


def test_the_same_seed_gives_the_same_library(truth: Truth) -> None:
    assert plan(DrawnPictures(8), FILES, seed=1) == truth
    assert plan(PICTURES, FILES, seed=2) != truth
    for file in truth.files[::40]:
        assert encoded(file, PICTURES) == encoded(file, DrawnPictures(8))


def test_it_has_as_many_files_as_asked_for_and_some_of_everything(truth: Truth) -> None:
    assert len({file.path.lower() for file in truth.files}) == len(truth.files) == FILES
    assert {file.relation for file in truth.files} == {"original", "burst", "edited", "exact"}
    assert {file.clutter for file in truth.files} >= {"", "blurred", "exposure", *CLUTTER}
    assert truth.trips
    assert {file.trip for file in truth.files} <= {"", *truth.trips}


def test_with_more_files_than_photos_copies_fill_it_up() -> None:
    truth = plan(DrawnPictures(2), 200)
    assert len(truth.files) == 200
    photos = Counter(file.picture for file in truth.files if file.picture.startswith("drawn/"))
    assert len(photos) <= 24


def test_a_file_says_what_its_truth_says(truth: Truth) -> None:
    dated = [file for file in truth.files if file.taken and not file.taken.startswith("2036")]
    for file in [*dated[::15], next(file for file in truth.files if file.clock == "none")]:
        facts = read_photo(encoded(file, PICTURES))[1]
        assert (facts.camera or "") == file.camera
        assert (facts.taken.isoformat() if facts.taken else "") == file.taken + file.offset
        if file.place is None:
            assert facts.latitude is None
        else:
            assert (facts.latitude, facts.longitude) == pytest.approx(file.place, abs=1e-5)


def test_exact_copies_are_the_same_bytes_and_nothing_else_is(truth: Truth) -> None:
    found: dict[bytes, list[str]] = {}
    copied = [copy.group for copy in truth.files if copy.relation == "exact"][:4]
    for file in truth.files:
        if file.group in copied:
            digest = hashlib.sha256(encoded(file, PICTURES)).digest()
            found.setdefault(digest, []).append(file.relation)
    assert found
    for relations in found.values():
        assert relations.count("exact") == len(relations) - 1


def test_truth_comes_back_from_its_file(truth: Truth, tmp_path: Path) -> None:
    truth.save(tmp_path / "truth.json")
    assert Truth.load(tmp_path / "truth.json") == truth


def test_a_life_leaves_time_between_outings_and_way_between_trips() -> None:
    life = live(Random("a life"), 4)
    for before, after in zip(life.outings, life.outings[1:], strict=False):
        assert after.start - before.start > timedelta(hours=2)
    for outing in life.outings:
        assert bool(outing.trip) == (apart(outing.point, life.home.point) > 60)
    assert len(life.trips) == 16
    assert all(datetime(2021, 1, 1) < outing.start for outing in life.outings)


@pytest.fixture(scope="module")
def library(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    base = tmp_path_factory.mktemp("world")
    write(truth, PICTURES, base / "photos")
    with Library(base / "photos", database=base / "l.sqlite") as library:
        library.index(workers=1)
        yield library


def name(library: Library, path: Path) -> str:
    assert library.folder is not None
    return path.relative_to(library.folder).as_posix()


def test_duplicates_of_a_drawn_library_are_found(library: Library, truth: Truth) -> None:
    groups = {file.path: file.group for file in truth.files}
    found = [
        (name(library, group.keep), [name(library, other.path) for other in group.others])
        for group in library.duplicates().groups
    ]
    together = pairs([[kept, *others] for kept, others in found], groups)
    assert (together.precision, together.recall) >= (0.95, 0.9)
    assert links(found, groups).recall >= 0.9


def test_clutter_of_a_drawn_library_is_found(library: Library, truth: Truth) -> None:
    """What is drawn as a photo looks like a drawing, so nothing is said of photos."""
    found = {
        name(library, path)
        for each in library.clutter()
        if each.sure
        for path in (each.path, *each.copies)
    }
    clutter = {file.path for file in truth.files if file.clutter in CLUTTER}
    assert len(clutter & found) >= 0.9 * len(clutter)


def test_moments_of_a_drawn_library_are_found(library: Library, truth: Truth) -> None:
    photos = {
        photo: [name(library, path) for path, *_ in places]
        for photo, places in library.store.places(None).items()
    }
    found = [
        [path for photo in moment.photos for path in photos[photo]] for moment in moments(library)
    ]
    true = {file.path: file.moment for file in truth.files if file.moment and not file.clutter}
    assert min(clusters(found, true)) >= 0.9
