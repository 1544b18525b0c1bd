"""Corrections win over the network wherever tags and kinds are read, and can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.library.events.events import parties
from ansa.library.exports.catalog import catalog
from ansa.library.storage.user_data import path_of
from ansa.scene import Quality, Scene, Utility
from tests.library.lives import Life, library_of

DOG = {"beagle": 0.95, "dog": 0.97, "animal": 0.98, "grass": 0.7}
BOARD = Utility("document", 0.97, {"photo": 0.02, "document": 0.97, "receipt": 0.01}, True)
DARK = Quality(0.7, 0.0, 0.0, 0.0, -0.9, 0.0, 0.1)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Two photos of a beagle, and a dark, blurred one of a board at a lecture."""
    lives = [
        Life("one.jpg", tags=DOG),
        Life("two.jpg", tags=DOG),
        Life("board.jpg", tags={"text": 0.6}, signals={"utility": BOARD, "quality": DARK}),
    ]
    (tmp_path / "photos").mkdir()
    for life in lives:
        (tmp_path / "photos" / life.name).write_bytes(b"")
    with library_of(tmp_path, lives) as library:
        yield library


def photo(library: Library, name: str) -> Path:
    return library.database.parent / "photos" / name


def scene(library: Library, name: str) -> Scene:
    found = library.scene_of(photo(library, name))
    assert found
    return found


def sure(library: Library, name: str) -> set[str]:
    return {tag.name for tag in scene(library, name).tags or () if tag.sure}


def test_what_is_no_dog_is_no_beagle_and_what_is_a_cat_is_an_animal(library: Library) -> None:
    done = library.correct_tags([photo(library, "one.jpg")], here=["cats"], absent=["dog"])
    assert (done.here, done.absent, done.message) == (("cat",), ("dog",), "")
    assert sure(library, "one.jpg") >= {"cat", "animal", "grass"}
    assert not {tag.name for tag in scene(library, "one.jpg").tags or ()} & {"dog", "beagle"}
    assert scene(library, "one.jpg").corrected == {"tags"}
    assert sure(library, "two.jpg") == DOG.keys()


def test_corrected_tags_decide_searches_and_catalogs(library: Library) -> None:
    assert {match.path.name for match in library.search("dog", limit=2).matches} == {
        "one.jpg",
        "two.jpg",
    }
    library.correct_tags([photo(library, "one.jpg")], here=["cat"], absent=["dog"])
    library.correct_tags([photo(library, "board.jpg")], here=["cake", "balloon"])
    assert library.search("dog").matches[0].path.name == "two.jpg"
    assert library.search("cat").matches[0].path.name == "one.jpg"
    told = {
        Path(row["path"]).name: {tag["name"] for tag in row["tags"]} for row in catalog(library)
    }
    assert "cat" in told["one.jpg"]
    assert "dog" not in told["one.jpg"]
    assert list(parties(library).values()) == [2]


def test_any_name_is_a_tag_of_ones_own_that_searches_find(library: Library) -> None:
    done = library.correct_tags([photo(library, "board.jpg")], here=["Anna's viva"])
    assert "one of your own" in done.message
    first = library.search("anna’s viva")
    assert first.matches[0].path.name == "board.jpg"
    assert first.good
    again = library.correct_tags([photo(library, "one.jpg")], here=["ANNA’S VIVA"])
    assert again.here == ("Anna's viva",)


def test_a_misspelt_tag_is_pointed_out(library: Library) -> None:
    assert (
        "did you mean 'sunflower'"
        in library.correct_tags([photo(library, "one.jpg")], here=["sunflwer"]).message
    )


def test_a_board_that_is_called_a_photo_is_no_clutter_any_more(library: Library) -> None:
    assert [each.path.name for each in library.clutter()] == ["board.jpg"]
    assert not library.best().photos or "board.jpg" not in {
        each.path.name for each in library.best().photos
    }
    library.set_kind([photo(library, "board.jpg")], "photo")
    assert list(library.clutter()) == []
    assert "board.jpg" in {each.path.name for each in library.best().photos}
    library.set_kind([photo(library, "one.jpg")], "screenshot")
    assert [(each.path.name, each.kind, each.sure) for each in library.clutter()] == [
        ("one.jpg", "screenshot", True)
    ]
    library.set_kind([photo(library, "one.jpg"), photo(library, "board.jpg")], None)
    assert [each.path.name for each in library.clutter()] == ["board.jpg"]


def test_a_favourite_is_shown_although_it_looks_like_clutter(library: Library) -> None:
    library.mark([photo(library, "board.jpg")], "favourite")
    assert "board.jpg" in {each.path.name for each in library.best().photos}


def test_the_last_word_counts_where_two_contradict_each_other(library: Library) -> None:
    one = photo(library, "one.jpg")
    library.correct_tags([one], absent=["animal"])
    assert sure(library, "one.jpg") == {"grass"}
    library.correct_tags([one], here=["cat"])
    assert sure(library, "one.jpg") >= {"cat", "animal"}
    library.correct_tags([one], absent=["animal"])
    assert sure(library, "one.jpg") == {"grass"}
    library.correct_tags([one], clear=["animal"])
    assert sure(library, "one.jpg") == DOG.keys()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"here": ["cat"], "absent": ["animal"]}, "cannot show 'cat' and not show 'animal'"),
        ({"here": ["grandma"], "absent": ["grandma"]}, "cannot show 'grandma'"),
        ({"here": ["cat"], "clear": ["cat"]}, "said and forgotten at once"),
        ({"here": [" "]}, "1 to 100 printable characters"),
        ({"here": ["x" * 101]}, "1 to 100 printable characters"),
        ({"absent": ["two\nlines\x00"]}, "1 to 100 printable characters"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    library: Library, said: dict[str, list[str]], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        library.correct_tags([photo(library, "one.jpg")], **said)
    assert library.corrections().photos == ()


def test_an_unknown_kind_is_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="use one of photo, receipt"):
        library.set_kind([photo(library, "one.jpg")], "holiday")  # type: ignore[arg-type]


def test_corrections_are_listed_with_photos_that_are_not_known(library: Library) -> None:
    library.correct_tags([photo(library, "one.jpg")], here=["cat"], absent=["dog"])
    library.set_kind([photo(library, "board.jpg")], "photo")
    said = {each.path.name: each for each in library.corrections().photos}
    assert said["one.jpg"].here == ("cat",)
    assert said["one.jpg"].absent == ("dog",)
    assert said["board.jpg"].kind == "photo"
    asked = library.corrections([photo(library, "two.jpg"), photo(library, "new.jpg")])
    assert [(each.path.name, each.here) for each in asked.photos] == [("two.jpg", ())]
    assert [Path(problem.file).name for problem in asked.problems] == ["new.jpg"]


def test_changes_are_undone_one_by_one_from_the_last(library: Library) -> None:
    one, board = photo(library, "one.jpg"), photo(library, "board.jpg")
    library.mark([one], "favourite")
    library.mark([one], "hidden")
    library.correct_tags([one], here=["cat"], absent=["dog"])
    library.set_kind([board], "photo")
    undone = [library.undo_last_change() for _ in range(5)]
    assert [each.what if each else None for each in undone] == [
        "1 photo called photo",
        "1 photo: is cat, is not dog",
        "hidden: 1 photo",
        "marked as favourite: 1 photo",
        None,
    ]
    assert undone[0]
    assert undone[0].photos == (board,)
    assert library.corrections().photos == ()
    assert sure(library, "one.jpg") == DOG.keys()


def test_undoing_brings_back_what_was_said_before(library: Library) -> None:
    one = photo(library, "one.jpg")
    library.correct_tags([one], absent=["animal"])
    library.correct_tags([one], here=["cat"])
    library.undo_last_change()
    assert library.corrections().photos[0].absent == ("animal",)
    assert sure(library, "one.jpg") == {"grass"}


def test_corrections_outlive_the_library_and_its_bundle(library: Library, tmp_path: Path) -> None:
    library.correct_tags([photo(library, "one.jpg")], absent=["dog"], here=["cat"])
    library.set_kind([photo(library, "board.jpg")], "photo")
    library.close()
    second = path_of(library.database)
    assert json.loads(second.read_text())["corrections"].keys() == {"cat", "dog"}
    library.database.unlink()
    lives = [Life("renamed.jpg"), Life("one.jpg", tags={"dog": 0.99})]
    with pytest.warns(UserWarning, match="2 corrected tags"):
        again = library_of(tmp_path, lives)
    with again:
        assert sure(again, "one.jpg") >= {"cat"}
        assert "dog" not in sure(again, "one.jpg")
        assert again.search("cat").matches[0].path.name == "one.jpg"
