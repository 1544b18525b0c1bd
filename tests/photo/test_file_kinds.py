from __future__ import annotations

import pytest

from ansa.photo.file_kinds import KINDS, PHOTO, RAW_PHOTO, kind_named, kind_of, read_suffixes


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        (".jpg", "photo"),
        (".HEIC", "HEIC photo"),
        (".CR3", "RAW photo"),
        (".mov", "film"),
        (".xmp", "sidecar"),
        (".psd", "other picture"),
        (".pdf", "document"),
        (".m4a", "sound"),
        (".zip", "archive"),
        (".xyz", "other file"),
        ("", "other file"),
    ],
)
def test_a_suffix_says_what_kind_of_file_it_is(suffix: str, name: str) -> None:
    assert kind_of(suffix).name == name
    assert kind_named(name) is kind_of(suffix)


def test_no_suffix_is_of_two_kinds_and_all_are_lower_case() -> None:
    suffixes = [suffix for kind in KINDS for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in suffixes)


def test_what_is_read_needs_nothing_or_says_what(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PHOTO.is_read
    assert not PHOTO.remedy
    monkeypatch.setattr("ansa.photo.file_kinds.is_installed", lambda package: False)
    assert not RAW_PHOTO.is_read
    assert RAW_PHOTO.remedy == "pip install 'ansa[raw]'"
    assert not kind_of(".pdf").remedy


def test_photos_films_and_raw_are_looked_for() -> None:
    assert {".jpg", ".heic", ".mp4", ".dng"} <= read_suffixes()
    assert not {".pdf", ".xmp", ".psd"} & read_suffixes()
