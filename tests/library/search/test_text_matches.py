"""Words of a query in the texts of pictures, as they were stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from ansa.library import Library, SearchResult
from ansa.library.search.search import run_search
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import Signal
from ansa.scene import PictureText
from tests.library.lives import Life, library_of

TEXTS = {
    "receipt.jpg": ("CORNER BAKERY", "Pretzel 2.80", "Grüße aus Zürich", "TOTAL 6.30"),
    "note.jpg": ("WIFI PASSWORD", "hummingbird77"),
    "sign.jpg": ("長野県 松本駅",),
    "hostile.jpg": ('" OR 1; --', "<script>alert(1)</script>", "NEAR(a b) * NOT col:x"),
    "page.jpg": (
        "It was the age of wisdom, and of a long line in which the ferry to Marstal is named late",
    ),
}
LIVES = [
    *(Life(name, datetime(2024, 1, 1 + day)) for day, name in enumerate(TEXTS)),
    Life("pretzels on a table.jpg", tags={"pretzel": 0.95}),
    Life("photo.jpg", datetime(2024, 3, 1), tags={"dog": 0.9}),
]


def tell(library: Library, texts: Mapping[str, tuple[str, ...]], reader: str = "reader 1") -> None:
    """Stores texts as if they had been read."""
    store = library.store
    with closing(sqlite3.connect(store.path)) as connection:
        digests = dict(
            connection.execute(
                "SELECT CAST(path AS TEXT), digest FROM files JOIN photos ON photos.id = photo"
            )
        )
    signals = [
        (digests[name], Signal("text", 1, encode("text", PictureText(lines, 0.2))))
        for name, lines in texts.items()
    ]
    store.add_signals(store.add_bundle(reader), signals)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with library_of(tmp_path_factory.mktemp("texts"), LIVES) as library:
        tell(library, TEXTS)
        yield library


@pytest.fixture
def changing(tmp_path: Path, library: Library) -> Iterator[Library]:
    """One for each test, which may change it."""
    with library_of(tmp_path, LIVES) as changing:
        changing._analyzer = library.analyzer  # which takes long to load
        tell(changing, TEXTS)
        yield changing


def search(library: Library, query: str) -> SearchResult:
    return run_search(library, query, today=date(2026, 1, 1))


def first(result: SearchResult) -> str:
    return result.matches[0].path.name


def said(result: SearchResult) -> list[str]:
    return [reason.text for reason in result.matches[0].reasons if reason.kind == "ocr"]


@pytest.mark.parametrize(
    ("query", "name", "snippet"),
    [
        ("wifi password", "note.jpg", "WIFI PASSWORD"),
        ("hummingbird77", "note.jpg", "hummingbird77"),
        ("Zürich", "receipt.jpg", "Grüße aus Zürich"),
        ("zurich", "receipt.jpg", "Grüße aus Zürich"),
        ("the receipt from the corner bakery", "receipt.jpg", "CORNER BAKERY"),
        ("松本", "sign.jpg", "長野県 松本駅"),
        ("ferry marstal", "page.jpg", "...line in which the ferry to Marstal is named late"),
        ("script alert", "hostile.jpg", "<script>alert(1)</script>"),
    ],
)
def test_a_picture_is_found_by_what_it_says(
    library: Library, query: str, name: str, snippet: str
) -> None:
    result = search(library, query)
    assert (first(result), result.grade) == (name, "matches"), query
    (reason,) = said(result)
    assert reason.startswith('the text in it says "')
    assert snippet.removeprefix("...") in reason


def test_the_json_has_the_text_of_what_was_found_by_it(library: Library) -> None:
    match = json.loads(json.dumps(search(library, "wifi password").to_dict()))["matches"][0]
    assert match["text"] == "WIFI PASSWORD\nhummingbird77"
    assert {"kind": "ocr", "about": "wifi password"}.items() <= match["reasons"][0].items()
    assert all(each["text"] == "" for each in search(library, "dog").to_dict()["matches"])


def test_an_explanation_counts_the_pictures_that_say_it(library: Library) -> None:
    step = next(each for each in search(library, "wifi password").steps if each.kind == "ocr")
    assert (step.said, step.meaning, step.photos) == (
        "wifi password",
        "in the text of pictures",
        1,
    )


def test_a_typing_error_is_corrected_by_the_words_of_texts(library: Library) -> None:
    result = search(library, "humingbird")
    assert [step.meaning for step in result.steps if step.kind == "spelling"] == ["hummingbird"]
    assert said(result)


def test_a_word_that_names_a_thing_rather_finds_the_thing_than_its_name(library: Library) -> None:
    result = search(library, "pretzel")
    assert first(result) == "pretzels on a table.jpg"
    assert "receipt.jpg" in [match.path.name for match in result.matches[:2]]


@pytest.mark.parametrize(
    "query",
    ['"', '" OR "', "NEAR(a b)", "a*", "words:x", "(", "-^", "x' OR 1=1 --", "\x00", "a\ud800b"],
)
def test_no_query_is_more_than_words_to_the_index(library: Library, query: str) -> None:
    library.store.update_texts()
    assert set(library.store.photos_saying([query])) <= {4, 5}
    assert isinstance(library.store.photos_saying([query], begin=True), list)
    assert library.store.photos_saying(["password"]) == [2]
    assert isinstance(search(library, f"password {query} -x"), SearchResult)


def test_two_words_must_both_be_there_and_of_three_two(library: Library) -> None:
    def kinds(query: str) -> set[str]:
        return {step.kind for step in search(library, query).steps}

    assert "ocr" not in kinds("wifi marstal")
    assert "ocr" in kinds("wifi password upstairs")
    assert "ocr" not in kinds("wifi upstairs garden")


def test_what_is_not_wanted_may_be_a_text(library: Library) -> None:
    found = [match.path.name for match in search(library, "receipt -hummingbird77").matches]
    assert "note.jpg" not in found


def test_a_text_follows_its_photo_out_of_the_library(changing: Library, tmp_path: Path) -> None:
    assert said(search(changing, "wifi password"))
    assert len(changing.forget(tmp_path / "photos").to_dict())
    rows = changing.store._connection.execute("SELECT count(*) FROM text_words").fetchone()
    assert rows == (0,)
    assert changing.store.photos_saying(["password"]) == []


def test_a_text_of_other_models_takes_the_place_of_the_one_before(changing: Library) -> None:
    tell(changing, {"note.jpg": ("OTHER WORDS",)}, reader="reader 2")
    assert said(search(changing, "other words"))
    assert not any(step.kind == "ocr" for step in search(changing, "hummingbird77").steps)
    assert set(changing.store.text_readers().values()) == {"reader 1", "reader 2"}


def test_a_damaged_text_is_no_text(changing: Library) -> None:
    changing.store._connection.execute("UPDATE signals SET data = x'7b' WHERE head = 'text'")
    changing.store._connection.execute("DELETE FROM text_words")
    assert not any(step.kind == "ocr" for step in search(changing, "wifi password").steps)
    assert all(photo.scene.text is None for photo in changing.photos())


def test_the_scene_of_a_photo_has_its_text(library: Library) -> None:
    texts = {photo.path.name: photo.scene.text for photo in library.photos()}
    assert texts["note.jpg"] == PictureText(TEXTS["note.jpg"], 0.2)
    assert texts["photo.jpg"] is None


def test_a_library_that_can_only_be_read_finds_its_texts(changing: Library, tmp_path: Path) -> None:
    assert said(search(changing, "wifi password"))
    changing.store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "read-only"
    copy.mkdir()
    (copy / "l.sqlite").write_bytes(changing.store.path.read_bytes())
    (copy / "l.sqlite").chmod(0o444)
    copy.chmod(0o555)
    try:
        with Library(database=copy / "l.sqlite") as other:
            assert said(search(other, "wifi password"))
    finally:
        copy.chmod(0o755)
