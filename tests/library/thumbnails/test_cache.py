"""Pictures made while photos are indexed are those that the app would make of the files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ansa.library import Library
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.library.thumbnails.picture import make_picture
from ansa.model.analyzer import Analyzer
from tests.library.seen import seeing_bundle
from tests.photos import write_photo


def test_indexing_keeps_pictures_and_finds_the_same_signals_as_without(tmp_path: Path) -> None:
    analyzer = Analyzer(seeing_bundle(tmp_path / "bundle"))
    folder = tmp_path / "photos"
    folder.mkdir()
    files = [
        write_photo(
            folder / f"{n}.jpg",
            seed=n,
            size=(1200, 900),
            orientation=n,
            taken=f"202{n}:01:01 10:00:00",
        )
        for n in (1, 3, 6)
    ]
    told = []
    for name, thumbnails in (("with", True), ("without", False)):
        with Library(folder, database=tmp_path / name, analyzer=analyzer) as library:
            library.index(workers=1, thumbnails=thumbnails)
            scenes = [library.scene_of(file) for file in files]
            told.append([(s.facts, s.embedding.tobytes()) for s in scenes if s is not None])
    assert len(told[0]) == 3
    assert told[0] == told[1]
    pictures = ThumbnailCache(tmp_path / "with")
    for file in files:
        data = file.read_bytes()
        assert pictures.get(hashlib.sha256(data).digest(), "grid") == make_picture(data, "grid")
    pictures.close()
