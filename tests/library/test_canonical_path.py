"""One folder has one name, however it is spelled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansa.library.canonical_path import real_file, real_folder


def test_links_and_dots_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(os.path.realpath(tmp_path))
    (base / "a" / "b").mkdir(parents=True)
    (base / "link").symlink_to(base / "a")
    monkeypatch.chdir(base / "a")
    for name in ("b", "./b/", "../link/b", f"{base}/a/../link/b/."):
        assert real_folder(name) == base / "a" / "b"
    assert real_folder(base / "gone" / "deeper") == base / "gone" / "deeper"
    assert real_folder("/") == Path("/")


def test_a_file_that_is_a_link_stays_it(tmp_path: Path) -> None:
    base = Path(os.path.realpath(tmp_path))
    (base / "photo.jpg").touch()
    (base / "link.jpg").symlink_to(base / "photo.jpg")
    assert real_file(base / "." / "link.jpg") == base / "link.jpg"


def test_names_that_differ_in_case_only_are_two_where_they_are(tmp_path: Path) -> None:
    base = Path(os.path.realpath(tmp_path))
    (base / "Photos").mkdir()
    try:
        (base / "pHOTOS").mkdir()
    except FileExistsError:
        # The file system takes one for the other: both are the folder that is there.
        assert real_folder(base / "pHOTOS") == real_folder(base / "photos") == base / "Photos"
        return
    assert real_folder(base / "pHOTOS") == base / "pHOTOS"
    assert real_folder(base / "Photos") == base / "Photos"
    assert real_folder(base / "photos") == base / "photos"
