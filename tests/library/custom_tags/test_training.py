"""Teaching a tag by a few photos of a real library: what is said of it, kept and forgotten."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ansa.library import Library, LibraryError
from ansa.library.custom_tags.scores import custom_tag_scores
from ansa.model.analyzer import Analyzer
from tests.bundles import write_bundle
from tests.cli.conftest import paint


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve reddish photos in one folder, twelve others in another; indexed."""
    base = tmp_path_factory.mktemp("lessons")
    rng = np.random.default_rng(0)
    for name in ("miso", "others"):
        (base / "photos" / name).mkdir(parents=True)
    for number in range(12):
        low, high = rng.uniform(0, 0.3, 3), rng.uniform(0.7, 1, 3)
        paint(base / "photos" / "miso" / f"{number:02}.png", (high[0], low[1], rng.uniform(0, 1)))
        paint(base / "photos" / "others" / f"{number:02}.png", (low[0], high[1], rng.uniform(0, 1)))
    write_bundle(base / "bundle")
    with Library(base / "photos", database=base / "l.sqlite", analyzer=analyzer(base)) as library:
        library.index(workers=1)
    return base


def analyzer(base: Path) -> Analyzer:
    return Analyzer(base / "bundle")


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Library:
    copy = tmp_path / "l.sqlite"
    copy.write_bytes((made / "l.sqlite").read_bytes())
    return Library(made / "photos", database=copy, analyzer=analyzer(made))


def some(made: Path, name: str, *numbers: int) -> list[str]:
    return [str(made / "photos" / name / f"{number:02}.png") for number in numbers]


def test_a_few_photos_make_a_tag_with_its_accuracy_and_what_to_ask_next(
    library: Library, made: Path
) -> None:
    lesson = library.teach(
        "my cat Miso", some(made, "miso", 0, 1, 2, 3, 4), some(made, "others", 0, 1, 2), suggest=3
    )
    assert (lesson.shown, lesson.absent, lesson.tag, lesson.message) == (5, 3, True, "")
    assert lesson.accuracy is not None
    assert lesson.accuracy > 0.9
    assert len(lesson.suggestions) == 3
    asked = {str(each.path) for each in lesson.suggestions}
    assert not asked & {*some(made, "miso", 0, 1, 2, 3, 4), *some(made, "others", 0, 1, 2)}
    photos, scores = custom_tag_scores(library)["my cat Miso"]
    found = [path[0] for path in library.store.paths(photos[scores >= 0.5].tolist(), None).values()]
    assert lesson.found == len(found) >= 8
    assert [path.parent.name for path in found].count("miso") >= 0.8 * len(found)


def test_what_people_said_of_a_photo_is_not_guessed(library: Library, made: Path) -> None:
    library.teach("x", some(made, "miso", 0, 1, 2), some(made, "others", 0))
    photos, scores = custom_tag_scores(library)["x"]
    said = {library.photo_of(file): 1.0 for file in some(made, "miso", 0, 1, 2)}
    said[library.photo_of(some(made, "others", 0)[0])] = 0.0
    assert {p: s for p, s in zip(photos, scores, strict=True) if p in said} == said


def test_folders_are_examples_too_and_more_can_be_said_later(library: Library, made: Path) -> None:
    first = library.teach("red", [str(made / "photos" / "miso")])
    assert (first.shown, first.absent) == (12, 0)
    more = library.teach("red", [], some(made, "others", 1))
    assert (more.shown, more.absent) == (12, 1)
    turned = library.teach("red", [], some(made, "miso", 0))
    assert (turned.shown, turned.absent) == (11, 2)


def test_one_photo_is_too_little_but_what_is_like_it_is_asked(library: Library, made: Path) -> None:
    lesson = library.teach("one", some(made, "miso", 0), suggest=3)
    assert not lesson.tag
    assert "at least two photos" in lesson.message
    assert {each.path.parent.name for each in lesson.suggestions} == {"miso"}
    assert custom_tag_scores(library) == {}


def test_a_photo_given_as_both_is_refused_by_its_name_and_nothing_is_kept(
    library: Library, made: Path
) -> None:
    with pytest.raises(LibraryError, match=r"00\.png: it was given as both; say yes or no"):
        library.teach("x", some(made, "miso", 0), some(made, "miso", 0, 1))
    assert library.lessons() == ()


def test_examples_that_contradict_each_other_are_no_tag(library: Library, made: Path) -> None:
    yes = some(made, "miso", 0, 2, 4, 6) + some(made, "others", 0, 2, 4, 6)
    no = some(made, "miso", 1, 3, 5, 7) + some(made, "others", 1, 3, 5, 7)
    lesson = library.teach("nonsense", yes, no)
    assert not lesson.tag
    assert lesson.found == 0
    assert "no better than guessing" in lesson.message
    assert lesson.doubtful
    assert custom_tag_scores(library) == {}


def test_what_was_taught_is_there_in_the_next_run_without_scikit_learn(
    library: Library, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.teach("red", [str(made / "photos" / "miso")])
    before = custom_tag_scores(library)["red"]
    for name in ("sklearn.linear_model", "sklearn.model_selection"):
        monkeypatch.setitem(sys.modules, name, None)
    again = Library(made / "photos", database=library.database, analyzer=analyzer(made))
    np.testing.assert_array_equal(custom_tag_scores(again)["red"], before)
    with again.store.writing() as connection:
        connection.execute("DELETE FROM cache")
    assert custom_tag_scores(again) == {}  # it would have to be learned anew


def test_damaged_learning_is_learned_again(library: Library, made: Path) -> None:
    library.teach("red", [str(made / "photos" / "miso")])
    before = custom_tag_scores(library)["red"]
    for data in ("", "{}", '{"classifier": 1, "measured": null}', "[1]"):
        with library.store.writing() as connection:
            connection.execute("UPDATE cache SET data = ?", (data.encode(),))
        np.testing.assert_array_equal(custom_tag_scores(library)["red"], before)


def test_a_tag_is_forgotten_whole(library: Library, made: Path) -> None:
    library.teach("red", [str(made / "photos" / "miso")])
    assert library.forget_tag("red")
    assert not library.forget_tag("red")
    assert custom_tag_scores(library) == {}
    assert library.lessons() == ()


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "x" * 101])
def test_a_name_is_one_that_can_be_searched_for(library: Library, name: str) -> None:
    with pytest.raises(ValueError, match="a name has 1 to 100 printable"):
        library.teach(name)


@pytest.mark.parametrize("spelling", ["Zoe\u0308", "zoe", "ZOË", "Zo\u00eb's", "Zoë’s"])
def test_spellings_of_one_name_are_one_tag(library: Library, made: Path, spelling: str) -> None:
    library.teach("Zo\u00eb", some(made, "miso", 0, 1))
    lesson = library.teach(spelling, some(made, "miso", 2, 3), some(made, "others", 0))
    assert (lesson.name, lesson.shown, lesson.absent) == ("Zo\u00eb", 4, 1)
    assert [each.name for each in library.lessons()] == ["Zo\u00eb"]
    assert library.search(spelling).steps[0].meaning == "Zo\u00eb"
    assert library.forget_tag(spelling)
    assert library.lessons() == ()


def test_spellings_that_an_older_library_kept_apart_are_one_tag(
    library: Library, made: Path
) -> None:
    photos = [library.photo_of(file) for file in some(made, "miso", 0, 1, 2)]
    digests = library.store.digests([photo for photo in photos if photo])
    told = [("Zoe\u0308", photos[0], 1), ("Zoe\u0308", photos[1], 1)]
    told += [("Zo\u00eb", photos[1], 0), ("Zo\u00eb", photos[2], 1)]
    with library.store.telling() as connection:
        rows = [(name, digests[photo], shown) for name, photo, shown in told if photo]
        connection.executemany("INSERT INTO told_tags VALUES (?, ?, ?)", rows)
    (lesson,) = library.lessons()
    assert (lesson.shown, lesson.absent) == (3, 0)
    lesson = library.teach("zoe", [], some(made, "miso", 0, 1))
    assert (lesson.shown, lesson.absent) == (1, 2)
    assert library.forget_tag("zoe")
    assert library.lessons() == ()


def test_nothing_was_taught_is_said(library: Library) -> None:
    lesson = library.teach("unknown")
    assert "nothing was taught as 'unknown'" in lesson.message
    assert library.lessons() == ()
