"""Groups of photos that look alike: of people, pets and things, but not of papers or copies."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansa.library import Library
from ansa.library.custom_tags.lookalikes import lookalike_groups
from ansa.model.analyzer import Analyzer
from tests.cli.conftest import paint
from tests.library.seen import alike_colours, seeing_bundle


def test_photos_that_look_alike_are_a_group_but_papers_and_copies_are_not(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for n, colour in enumerate(alike_colours((1, 0, 0))):
        paint(photos / f"red {n}.png", colour)
    for n, colour in enumerate(alike_colours((0, 1, 0))):
        paint(photos / f"receipt {n}.png", colour)
    for n in range(5):
        shutil.copy(photos / "red 0.png", photos / f"copy {n}.png")
    bundle = seeing_bundle(tmp_path / "bundle")
    with Library(photos, database=tmp_path / "l.sqlite", analyzer=Analyzer(bundle)) as library:
        library.index(workers=1)
        (group,) = lookalike_groups(library)
        here = library.store.paths(group.photos, library.scope())
    names = [here[photo][0].stem for photo in group.photos]
    assert len(names) == 7
    assert {name.split()[0] for name in names} <= {"red", "copy"}
