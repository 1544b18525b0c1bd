"""The whole of it, with a tiny bundle that sees colours."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import Library, LibraryError, SearchResult
from ansa.model.analyzer import Analyzer
from ansa.photo.read import PhotoError
from tests.bundles import COLOURS, edit_manifest, write_bundle
from tests.library.conftest import RunPython
from tests.library.indexing.test_pool import children
from tests.photos import exif_block

Open = Callable[..., Library]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """One photo of each colour, taken in the years 2001, 2002, ... by their order."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for year, colour in enumerate(COLOURS, start=2001):
        paint(folder / f"{colour}.jpg", colour, taken=f"{year}:06:15 12:00:00")
    return folder


def paint(path: Path, colour: str, **exif: str) -> None:
    pixels = np.full((40, 60, 3), np.array(COLOURS[colour]) * 255, np.uint8)
    options = {"exif": exif_block(**exif)} if exif else {}  # type: ignore[arg-type]
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]


@pytest.fixture
def open_library(tmp_path: Path, bundle: Path) -> Iterator[Open]:
    opened = []

    def open_(folder: Path | None = None, *, bundle: Path = bundle) -> Library:
        database = tmp_path / "library.sqlite"
        opened.append(Library(folder, database=database, analyzer=Analyzer(bundle)))
        return opened[-1]

    yield open_
    for library in opened:
        library.close()


@pytest.fixture
def library(photos: Path, open_library: Open) -> Library:
    made = open_library(photos)
    assert made.index().new == len(COLOURS)
    return made


def names(result: SearchResult) -> list[str]:
    return [match.path.stem for match in result.matches]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_word_finds_its_photo_first(library: Library, colour: str) -> None:
    result = library.search(f"a photo of {colour}")
    assert names(result)[0] == colour
    assert sorted(names(result)) == sorted(COLOURS)
    scores = [match.score for match in result.matches]
    assert scores == sorted(scores, reverse=True)


def test_a_photo_finds_those_like_it_and_not_itself(library: Library, photos: Path) -> None:
    result = library.search(like=photos / "red.jpg", limit=2)
    assert "red" not in names(result)
    assert len(result.matches) == 2
    paint(photos.parent / "elsewhere.png", "red")
    assert names(library.search(like=photos.parent / "elsewhere.png"))[0] == "red"
    assert names(library.search(like=(photos / "red.jpg").read_bytes())) != ["red"]


def test_a_text_and_a_photo_together_find_what_is_like_both(library: Library, photos: Path) -> None:
    assert names(library.search("red", like=photos / "green.jpg"))[0] in ("yellow", "red")


def test_what_is_not_wanted_is_left_out(library: Library) -> None:
    assert "yellow" in names(library.search("red", limit=3))
    found = names(library.search("red", without="yellow"))
    assert found[0] == "red"
    assert "yellow" not in found


def test_dates_limit_the_search(library: Library) -> None:
    green, blue = list(COLOURS)[1:3]
    assert names(library.search("green", after="2002", before="2003")) == [green]
    assert set(names(library.search("green", before=datetime(2004, 1, 1)))) == {
        "red",
        green,
        blue,
    }
    result = library.search("green", after="2040")
    assert (result.matches, result.good) == ((), False)
    assert result.message == "no photo is known to be of that time"


def test_a_match_says_where_what_and_when(library: Library, photos: Path) -> None:
    match = library.search("blue").matches[0]
    assert match.path == photos / "blue.jpg"
    assert (match.facts.width, match.facts.height, match.facts.format) == (60, 40, "JPEG")
    assert match.facts.taken == datetime(2003, 6, 15, 12)
    assert json.loads(json.dumps(match.to_dict()))["facts"]["taken"] == "2003-06-15T12:00:00"


def test_copies_are_one_match_with_all_their_places(library: Library, photos: Path) -> None:
    shutil.copy(photos / "blue.jpg", photos / "again.jpg")
    library.index()
    match = library.search("blue").matches[0]
    assert (match.path, match.copies) == (photos / "again.jpg", (photos / "blue.jpg",))


def test_new_and_deleted_photos_show_in_the_next_search(
    library: Library, photos: Path, open_library: Open
) -> None:
    assert names(library.search("white"))[0] == "white"
    (photos / "white.jpg").unlink()
    paint(photos / "snow.png", "white")
    with_another = open_library(photos)
    report = with_another.index()
    assert (report.new, report.missing) == (1, 1)
    found = names(library.search("white"))
    assert found[0] == "snow"
    assert "white" not in found


def test_a_library_of_a_folder_is_limited_to_it(
    library: Library, photos: Path, open_library: Open
) -> None:
    other = photos.parent / "other"
    other.mkdir()
    paint(other / "rose.png", "red")
    second = open_library(other)
    assert second.search("red").message.startswith("nothing of this folder is known")
    second.index()
    assert names(second.search("red")) == ["rose"]
    assert "rose" not in names(library.search("red"))
    everything = open_library()
    assert {"rose", "red"} <= set(names(everything.search("red")))
    assert everything.index().unchanged == len(COLOURS) + 1


def test_of_many_folders_a_missing_one_is_reported_and_the_others_go_on(
    library: Library, photos: Path, open_library: Open
) -> None:
    other = photos.parent / "other"
    other.mkdir()
    paint(other / "rose.png", "red")
    open_library(other).index()
    other.rename(photos.parent / "unmounted")
    report = open_library().index()
    assert (report.unchanged, report.unreadable, report.missing) == (len(COLOURS), 1, 0)
    assert "no such folder" in str(report.problems[0])
    assert "rose" in names(open_library().search("red"))


def test_a_new_bundle_searches_only_what_it_has_seen_and_says_what_waits(
    library: Library, photos: Path, bundle: Path, open_library: Open, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(bundle, newer)
    edit_manifest(newer, lambda manifest: manifest.update(name="newer"))
    second = open_library(photos, bundle=newer)
    result = second.search("red")
    assert (result.matches, result.good, result.waiting) == ((), False, len(COLOURS))
    assert result.message.startswith(f"{len(COLOURS)} photos wait")
    assert names(library.search("red"))[0] == "red"  # the old one serves until it is replaced
    report = second.index()
    assert (report.unchanged, report.analyzed) == (len(COLOURS), len(COLOURS))
    result = second.search("red")
    assert (names(result)[0], result.waiting) == ("red", 0)
    assert library.search("red").waiting == len(COLOURS)


def test_the_same_search_gives_the_same_answer(library: Library) -> None:
    first = library.search("yellow", limit=3)
    assert all(library.search("yellow", limit=3) == first for _ in range(3))


def test_bad_searches_are_refused_in_words(library: Library, photos: Path) -> None:
    with pytest.raises(ValueError, match="needs a query, a photo"):
        library.search()
    with pytest.raises(ValueError, match="limit"):
        library.search("red", limit=0)
    with pytest.raises(ValueError, match="empty text"):
        library.search(" ")
    with pytest.raises(ValueError, match="is not a date"):
        library.search("red", after="someday")
    with pytest.raises(PhotoError, match=r"missing\.jpg"):
        library.search(like=photos / "missing.jpg")


def test_a_new_library_is_empty_and_says_what_to_do(open_library: Open) -> None:
    result = open_library().search("red")
    assert result.to_dict() == {
        "grade": "not here",
        "good": False,
        "message": "there are no photos in the library; run `ansa index` on the folder first",
        "waiting": 0,
        "steps": [],
        "away": 0,
        "suggestions": [],
        "matches": [],
    }


def test_the_library_is_in_the_data_directory_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with Library() as library:
        assert library.database == tmp_path / "data" / "ansa" / "library.sqlite"
        assert library.database.exists()


def test_the_folder_may_be_given_relative_or_through_a_link(
    library: Library, photos: Path, open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos.parent)
    (photos.parent / "link").symlink_to(photos)
    assert open_library(Path("photos")).index().unchanged == len(COLOURS)
    assert open_library(Path("link")).index().unchanged == len(COLOURS)


def test_a_read_only_library_is_searched(library: Library, photos: Path) -> None:
    library.search("red")
    library.store.writable = False
    library._snapshot = None
    assert names(library.search("red"))[0] == "red"
    with pytest.raises(LibraryError, match="cannot be written"):
        library.index()


def test_no_socket_is_opened_by_indexing_and_searching(
    photos: Path, bundle: Path, tmp_path: Path, run_python: RunPython
) -> None:
    """Every process watches itself: one that opens a socket ends at once."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and os._exit(99))\n"
    )
    script = """
import sys
from ansa import Analyzer, Library
folder, database, bundle = sys.argv[1:]
with Library(folder, database=database, analyzer=Analyzer(bundle)) as library:
    print(library.index().new)
    print(library.search("red").matches[0].path.stem)
    print(library.search(like=folder + "/red.jpg", without="blue", after="2001").good)
"""
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    done = run_python(script, photos, tmp_path / "l.sqlite", bundle, PYTHONPATH=path)
    assert done.stdout.split()[:2] == [str(len(COLOURS)), "red"], done.stderr
    caught = run_python("import socket; socket.socket()", PYTHONPATH=path)
    assert caught.returncode == 99  # the watch works


def test_a_worker_stays_as_large_as_it_is(photos: Path, open_library: Open) -> None:
    """The short version: the memory of a real worker over a few hundred photos."""
    picture = (photos / "red.jpg").read_bytes()
    for number in range(300):
        (photos / f"{number}.jpg").write_bytes(picture + b"%d" % number)
    sizes: list[float] = []
    others = set(children(os.getpid()))

    def workers() -> set[int]:
        return set(children(os.getpid())) - others

    def note(done: int, total: int) -> None:
        if done % 50 == 0:
            sizes.append(sum(resident(pid) for pid in workers()))

    assert open_library(photos).index(note, workers=1).done == 300 + len(COLOURS)
    assert sizes[-1] < sizes[1] * 1.1, sizes
    assert not workers()


def resident(pid: int) -> float:
    """Memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_what_a_real_folder_holds_is_counted_once_each(photos: Path, open_library: Open) -> None:
    whole = (photos / "red.jpg").read_bytes()
    (photos / "empty.jpg").touch()
    (photos / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "letter.jpg").write_text("Dear photo")
    (photos / "figure.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0")
    shutil.copy(photos / "blue.jpg", photos / "jpeg.png")  # the content decides
    (photos / "raw.cr2").touch()
    (photos / "clip.mov").touch()
    (photos / "gone.jpg").symlink_to("nowhere.jpg")
    report = open_library(photos).index()
    assert report.found == len(COLOURS) + 8
    assert (report.new, report.ignored) == (len(COLOURS) + 1, 0)
    assert {Path(problem.file).name: problem.kind for problem in report.problems} == {
        "empty.jpg": "failed",
        "cut.jpg": "failed",
        "letter.jpg": "skipped",
        "figure.jpg": "skipped",
        "raw.cr2": "failed",
        "clip.mov": "failed",
        "gone.jpg": "skipped",
    }
    assert report.skipped + report.failed == 7


def test_a_time_with_an_offset_is_kept_with_it(photos: Path, open_library: Open) -> None:
    paint(photos / "away.jpg", "green", taken="2010:01:01 01:00:00", offset="+09:00")
    library = open_library(photos)
    library.index()
    assert names(library.search("green", after="2010", before="2011")) == ["away"]
    greenwich = datetime(2010, 1, 1, tzinfo=UTC)
    assert names(library.search("green", after=greenwich)) == []
