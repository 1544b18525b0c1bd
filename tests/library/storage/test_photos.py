"""What was seen in photos is kept, comes back without opening them, and never mixes bundles."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ansa.library import Library
from ansa.library.storage.photos import read_scenes
from ansa.model.analyzer import Analyzer
from ansa.scene import plain
from tests.bundles import edit_manifest
from tests.fuzz.seeds import HEADS, sound_bundle
from tests.photos import write_photo


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def library(tmp_path: Path, bundle: Path) -> Iterator[Library]:
    (tmp_path / "photos").mkdir()
    for seed in range(3):
        write_photo(tmp_path / "photos" / f"{seed}.jpg", seed, (80, 60))
    with open_library(tmp_path, bundle) as made:
        made.index()
        yield made


def open_library(base: Path, bundle: Path) -> Library:
    return Library(base / "photos", database=base / "l.sqlite", analyzer=Analyzer(bundle))


def sql(base: Path, *statements: str) -> None:
    with sqlite3.connect(base / "l.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_every_signal_comes_back_without_the_photo(library: Library, tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "1.jpg"
    seen = library.analyzer.analyze(photo)
    photo.unlink()
    stored = library.scene_of(photo)
    assert stored is not None
    assert stored.signals.keys() == HEADS.keys()
    assert stored.missing == {}
    assert stored.facts == seen.facts
    assert stored.fingerprint == seen.fingerprint
    assert stored.saliency is not None
    assert seen.saliency is not None
    np.testing.assert_allclose(stored.saliency, seen.saliency, atol=0.003)
    np.testing.assert_allclose(stored.embedding, seen.embedding, atol=1e-3)
    for head in HEADS.keys() - {"saliency"}:
        assert plain(stored.signals[head]) == plain(seen.signals[head])


def test_photos_are_given_one_by_one_with_their_copies(library: Library, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "photos" / "0.jpg", tmp_path / "photos" / "again.jpg")
    library.index()
    found = {photo.path.name: photo for photo in library.photos()}
    assert sorted(found) == ["0.jpg", "1.jpg", "2.jpg"]
    assert found["0.jpg"].copies == (tmp_path / "photos" / "again.jpg",)
    assert found["1.jpg"].scene.tags is not None


def test_a_photo_that_nobody_looked_at_has_no_scene(library: Library, tmp_path: Path) -> None:
    assert library.scene_of(tmp_path / "photos" / "other.jpg") is None
    assert library.scene_of(tmp_path / "1.jpg") is None


def test_a_library_of_before_is_searched_and_gets_its_signals_at_the_next_run(
    library: Library, tmp_path: Path
) -> None:
    photo = tmp_path / "photos" / "1.jpg"
    sql(tmp_path, "DELETE FROM signals WHERE head != 'embedding'")
    assert len(library.search("red").matches) == 3
    before = library.scene_of(photo)
    assert before is not None
    assert before.tags is None
    assert before.missing["tags"] == "not stored yet; run `ansa index`"
    assert library.waiting() == 3
    report = library.index()
    assert library.waiting() == 0
    assert (report.unchanged, report.analyzed, report.missing) == (3, 3, 0)
    after = library.scene_of(photo)
    assert after is not None
    assert after.tags is not None
    assert library.index().analyzed == 0


def test_another_bundle_takes_nothing_from_this_one(
    library: Library, tmp_path: Path, bundle: Path
) -> None:
    photo = tmp_path / "photos" / "1.jpg"
    other = Path(shutil.copytree(bundle, tmp_path / "other"))
    edit_manifest(other, lambda manifest: manifest["heads"].pop("tags"))
    with open_library(tmp_path, other) as another:
        assert another.scene_of(photo) is None
        assert list(another.photos()) == []
        assert another.index().analyzed == 3
        scene = another.scene_of(photo)
        assert scene is not None
        assert scene.tags is None
        assert scene.missing["tags"] == "the bundle has no such head"
        assert scene.fingerprint is not None


def test_a_damaged_signal_is_missing_and_the_others_stand(library: Library, tmp_path: Path) -> None:
    sql(
        tmp_path,
        "UPDATE signals SET data = x'00' WHERE head = 'tags'",
        "UPDATE signals SET data = x'' WHERE head = 'print'",
    )
    scene = library.scene_of(tmp_path / "photos" / "1.jpg")
    assert scene is not None
    assert (scene.tags, scene.fingerprint) == (None, None)
    assert "damaged in the library" in scene.missing["tags"]
    assert "meant nothing" in scene.missing["print"]
    assert scene.utility is not None


def test_a_few_signals_are_read_without_the_others(library: Library, tmp_path: Path) -> None:
    sql(tmp_path, "UPDATE signals SET data = x'00' WHERE head = 'utility'")
    photos = [photo.id for photo in library.photos()]
    scenes = dict(read_scenes(library.store, library.model(), photos, ("tags", "utility")))
    whole = {photo.id: photo.scene for photo in library.photos()}
    assert scenes.keys() == whole.keys()
    for photo, scene in scenes.items():
        assert scene.signals == {"tags": whole[photo].tags}
        assert scene.missing == {"utility": whole[photo].missing["utility"]}
        assert scene.embedding.shape == (0,)
