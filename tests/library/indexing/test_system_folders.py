"""Bins, thumbnails and snapshots are told from the folders of people, by name alone."""

from pathlib import Path

import pytest

from ansa.library.indexing.system_folders import is_system_folder, lies_in_system_folder


@pytest.mark.parametrize(
    "folder",
    [
        *("#recycle", "a/@Recycle/b", "$RECYCLE.BIN/S-1-5-21", "$Recycle.Bin", "RECYCLER"),
        *("System Volume Information", "lost+found", "x/@eaDir/IMG.jpg", ".Trash-1000/files"),
        *(".Trashes/501", ".@__thumb", "share/Trash/files/a", "FOUND.000", "RECYCLED"),
        *("Previews.lrdata", "My.photoslibrary/resources/derivatives", "#snapshot/daily/photos"),
    ],
)
def test_folders_of_systems(folder: str) -> None:
    assert is_system_folder(folder)
    assert is_system_folder(f"/volume1/{folder}".encode())
    assert lies_in_system_folder(Path("/volume1", folder, "photo.jpg"))


@pytest.mark.parametrize(
    "folder",
    [
        *("", "/", "2023/summer holiday", "recycling", "Recycled", "Trash", "lost and found"),
        *("My.photoslibrary", "My.photoslibrary/originals/0", "a.b", "@home", "#best", ".hidden"),
    ],
)
def test_folders_of_people(folder: str) -> None:
    assert not is_system_folder(folder)
    assert not lies_in_system_folder(f"{folder}/#recycle")  # a file of that name


def test_names_that_are_no_text() -> None:
    assert is_system_folder(b"\xff/#recycle")
    assert not is_system_folder(b"\xff/\xfe")
