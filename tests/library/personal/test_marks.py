"""Favourites and hidden photos: a mark stays with the content, and the last one counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.library.personal.marks import marked, marked_files
from ansa.library.photo_arguments import find_named
from tests.cli.conftest import paint


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Three photos, one of them in a deeper folder, and a copy of that."""
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name, colour in {"a": (1, 0, 0), "b": (0, 1, 0), "deep/c": (0, 0, 1)}.items():
        paint(folder / f"{name}.png", colour)
    (folder / "c-too.png").write_bytes((folder / "deep" / "c.png").read_bytes())
    library = Library(folder, database=tmp_path / "l.sqlite")
    library.index(workers=1)
    return library


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_photos_are_named_by_file_or_folder_once_each(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    named = find_named(library, [folder / "deep", folder / "a.png", folder / "c-too.png"])
    assert names(list(named.photos.values())) == ["a.png", "c.png"]
    assert named.problems == ()
    assert len(find_named(library, [folder]).photos) == 3


def test_what_is_no_photo_of_the_library_is_said_with_what_helps(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "new.png").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "photos" / "a.png").unlink()
    library.index()
    given = [tmp_path / "new.png", tmp_path / "gone.png", tmp_path / "empty", Path("photos/a.png")]
    problems = [str(problem) for problem in find_named(library, given).problems]
    assert "does not know this photo; run `ansa index`" in problems[0]
    assert "does not exist" in problems[1]
    assert "no photo in it" in problems[2]
    assert "does not exist" in problems[3]


def test_the_last_mark_counts_and_can_be_taken_away(library: Library, tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "a.png"
    library.mark([photo], "favourite")
    assert names(marked_files(library, "favourite")) == ["a.png"]
    library.mark([photo], "hidden")
    assert marked(library, "favourite") == []
    assert names(marked_files(library, "hidden")) == ["a.png"]
    library.mark([photo], None)
    assert marked(library, "hidden") == []


def test_a_mark_goes_where_the_photo_goes(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    library.mark([folder / "b.png"], "hidden")
    (folder / "b.png").rename(folder / "deep" / "renamed.png")
    library.index()
    assert names(marked_files(library, "hidden")) == ["renamed.png"]


def test_a_mark_that_cannot_be_kept_is_an_error(library: Library, tmp_path: Path) -> None:
    library.store.writable = False
    with pytest.raises(LibraryError, match="cannot be written"):
        library.mark([tmp_path / "photos" / "a.png"], "favourite")
