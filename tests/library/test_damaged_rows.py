"""One damaged row never takes a library down: whatever stands in any one cell, every verb answers,
the photo is named and counted as waiting, and the next index run reads it again."""

from __future__ import annotations

import json
import shutil
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ansa.cli import main
from ansa.library import Library
from ansa.library.index_report import LibraryWarning
from ansa.library.storage.codec import decode, encode, is_sound
from ansa.library.storage.schema import TABLES
from ansa.library.storage.vectors import pack
from ansa.model.analyzer import Analyzer
from ansa.scene import Object, Quality, Tag
from tests.bundles import COLOURS
from tests.library.seen import seeing_bundle
from tests.photos import exif_block

TODAY = "2024-12-24"
NAMES = sorted(COLOURS)
VALUES: list[Any] = [
    None, 0, -1, 7, 2**63 - 1, 1.5, float("inf"), "", "x", "2024-02-30T00:00:00", "{}", b"",
    b"\x00", b"x" * 7, b"\xff" * 16, b"[]", b"[{}]", b"null", b'{"x": NaN}', b"/", b"../../x",
    "9999-12-31T23:59:59",
]  # fmt: skip


class Made:
    """A library of real files with something in every table, and how to damage a copy of it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.bundle = seeing_bundle(base / "bundle")
        self.photos = base / "photos"
        self.photos.mkdir()
        for year, name in enumerate(NAMES, start=2001):
            colour = np.array(COLOURS[name]) * 200 + np.arange(60)[None, :, None] / 3
            stamp = exif_block(taken=f"{year}:06:15 12:00:00", place=(38.7, -9.1), model="K1")
            pixels = np.broadcast_to(colour, (40, 60, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(self.photos / f"{name}.jpg", exif=stamp)
        self.whole = base / "whole"
        self.whole.mkdir()
        with self.of_photos(self.whole / "l.sqlite") as library:
            library.index(workers=1)
            library.mark([self.photos / f"{NAMES[0]}.jpg"], "favourite")
            library.mark([self.photos / f"{NAMES[1]}.jpg"], "hidden")
            library.store.save_mounts(1, {b"": "7"})
            with library.store.telling() as connection:
                connection.execute("INSERT INTO told_tags SELECT 'Zoe', digest, id < 4 FROM photos")
                connection.execute(
                    "INSERT INTO told_memories SELECT '5fa0', 'trip', digest FROM photos"
                )
                connection.execute("INSERT INTO told_settings VALUES ('personal', 'on')")
            library.search("red in Lisbon")
            library.memories()
            library.store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def open(self, database: Path) -> Library:
        return Library(database=database, analyzer=Analyzer(self.bundle))

    def of_photos(self, database: Path) -> Library:
        return Library(self.photos, database=database, analyzer=Analyzer(self.bundle))

    def copy(self) -> Path:
        """The library anew, beside the second file."""
        work = self.base / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(self.whole, work)
        return work / "l.sqlite"

    def columns(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.whole / "l.sqlite")) as connection:
            return [
                (table, column)
                for table in sorted(TABLES)
                for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")
            ]


def damage(database: Path, table: str, column: str, row: int, value: Any) -> bool:
    """Puts a value into one cell; False where SQLite itself does not let it in."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        rows = [id_ for (id_,) in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
        if not rows:
            return False
        try:
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rows[row % len(rows)])
            )
        except (sqlite3.IntegrityError, OverflowError):
            return False
    return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


def verbs(made: Made, work: Path) -> list[list[str]]:
    red = str(made.photos / "red.jpg")
    return [
        ["search", "red", "--json", "--explain"],
        ["search", "a car in Lisbon 2003 -blue", "--json"],
        ["search", "--like", red, "--json"],
        ["best", "--json"],
        ["memories", "--today", TODAY, "--json"],
        ["duplicates", "--json"],
        ["clutter", "--json"],
        ["graph", "photos in 2003", "--json"],
        *(["graph", f"--{each}", "--json"] for each in ("moments", "trips", "places", "events")),
        ["teach", "--json"],
        ["mark", "favourite", "--json"],
        ["mark", "hidden", red, "--json"],
        ["personal", "--json"],
        ["wallpapers", "--screen", "48x32", "--json"],
        ["catalog", str(work / "catalog.json"), "--json"],
        ["sidecars", "--json"],
    ]


def ask(made: Made, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb answers with one whole document, and says what is wrong as a problem."""
    for arguments in verbs(made, database.parent):
        capsys.readouterr()
        status = main([*arguments, "--library", str(database), "--bundle", str(made.bundle)])
        told = capsys.readouterr()
        document = json.loads(told.out)
        assert status == 0 or (status == 1 and "; " in told.err), (arguments, document, told.err)
        assert "Traceback" not in told.err
    for sidecar in made.photos.glob("*.xmp"):
        sidecar.unlink()


def mended(made: Made, database: Path) -> None:
    """After one index run nothing is missing and nothing is damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LibraryWarning)
        with made.of_photos(database) as library:
            report = library.index(workers=1)
            assert (report.found, report.failed) == (len(NAMES), 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", LibraryWarning)
        with made.open(database) as library:
            assert library.waiting() == 0
            found = library.search("red", limit=99)
            assert (found.waiting, len(found.matches)) == (0, len(NAMES))
            assert found.matches[0].path.name == "red.jpg"
            dates = sorted(match.facts.taken.year for match in found.matches if match.facts.taken)
            assert dates == [2001 + n for n in range(len(NAMES))]
            assert len(list(library.photos())) == len(NAMES)
        with made.of_photos(database) as library:
            assert library.index(workers=1).unchanged == len(NAMES)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_stands_in_one_cell_every_verb_answers(
    made: Made, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    table, column = data.draw(st.sampled_from(made.columns()))
    value = data.draw(st.sampled_from(VALUES) | st.binary(max_size=9) | st.text(max_size=5))
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    database = made.copy()
    if damage(database, table, column, data.draw(st.integers(0, 50)), value):
        ask(made, database, capsys)
        mended(made, database)


def vector(made: Made, what: str) -> Any:
    dim = Analyzer(made.bundle).dim
    one = np.eye(1, dim, dtype=np.float32)[0]
    return {
        "too short": pack(one, dim)[:-2],
        "too long": pack(one, dim) + bytes(2),
        "zero": bytes(2 * dim),
        "not a number": np.full(dim, np.nan, "<f2").tobytes(),
        "infinite": np.full(dim, np.inf, "<f2").tobytes(),
        "empty": b"",
        "text": "x" * dim,
        "a number": 7,
    }[what]


CELLS = [
    *(("signals", "data", "head = 'embedding'", what) for what in (
        "too short", "too long", "zero", "not a number", "infinite", "empty", "text", "a number",
    )),
    *(("photos", "taken", "1", value) for value in (
        None, "x", "2024-02-30", "2024-05-06T24:00:00", 5, b"2024", "0001-01-01", "9999-12-31",
    )),
    *(("photos", "latitude", "1", value) for value in (None, "x", 91.0, float("inf"))),
    *(("photos", "width", "1", value) for value in ("x", 0, -3, b"4", 2.5, 2**63 - 1)),
    ("photos", "camera", "1", b"K1"),
    ("photos", "digest", "1", b"short"),
    ("photos", "digest", "1", "x" * 32),
    ("photos", "id", "1", 99),
    ("sources", "precision", "1", "x"),
    ("signals", "head", "head = 'quality'", "other"),
    ("signals", "version", "head = 'quality'", 0),
    ("signals", "photo", "head = 'quality'", "x"),
    ("signals", "data", "head = 'quality'", b'{"focus": 9}'),
    ("signals", "data", "head = 'quality'", "text"),
    ("signals", "data", "head = 'utility'", b"[" * 10_000),
    ("signals", "data", "head = 'print'", b"short"),
    ("files", "photo", "1", 99),
    ("files", "photo", "1", "x"),
    ("files", "status", "1", "other"),
    ("files", "status", "1", "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "where", "value"), CELLS)
def test_its_photo_is_counted_as_waiting_named_and_read_again(
    made: Made, capsys: pytest.CaptureFixture[str], table: str, column: str, where: str, value: Any
) -> None:
    if column == "data" and where == "head = 'embedding'":
        value = vector(made, value)
    database = made.copy()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        ((row,),) = connection.execute(f"SELECT min(rowid) FROM {table} WHERE {where}")
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
    ask(made, database, capsys)
    with made.of_photos(database) as library:
        photo = made.photos / f"{NAMES[0]}.jpg"
        assert library.waiting() == 1
        # A signal that is nowhere any more is like one that was never made.
        gone = table == "signals" and column in ("head", "photo")
        assert library.damaged() == ([] if gone else [photo])
        report = library.index(workers=1)
        assert report.unchanged + report.new == len(NAMES)
        assert report.analyzed == (0 if table == "files" else 1)
        assert report.repaired == (() if gone else (str(photo),))
        assert library.damaged() == []
    mended(made, database)


def test_a_search_names_the_photo_says_how_many_wait_and_finds_the_others(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    database = made.copy()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE signals SET data = x'00' WHERE photo = 1 AND head = 'embedding'")
        connection.execute("UPDATE photos SET taken = 'x' WHERE id = 2")
    end = ["--library", str(database), "--bundle", str(made.bundle)]
    assert main(["search", "red", "--json", *end]) == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["waiting"] == 2
    assert "2 photos wait for `ansa index`" in document["message"]
    assert len(document["matches"]) == len(NAMES) - 1
    for name in NAMES[:2]:
        file = made.photos / f"{name}.jpg"
        assert (
            f"ansa: {file}: what the library keeps of it is damaged; run `ansa index`" in told.err
        )
    assert main(["index", str(made.photos), *end]) == 0
    told = capsys.readouterr()
    assert "2 damaged in the library and read again" in told.out
    assert str(made.photos / f"{NAMES[1]}.jpg") in told.err


def test_many_damaged_photos_are_named_in_a_few_lines(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansa.library.session._MOST_NAMED", 2)
    database = made.copy()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE signals SET data = x'00' WHERE head = 'embedding'")
    with pytest.warns(LibraryWarning) as warned, made.open(database) as library:
        assert library.search("red").waiting == len(NAMES)
    assert len(warned) == 3
    assert "4 more photos are damaged" in str(warned[-1].message)


def test_a_folder_whose_name_is_damaged_is_known_again_once_it_is_indexed(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ("x", 5, b"", b"\x00"):
        database = made.copy()
        assert damage(database, "roots", "path", 0, value)
        ask(made, database, capsys)
        mended(made, database)
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("SELECT count(*) FROM files").fetchone() == (len(NAMES),)


@given(
    st.lists(st.builds(Tag, st.text("ab cé'-"), st.floats(0, 1), st.booleans())),
    st.lists(st.builds(Object, st.text("ab"), st.floats(0, 1), st.tuples(*[st.floats(0, 1)] * 4))),
)
def test_what_was_stored_is_sound(tags: list[Tag], objects: list[Object]) -> None:
    assert is_sound("tags", encode("tags", tags))
    assert is_sound("detection", encode("detection", objects))


@given(st.binary(max_size=60) | st.sampled_from([7, None, "x"]), st.integers(0, 200))
def test_what_is_sound_can_be_read(data: Any, place: int) -> None:
    """Also after one byte of a sound signal was damaged."""
    whole = encode("tags", [Tag("dog", 0.5, True), Tag("cat", 1e-7, False)])
    quality = encode("quality", Quality(0.1, 0.2, 0.0, 1.0, -0.5, -45.0, 0.25))
    for head, signal in (("tags", whole), ("quality", quality)):
        assert is_sound(head, signal)
        broken = signal[: place % len(signal)] + bytes([place]) + signal[place % len(signal) + 1 :]
        for each in (data, broken):
            if each != b"" and is_sound(head, each):
                decode(head, each)
