from __future__ import annotations

from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.storage.new_file import new_file


def test_what_is_written_is_there(tmp_path: Path) -> None:
    with new_file(tmp_path / "out") as file:
        file.write(b"all of it")
    assert (tmp_path / "out").read_bytes() == b"all of it"


def test_another_file_is_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"theirs")
    with pytest.raises(LibraryError, match="it is there already; name another file"), new_file(out):
        pass
    assert out.read_bytes() == b"theirs"


def test_nothing_is_left_of_a_file_that_could_not_be_finished(tmp_path: Path) -> None:
    def write_half() -> None:
        with new_file(tmp_path / "out") as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    out = tmp_path / "missing" / "out"
    with pytest.raises(LibraryError, match="it cannot be written"), new_file(out):
        pass
