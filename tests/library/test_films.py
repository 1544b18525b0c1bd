"""Films in a library: one item each, found at a second, and one with the photo of their name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from ansa.library import Library
from ansa.library.films import live_film
from ansa.model.analyzer import Analyzer
from tests.bundles import write_bundle
from tests.films import sound_bytes, write_film
from tests.photos import write_photo
from tests.raws import dng

RED, GREEN, BLUE = (220, 10, 10), (10, 200, 10), (10, 10, 220)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "bundle")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    return photos


def opened(folder: Path, bundle: Path) -> Library:
    database = folder.with_name("library.sqlite")
    return Library(folder, database=database, analyzer=Analyzer(bundle))


def test_a_film_is_found_at_the_second_at_which_it_shows_it(folder: Path, bundle: Path) -> None:
    write_film(folder / "colours.mp4", [(RED, 3), (GREEN, 3), (BLUE, 3)])
    write_photo(folder / "photo.jpg", seed=1)
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
        assert (report.found, report.new, report.analyzed) == (2, 2, 2)
        for number, colour in enumerate(("red", "green", "blue")):
            match = library.search(colour).matches[0]
            assert match.path.name == "colours.mp4"
            assert match.second is not None
            assert 3 * number <= match.second < 3 * number + 3
            assert match.facts.seconds == pytest.approx(9, abs=0.2)
        assert [m.second is None for m in library.search("red").matches] == [False, True]
        for query in ("videos", "red films", "a video of something red", "clips"):
            assert [m.path.name for m in library.search(query).matches] == ["colours.mp4"]
        moments = library.film_moments(folder / "colours.mp4")
        assert [int(moment.second) // 3 for moment in moments] == [0, 1, 2]
        assert library.film_moments(folder / "photo.jpg") == ()
        assert library.search(like=folder / "photo.jpg").matches[0].second is not None
        assert library.index(workers=1).unchanged == 2


def test_a_moved_film_keeps_its_moments(folder: Path, bundle: Path) -> None:
    write_film(folder / "a.mp4", [(RED, 2), (BLUE, 2)])
    with opened(folder, bundle) as library:
        library.index(workers=1)
        (folder / "a.mp4").rename(folder / "b.mp4")
        report = library.index(workers=1)
        assert (report.moved, report.analyzed) == (1, 0)
        assert len(library.film_moments(folder / "b.mp4")) == 2


def test_the_film_of_a_live_photo_is_one_with_its_still(folder: Path, bundle: Path) -> None:
    write_photo(folder / "IMG_1.jpg", seed=1)
    write_film(folder / "IMG_1.MOV", [(RED, 3)])
    write_photo(folder / "IMG_2.jpg", seed=2)
    write_film(folder / "IMG_2.mov", [(RED, 5), (BLUE, 5)])  # too long to be one
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
        assert (report.found, report.new, report.paired, report.skipped) == (3, 3, 1, 0)
        assert report.problems == ()
        again = library.index(workers=1)
        assert (again.found, again.unchanged, again.paired) == (3, 3, 1)
        assert live_film(folder / "IMG_1.jpg") == folder / "IMG_1.MOV"
        (folder / "IMG_1.jpg").unlink()
        alone = library.index(workers=1)
        assert (alone.new, alone.missing, alone.paired) == (1, 1, 0)
    assert live_film(folder / "IMG_3.jpg") is None


def test_a_short_clip_of_another_camera_with_a_photos_name_is_an_item_of_its_own(
    folder: Path, bundle: Path
) -> None:
    write_photo(folder / "IMG_1.jpg", seed=1, taken="2024:05:02 12:30:10")
    clip = {"creation_time": "2019-08-01T09:12:44Z"}
    write_film(folder / "IMG_1.MP4", [(RED, 3)], tags=clip)
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
        assert (report.new, report.paired) == (2, 0)
        assert {match.path.name for match in library.search("red").matches} >= {"IMG_1.MP4"}
    assert live_film(folder / "IMG_1.jpg") is None


def test_films_and_photos_are_told_by_their_content_whatever_they_are_called(
    folder: Path, bundle: Path
) -> None:
    write_film(folder / "film.mp4", [(RED, 2), (BLUE, 2)]).rename(folder / "film.jpg")
    write_photo(folder / "photo.jpg", seed=1).rename(folder / "photo.mov")
    with opened(folder, bundle) as library:
        assert library.index(workers=1).new == 2
        assert [m.second is None for m in library.search("red").matches] == [False, True]
        assert len(library.film_moments(folder / "film.jpg")) == 2


def test_an_animated_picture_is_found_at_the_second_at_which_it_shows_it(
    folder: Path, bundle: Path
) -> None:
    first, *others = (Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN, BLUE))
    first.save(folder / "moving.gif", save_all=True, append_images=others, duration=2000)
    with opened(folder, bundle) as library:
        assert library.index(workers=1).analyzed == 1
        for number, colour in enumerate(("red", "green", "blue")):
            match = library.search(colour).matches[0]
            assert match.second == pytest.approx(2 * number, abs=0.1)
        assert match.facts.seconds is None  # a picture: it may have copies, and be among the best


def test_raw_and_its_jpeg_are_one_and_raw_alone_is_a_photo(folder: Path, bundle: Path) -> None:
    write_photo(folder / "pair.jpg", seed=1)
    (folder / "pair.dng").write_bytes(dng())
    (folder / "alone.dng").write_bytes(dng(taken="2023:01:02 03:04:05"))
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
        assert (report.found, report.new, report.paired) == (2, 2, 1)
        scene = library.scene_of(folder / "alone.dng")
        assert scene is not None
        assert scene.facts.taken_text == "2023-01-02T03:04:05"


def test_damaged_and_odd_films_are_named_and_stop_nothing(folder: Path, bundle: Path) -> None:
    whole = write_film(folder / "whole.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.mov").write_bytes(b"")
    (folder / "sound.mp4").write_bytes(sound_bytes())
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
        assert (report.new, report.failed, report.skipped) == (1, 2, 1)
        assert {Path(p.file).name for p in report.problems} == {"cut.mp4", "empty.mov", "sound.mp4"}
        assert all(problem.remedy for problem in report.problems)
        told = {Path(problem.file).name: str(problem) for problem in report.problems}
        assert "it is empty" in told["empty.mov"]
        assert "delete" not in told["sound.mp4"]


def test_no_film_is_proposed_as_a_copy_as_clutter_or_as_one_of_the_best(
    folder: Path, bundle: Path
) -> None:
    write_film(folder / "a.mp4")
    shutil.copy(folder / "a.mp4", folder / "b.mp4")
    with opened(folder, bundle) as library:
        library.index(workers=1)
        assert library.duplicates().groups == ()
        best = library.best()
        assert best.photos == ()
        assert best.left_out == {"film": 1}


def test_everything_in_a_folder_is_counted(folder: Path, bundle: Path) -> None:
    write_photo(folder / "a.jpg")
    write_film(folder / "b.mp4")
    for name in ("notes.txt", "song.mp3", ".hidden", "odd.xyz", "a.xmp", "draft.psd"):
        (folder / name).write_bytes(b"x")
    with opened(folder, bundle) as library:
        report = library.index(workers=1)
    assert report.unread == {
        "document": 1, "sound": 1, "hidden file": 1, "other file": 1, "sidecar": 1,
        "other picture": 1,
    }  # fmt: skip
    assert report.found + report.ignored == len(list(folder.iterdir()))
    assert report.to_dict()["unread"]["sidecar"] == 1


def test_films_are_described_and_listed_with_their_length(folder: Path, bundle: Path) -> None:
    write_film(folder / "a.mp4")
    with opened(folder, bundle) as library:
        library.index(workers=1)
        assert library.descriptions([folder / "a.mp4"]) == {folder / "a.mp4": "A film."}
        assert library.descriptions([folder / "none.mp4"]) == {}
