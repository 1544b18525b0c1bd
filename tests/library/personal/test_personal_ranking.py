"""The owner's taste is learned from marks, measured, switched off, deleted, and never guessed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ansa.library import Library
from ansa.library.personal.personal_ranking import (
    delete_personal,
    personal,
    personal_scores,
    switch_personal,
)
from ansa.library.selection.gallery import open_gallery
from ansa.model.analyzer import Analyzer
from tests.bundles import write_bundle
from tests.cli.conftest import paint


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty reddish photos and twenty greenish ones; indexed."""
    base = tmp_path_factory.mktemp("personal")
    (base / "photos").mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        low, high, blue = rng.uniform(0, 0.3, 2), rng.uniform(0.7, 1, 2), rng.uniform(0, 1, 2)
        paint(base / "photos" / f"red{number:02}.png", (high[0], low[0], blue[0]))
        paint(base / "photos" / f"green{number:02}.png", (low[1], high[1], blue[1]))
    bundle = write_bundle(base / "bundle")
    with Library(base / "photos", database=base / "l.sqlite", analyzer=Analyzer(bundle)) as library:
        library.index(workers=1)
    return base


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Library:
    copy = tmp_path / "l.sqlite"
    copy.write_bytes((made / "l.sqlite").read_bytes())
    return Library(made / "photos", database=copy, analyzer=Analyzer(made / "bundle"))


def some(made: Path, name: str, numbers: range) -> list[Path]:
    return [made / "photos" / f"{name}{number:02}.png" for number in numbers]


def mark(library: Library, made: Path) -> None:
    library.mark(some(made, "red", range(8)), "favourite")
    library.mark(some(made, "green", range(4)), "hidden")


def test_unseen_photos_like_the_favourites_score_higher(library: Library, made: Path) -> None:
    mark(library, made)
    found = personal(library)
    assert (found.on, found.used, found.favourites, found.hidden) == (True, True, 8, 4)
    assert found.agreement is not None
    assert found.agreement > 0.55  # among the others are as many like the favourites
    scores = personal_scores(library)
    assert scores is not None
    assert all(0 <= score <= 1 for score in scores.values())
    means = [
        np.mean([scores[library.photo_of(file) or 0] for file in some(made, name, range(10, 20))])
        for name in ("red", "green")
    ]
    assert means[0] > means[1] + 0.2


def test_it_helps_to_choose_and_can_be_switched_off(library: Library, made: Path) -> None:
    mark(library, made)

    def merit(name: str) -> float:
        gallery = open_gallery(library)
        unseen = {library.photo_of(file) for file in some(made, name, range(10, 20))}
        return float(gallery.merit[[photo.id in unseen for photo in gallery.photos]].mean())

    assert merit("red") > merit("green") + 0.02
    switch_personal(library, False)
    assert personal_scores(library) is None
    assert not personal(library).used
    assert merit("red") == merit("green")
    switch_personal(library, True)
    assert merit("red") > merit("green")


def test_what_was_learned_is_deleted_and_the_marks_stay(library: Library, made: Path) -> None:
    mark(library, made)
    assert personal_scores(library)
    delete_personal(library)
    with library.store.reading() as connection:
        rows = connection.execute("SELECT count(*) FROM cache WHERE subject = 'personal'")
        assert rows.fetchone() == (0,)
    assert personal_scores(library) is None
    assert personal(library).favourites == 8


def test_too_few_marks_say_so(library: Library, made: Path) -> None:
    library.mark(some(made, "red", range(3)), "favourite")
    assert "mark at least 5 photos" in personal(library).message
    assert personal_scores(library) is None


def test_marks_without_a_pattern_are_not_used(library: Library, made: Path) -> None:
    library.mark(some(made, "red", range(0, 20, 2)), "favourite")
    library.mark(some(made, "red", range(1, 20, 2)), "hidden")
    library.mark(some(made, "green", range(0, 20, 2)), "favourite")
    library.mark(some(made, "green", range(1, 20, 2)), "hidden")
    found = personal(library)
    assert found.agreement is not None
    assert found.used == (found.agreement > 0.55)
    assert found.agreement < 0.65


def test_what_was_learned_needs_no_scikit_learn_until_marks_change(
    library: Library, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(library, made)
    before = personal_scores(library)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    assert personal_scores(library) == before
    library.mark(some(made, "red", range(9)), "favourite")
    assert personal_scores(library) is None


def test_an_empty_library_has_no_taste(made: Path, tmp_path: Path) -> None:
    analyzer = Analyzer(made / "bundle")
    with Library(database=tmp_path / "empty.sqlite", analyzer=analyzer) as library:
        assert personal_scores(library) is None
        assert personal(library).favourites == 0
