"""Texts are read in the pictures that call for it, once, by what really reads them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansa import Analyzer, Library
from ansa.library import LibraryError
from ansa.library.indexing.text_candidates import calls_for_text
from ansa.library.storage.database import index_lock
from ansa.library.storage.rebuild import rebuild
from ansa.scene import Tag, Utility
from tests.library.seen import seeing_bundle
from tests.photos import write_photo
from tests.texts import write_receipt

needs_reader = pytest.mark.usefixtures("_reader")


@pytest.fixture
def _reader() -> None:
    pytest.importorskip("rapidocr", reason="pip install 'ansa[ocr]' to test what reads text")


def opened(base: Path) -> Library:
    return Library(base / "photos", database=base / "l.sqlite", analyzer=Analyzer(base / "bundle"))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A receipt, a sign that the bundle takes for one, and a photo."""
    seeing_bundle(tmp_path / "bundle")
    folder = tmp_path / "photos"
    folder.mkdir()
    write_receipt(folder / "receipt.png", "CORNER BAKERY", "TOTAL 6.30")
    write_receipt(folder / "sign.png", "CENTRAL STATION")
    write_photo(folder / "photo.jpg", seed=1)
    return tmp_path


def found_by_text(library: Library, query: str) -> list[str]:
    return [
        match.path.name
        for match in library.search(query).matches
        if any(reason.kind == "ocr" for reason in match.reasons)
    ]


@needs_reader
def test_texts_are_read_once_found_stopped_and_gone_on_with(base: Path) -> None:
    with opened(base) as library:
        library.index(workers=1)

        def stop(done: int, total: int) -> None:
            assert total == 2
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            library.read_text(stop, workers=1)
        before = len(library.store.text_readers())
        assert before == 1
        report = library.read_text(workers=1)
        assert (report.pictures, report.before, report.read, report.found) == (2, 1, 1, 1)
        assert found_by_text(library, "corner bakery") == ["receipt.png"]
        assert found_by_text(library, "central station") == ["sign.png"]
        (reader,) = set(library.store.text_readers().values())
        assert reader.startswith("PP-OCR")
        assert "rapidocr" in reader

        # A second run, also after another index run, has nothing to do, and starts no worker.
        library.index(workers=1)
        report = library.read_text()
        assert (report.before, report.read, report.seconds < 5) == (2, 0, True)

        # A photo whose text changed is read again, one that cannot be read is counted.
        write_receipt(base / "photos" / "sign.png", "HARBOUR STREET")
        write_receipt(base / "photos" / "new.png", "soon gone")
        library.index(workers=1)
        (base / "photos" / "new.png").write_bytes(b"other bytes")
        report = library.read_text(workers=1)
        assert (report.pictures, report.before, report.read, report.failed) == (3, 1, 1, 1)
        assert [Path(each.file).name for each in report.problems] == ["new.png"]
        assert report.to_dict()["problems"][0]["remedy"]
        assert found_by_text(library, "harbour street") == ["sign.png"]
        assert found_by_text(library, "central station") == []

        # The texts outlast a rebuild of a damaged library.
        library.store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database = base / "l.sqlite"
    data = database.read_bytes()
    database.write_bytes(data[: len(data) - 3 * 4096])
    done = rebuild(database)
    assert done
    assert "texts in" in str(done)
    (base / "photos" / "new.png").unlink()
    with opened(base) as library:
        library.index(workers=1)
        report = library.read_text(workers=1)
        assert (report.pictures, report.before, report.read) == (2, 2, 0)
        assert found_by_text(library, "harbour street") == ["sign.png"]


@pytest.mark.parametrize(
    ("utility", "tags", "called"),
    [
        ({"receipt": 0.9, "photo": 0.1}, {}, True),
        ({"document": 0.2, "screenshot": 0.2, "photo": 0.6}, {}, True),
        ({"photo": 0.95, "drawing": 0.05}, {}, False),
        ({"photo": 0.95}, {"sign": 0.3}, True),
        ({"photo": 0.95}, {"whiteboard": 0.6, "dog": 0.9}, True),
        ({"photo": 0.95}, {"sign": 0.1, "dog": 0.9}, False),
        (None, {"ticket": 0.5}, True),
        (None, {}, False),
    ],
)
def test_what_calls_for_text(
    utility: dict[str, float] | None, tags: dict[str, float], called: bool
) -> None:
    kind = max(utility, key=utility.__getitem__) if utility else ""
    seen = Utility(kind, 0.5, utility, False) if utility else None
    assert calls_for_text(seen, [Tag(name, score, False) for name, score in tags.items()]) == called


def test_what_a_person_called_a_document_is_read() -> None:
    assert calls_for_text(Utility("document", 1.0, {"document": 0.1, "photo": 0.9}, True), [])


@needs_reader
def test_two_runs_do_not_read_the_same_pictures(base: Path) -> None:
    with (
        opened(base) as library,
        index_lock(base / "l.sqlite", "text"),
        pytest.raises(LibraryError, match="another text run is at work"),
    ):
        library.read_text()


@needs_reader
def test_a_picture_whose_drive_is_away_is_left_for_later(base: Path) -> None:
    with opened(base) as library:
        library.index(workers=1)
        shutil.move(base / "photos", base / "away")
        report = library.read_text()
        assert (report.pictures, report.failed) == (0, 0)
